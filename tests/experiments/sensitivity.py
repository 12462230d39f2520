"""Planted bugs of the sensitivity of Figs 1 to 3."""

from tests.experiments.planted import Planted

REFUSED = [
    ({"constants": ("A3",)}, "no constant called 'A3'"),
    ({"constants": ()}, "at least one constant"),
    ({"change": 1.5}, "the change given is 1.5"),
    ({"ladder": ()}, "the ladder has no coupling"),
]


def everything(value):
    """Return a planted bug: every claim after a change holds, or none."""

    def wrong(result, monkeypatch):
        result["holds"][:] = value
        return result

    return wrong


def _a_failure_before(result, monkeypatch):
    result["before_holds"][{"claim": 3}] = False
    return result


def _never_found(result, monkeypatch):
    result["found"][:] = 0.5
    return result


PLANTED = [
    Planted(
        "a claim that fails before any change",
        _a_failure_before,
        ["with the constants as they are"],
        only=True,
    ),
    Planted(
        "couplings that do not belong to the constants",
        everything(True),
        ["the couplings belong to the constants"],
        only=True,
    ),
    Planted("claims that never survive", everything(False), ["most claims still hold"] * 9),
    Planted(
        "a minimum that no other coupling finds",
        _never_found,
        ["chosen anew, some coupling finds the minimum"],
        only=True,
    ),
]
