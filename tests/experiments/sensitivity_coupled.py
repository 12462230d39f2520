"""Planted bugs of the sensitivity of Figs 4 to 6."""

import dataclasses

from sims.sensitivity import coupled_figures
from tests.experiments.planted import Planted

UNDECIDED = {
    "with the constants as they are": "16 replicas leave some of the claims undecided",
}

REFUSED = [
    (
        {"fig5": dataclasses.replace(coupled_figures.QUICK.fig5, half_width=5.0)},
        r"half_width of fig5 is 5\.0, that of fig4 6\.5",
    ),
    ({"constants": ("delta",)}, "no constant called 'delta'"),
]


def put(name, value, **where):
    """Return a planted bug: some verdicts or numbers are others."""

    def wrong(result, monkeypatch):
        result[name][where] = value
        return result

    return wrong


def _all_hold_before(result):
    result["before_holds"][:] = result["before_seems"][:] = True
    result["before_undecided"][:] = False
    return result


PLANTED = [
    Planted(
        "a claim that fails before any change",
        put("before_holds", False, claim=3),
        ["with the constants as they are"],
        only=True,
        right=_all_hold_before,
    ),
    Planted(
        "claims that do not survive",
        put("holds", False, constant=0, change=0),
        ["W: most claims still hold"],
        only=True,
    ),
    Planted(
        "couplings that do not belong to the constants",
        put("holds", True),
        ["the couplings belong to the constants"],
        only=True,
    ),
    Planted(
        "a best coupling at the end",
        put("margin", 0.0, constant=0, change=1),
        ["(by least at W +20%)"],
        only=True,
    ),
    Planted(
        "a best coupling that fails",
        put("covered", 0.4, constant=0, change=0),
        ["minimizes the loss of the mean"],
        only=True,
    ),
    Planted(
        "a best coupling that does not move",
        lambda result, monkeypatch: result.assign(best=0 * result["best"] + 4.0),
        ["the best coupling grows with the noise"],
        only=True,
    ),
]
