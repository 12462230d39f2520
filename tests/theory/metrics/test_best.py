"""Metrics that a solver proposes and exact arithmetic confirms."""

import dataclasses
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

from sdeopt.errors import InvalidArgumentError
from theory.metrics import MetricCertificate, best_metric, sharpest_metric
from theory.metrics.best import system_of
from theory.metrics.lmi import certified
from theory.metrics.momentum import best_momentum_rate, momentum_jacobian
from theory.metrics.proved import corners, prove_contraction
from theory.proofs.relation import ProofError


def damped(*stiffness: float) -> list[Any]:
    return [[[0, 1], [-value, -2]] for value in stiffness]


OSCILLATOR = damped(1, 2)
FOUND = best_metric(OSCILLATOR)
H, MU = sympy.symbols("h mu", real=True)


@pytest.mark.parametrize(
    ("damping", "low", "high"),
    [(2.0, 1.0, 2.0), (1.0, 1.0, 3.0), (4.0, 1.0, 10.0), (8.0, 1.0, 2.0)],
)
def test_it_finds_the_best_rate_of_lemma_5_3(damping: float, low: float, high: float) -> None:
    """The formulas are proved elsewhere: no metric is faster, and one attains the rate."""
    vertices = [momentum_jacobian(damping, value) for value in (low, high)]
    exact = best_momentum_rate(damping, low, high)
    found = float(best_metric(vertices).rate)
    assert exact * (1 - 1e-5) < found <= exact * (1 + 1e-12)


def test_normal_matrices_contract_with_their_eigenvalues() -> None:
    found = best_metric([np.diag([-1.0, -5.0, -2.0])])
    assert float(found.rate) == pytest.approx(1.0, rel=1e-5)
    assert found.holds()


def test_a_stable_pair_without_a_common_metric_is_refused() -> None:
    """Damping 1 is below √L − √l = 3 − 0.1: switching can drive the oscillator."""
    vertices = [momentum_jacobian(1.0, value) for value in (0.01, 9.0)]
    with pytest.raises(InvalidArgumentError, match="no constant metric was found"):
        best_metric(vertices)


def test_four_coordinates() -> None:
    rng = np.random.default_rng(2)
    base = rng.normal(size=(4, 4))
    base -= (np.linalg.eigvals(base).real.max() + 1.0) * np.eye(4)
    other = base + 0.1 * rng.normal(size=(4, 4))
    found = best_metric([base, other])
    assert found.holds()
    metric, rate = found.array(), float(found.rate)
    for share in (0.0, 0.3, 1.0):
        jacobian = share * base + (1 - share) * other
        growth = metric @ jacobian + jacobian.T @ metric + 2 * rate * metric
        assert np.linalg.eigvalsh(growth).max() < 0.0


CHANGES: dict[str, Callable[[MetricCertificate], MetricCertificate]] = {
    "a larger rate": lambda one: dataclasses.replace(one, rate=one.rate * Fraction(1001, 1000)),
    "the Euclidean metric": lambda one: dataclasses.replace(
        one, metric=((Fraction(1), Fraction(0)), (Fraction(0), Fraction(1)))
    ),
    "a higher floor": lambda one: dataclasses.replace(one, floor=one.floor * 2),
    "a lower ceiling": lambda one: dataclasses.replace(one, ceiling=one.ceiling / 2),
    "a metric that is not symmetric": lambda one: dataclasses.replace(
        one, metric=((one.metric[0][0], one.metric[0][1] * 2), one.metric[1])
    ),
    "a stiffer spring": lambda one: dataclasses.replace(
        one, system=system_of(damped(1, Fraction(5, 2)))
    ),
    "a spring without end": lambda one: dataclasses.replace(
        one, system=system_of(OSCILLATOR, [[[0, 0], [-1, 0]]])
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_certificate_does_not_hold(
    change: Callable[[MetricCertificate], MetricCertificate],
) -> None:
    assert FOUND.holds()
    assert not change(FOUND).holds()


def test_a_wrong_proposal_is_not_believed() -> None:
    """A solver may say what it likes."""
    system = system_of(OSCILLATOR)
    slack = Fraction(1, 10**6)
    assert certified(system, FOUND.array(), FOUND.rate * 2, slack) is None
    assert certified(system, -FOUND.array(), FOUND.rate, slack) is None
    assert certified(system, FOUND.array() * np.nan_to_num(0.0), FOUND.rate, slack) is None


def test_an_unbounded_direction_is_kept() -> None:
    """h from 1 on without end: only diagonal metrics are left, and one of them is found."""
    found = sharpest_metric([[[-2, 1], [8, -8]]], [[[-1, 0], [0, 0]]], enters=[[1], [0]])
    assert found.holds()
    assert found.metric[0][1] == 0
    metric, rate = found.array(), float(found.rate)
    for steep in (0.0, 1.0, 1e6):
        jacobian = np.array([[-2.0 - steep, 1.0], [8.0, -8.0]])
        growth = metric @ jacobian + jacobian.T @ metric + 2 * rate * metric
        assert np.linalg.eigvalsh(growth).max() < 0.0


def test_bounds_do_not_grow_with_units() -> None:
    """Rescaling time by 3 multiplies rates by 3 and divides both bounds by it."""
    slow, fast = (
        [[[scale * entry for entry in row] for row in vertex] for vertex in OSCILLATOR]
        for scale in (1, 3)
    )
    assert float(best_metric(fast).rate) == pytest.approx(3 * float(FOUND.rate), rel=1e-5)
    for of in ("disturbance", "noise"):
        one, other = (sharpest_metric(vertices, of=of) for vertices in (slow, fast))
        assert getattr(other, of) == pytest.approx(getattr(one, of) / 3, rel=1e-3)


def test_the_bounds_hold_for_constant_and_switched_jacobians() -> None:
    """The exact response to a push of length 1 stays below √q / r, the variance below q / (2 r)."""
    import scipy.linalg

    pushed = sharpest_metric(OSCILLATOR, enters=[[0], [1]])
    noisy = sharpest_metric(OSCILLATOR, enters=[[0], [1]], of="noise")
    for vertex in np.array(OSCILLATOR, dtype=float):
        response = np.linalg.norm(np.linalg.solve(vertex, [0.0, 1.0]))
        variance = np.trace(scipy.linalg.solve_continuous_lyapunov(vertex, -np.diag([0.0, 1.0])))
        assert response <= pushed.disturbance
        assert variance <= noisy.noise
    # Pushed and switched so as to grow in the metric.
    state, worst, step = np.zeros(2), 0.0, 0.002
    for _ in range(10_000):
        metric = pushed.array()
        push = np.sign((metric @ state)[1]) or 1.0
        vertex = max(np.array(OSCILLATOR, dtype=float), key=lambda a: state @ metric @ a @ state)
        state = state + step * (vertex @ state + np.array([0.0, push]))
        worst = max(worst, float(np.linalg.norm(state)))
    assert 0.9 < worst <= pushed.disturbance


BAD: dict[str, tuple[Callable[[], Any], str]] = {
    "no vertices": (lambda: best_metric([]), "at least one vertex"),
    "not square": (lambda: best_metric([[[1, 2]]]), "square matrices of one size"),
    "two sizes": (lambda: best_metric([[[-1]], [[-1, 0], [0, -1]]]), "one size"),
    "unstable": (lambda: best_metric([[[1]]]), "real part 1"),
    "input": (lambda: sharpest_metric([[[-1]]], enters=[[1], [0]]), "enters must have 1 rows"),
    "bound": (lambda: sharpest_metric([[[-1]]], of="noises"), "did you mean 'noise'"),
    "a bound of no name": (lambda: sharpest_metric([[[-1]]], of=[]), r"no bound \[\]"),  # type: ignore[arg-type]
    "a number": (lambda: best_metric(1.0), "vertices is 1.0, but must be a list"),  # type: ignore[arg-type]
    "one matrix": (lambda: best_metric(np.eye(2)), "list of rows of one length"),  # type: ignore[arg-type]
    "ragged": (lambda: best_metric([[[-1], [1, 2]]]), "list of rows of one length"),
    "booleans": (lambda: best_metric([[[True]]]), "it holds True"),
    "no direction": (lambda: best_metric([[[-1]]], None), "directions is None"),  # type: ignore[arg-type]
    "flat input": (lambda: sharpest_metric([[[-1]]], enters=[1.0]), "rows of one length"),
    "no output": (lambda: sharpest_metric([[[-1]]], measured=[]), "rows of one length"),
    "text": (lambda: best_metric([[[-1]]], condition="a"), "condition is 'a'"),  # type: ignore[arg-type]
    "NaN": (lambda: best_metric([[[-1]]], condition=np.nan), "condition is nan"),
    "a number in an array": (lambda: best_metric(np.array(2)), "vertices is array.2., but must"),  # type: ignore[arg-type]
    "a direction in an array": (lambda: best_metric([[[-1]]], np.array(2)), "directions is array"),  # type: ignore[arg-type]
    "bytes": (lambda: best_metric(b"1"), "vertices is b'1'"),
    "a row of bytes": (lambda: best_metric([[b"1"]]), "rows of one length"),
    "too large": (lambda: best_metric([[[-1e308]]]), "the size 1e.308, which is too large"),
    "a list": (lambda: sharpest_metric([[[-1]]], condition=[]), "condition is"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize(("call", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_named(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        call()


SYMBOLIC = sympy.Matrix([[0, 1], [-H, -2]])


def test_a_certificate_is_a_proof() -> None:
    derivation = prove_contraction(SYMBOLIC, {H: (1, 2)}, FOUND)
    assert derivation.status == "proved"
    assert derivation.rests_on == {"h from below", "h from above"}
    conclusion = derivation.conclusions["contraction"].relation
    assert conclusion.left.has(H)
    assert not conclusion.right.has(H)


def test_two_ranges() -> None:
    jacobian, ranges = sympy.Matrix([[0, 1], [-H, -MU]]), {H: (1, 2), MU: (2, 3)}
    found = best_metric(corners(jacobian, ranges))
    assert prove_contraction(jacobian, ranges, found).status == "proved"


@pytest.mark.parametrize(
    ("jacobian", "ranges", "change"),
    [
        pytest.param(SYMBOLIC, {H: (1, 3)}, CHANGES["a stiffer spring"], id="a wider range"),
        pytest.param(SYMBOLIC, {H: (1, 2)}, CHANGES["a larger rate"], id="a larger rate"),
        pytest.param(SYMBOLIC, {H: (1, 2)}, CHANGES["a higher floor"], id="a higher floor"),
        pytest.param(
            SYMBOLIC.subs(H, H**2 - 2 * H + 2),
            {H: (1, 2)},
            lambda one: one,
            id="not affine, though contracting",
        ),
        pytest.param(-SYMBOLIC, {H: (1, 2)}, lambda one: one, id="time runs backwards"),
    ],
)
def test_a_wrong_claim_is_not_proved(
    jacobian: Any, ranges: Any, change: Callable[[MetricCertificate], MetricCertificate]
) -> None:
    with pytest.raises(ProofError):
        prove_contraction(jacobian, ranges, change(FOUND))


ONE = ((Fraction(1),),)


def claimed(slope: int, **changes: Any) -> MetricCertificate:
    """Return a certificate for x' = slope x that is right for a slope of -2, but for what is changed."""
    given = {
        "system": system_of([[[slope]]]),
        "metric": ONE,
        "rate": Fraction(1),
        "floor": Fraction(1),
        "ceiling": Fraction(1),
    }
    return MetricCertificate(**(given | changes))


FALSE: dict[str, tuple[int, dict[str, Any], str]] = {
    "a negative metric": (
        1, {"metric": ((Fraction(-1),),), "floor": Fraction(-2)}, "the metric is positive definite",
    ),
    "no metric": (1, {"metric": ((Fraction(0),),), "floor": Fraction(0)}, "positive definite"),
    "a metric of another shape": (-2, {"metric": ((Fraction(1), Fraction(1)),)}, "symmetric"),
    "a negative rate": (1, {"rate": Fraction(-2)}, "the rate is positive"),
    "no rate": (-2, {"rate": Fraction(0)}, "the rate is positive"),
    "a negative floor": (-2, {"floor": Fraction(-1)}, "the floor is positive"),
    "no vertex": (
        -2, {"system": dataclasses.replace(system_of([[[-2]]]), vertices=())}, "there is a vertex",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FALSE)
def test_a_certificate_that_shows_nothing(case: str) -> None:
    """Neither certified nor proved: x' = h x expands, and its −1 is no metric."""
    slope, changes, words = FALSE[case]
    assert claimed(-2).holds()
    assert prove_contraction(sympy.Matrix([[-H]]), {H: (1, 2)}, claimed(-2)).status == "proved"
    wrong = claimed(slope, **changes)
    assert not wrong.holds()
    assert any(words in name and not holds for name, holds in wrong.checks().items())
    jacobian = sympy.Matrix([[H if slope > 0 else -H]])
    with pytest.raises(ProofError, match=words):
        prove_contraction(jacobian, {H: (1, 2)}, wrong)


@pytest.mark.parametrize("change", [{"rate": 0}, {"rate": -1}, {"floor": 0}, {"floor": -1}])
def test_what_shows_nothing_bounds_nothing(change: dict[str, int]) -> None:
    wrong = claimed(-2, **{name: Fraction(value) for name, value in change.items()})
    assert wrong.disturbance == wrong.noise == np.inf


@pytest.mark.parametrize(
    "given",
    [
        (1, 1),
        (3, -1),
        (1,),
        1,
        None,
        (1, np.nan),
        (1, np.inf),
        ("a", "b"),
        (1, H),
        (1, 2j),
        (b"1", b"2"),
        ("1", "2"),
        "12",
        b"12",
    ],
)
def test_a_range_is_an_interval(given: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"the range of h is .*low < high") as caught:
        prove_contraction(SYMBOLIC, {H: given}, FOUND)
    assert "\n" not in str(caught.value)
    with pytest.raises(InvalidArgumentError, match="the range of h"):
        corners(SYMBOLIC, {H: given})


NO_JACOBIAN = [
    2.5,
    None,
    [[1], [1, 2]],
    b"1",
    [[b"1"]],
    "h",
    [["h"]],
    [[True]],
    np.array(2),
    [[1j]],
]


@pytest.mark.parametrize("given", NO_JACOBIAN, ids=map(repr, NO_JACOBIAN))
def test_what_is_no_jacobian_is_refused(given: Any) -> None:
    for call in (corners, lambda one, other: prove_contraction(one, other, claimed(-2))):
        with pytest.raises(
            InvalidArgumentError, match=r"the Jacobian is .* a sympy Matrix"
        ) as caught:
            call(given, {H: (1, 2)})
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("given", [[(1, 2)], None, {"h": (1, 2)}, H])
def test_ranges_are_a_mapping_from_symbols(given: Any) -> None:
    for call in (corners, lambda one, other: prove_contraction(one, other, FOUND)):
        with pytest.raises(InvalidArgumentError, match=r"the ranges are .* a mapping from sympy"):
            call(SYMBOLIC, given)


def test_a_proof_needs_a_certificate() -> None:
    with pytest.raises(InvalidArgumentError, match="the certificate is None"):
        prove_contraction(SYMBOLIC, {H: (1, 2)}, None)  # type: ignore[arg-type]


def test_a_jacobian_may_be_rows_or_an_array() -> None:
    assert corners([[0, 1], [-H, -2]], {H: (1, 2)}) == corners(SYMBOLIC, {H: (1, 2)})
    assert corners(np.array([[-1.5]]), {H: (1, 2)}) == [sympy.Matrix([[-1.5]])] * 2


def test_a_certificate_of_another_size_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="the certificate of this system"):
        prove_contraction(SYMBOLIC, {H: (1, 2)}, claimed(-2))


def test_a_condition_may_have_no_limit() -> None:
    assert best_metric(OSCILLATOR, condition=np.inf).rate >= FOUND.rate
