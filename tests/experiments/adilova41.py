"""Planted bugs of linear networks with noise, and what our small sample says otherwise."""

from nets.noise_injection import adilova41, linear_theory, measuring
from tests.experiments import injections
from tests.experiments.injections import as_if
from tests.experiments.planted import Planted

CONTRADICTED = {
    "serial: the median accuracy at ε = 0.5": "so few steps do not come to rest, and larger weights "
    "learn faster: 5 points higher with it",
}
UNDECIDED = {
    "serial: the median accuracy at ε = 1": "between −20 and −1 points, of five runs",
    "no-sync: the median accuracy at": "five runs of one random learner",
    "averaged: the median accuracy at": "−2 to 9 and −2 to 17 points, of five runs",
    "averaged: without the division": "four of five runs",
    "the spread of the accuracy grows": "five runs: their spread is known to a half",
}
REFUSED = [
    *injections.REFUSED,
    ({"replicas": 10}, "replicas"),
    ({"pairs": 100}, "pairs"),
]


def _as_stated(plan):
    """Return the same median at every level, and a spread that grows."""
    return 0.75, 0.002 + 0.02 * plan["level"] + 0.05 * (plan["when"] == "step")


def _shifted(plan):
    return 0.75 + 0.1 * plan["level"], 0.002 + 0.02 * plan["level"]


def _narrower(plan):
    return 0.75, 0.03 - 0.02 * plan["level"]


def _theory_of(result):
    return measuring.with_theory(result, adilova41.QUICK)


def _still_noisy(result, monkeypatch):
    """Noise of half the size: as if ε counted once in the variance."""
    law = linear_theory.noise.Uniform
    monkeypatch.setattr(
        linear_theory.noise, "Uniform", lambda width, **other: law(width / 2**0.5, **other)
    )
    return _theory_of(result)


def _one_layer_forgotten(result, monkeypatch):
    """The prediction without the fourth moments and with the widths exchanged."""
    right = linear_theory._predicted

    def wrong(weights, x, deviation):
        first, middle, last = right(weights, x, deviation)
        return [first / 2, middle / 2, last / 2]

    monkeypatch.setattr(linear_theory, "_predicted", wrong)
    return _theory_of(result)


def _lost(result):
    result["diverged"].values[~result["decayed"].values] = True
    return result


def _finite(result, monkeypatch):
    result["diverged"].values[:] = False
    return result


PLANTED = [
    Planted(
        "noise that moves the median",
        as_if(_shifted),
        ["the median accuracy at"] * 6,
        right=as_if(_as_stated),
    ),
    Planted(
        "noise that narrows the spread",
        as_if(_narrower),
        ["the spread of the accuracy grows"] * 3,
        right=as_if(_as_stated),
    ),
    Planted("runs that diverge and are not noticed", _finite, ["it overflows"] * 2, right=_lost),
    Planted("noise of half the variance", _still_noisy, ["their covariance is that of"]),
    Planted("half the drift", _one_layer_forgotten, ["drifts as predicted"] * 6),
    Planted(
        "a mean that is off",
        lambda result, monkeypatch: result.assign(lemma_expected=1.2 * result["lemma_expected"]),
        ["the mean model with noise"],
    ),
]
