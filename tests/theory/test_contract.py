"""What every result keeps: it is proved, its errors are noticed, its number is the one proved."""

from typing import Any

import numpy as np
import pytest
import sympy

import theory
from theory.core.cited import ADILOVA, BOFFI_SLOTINE, LARGE_BATCH, SLOTINE
from theory.proofs.evaluation import checkable, is_numeric, parameter_symbols
from theory.proofs.relation import AssumptionError, ProofError, Relation
from theory.proofs.result import Planted, Result
from theory.symbols import PARAMETERS

RESULTS = {name: theory.load(name) for name in theory.names()}
PLANTED = [
    pytest.param(result, error, id=f"{name}-{error.words}")
    for name, result in RESULTS.items()
    for error in result.planted
]
ASSUMPTIONS = [
    pytest.param(result, assumption.name, id=f"{name}-{assumption.name}")
    for name, result in RESULTS.items()
    for assumption in result.assumptions
]
STATEMENTS = [
    pytest.param(result, name, id=f"{result.name}-{name}")
    for result in RESULTS.values()
    for name in result.statements
]
NUMBERS = [
    pytest.param(result, name, id=f"{result.name}-{name}")
    for result in RESULTS.values()
    for name, statement in result.statements.items()
    if is_numeric(statement.number)
]

each_result = pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)


@each_result
def test_it_is_proved(result: Result) -> None:
    derivation = result.derive()
    assert derivation.steps >= 1
    assert derivation.rests_on == {assumption.name for assumption in result.assumptions}


@each_result
def test_it_says_what_it_is(result: Result) -> None:
    assert RESULTS[result.name] is result
    assert result.source in {ADILOVA, BOFFI_SLOTINE, LARGE_BATCH, SLOTINE}
    assert result.number
    assert result.title
    assert all(statement.words for statement in result.statements.values())
    assert len({assumption.name for assumption in result.assumptions}) == len(result.assumptions)
    assert len(result.planted) >= 2


@pytest.mark.parametrize(("result", "error"), PLANTED)
def test_a_planted_error_is_noticed(result: Result, error: Planted) -> None:
    with pytest.raises(ProofError):
        result.derive(statements=error.statements, without=error.without, setting=error.setting)


@pytest.mark.parametrize(("result", "name"), ASSUMPTIONS)
def test_no_assumption_can_be_dropped(result: Result, name: str) -> None:
    with pytest.raises(ProofError, match="needs the assumption"):
        result.derive(without=(name,))


@pytest.mark.parametrize(("result", "name"), STATEMENTS)
def test_a_wrong_constant_is_noticed(result: Result, name: str) -> None:
    stated = result.statements[name].relation
    for wrong in (
        Relation(stated.left, stated.sign, stated.right + 1),
        Relation(stated.left - 1, stated.sign, stated.right),
    ):
        with pytest.raises(ProofError):
            result.derive(statements={name: wrong})


@pytest.mark.parametrize(("result", "name"), STATEMENTS)
def test_no_statement_is_an_assumption(result: Result, name: str) -> None:
    stated = result.statements[name].relation
    assert all(assumption.relation != stated for assumption in result.assumptions)


@each_result
def test_formulas_render(result: Result) -> None:
    mathtext = pytest.importorskip("matplotlib.mathtext")
    assert result.latex()
    assert "align" in result.derive().latex()
    parser = mathtext.MathTextParser("path")
    for statement in result.statements.values():
        if is_numeric(statement.number):
            parser.parse(f"${sympy.latex(statement.number)}$")


def _inside(result: Result, name: str) -> dict[str, Any]:
    """Return one set of parameters that the assumptions allow, found by trying."""
    symbols = parameter_symbols(result.statements[name].number, result.assumptions)
    rng = np.random.default_rng(5)
    for _ in range(2000):
        given = {PARAMETERS[symbol].name: _draw(symbol, rng) for symbol in symbols}
        try:
            result.evaluate(name, **given)
        except AssumptionError:
            continue
        return given
    raise AssertionError(f"no parameters found that {result.number} allows")


def _draw(symbol: Any, rng: np.random.Generator) -> float:
    size = 10.0 ** rng.uniform(-1.0, 1.0)
    if symbol.is_integer:
        return float(rng.integers(1, 9))
    return size if symbol.is_nonnegative else size * float(rng.choice([-1.0, 1.0]))


@pytest.mark.parametrize(("result", "name"), NUMBERS)
def test_the_number_is_the_expression_proved(result: Result, name: str) -> None:
    given = _inside(result, name)
    symbols = {parameter.name: symbol for symbol, parameter in PARAMETERS.items()}
    exact = result.statements[name].number.subs(
        {symbols[keyword]: sympy.Rational(value) for keyword, value in given.items()}
    )
    assert result.evaluate(name, **given) == pytest.approx(float(exact.evalf(30)), rel=1e-9)


@pytest.mark.parametrize(("result", "name"), NUMBERS)
def test_numbers_broadcast(result: Result, name: str) -> None:
    given = _inside(result, name)
    single = result.evaluate(name, **given)
    assert np.shape(single) == ()
    for keyword, value in given.items():
        row = result.evaluate(name, **{**given, keyword: np.full((2, 3), value)})
        assert row.shape == (2, 3)
        assert (row == single).all()


@pytest.mark.parametrize(("result", "name"), NUMBERS)
def test_values_outside_the_domain_are_refused(result: Result, name: str) -> None:
    given = _inside(result, name)
    for keyword, value in given.items():
        for wrong in (np.nan, np.inf, "much", [value, np.nan]):
            with pytest.raises(AssumptionError, match=keyword):
                result.evaluate(name, **{**given, keyword: wrong})
    with pytest.raises(AssumptionError, match="takes the parameters"):
        result.evaluate(name, **given, unheard_of=1.0)


@each_result
def test_an_assumption_between_parameters_is_tested(result: Result) -> None:
    """Push one parameter at a time until the assumption breaks: the error must name it."""
    if not result.parameters:
        pytest.skip("no number")
    given = _inside(result, next(iter(result.statements)))
    for assumption, relation in checkable(result.assumptions):
        symbols = relation.left.free_symbols | relation.right.free_symbols
        messages = []
        for symbol in symbols:
            for value in (0.0, 1e-9, 1.0, -1e3, 1e3, 1e9):
                try:
                    result.bound(**{**given, PARAMETERS[symbol].name: value})
                except AssumptionError as problem:
                    messages.append(str(problem))
        assert any(f"assumes {assumption.name} (" in message for message in messages)
