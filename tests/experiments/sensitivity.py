"""Planted bugs of the sensitivity of Figs 1 to 3."""

from tests.experiments.planted import Planted

FEW = "10 replicas, at this scale, decide few of the claims; decided at paper scale"

UNDECIDED = {
    "with the constants as they are": "60 replicas leave some claims about a tenth of them undecided",
    "c: most claims still hold": FEW,
    "a: most claims still hold": FEW,
    "A1: most claims still hold": FEW,
    "A2: most claims still hold": FEW,
    "w1: most claims still hold": FEW,
    "w2: most claims still hold": FEW,
    "W: most claims still hold": FEW,
    "eta: most claims still hold": FEW,
    "k: most claims still hold": FEW,
    "chosen anew, some coupling finds the minimum": "in all of 10 replicas after every change; "
    "that it does in 0.9 of all takes 66",
}

REFUSED = [
    ({"constants": ("A3",)}, "no constant called 'A3'"),
    ({"constants": ()}, "at least one constant"),
    ({"change": 1.5}, "the change given is 1.5"),
    ({"ladder": ()}, "the ladder has no coupling"),
]


def everything(value):
    """Return a planted bug: every claim after a change holds, or none."""

    def wrong(result, monkeypatch):
        for name in ("holds", "seems"):
            result[name][:] = value
        result["undecided"][:] = False
        return result

    return wrong


def _a_failure_before(result, monkeypatch):
    result["before_holds"][{"claim": 3}] = result["before_seems"][{"claim": 3}] = False
    return result


def _decided(result):
    """Return the study as if every claim were what its numbers say, known from many replicas."""
    for before in ("", "before_"):
        result[f"{before}holds"] = result[f"{before}seems"].copy()
        result[f"{before}undecided"] = result[f"{before}undecided"] & False
    return result.assign(replicas=1_000)


def _all_hold_before(result):
    result = _decided(result)
    result["before_holds"][:] = result["before_seems"][:] = True
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
        right=_all_hold_before,
    ),
    Planted(
        "couplings that do not belong to the constants",
        everything(True),
        ["the couplings belong to the constants"],
        only=True,
        right=_decided,
    ),
    Planted(
        "claims that never survive",
        everything(False),
        ["most claims still hold"] * 9,
        right=_decided,
    ),
    Planted(
        "a minimum that no other coupling finds",
        _never_found,
        ["chosen anew, some coupling finds the minimum"],
        only=True,
        right=_decided,
    ),
]
