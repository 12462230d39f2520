"""Second moments that obey linear equations, in time or in steps: the rules refuse other premises."""

from typing import Any

import numpy as np
import pytest
import sympy
from scipy.linalg import solve_continuous_lyapunov

from theory.core.jury import conditions
from theory.core.lyapunov import (
    FRESH_NOISE,
    Iteration,
    Step,
    hurwitz_conditions,
    second_moments_settle,
    second_moments_settle_in_steps,
    stationary_covariance,
)
from theory.core.moments import REGULAR, Diffusion, Stacked, noiseless
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError
from theory.symbols import agents as p

x, z = sympy.IndexedBase("x", real=True), sympy.IndexedBase("z", real=True)
i, j = sympy.symbols("i j", integer=True)
h, mu, s = sympy.symbols("h mu s", positive=True)
ONE = sympy.Integer(1)
HALF = sympy.Rational(1, 2)
PULL = sympy.Matrix([[-h, 1], [-1, -mu]])
MAP = sympy.Matrix([[HALF, 0], [HALF, HALF]])
STATE = sympy.Matrix([x[1, 1], z[1, 1]])
NOISE = sympy.diag(s, 0)


def coupled(sign: int = 1) -> Stacked:
    """Return dx = (−h x + z) dt + √s dW, dz = −μ z dt ± x dt, one agent."""
    noise = lambda i, a, c: s * sympy.KroneckerDelta(a, c)  # noqa: E731
    return Stacked(
        (
            Diffusion(x, lambda i, a: -h * x[i, a] + z[i, a], noise, ONE),
            Diffusion(z, lambda i, a: -mu * z[i, a] - sign * x[i, a], noiseless, ONE),
        )
    )


def signs(proof: Proof) -> list[Fact]:
    return [proof.less(0, condition, "stable") for condition in hurwitz_conditions(PULL)]


def settled(proof: Proof, **changed: Any) -> Any:
    given = {
        "model": coupled(),
        "moments": STATE * STATE.T,
        "pull": PULL,
        "noise": NOISE,
        "signs": signs(proof),
    }
    given.update(changed)
    return second_moments_settle(proof, **given)


def test_the_moments_solve_the_lyapunov_equation() -> None:
    facts = settled(Proof([REGULAR]))
    found = sympy.Matrix(2, 2, lambda row, column: facts[row][column].relation.right)
    assert (PULL * found + found * PULL.T + NOISE).applyfunc(sympy.cancel) == sympy.zeros(2, 2)
    assert {cited.name for cited in facts[0][0].cites} == {
        "Dynkin's formula",
        "Routh–Hurwitz criterion",
    }


@pytest.mark.parametrize(
    "changed",
    [
        {"model": coupled(-1)},
        {"noise": 2 * NOISE},
        {"moments": STATE * STATE.T * 2},
        {"pull": sympy.Matrix([[-h, 1], [-1, -2 * mu]])},
        {"signs": []},
        {"noise": sympy.diag(s * x[1, 1], 0)},
    ],
    ids=["drift", "noise", "moments", "matrix", "stability", "random noise"],
)
def test_other_premises_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ProofError):
        settled(Proof([REGULAR]), **changed)


def test_regular_solutions_are_required() -> None:
    with pytest.raises(ProofError, match="regular solutions"):
        settled(Proof([]))


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_conditions_are_those_of_the_eigenvalues(size: int) -> None:
    rng = np.random.default_rng(size)
    for _ in range(60):
        matrix = rng.integers(-4, 3, size=(size, size))
        needed = hurwitz_conditions(sympy.Matrix(matrix.tolist()))
        slowest = np.linalg.eigvals(matrix).real.max()
        if abs(slowest) > 1e-9:
            assert all(one > 0 for one in needed) == (slowest < 0)


def test_four_rows_are_refused() -> None:
    with pytest.raises(ProofError, match="up to three rows"):
        hurwitz_conditions(-sympy.eye(4))


def test_the_stationary_covariance_against_scipy() -> None:
    given, source = sympy.Matrix([[3, 1], [-2, 2]]), sympy.Matrix([[2, 1], [1, 1]])
    exact = np.array(stationary_covariance(given, source), dtype=float)
    pull, noise = (np.array(matrix, dtype=float) for matrix in (given, source))
    np.testing.assert_allclose(exact, solve_continuous_lyapunov(pull, noise), rtol=1e-12)


def test_no_covariance_without_decay() -> None:
    with pytest.raises(ProofError, match="no unique solution"):
        stationary_covariance(sympy.diag(1, -1), sympy.eye(2))


def halved(extra: Any = 0) -> Iteration:
    """Return x ← x/2 + noise, z ← z/2 + x/2."""
    return Iteration(
        (
            Step(x, lambda i, a: x[i, a] * HALF + extra, noisy=True, count=sympy.S.One),
            Step(z, lambda i, a: (z[i, a] + x[i, a]) * HALF, count=sympy.S.One),
        ),
        s,
    )


def settled_in_steps(proof: Proof, **changed: Any) -> Any:
    given = {
        "model": halved(),
        "moments": STATE * STATE.T,
        "matrix": MAP,
        "noise": NOISE,
        "signs": [proof.less(0, one, "inside") for one in conditions(MAP)],
    }
    given.update(changed)
    return second_moments_settle_in_steps(proof, **given)


def test_a_mean_has_one_part_in_p_of_the_noise() -> None:
    iteration = Iteration((Step(x, lambda i, a: x[i, a], noisy=True),), s)
    mean = sympy.Sum(x[j, 1], (j, 1, p)) / p
    proof = Proof([])
    proof.equal(iteration.after(mean**2), mean**2 + s / p, "averaged")
    spread = sympy.Sum((x[i, 1] - mean) ** 2, (i, 1, p))
    proof.equal(iteration.after(spread), spread + (p - 1) * s, "the rest")


def test_the_moments_solve_the_discrete_equation() -> None:
    facts = settled_in_steps(Proof([FRESH_NOISE]))
    found = sympy.Matrix(2, 2, lambda row, column: facts[row][column].relation.right)
    assert MAP * found * MAP.T + NOISE == found
    assert found[0, 0] == sympy.Rational(4, 3) * s


@pytest.mark.parametrize(
    "changed",
    [
        {"model": halved(sympy.S.One)},
        {"noise": sympy.diag(2 * s, 0)},
        {"matrix": MAP.T},
        {"signs": []},
        {"moments": STATE * STATE.T * x[1, 1]},
        {"noise": sympy.diag(s * x[1, 1], 0)},
    ],
    ids=["drift", "noise", "matrix", "stability", "third moments", "random noise"],
)
def test_other_premises_in_steps_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ProofError):
        settled_in_steps(Proof([FRESH_NOISE]), **changed)


def test_fresh_noise_is_required() -> None:
    with pytest.raises(ProofError, match="fresh noise"):
        settled_in_steps(Proof([]))
