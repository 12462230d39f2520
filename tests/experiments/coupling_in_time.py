"""Planted bugs of couplings that change in time."""

import dataclasses
import functools

import numpy as np
import pytest

from sims.coupling_in_time import convex, experiment, measuring
from tests.experiments.panels import ORDER
from tests.experiments.planted import Planted

REFUSED = [
    ({"replicas": 1}, "give at least 2"),
    ({"convex_replicas": 1}, "give at least 2"),
    ({"coupling": (1.5, 2.0)}, ORDER),
    ({"early": 1.2}, "choose one of 0, 0.5, 1, 1.5"),
    ({"looks": 0}, "look at the curvature 1 to"),
    ({"step_size": 0.0}, "step_size is 0.0"),
]

CONTRADICTED = {
    "increased by the curvature at the mean": "near 0, where the mean starts, the smoothed loss has a "
    "minimum too, so that k is switched before anything is explored",
}

UNDECIDED = {
    "increased by the curvature at the agents": "it is as good as the best constant k: it switches in "
    "whichever basin the agents have gathered first",
    "why: it tells that a minimum is near, not which": "2.99 standard errors with 200 replicas",
}


def _named(result, schedule, source, *names):
    for name in names:
        result[name].loc[{"schedule": schedule}] = result[name].sel(schedule=source).values
    return result


MEASURED = ("loss_of_mean", "loss_of_agents", "mean", "spread", "off", "at_deepest")


def _never_grown(result, monkeypatch):
    return _named(result, "growing", "k = 1.5", *MEASURED)


def _large_from_the_start(result, monkeypatch):
    return _named(result, "growing", "k = 200", *MEASURED)


def _reversed(result, monkeypatch):
    """Curvature of the wrong sign: switched on ridges."""
    right = measuring.Rugged.curvature
    monkeypatch.setattr(measuring.Rugged, "curvature", lambda self, x: -right(self, x))
    few = {"replicas": 60, "horizon": 20.0, "coupling": (0.0, 1.5, 200.0)}
    found = experiment.on_rugged_loss(dataclasses.replace(experiment.QUICK, **few))
    rest = [
        name for name in result if name not in found and not {*result[name].dims} & {*found.dims}
    ]
    return found.merge(result[rest])


def _at_once(result, monkeypatch):
    when = result["switched_at"]
    return result.assign(switched_at=when.isel(trigger=slice(None, None, -1)).drop_vars("trigger"))


def _no_worse(result):
    """A trigger that works, as the paper suggests."""
    for one in result["trigger"].values:
        _named(result, one, "growing", "loss_of_mean")
    return result


def _as_constant(result, monkeypatch):
    for one in result["trigger"].values:
        _named(result, one, "k = 1.5", "loss_of_mean", "off")
    return result


def _decided(result):
    """A difference in the shares at the deepest minimum as at a larger scale."""
    found = result["at_deepest"]
    few = np.arange(result.sizes["replica"]) % 2 == 0
    found.loc[{"schedule": "curvature at the agents"}] = few
    return result


@functools.cache
def _with_constant(wandering, rising):
    """Return what is measured on strongly convex losses with couplings that do not vary."""
    wrong = {
        "wandering": lambda signal, time: np.full_like(signal, wandering),
        "rising": lambda signal, time: np.full_like(signal, rising),
    }
    with pytest.MonkeyPatch.context() as patched:
        for kind, coupling in wrong.items():
            patched.setitem(convex.COUPLINGS, kind, coupling)
        measured = convex.measure(30, 7)
    return measured[[name for name in measured if name.startswith("convex_")]]


def _convex(wandering, rising):
    """Return a planted bug; each simulation has one for either coupling."""

    def simulated(result, monkeypatch):
        measured = _with_constant(wandering, rising)
        return result.drop_vars(measured.data_vars).merge(measured)

    return simulated


def _half_the_noise(result, monkeypatch):
    names = ("convex_bound", "convex_noise_term", "convex_spread_bound")
    return result.assign({name: result[name] / 2 for name in names})


PLANTED = [
    Planted(
        "no coupling at all",
        _convex(wandering=0.0, rising=convex.LEAST),
        ["so does Lemma 3.1 with k(x•, t)", "so does Lemma 3.1 with k(x~, t)"],
    ),
    Planted(
        "a coupling that does not vary",
        _convex(wandering=convex.MOST, rising=convex.LATE),
        ["with the largest k, 3, Lemma 3.1 would be broken"] * 2,
    ),
    Planted(
        "a coupling that does not rise on strongly convex losses",
        _convex(wandering=0.0, rising=convex.LEAST),
        [*["falls to less than half"] * 2, *["after it is enough"] * 2],
    ),
    Planted(
        "a coupling that is large at once",
        _convex(wandering=convex.MOST, rising=convex.LATE),
        ["before, the noise term alone is too little"] * 2,
    ),
    Planted("bounds of half their size", _half_the_noise, ["Theorem 5.1 holds with k(x•, t)"]),
    Planted(
        "a coupling that never grows",
        _never_grown,
        [
            "small early, large later: the loss of x• is lower",
            "the loss of the agents, on average is lower",
            "x• ends nearer to a minimum",
            "the agents end in that minimum",
        ],
    ),
    Planted(
        "a coupling that is large from the start",
        _large_from_the_start,
        [
            "small early, large later: the loss of x• is lower",
            "the exploring is done by the small k",
        ],
    ),
    Planted(
        "curvature of the wrong sign",
        _reversed,
        ["why: at the start x• is near 0"],
    ),
    Planted(
        "triggers that are interchanged",
        _at_once,
        ["why: at the start x• is near 0", "the curvature at the agents waits"],
        only=True,
        right=_decided,
    ),
    Planted(
        "triggers that do nothing",
        _as_constant,
        [
            "increased by the curvature at the mean",
            "increased by the curvature at the agents",
            "and then tells that x• is near a minimum",
        ],
        right=_no_worse,
    ),
    Planted(
        "a trigger that knows the deepest minimum",
        lambda result, monkeypatch: _named(
            result, "curvature at the agents", "growing", "at_deepest"
        ),
        ["why: it tells that a minimum is near"],
        right=_decided,
    ),
]
