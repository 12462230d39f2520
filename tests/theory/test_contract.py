"""What every result keeps: it is proved, its errors are noticed, its number is the one proved."""

import functools
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

import theory
from docs.extension.derivations import keep_where_wanted
from sdeopt.errors import InvalidArgumentError
from theory.core.cited import ADILOVA, BOFFI_SLOTINE, LARGE_BATCH, SLOTINE
from theory.core.moments import CommonNoise
from theory.proofs.dynamics import declared
from theory.proofs.evaluation import checkable, is_numeric, parameter_symbols
from theory.proofs.relation import AssumptionError, ProofError, Relation
from theory.proofs.result import Derivation, Planted, Result
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


@functools.cache
def derived(result: Result) -> Derivation:
    return result.derive()


@each_result
def test_it_is_proved(result: Result) -> None:
    derivation = derived(result)
    assert derivation.steps >= 1
    assert derivation.rests_on == {assumption.name for assumption in result.assumptions}
    keep_where_wanted(result.name, derivation)  # for the documentation, which shows the steps


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
    with pytest.raises(ProofError) as noticed:
        result.derive(statements=error.statements, without=error.without, setting=error.setting)
    assert "as sympy fails" not in str(noticed.value)  # that would be noticed of any nonsense


@each_result
def test_a_planted_statement_is_no_other_name(result: Result) -> None:
    """A symbol or an array that the result does not have would be noticed for its name alone."""
    stated = [statement.relation for statement in result.statements.values()]
    stated += [one.relation for one in result.assumptions if one.relation is not None]
    known = set().union(*map(_names, stated)) | PARAMETERS.keys()
    for error in result.planted:
        for wrong in error.statements.values():
            assert _names(wrong) <= known


def _names(relation: Relation) -> set[Any]:
    sides = (relation.left, relation.right)
    bases = {base for side in sides for base in side.atoms(sympy.IndexedBase)}
    labels = {base.label for base in bases}
    symbols = {name for side in sides for name in side.free_symbols if name.is_Symbol}
    return bases | (symbols - labels)


@each_result
def test_errors_are_planted_in_its_system(result: Result) -> None:
    """The coupling, the pull, the noise: what the statements speak of, not their words alone."""
    laws = declared(result.stated_system(next(iter(result.statements))))
    if not laws:
        pytest.skip("it speaks of no system")
    assert any(error.setting for error in result.planted)
    several = any(law.kind == "equation" and law.parts[-1] != 1 for law in laws.values())
    for name in {"noise", "covariance"} & result.setting.keys() if several else ():
        planted = [error.setting[name] for error in result.planted if name in error.setting]
        assert any(isinstance(law, CommonNoise) for law in planted)
        assert len(planted) >= 2


@each_result
def test_its_hypotheses_are_satisfied_by_numbers(result: Result) -> None:
    stated = [one for one in result.assumptions if one.relation is not None]
    assert bool(derived(result).instance.values) == bool(stated)


@pytest.mark.parametrize(("result", "name"), ASSUMPTIONS)
def test_no_assumption_can_be_dropped(result: Result, name: str) -> None:
    """Some say only that a divisor is not zero: then this is what is missed."""
    missed = "needs the assumption|is a divisor, and not shown to be different from zero"
    with pytest.raises(ProofError, match=missed):
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
    assert "align" in derived(result).latex()
    parser = mathtext.MathTextParser("path")
    for statement in result.statements.values():
        if is_numeric(statement.number):
            parser.parse(f"${sympy.latex(statement.number)}$")


def _inside(result: Result, name: str) -> dict[str, Any]:
    """Return one set of parameters that the assumptions allow, found by trying."""
    symbols = parameter_symbols(result.statements[name].number, result.conditions)
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
    size = float(10.0 ** rng.uniform(-1.0, 1.0))
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
def test_parameters_outside_an_assumption_are_refused(result: Result) -> None:
    """Draw parameters at random: each draw that violates an assumption is refused, and some do."""
    if not result.parameters or not checkable(result.conditions):
        pytest.skip("no number, or no assumption between parameters")
    symbols = {PARAMETERS[symbol].name: symbol for symbol in PARAMETERS}
    order = [symbols[name] for name in result.parameters]
    conditions = [
        (one.name, relation.sign, sympy.lambdify(order, relation.slack, "mpmath"))
        for one, relation in checkable(result.conditions)
    ]
    rng, violated = np.random.default_rng(7), set()
    for _ in range(150):
        given = {name: _draw(symbols[name], rng) for name in result.parameters}
        for name in result.parameters:
            if (
                symbols[name].is_nonnegative
                and not symbols[name].is_positive
                and rng.random() < 0.1
            ):
                given[name] = 0.0
        at = [mpmath.mpf(given[name]) for name in result.parameters]
        with mpmath.workdps(30):
            broken = {name for name, sign, slack in conditions if not _holds(sign, slack(*at))}
        violated |= broken
        if broken:
            with pytest.raises(AssumptionError, match="assumes"):
                result.bound(**given)
    assert violated


def _holds(sign: str, slack: Any) -> bool:
    return bool({"=": slack == 0, "<": slack > 0, "<=": slack >= 0}[sign])


OUTSIDE: dict[str, dict[str, float]] = {
    "lemma_3_2": {"strong_convexity": 2.0, "smoothness": 1.0, "coupling": 50.0, "damping": 50.0},
    "theorem_3_2_momentum": {
        "strong_convexity": 2.0, "smoothness": 1.0, "coupling": 50.0, "damping": 50.0,
    },
    "theorem_5_3": {"metric_condition": 0.1, "metric_floor": 100.0, "rate": 1e6},
    "lemma_2_1": {"metric_condition": 0.5},
    "section_3_5": {"momentum": 1.5},
    "large_batch_noise_scale": {"examples": 1, "batch_size": 1},
    "minibatch_noise": {"examples": 1, "batch_size": 1},
}  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
def test_values_that_no_system_has_are_refused(name: str) -> None:
    result = RESULTS[name]
    given = {**_inside(result, next(iter(result.statements))), **OUTSIDE[name]}
    with pytest.raises(AssumptionError, match="assumes"):
        result.bound(**given)


def test_a_value_does_not_vanish_by_an_overflow() -> None:
    """λ_E tends to l p / (p + 1) as k grows, also where k² is too large for a float."""
    lemma = RESULTS["lemma_5_2"]
    for gain in (1e150, 1e200, 1e300):
        rate = lemma.bound(strong_convexity=2.0, agents=3, coupling=gain)
        assert rate == pytest.approx(2.0 * 3 / 4, rel=1e-12)
    small = lemma.bound(strong_convexity=2.0, agents=3, coupling=1e-300)
    assert small == pytest.approx(3e-300, rel=1e-12)


@each_result
def test_an_assumption_between_parameters_is_tested(result: Result) -> None:
    """Push one parameter at a time until the assumption breaks: the error must name it."""
    if not result.parameters:
        pytest.skip("no number")
    given = _inside(result, next(iter(result.statements)))
    for assumption, relation in checkable(result.conditions):
        symbols = relation.left.free_symbols | relation.right.free_symbols
        messages = []
        for symbol in symbols:
            for value in (0.0, 1e-9, 1.0, -1e3, 1e3, 1e9):
                try:
                    result.bound(**{**given, PARAMETERS[symbol].name: value})
                except AssumptionError as problem:
                    messages.append(str(problem))
        assert any(f"assumes {assumption.name} (" in message for message in messages)


def test_a_value_does_not_vanish_by_cancellation() -> None:
    """The displacement of ``rounds`` steps of biased noise: (1 − x − (1 − x)^T)/x is T − 1 at x → 0."""
    result = RESULTS["adilova_biased_noise"]
    given = {"noise_bias": 1.0, "rounds": 8, "step_size": 1.0}
    curvatures = np.array([1e-300, 1e-160, 1e-12, 1e-6])
    found = result.evaluate("along an eigenvector", data_curvature=curvatures, **given)
    assert found == pytest.approx([7.0, 7.0, 7.0, 7.0 - 28e-6], rel=1e-9)


@pytest.mark.parametrize("rounds", [1, 65, 1000, 80_001, 10**12])
@pytest.mark.parametrize("curvature", [0.3, 1.5, 1.0, 2.0])
def test_a_value_is_found_after_any_number_of_rounds(rounds: int, curvature: float) -> None:
    """(F − F^T)/x with F = 1 − x, of which the power vanishes, in fractions with T times its digits."""
    result, factor = RESULTS["adilova_biased_noise"], 1.0 - curvature
    found = result.bound(noise_bias=1.0, rounds=rounds, step_size=1.0, data_curvature=curvature)
    power = np.sign(factor) ** (rounds % 2) * abs(factor) ** float(rounds)
    assert found == pytest.approx((factor - power) / curvature, rel=1e-9, abs=1e-15)


def test_many_rounds_cancel_no_digits() -> None:
    result = RESULTS["adilova_biased_noise"]
    given = {"noise_bias": 1.0, "step_size": 1.0}
    rounds = np.array([8.0, 80_000.0, 1e12])
    found = result.bound(rounds=rounds, data_curvature=1e-300, **given)
    assert found == pytest.approx(rounds - 1.0, rel=1e-12)
    # a power that vanishes beside one that does not, in one array
    found = result.bound(rounds=np.array([2.0, 80_000.0]), data_curvature=0.5, **given)
    assert found == pytest.approx([0.5, 1.0], rel=1e-12)


@pytest.mark.parametrize("given", [None, 3, [], np.array(["a", "b"])])
def test_what_is_no_name_is_refused(given: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="there is no result "):
        theory.load(given)
    if not isinstance(given, list | np.ndarray):
        with pytest.raises(InvalidArgumentError, match=r"there is no statement of Lemma 3\.1"):
            RESULTS["lemma_3_1"].evaluate(given)
