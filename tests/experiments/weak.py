"""Planted bugs of eqs. (1) and (2)."""

import dataclasses

from sims.weak import measuring
from sims.weak.experiment import QUICK, simulate
from tests.experiments.planted import Planted

SMALL = dataclasses.replace(
    QUICK,
    pairs=1500,
    refinement=4,
    step_size=(1 / 16, 1 / 32, 1 / 64),
    replicas=100,
    band=0.35,
)

REFUSED = [
    ({"pairs": 1}, "pairs is 1"),
    ({"step_size": ()}, "step_size is empty"),
    ({"deviation": -1.0}, "deviation is -1"),
]


def _wrong_sign(result, monkeypatch):
    """f − (η/4) f′² for eq. (1), which then is of order 1."""
    as_it_is = measuring._end

    def turned(path, added, step_size, how):
        return as_it_is(path, -added, step_size, how)

    monkeypatch.setattr(measuring, "_end", turned)
    return simulate(SMALL)


def _half_the_noise(result, monkeypatch):
    """The SDE has half the noise of SGD: E x is as good as before, the variance is not."""
    as_it_is = measuring.Increments.coarsen

    def louder(self, factor):
        found = as_it_is(self, factor)
        return measuring.Increments(2 * found.values, found.areas, found.dt)

    monkeypatch.setattr(measuring.Increments, "coarsen", louder)
    return simulate(SMALL)


def _no_added_drift(result, monkeypatch):
    """Eq. (2) given out as eq. (1), with minibatches."""
    wrong = result["exact_error"].copy()
    wrong.loc["order 2"] = wrong.loc["order 1"]
    return result.assign(exact_error=wrong)


PLANTED = [
    Planted(
        "an added drift of the wrong sign", _wrong_sign, ["eq. (1) in E x ", "eq. (1) in E exp"]
    ),
    Planted(
        "noise of half the size",
        _half_the_noise,
        ["noise is tested by the variance", "eq. (1) in Var x"],
    ),
    Planted("no added drift", _no_added_drift, ["exact error of eq. (1)"] * 2),
]
