"""Planted bugs of noise on initial weights, and what our small sample says otherwise."""

from tests.experiments import injections
from tests.experiments.injections import as_if, with_runs
from tests.experiments.planted import Planted

FEW = (
    "24 steps of a learner are too few to gain by other initial points: the loss is what they cost"
)
CONTRADICTED = {
    "ε = 2 helps the averaged models": FEW,
    "no-sync, begun together: the average at the end": "learners overshoot at η = 0.1 and sums over "
    "batches, each in another direction, which averaging takes back",
    "no-sync, uniform, ε = 0.5: the average at the end": "as begun together",
    "no-sync, uniform, ε = 5: the average at the end": "as begun together",
}
UNDECIDED = {
    "averaged, uniform: noise at ε = 0.5": FEW,
    "averaged, Gaussian: noise at ε = 0.5": FEW,
    "ε = 2 hurts the serial model": "five runs",
    "Gaussian noise is worse than uniform noise": "laws of one variance, summed over tens of inputs",
    "no-sync, uniform, ε = 2: the average at the end": "five runs",
}
REFUSED = injections.REFUSED


def _stated_loss(plan):
    averaged, level = plan["kind"] == "averaged", plan["level"]
    worse = 0.02 if plan["law"] == "gaussian" else 0.0
    return {0.0: 0.7, 0.5: 0.6, 2.0: (0.65 if averaged else 0.8) + worse, 5.0: 1.2 + worse}[level]


def _reversed_loss(plan):
    return 1.5 - _stated_loss(plan)


def _as_stated(result, monkeypatch=None):
    found = with_runs(result, _stated_loss, "seen_loss")
    found["once_loss"] = found["worst_local_loss"] + 0.1 + 0.01 * found["run"]
    return found


def _once_good(result, monkeypatch=None):
    found = _as_stated(result)
    return found.assign(once_loss=found["worst_local_loss"] - 0.1)


PLANTED = [
    Planted(
        "noise that does the opposite",
        as_if(_reversed_loss, "seen_loss"),
        [
            *["lowers the cumulative loss"] * 4,
            *["makes training harder"] * 4,
            *["hurts the serial model"] * 2,
            *["helps the averaged models"] * 2,
            *["Gaussian noise is worse"] * 4,
        ],
        right=_as_stated,
    ),
    Planted(
        "once averaged, better than every local model",
        _once_good,
        ["the average at the end"] * 4,
        right=_as_stated,
    ),
]
