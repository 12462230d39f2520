"""Planted bugs of basins and escapes."""

from tests.experiments.panels import ORDER
from tests.experiments.planted import Planted

REFUSED = [
    ({"replicas": 1}, "give at least 2"),
    ({"coupling": (1.0, 2.0, 3.0)}, ORDER),
    ({"coupling": (0.0, 3.0, 2.0)}, ORDER),
    ({"coupling": (0.0, 3.0, 40.0)}, "must be below 40"),
]


def _uncensored(result, monkeypatch):
    result["mean_passed"][:] = True
    return result


def _no_coupling(result, monkeypatch):
    for name in result.data_vars:
        if "coupling" in result[name].dims:
            result[name][:] = result[name].isel(coupling=0).copy(deep=True)
    return result


def _reversed(result, monkeypatch):
    result["agent_share"] = result["agent_share"].isel(basin=slice(None, None, -1))
    return result


PLANTED = [
    Planted(
        "censored runs taken for escapes",
        _uncensored,
        ["agents escape with their mean", "as that theory says"],
    ),
    Planted(
        "no coupling at all",
        _no_coupling,
        [
            "the mean escapes fastest",
            "strong coupling holds the mean back",
            "to an order of magnitude",
        ],
    ),
    Planted("basins in the wrong order", _reversed, ["as exp(−f/D) does"]),
]
