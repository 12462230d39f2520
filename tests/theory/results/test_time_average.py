"""Lemma 5.5 against the exact covariance of all agents together, in rational numbers."""

import pytest
import sympy

import theory
from theory.core.lyapunov import stationary_covariance

HESSIAN = sympy.Matrix([[2, 1], [1, 3]])
SPREAD = sympy.Matrix([[1, 0], [2, 1]])
NOISE = SPREAD * SPREAD.T
AGENTS = 3
MEAN = sympy.Matrix(sympy.BlockMatrix([[sympy.eye(2)] * AGENTS])) / AGENTS
LAPLACIAN = sympy.eye(AGENTS) - sympy.ones(AGENTS) / AGENTS


def long_run_covariance(pull: sympy.Matrix, noise: sympy.Matrix) -> sympy.Matrix:
    """Return A⁻¹ D A⁻ᵀ, the covariance of the limit law of √t times the time average."""
    inverse = pull.inv()
    return (inverse * noise * inverse.T).applyfunc(sympy.factor)


def system(coupling: sympy.Rational, preconditioner: sympy.Matrix) -> tuple[sympy.Matrix, ...]:
    """Return the pull and the noise of all agents."""
    own = sympy.kronecker_product(sympy.eye(AGENTS), preconditioner * HESSIAN)
    pull = own + coupling * sympy.kronecker_product(LAPLACIAN, sympy.eye(2))
    scaled = preconditioner * NOISE * preconditioner.T
    return pull, sympy.kronecker_product(sympy.eye(AGENTS), scaled)


@pytest.mark.parametrize("coupling", [sympy.S.Zero, sympy.Rational(1, 2), sympy.Integer(40)])
@pytest.mark.parametrize("preconditioner", [sympy.eye(2), sympy.Matrix([[2, 1], [0, 1]])])
def test_the_time_average_has_neither_coupling_nor_preconditioner(
    coupling: sympy.Rational, preconditioner: sympy.Matrix
) -> None:
    assert HESSIAN * NOISE != NOISE * HESSIAN
    exact = MEAN * long_run_covariance(*system(coupling, preconditioner)) * MEAN.T
    assert exact == long_run_covariance(HESSIAN, NOISE) / AGENTS


def test_the_stationary_covariance_of_the_mean_solves_the_small_equation() -> None:
    pull, noise = system(sympy.Integer(2), sympy.eye(2))
    mean_noise, settled = MEAN * noise * MEAN.T, stationary_covariance(HESSIAN, NOISE / AGENTS)
    assert mean_noise == NOISE / AGENTS
    assert MEAN * pull == HESSIAN * MEAN
    assert HESSIAN * settled + settled * HESSIAN.T == mean_noise


@pytest.mark.parametrize("coupling", [sympy.Rational(1, 3), sympy.Integer(1000)])
def test_unlike_preconditioners(coupling: sympy.Rational) -> None:
    h, sigma, first, second = (sympy.Integer(value) for value in (2, 3, 5, 1))
    result = theory.load("lemma_5_5_unlike_preconditioners")
    descent = sympy.diag(first * h, second * h)
    pull = descent + coupling * sympy.Matrix([[1, -1], [-1, 1]]) / 2
    noise = sympy.diag(first**2, second**2) * sigma**2
    exact = sum(long_run_covariance(pull, noise)) / 4
    excess = result.evaluate(
        "excess",
        coupling=float(coupling),
        hessian_eigenvalue=2.0,
        first_preconditioner=5.0,
        second_preconditioner=1.0,
    )
    assert float(exact / (sigma**2 / (2 * h**2))) == pytest.approx(1.0 + float(excess))


def test_one_direction_is_a_number() -> None:
    bound = theory.load("lemma_5_5").bound(agents=[1, 4], hessian_eigenvalue=2.0, noise_size=3.0)
    assert bound.tolist() == [9.0 / 4.0, 9.0 / 16.0]


def test_the_long_run_covariance_is_the_sum_of_all_correlations() -> None:
    """The integral of the autocovariance over all lags, A⁻¹V + VA⁻ᵀ, is A⁻¹DA⁻ᵀ."""
    settled, inverse = stationary_covariance(HESSIAN, NOISE), HESSIAN.inv()
    assert inverse * settled + settled * inverse.T == long_run_covariance(HESSIAN, NOISE)
