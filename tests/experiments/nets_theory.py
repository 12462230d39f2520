"""Planted bugs of the theory measured on a network."""

import numpy as np

from tests.experiments.planted import Planted

CONTRADICTED = {
    "the spread falls with k as 1/(k − λ̄)": "the curvature along differences of agents is not "
    "−λ̄; the claim after it says why",
    "η = 0.8: the SDE limit holds": "the step size is too large for the limit",
}
UNDECIDED = {
    "it is 1/p of that of one agent": "0.01 off at most, known to 0.07 with 12 runs; 0.05 is asked",
}
REFUSED = [
    ({"coupling": (2.0, 2.0)}, "coupling is"),
    ({"snapshots": (5, 10)}, "snapshots begin at 5"),
    ({"svag_parts": (2, 4)}, "svag_parts at 2"),
    ({"runs": 2}, "runs"),
    ({"repeats": 29}, "repeats"),
]


def _noise_of_all(result, monkeypatch):
    """As if all p agents' noise remained, not p − 1."""
    p = result["agents"]
    return result.assign(spread=result["spread"] * p / (p - 1).where(p > 1, 1))


def _not_its_sde(result, monkeypatch):
    loss = result["svag_loss"].where(result["parts"] > 1, 1.5 * result["svag_loss"])
    return result.assign(svag_loss=loss)


PLANTED = [
    Planted(
        "noise of the mean that does not fall",
        lambda result, monkeypatch: result.assign(
            mean_noise=result["mean_noise"] * result["agents"] ** 0.5
        ),
        ["falls as 1/p"],
    ),
    Planted("spread of another dependence on agents", _noise_of_all, ["grows as p − 1"]),
    Planted(
        "spread above the bound",
        lambda result, monkeypatch: result.assign(spread=9 * result["spread"]),
        ["Lemma 3.1 holds"],
    ),
    Planted(
        "batches of too little noise",
        lambda result, monkeypatch: result.assign(
            with_replacement=result["with_replacement"] / np.sqrt(result["batch"])
        ),
        ["as 1/b"],
    ),
    Planted("SGD that is not its SDE", _not_its_sde, ["η = 0.1: the SDE limit holds"]),
]
