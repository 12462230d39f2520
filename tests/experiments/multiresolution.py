"""Planted bugs of learning rates of the agents' own."""

import dataclasses

from sims.multiresolution import experiment
from tests.experiments.panels import more
from tests.experiments.planted import Planted

REFUSED = [
    ({"replicas": 1}, "give at least 2"),
    ({"coarse_agents": (0, 10)}, "at least one mixture between"),
    ({"coarse_agents": (1, 5, 10)}, "must rise from 0 to all 10 agents"),
    ({"fine": 0.2}, "the finer first"),
]

UNDECIDED = {
    "the mean has left all three places": "in 93 of 100 replicas, perhaps 0.82 of all; 0.9 is asked",
    "avoid a saddle: already with 1 of 10": "the time of leaving scatters more than one coarse agent "
    "shortens it; decided at paper scale",
}


def _alike(result, monkeypatch):
    """All agents fine, whatever was asked for."""
    fine = dataclasses.replace(experiment.QUICK, replicas=20, coarse=0.00501)
    return experiment.simulate(fine)


def _fine_as_coarse(result, monkeypatch):
    return result.assign(
        mixed_loss_of_fine=result["mixed_loss_of_coarse"],
        mixed_loss_of_mean=result["mixed_loss_of_mean"]
        .sel(coarse=10)
        .broadcast_like(result["mixed_loss_of_mean"]),
    )


def _one_is_enough(result, monkeypatch):
    for name in ("mixed_time", "mixed_left"):
        result[name].loc[{"coarse": 1}] = result[name].sel(coarse=10).values
    return result


def _never_left(result, monkeypatch):
    return result.assign(mixed_left=result["mixed_left"] & False)


PLANTED = [
    Planted(
        "learning rates that do not differ",
        _alike,
        [
            "help avoid a sharp minimum: with 5",
            "help avoid a flat region: with 5",
            "help avoid a saddle: with 5",
            "the mean ends lower than with fine agents only",
        ],
    ),
    Planted(
        "fine agents that do not converge",
        _fine_as_coarse,
        ["it is the finer agents that converge", "and lower than with coarse agents only"],
    ),
    Planted(
        "one coarse agent that frees all",
        _one_is_enough,
        ["too few do not free the mean", "fine agents hold the coarse ones back"],
        only=True,
    ),
    Planted(
        "places that are not left",
        _never_left,
        ["the mean has left all three places"],
        only=True,
        right=more(16),
    ),
]
