"""Planted bugs of Theorem 5.1."""

import dataclasses

import numpy as np

import sdeopt as so
from sims.distances import qsgd
from sims.distances.measuring import measure_terms
from sims.distances.qsgd import QUICK, simulate
from sims.shared.setting import Setting
from tests.experiments.patched import (
    at_one_setting,
    few_settings,
    one_agents_noise,
    with_setting,
    with_step_size,
)
from tests.experiments.planted import Planted
from tests.experiments.repelling import RepellingQSGD

SMALL = few_settings(
    QUICK, (2.0,), replicas=400, window=4.0, agents_with_coupling=(8,), agents_on_quadratics=(1, 4)
)

REFUSED = [
    ({"dim": ()}, "dim is empty"),
    ({"single_replicas": 0}, "single_replicas is 0"),
    ({"step_size_on_slanted": -1.0}, "step_size_on_slanted is -1"),
]


def _apart(result, monkeypatch):
    """The distortion of agents that go apart moves the mean."""
    monkeypatch.setattr(so, "QSGD", RepellingQSGD)
    one = Setting("slanted", 1, 8, 2.0, 1.0, "agents")
    found = measure_terms(
        [one], qsgd.bounds, qsgd.forget, window=lambda setting: 4.0, replicas=32, seed=7
    )
    return with_setting(result, found, dataclasses.replace(one, coupling=1.0), "single")


PLANTED = [
    Planted(
        "half of C where the mean square attains it",
        lambda result, monkeypatch: result.assign(bound=result["bound"] / np.sqrt(2)),
        ["holds for f = ½l‖x‖²", "attained"],
    ),
    Planted(
        "agents that share their noise",
        one_agents_noise,
        ["falls as 1/√p", "holds for f = ½l‖x‖²"],
    ),
    Planted(
        "nine times the learning rate",
        with_step_size(simulate, SMALL, 9),
        [*["Theorem 5.1 holds"] * 3, "its noise term"],
    ),
    Planted(
        "coupling of the wrong sign, so that agents go apart and the distortion moves the mean",
        _apart,
        ["its distortion term"],
    ),
    Planted(
        # no bound is broken by it: what it takes from the distance it gives back
        "a filter in place of x•: the square of the mean is less by 1/3 at k = 3",
        at_one_setting(
            qsgd,
            Setting("round quadratic", 2, 2, 3.0, 0.1, "coupling"),
            (),
            "QSGD",
            lambda coupling: so.ArbitraryQuorum(
                coupling, lambda quorum, mean, t: 0.5 * (mean - quorum)
            ),
        ),
        ["exact mean square on quadratics"],
    ),
]
