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

CONTRADICTED = {
    "the constant is lower in E x² too": "no B changes E x, whose error has the same sign as that of "
    "the variance with too much noise, and the opposite one with too little: there part of it is gone",
}

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


def _without_its_leading_term(result, monkeypatch):
    """B(x) that is no better than the noise of the minimum: the other errors stay."""
    wrong = result["noise_error"].copy()
    wrong.loc["order 1"] = 1.1 * wrong.sel(noise_model="no noise")
    return result.assign(noise_error=wrong)


def _of_order_two(result, monkeypatch):
    return result.assign(noise_error=result["noise_error"] * result["exact_step_size"])


def _one_constant(result, monkeypatch):
    """A wrong Σ of the start: that of the minimum."""
    wrong = result["noise_error"].copy()
    wrong.loc["of the start"] = wrong.sel(noise_model="of the minimum")
    return result.assign(noise_error=wrong)


def _with_less_cancelled(result):
    """E x² as the footnote has it: errors of constant B that add up."""
    right = result["noise_error"].copy()
    right.loc[["no noise", "of the minimum", "four times that"], :, "square"] *= 1.5
    return result.assign(noise_error=right)


PLANTED = [
    Planted(
        "a B(x) that misses what constant ones miss",
        _without_its_leading_term,
        ["lower, in Var x", "lower in E x² too"],
        right=_with_less_cancelled,
    ),
    Planted("constant noise that is of order 2", _of_order_two, ["any constant B"]),
    Planted("the noise of one place for all", _one_constant, ["constant depends on B"]),
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
