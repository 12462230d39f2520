"""Bounds near the minimizer: limits, monotonicity, units, and exact moments that they must cover."""

from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.linalg import solve_continuous_lyapunov

import theory

quick = settings(deadline=None, max_examples=25)
SGD, QSGD, EASGD, MOMENTUM = (
    theory.load(name)
    for name in ("sgd_convergence", "theorem_5_1", "theorem_5_2", "theorem_5_3_explicit")
)
positive = st.floats(0.1, 10.0)
counts = st.integers(1, 40)
ORDINARY = {
    "step_size": positive,
    "batch_size": counts,
    "noise_bound": positive,
    "strong_convexity": positive,
}
parameters = st.fixed_dictionaries(
    {
        **ORDINARY,
        "agents": counts,
        "dimension": counts,
        "coupling": positive,
        "gradient_curvature": positive,
    }
)


@st.composite
def momentum(draw: st.DrawFn) -> dict[str, Any]:
    """Draw parameters that Theorem 5.3 allows, β within the window of Lemma 5.3."""
    given_values = draw(parameters)
    steep = given_values["strong_convexity"] * draw(st.floats(1.1, 3.0))
    low, high = (
        (np.sqrt(steep) + sign * np.sqrt(given_values["strong_convexity"])) ** 2 / 4
        for sign in (-1.0, 1.0)
    )
    inner = low + (high - low) * draw(st.floats(0.1, 0.9))
    shift = draw(positive)
    gain = max(1.0 - given_values["strong_convexity"], steep - 1.0) / 2
    damping = shift + inner / shift
    assume(given_values["coupling"] * damping > 1.01 * gain**2)
    return {**given_values, "smoothness": steep, "metric_shift": shift, "damping": damping}


def sgd_part(values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in ORDINARY}


@quick
@given(parameters)
def test_one_agent_of_qsgd_is_sgd(values: dict[str, Any]) -> None:
    assert QSGD.bound(**{**values, "agents": 1}) == pytest.approx(SGD.bound(**sgd_part(values)))


@quick
@given(parameters)
def test_strong_coupling_leaves_the_averaged_noise(values: dict[str, Any]) -> None:
    averaged = SGD.bound(**sgd_part(values)) / np.sqrt(values["agents"])
    assert QSGD.bound(**{**values, "coupling": 1e12}) == pytest.approx(averaged, rel=1e-6)
    assert QSGD.bound(**{**values, "gradient_curvature": 0.0}) == pytest.approx(averaged)


@quick
@given(parameters, st.floats(1.01, 5.0))
def test_qsgd_is_monotone(values: dict[str, Any], factor: float) -> None:
    here = QSGD.bound(**values)
    for name in ("coupling", "strong_convexity"):
        assert QSGD.bound(**{**values, name: values[name] * factor}) <= here
    for name in ("step_size", "noise_bound", "gradient_curvature"):
        assert QSGD.bound(**{**values, name: values[name] * factor}) >= here
    assert QSGD.bound(**{**values, "batch_size": values["batch_size"] + 1}) <= here
    assert QSGD.bound(**{**values, "dimension": values["dimension"] + 1}) >= here


@pytest.mark.parametrize("result", [QSGD, EASGD], ids=["QSGD", "EASGD"])
@quick
@given(values=parameters, length=positive, time=positive)
def test_units_are_consistent(
    result: Any, values: dict[str, Any], length: float, time: float
) -> None:
    scaled = {
        **values,
        "step_size": values["step_size"] * time,
        "noise_bound": values["noise_bound"] * length**2 / time**2,
        "strong_convexity": values["strong_convexity"] / time,
        "coupling": values["coupling"] / time,
        "gradient_curvature": values["gradient_curvature"] / (length * time),
    }
    assert result.bound(**scaled) == pytest.approx(length * result.bound(**values), rel=1e-6)


@quick
@given(parameters)
def test_easgd_is_bounded_more_weakly_than_qsgd(values: dict[str, Any]) -> None:
    both, mean = EASGD.bound(**values), EASGD.evaluate("mean", **values)
    assert QSGD.bound(**values) <= mean * (1 + 1e-9)
    assert mean == pytest.approx(both / np.sqrt(values["agents"]))


@quick
@given(parameters)
def test_easgd_covers_the_exact_moments_on_a_parabola(values: dict[str, Any]) -> None:
    p, k, convex = (values[name] for name in ("agents", "coupling", "strong_convexity"))
    flat = {**values, "gradient_curvature": 0.0}
    strength = values["step_size"] * values["noise_bound"] / (values["batch_size"] * p)
    pull = np.array([[convex + k, -k], [-k * p, k * p]])
    settled = solve_continuous_lyapunov(pull, np.diag([strength, 0.0]))
    assert np.trace(settled) <= EASGD.bound(**flat) ** 2 * (1 + 1e-6)
    assert settled[0, 0] <= EASGD.evaluate("mean", **flat) ** 2 * (1 + 1e-6)


@quick
@given(momentum())
def test_momentum_covers_the_exact_moments_on_parabolas(values: dict[str, Any]) -> None:
    noise = values["step_size"] * values["noise_bound"] / values["batch_size"] / values["agents"]
    bound = MOMENTUM.bound(**{**values, "gradient_curvature": 0.0})
    for h in (values["strong_convexity"], values["smoothness"]):
        velocity = noise / (2 * values["damping"])
        assert velocity + velocity / h <= bound**2 * (1 + 1e-6)


@quick
@given(momentum())
def test_the_paper_pays_more_for_leaving_the_metric(values: dict[str, Any]) -> None:
    stretch = (values["strong_convexity"] + values["smoothness"]) / 2 - values["metric_shift"] * (
        values["damping"] - values["metric_shift"]
    )
    theta = np.array([[np.sqrt(stretch), 0.0], [values["metric_shift"], 1.0]])
    singular = np.linalg.svd(theta, compute_uv=False)
    rate = theory.load("lemma_5_3").bound(
        **{
            name: values[name]
            for name in ("damping", "metric_shift", "smoothness", "strong_convexity")
        }
    )
    general = theory.load("theorem_5_3")
    known = {name: value for name, value in values.items() if name in general.parameters} | {
        "rate": rate,
        "metric_floor": singular[-1] ** 2,
    }
    known["metric_condition"] = singular[0] / singular[-1] * (1 + 1e-9)
    assert MOMENTUM.bound(**values) <= general.bound(**known) * (1 + 1e-6)


def test_lemma_5_1_in_the_slower_of_both_rates() -> None:
    rates = theory.load("lemma_5_1").bound(
        synchronization_rate=np.array([1.0, 3.0]), descent_rate=np.array([2.0, 2.0])
    )
    assert (rates == [1.0, 2.0]).all()


def test_the_euclidean_metric_of_easgd_ends_where_the_remark_says() -> None:
    p, k, convex = sympy.Integer(5), sympy.Symbol("k", positive=True), sympy.Integer(1)
    symmetric = sympy.Matrix([[convex + k, -k * (1 + p) / 2], [-k * (1 + p) / 2, k * p]])
    assert sympy.solve(symmetric.det(), k) == [4 * p * convex / (p - 1) ** 2]
