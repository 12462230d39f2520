"""What fails inside sympy is a step that is not shown; what fails in our own code stays an error."""

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sympy

from theory.proofs.fact import Fact
from theory.proofs.failing import refusing, rule
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, equal
from theory.proofs.result import Result, Statement
from theory.symbols import coupling

s = sympy.Symbol("s", real=True)
RULES = sorted((Path(__file__).parents[3] / "theory" / "core").glob("*.py"))


def deep(levels: int) -> Any:
    """Return a sum in a sum in a sum."""
    value = s
    for _ in range(levels):
        value = sympy.sin(value, evaluate=False)
    return value


FAILING: dict[str, Callable[[], Any]] = {
    "a polynomial that is none": lambda: sympy.Poly(1 / s + s, s),
    "a sum over nothing": lambda: sympy.summation(s, s),
    "a matrix without inverse": lambda: sympy.zeros(2, 2).inv(),
    "a comparison of complex numbers": lambda: bool(sympy.I < 1),
    "the truth of an open relation": lambda: bool(s < 1),
    "what is no expression": lambda: sympy.sympify("1 +"),
}


@pytest.mark.parametrize("fail", FAILING.values(), ids=FAILING)
def test_a_failure_of_sympy_is_one_sentence(fail: Callable[[], Any]) -> None:
    with pytest.raises(ProofError, match="is not shown, as sympy fails") as caught, refusing("it"):
        fail()
    assert "\n" not in str(caught.value)


def test_too_deep_an_expression_is_refused() -> None:
    with pytest.raises(ProofError, match="RecursionError"):
        Proof([]).equal(deep(3000), 0, "deep")


def test_our_own_errors_are_not_hidden() -> None:
    @rule
    def broken(value: Any) -> Any:
        return value.no_such_name

    for value in (None, s):
        with pytest.raises(AttributeError):
            broken(value)
    with pytest.raises(ProofError, match="mine"), refusing("it"):
        raise ProofError("mine")


def test_a_result_refuses() -> None:
    def prove(proof: Proof, model: Any) -> dict[str, Fact]:
        return {"s": proof.equal(sympy.zeros(1, 1).inv()[0], 1, "")}

    stated = {"s": Statement("", equal(coupling, 1))}
    with pytest.raises(ProofError, match="the proof of 0 is not shown"):
        Result("none", "0", "", "", stated, (), prove).derive()


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_every_rule_is_marked(path: Path) -> None:
    """A function that takes the proof and is not marked would let errors of sympy pass."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            taken = [argument.arg for argument in node.args.args]
            if taken[:1] == ["proof"]:
                assert "rule" in map(ast.unparse, node.decorator_list), node.name
