"""Theorems with one statement, for the tests of what is refused."""

from collections.abc import Callable
from typing import Any

from theory.proofs.proof import Proof
from theory.proofs.relation import Relation
from theory.proofs.result import Result, Statement


def result(claim: Relation, prove: Callable[[Proof], Any], *given: Any, **more: Any) -> Result:
    """Return a theorem with one statement, "s"."""
    return Result(
        "false", "false", "", "", {"s": Statement("", claim)}, given,
        lambda proof, model: {"s": prove(proof)}, **more,
    )  # fmt: skip
