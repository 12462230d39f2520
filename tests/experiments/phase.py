"""Planted bugs of the phase diagram, in diagrams that are made rather than simulated."""

from tests.experiments.panels import ORDER
from tests.experiments.planted import Planted
from tests.sims.phase.diagrams import constant_law, expected_law, synthetic

UNDECIDED = {
    "by the power that scaling asks for": "0.14, with an interval from −0.24 to 0.31: few cells, each "
    "with the end of its window in one step of the grid of k",
    "noise and step act on κ*": "−0.04, with an interval from −0.38 to 0.29 for the same reason",
    "κ* goes with the temperature to the power": "−0.06, with an interval from −0.43 to 0.38: 8 cells",
}

REFUSED = [
    ({"replicas": 1}, "give at least 2"),
    ({"coupling": (0.0, 1.0, 2.0, 3.0)}, "the same factor"),
    ({"coupling": (1.0, 2.0, 4.0, 8.0)}, ORDER),
    ({"coupling": (0.0, 1.0, 2.0, 4.0)}, "up to at least 1 / "),
]


def _no_optimum(result, monkeypatch):
    flat = synthetic(constant_law)
    dims = flat["loss"].dims
    flat["loss"] = (flat["loss"].isel(coupling=4) + 0 * flat["coupling"]).transpose(*dims)
    return flat


def _as_theory_has_it(result):
    return synthetic(lambda width, step: 0.65 * (step * width**2) ** 1.27)


def _as_expected(result):
    return synthetic(expected_law)


PLANTED = [
    Planted(
        "a best coupling that falls with the noise",
        lambda result, monkeypatch: synthetic(lambda width, step: 60 * step / width),
        ["rises with the width", "temperature"],
        right=_as_theory_has_it,
    ),
    Planted(
        "a best coupling that does not move",
        lambda result, monkeypatch: synthetic(constant_law),
        ["rises with the step size", "κ* goes with the temperature"],
        right=_as_theory_has_it,
    ),
    Planted(
        "coupling that is too strong late",
        lambda result, monkeypatch: synthetic(lambda width, step: 2.0 * expected_law(width, step)),
        ["the greatest good coupling"],
    ),
    Planted(
        "noise that grows with the prefactor of the loss",
        lambda result, monkeypatch: synthetic(expected_law, scaled_noise=True),
        ["it falls with the prefactor alone", "by the power that scaling asks for"],
        right=_as_expected,
    ),
    Planted(
        "a best coupling that falls with the noise, over prefactors",
        lambda result, monkeypatch: synthetic(lambda width, step: 60 * step / width),
        ["noise at each prefactor"],
        right=_as_expected,
    ),
    Planted(
        "a best coupling that falls when noise and gradients grow together",
        lambda result, monkeypatch: synthetic(lambda width, step: 0.006 * width / step**1.5),
        ["with prefactor and width together"],
        right=_as_expected,
    ),
    Planted(
        "large couplings with a small width and a small prefactor",
        lambda result, monkeypatch: synthetic(lambda width, step: 8.0 + 0 * width * step),
        ["small width and a small prefactor"],
        right=_as_expected,
    ),
    Planted("no optimum", _no_optimum, ["there is an optimum"] * 2),
]
