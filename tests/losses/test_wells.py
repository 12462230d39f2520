"""The toy losses of Figures 1 to 6: their numbers, refusals and speed."""

import importlib

import numpy as np
import pytest
from numba import njit

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.losses.loss import supremum


def test_default_rugged_well_is_set_b():
    x = np.linspace(-2.0, 2.0, 41)
    ripples = -3.0 * np.cos(4.4 * x) - 4.0 * np.cos(22.0 * x)
    expected = 0.1 * (x**4 - 4.0 * x**2 - 0.6 * x + ripples)
    np.testing.assert_allclose(so.losses.RuggedWell().value(x[:, None]), expected, atol=1e-14)


def test_robust_rugged_well_is_set_a():
    x = np.linspace(-2.0, 2.0, 41)
    ripples = -2.5 * np.cos(4.5 * x) - 0.3 * np.cos(40.0 * x)
    expected = 0.1 * (x**4 - 4.0 * x**2 - 0.4 * x + ripples)
    robust = so.losses.RuggedWell.robust()
    np.testing.assert_allclose(robust.value(x[:, None]), expected, atol=1e-14)


def test_minima_of_the_convolved_rugged_well():
    # 1.425 and −1.382, measured for the reconstructed set B with noise U(−7, 7) and η = 0.04
    smooth = so.losses.RuggedWell().convolved(so.noise.Uniform(7.0), 0.04)
    x = np.linspace(-2.0, 2.0, 40001)
    height = smooth.value(x[:, None])
    assert x[height.argmin()] == pytest.approx(1.425, abs=1e-3)
    left = x < -0.5
    assert x[left][height[left].argmin()] == pytest.approx(-1.382, abs=1e-3)


def test_default_coupled_wells_by_their_definition():
    loss = so.losses.CoupledWells()
    x = np.random.default_rng(0).normal(size=30)
    pairs = [(x[i] + x[j]) for i in range(30) for j in range(i + 1, 30)]
    ripple = sum(
        a / 30 * np.cos(w * np.array(pairs)).sum()
        for a, w in ((-5.0, 2 * np.pi / 1.4), (-1.0, 10 * np.pi / 1.4))
    )
    expected = 0.05 * ((x**4 - 4 * x**2 + 0.4 * x).sum() + ripple)
    assert float(loss.value(x)) == pytest.approx(expected, rel=1e-13)


def test_convolved_pair_terms_gain_sinc_squared():
    smooth = so.losses.CoupledWells(5).convolved(so.noise.Uniform(6.5), 0.05)
    argument = smooth.frequencies * 0.05 * 6.5
    expected = np.array([-0.25, -0.05]) * (np.sin(argument) / argument) ** 2
    np.testing.assert_allclose(smooth.amplitudes, expected, rtol=1e-13)


@pytest.mark.parametrize(
    ("build", "word"),
    [
        (lambda: so.losses.RuggedWell(quartic=0.0), "quartic"),
        (lambda: so.losses.RuggedWell(tilt=np.nan), "tilt"),
        (lambda: so.losses.RuggedWell(amplitudes=[1.0]), "amplitudes"),
        (lambda: so.losses.RuggedWell(frequencies=["a", "b"]), "frequencies"),
        (lambda: so.losses.CoupledWells(1), "dim"),
        (lambda: so.losses.CoupledWells(3, amplitudes=[1.0]), "frequencies"),
        (lambda: so.losses.DoubleWell(0), "dim"),
        (lambda: so.losses.DoubleWell(quartic=-1.0), "quartic"),
        (lambda: so.losses.Rosenbrock(1), "dim"),
        (lambda: so.losses.Rosenbrock(steepness=0.0), "steepness"),
    ],
)
def test_bad_numbers_are_refused_by_name(build, word):
    with pytest.raises(InvalidArgumentError, match=word):
        build()


def test_supremum_finds_the_higher_of_two_near_peaks():
    found = supremum(lambda x: np.cos(30.0 * x) - 0.001 * (x - 1.0) ** 2, 3.0, 30.0)
    assert found == pytest.approx(1.0 - 0.001 * (np.pi / 3.0 - 1.0) ** 2, abs=1e-9)


def value(x):
    return -so.math.cos(4.4 * x)


def slope(x):
    return 4.4 * so.math.sin(4.4 * x)


@pytest.mark.parametrize("kind", ["built-in", "sympy", "functions"])
def test_gradients_compile_to_vector_instructions(kind):
    rugged = so.losses.RuggedWell()
    loss = {
        "built-in": lambda: rugged,
        "sympy": lambda: so.losses.from_sympy(*rugged.expression()),
        "functions": lambda: so.losses.from_functions(value, slope),
    }[kind]()
    gradient = importlib.import_module(loss.kernel_module()).gradient

    @njit(error_model="numpy")
    def entry(x, parameters, out):
        gradient(x, parameters, out)

    entry(np.zeros((1, 8)), loss.parameters, np.zeros((1, 8)))
    (code,) = entry.inspect_llvm().values()
    assert "x double> @llvm.fma" in code


@pytest.mark.parametrize("build", [so.losses.RuggedWell, lambda: so.losses.CoupledWells(3)])
@pytest.mark.parametrize("count", [1, 7, 8, 40, 43])
def test_a_lane_does_not_depend_on_the_block_it_is_in(build, count):
    loss = build()
    x = np.random.default_rng(0).normal(size=(count, loss.dim))
    np.testing.assert_array_equal(loss.gradient(x), [loss.gradient(one) for one in x])
    np.testing.assert_array_equal(loss.value(x), [loss.value(one) for one in x])


@pytest.mark.parametrize("build", [so.losses.RuggedWell, lambda: so.losses.CoupledWells(3)])
@pytest.mark.parametrize("count", [1, 8, 43])
@pytest.mark.parametrize("far", [1e17, -1e40, np.nan])
def test_where_a_ripple_cannot_be_known_the_gradient_is_nan_and_nowhere_else(build, count, far):
    loss = build()
    x = np.random.default_rng(0).normal(size=(count, loss.dim))
    expected = loss.gradient(x)
    x[count // 2, 0] = far
    expected[count // 2] = np.nan
    found = loss.gradient(x)
    found[count // 2] *= np.where(np.isnan(found[count // 2]).any(), np.nan, 1.0)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("count", [1, 8, 43])
def test_where_a_ripple_cannot_be_known_the_value_is_nan_and_nowhere_else(count):
    loss = so.losses.CoupledWells(3)
    x = np.random.default_rng(0).normal(size=(count, 3))
    expected = loss.value(x)
    x[count // 2, 0] = 1e17
    expected[count // 2] = np.nan
    np.testing.assert_array_equal(loss.value(x), expected)


def test_an_odd_number_of_waves():
    one = so.losses.CoupledWells(4, amplitudes=(-0.5,), frequencies=(3.0,))
    two = so.losses.CoupledWells(4, amplitudes=(-0.5, 0.0), frequencies=(3.0, 7.0))
    x = np.random.default_rng(0).normal(size=(9, 4))
    np.testing.assert_array_equal(one.gradient(x), two.gradient(x))
    np.testing.assert_array_equal(one.value(x), two.value(x))


@pytest.mark.parametrize("quartic", [1e-320, 1e-300, 1e-12])
def test_wells_that_are_too_flat_to_search_have_no_constants(quartic):
    for loss in (so.losses.RuggedWell(quartic=quartic), so.losses.CoupledWells(2, quartic=quartic)):
        assert loss.constants == so.losses.LossConstants()
    steep = so.losses.RuggedWell(quartic=1e-4).constants.negative_curvature
    # below the sum of all ripples, and near it
    assert 0.99 < steep / (0.3 * 4.4**2 + 0.4 * 22.0**2 + 0.8) < 1.0
