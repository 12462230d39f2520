"""Planted bugs of basins and escapes."""

from tests.experiments.panels import ORDER, more
from tests.experiments.planted import Planted

UNDECIDED = {
    "agents escape with their mean": "0.96, with limits from 0.43 to 2.1, of a few escapes",
    "to an order of magnitude": "0.48 of the time expected where farthest, perhaps 0.27; 0.32 to "
    "3.2 is asked",
    "the logarithm of the time rises with p": "0.84 of the slope, with a lower limit of 0.74 "
    "where 0.75 is asked",
}

REFUSED = [
    ({"replicas": 1}, "give at least 2"),
    ({"half_width": 0.0}, "half_width is 0.0"),
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
        right=more(25),
    ),
    Planted(
        "no coupling at all",
        _no_coupling,
        [
            "the mean escapes fastest",
            "strong coupling holds the mean back",
            "to an order of magnitude",
        ],
        right=more(25),
    ),
    Planted("basins in the wrong order", _reversed, ["as exp(−f/D) does"]),
]
