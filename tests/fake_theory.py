"""Small results, some of them wrong, for the tests of `sdeopt verify`."""

import sympy

from sdeopt.errors import unknown_name
from theory.core.cited import BOFFI_SLOTINE
from theory.proofs.fact import Assumption, Cited
from theory.proofs.relation import at_most, less
from theory.proofs.result import Planted, Result, Statement

a, b = sympy.symbols("a b", real=True)
GROWTH = Cited("growth [lemma]", "what grows, grows", "Nobody, Nowhere, Thm 1")


def prove(proof, model):
    known = proof.assume("order")
    square = proof.at_most(2 * a * b, a**2 + b**2, "a square is not negative")
    words = "with a below b"
    return {"main": proof.less(2 * a * b + a, a**2 + b**2 + b, words, using={known: 1, square: 1})}


def result(name, **changes):
    parts = {
        "number": f"Lemma of {name}",
        "source": BOFFI_SLOTINE,
        "title": "two numbers",
        "statements": {"main": Statement("so it is", less(2 * a * b + a, a**2 + b**2 + b))},
        "assumptions": (Assumption("order", "a is below b", less(a, b), through=(GROWTH,)),),
        "prove": prove,
        "planted": (Planted("no order", without=("order",)),),
        "remarks": "Nobody says so.",
    }
    return Result(name=name, **{**parts, **changes})


class Good:
    """What stands for `theory.registry`: results that are all derived."""

    known = {"sound": result("sound")}  # noqa: RUF012

    @classmethod
    def names(cls):
        return sorted(cls.known)

    @classmethod
    def load(cls, name):
        if name not in cls.known:
            raise unknown_name("result", name, cls.known)
        return cls.known[name]


class Bad(Good):
    """Results of which some are wrong."""

    known = {  # noqa: RUF012
        "sound": result("sound"),
        "wrong": result(
            "wrong", statements={"main": Statement("not so", at_most(2 * a * b, a**2))}
        ),
        "careless": result(
            "careless",
            planted=(Planted("nothing is wrong", statements={}), Planted("x", without=("order",))),
        ),
        "absent": None,
    }

    @classmethod
    def load(cls, name):
        if name == "absent":
            import theory.no_such_module  # noqa: F401
        return super().load(name)


class Needy(Good):
    """Results that need a package which is not installed."""

    @classmethod
    def load(cls, name):
        import no_such_package  # noqa: F401
