"""The closed forms that are proved agree with the Lyapunov equations, and have the right limits."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import theory
from theory.moments import easgd, momentum, qsgd, stationary_moments

SIZES = st.floats(0.1, 10.0)


def proved(result: str, statement: str, **given: Any) -> Any:
    """Return the moment that a result states."""
    names = {"h": "hessian_eigenvalue", "sigma": "noise_size", "p": "agents", "k": "coupling"}
    return theory.load(result).evaluate(
        statement, **{names.get(name, name): value for name, value in given.items()}
    )


@settings(max_examples=40, deadline=None)
@given(p=st.integers(1, 1000), k=SIZES, h=SIZES, sigma=SIZES)
def test_qsgd_and_easgd(p: int, k: float, h: float, sigma: float) -> None:
    at = {"p": p, "k": k, "h": h, "sigma": sigma}
    mean = {"p": p, "h": h, "sigma": sigma}
    one = stationary_moments(qsgd(agents=p, coupling=k), h, sigma**2)
    other = stationary_moments(easgd(agents=p, coupling=k), h, sigma**2)
    assert one.mean == pytest.approx(proved("stationary_qsgd", "mean", **mean), rel=1e-9)
    assert one.spread == pytest.approx(proved("stationary_qsgd", "spread", **at), rel=1e-9)
    assert one.agent == pytest.approx(proved("stationary_qsgd", "agent", **at), rel=1e-9)
    assert other.mean == pytest.approx(proved("stationary_easgd", "mean", **at), rel=1e-8)
    assert other.quorum == pytest.approx(proved("stationary_easgd", "quorum", **at), rel=1e-8)
    assert other.spread == pytest.approx(one.spread, rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(p=st.integers(1, 1000), k=SIZES, h=SIZES, sigma=SIZES, damping=SIZES, k2=SIZES)
def test_momentum(p: int, k: float, h: float, sigma: float, damping: float, k2: float) -> None:
    at = {"p": p, "h": h, "sigma": sigma, "damping": damping}
    coupled = {**at, "k": k, "velocity_coupling": k2}
    found = stationary_moments(
        momentum(agents=p, coupling=k, damping=damping, velocity_coupling=k2), h, sigma**2
    )
    name = "stationary_momentum"
    assert found.mean == pytest.approx(proved(name, "mean", **at), rel=1e-8)
    assert found.spread == pytest.approx(proved(name, "spread", **coupled), rel=1e-8)
    assert found.velocity_spread == pytest.approx(
        proved(name, "velocity spread", **coupled), rel=1e-8
    )
    del at["h"]
    assert found.mean_velocity == pytest.approx(proved(name, "mean velocity", **at), rel=1e-8)


@settings(max_examples=40, deadline=None)
@given(p=st.integers(1, 100), q=st.floats(0.01, 1.9), share=st.floats(0.01, 0.99), sigma=SIZES)
def test_iterations(p: int, q: float, share: float, sigma: float) -> None:
    """With η = 1: q is the curvature, α the coupling, here a share of what EASGD allows."""
    border = float(theory.load("easgd_stability").bound(agents=p, relative_step=q))
    alpha = share * border
    at = {"p": p, "relative_step": q, "moving_rate": alpha, "sigma": sigma}
    one, other = (
        stationary_moments(kind(agents=p, coupling=alpha).discretized(1.0), q, sigma**2)
        for kind in (qsgd, easgd)
    )
    for statement, moment in (
        ("mean", one.mean),
        ("spread", one.spread),
        ("mean of EASGD", other.mean),
        ("quorum of EASGD", other.quorum),
    ):
        assert moment == pytest.approx(proved("stationary_steps", statement, **at), rel=1e-6)


def test_strong_coupling_makes_easgd_and_qsgd_one() -> None:
    at = {"p": 10, "h": 2.0, "sigma": 1.0}
    gap = [
        proved("stationary_qsgd", "mean", **at) - proved("stationary_easgd", "mean", k=k, **at)
        for k in (1.0, 1e3, 1e6)
    ]
    # 1 of the 11 parts that hold the mean is x~ itself, however strong the coupling is.
    assert gap[2] == pytest.approx(proved("stationary_qsgd", "mean", **at) / 11, rel=1e-5)
    assert gap[0] < gap[1] < gap[2]


def test_noise_falls_with_agents_and_coupling() -> None:
    p, k = np.arange(2, 50)[:, None], np.geomspace(0.1, 100.0, 20)
    at = {"p": p, "k": k, "h": 1.0, "sigma": 1.0}
    for result in ("stationary_qsgd", "stationary_easgd"):
        spread = proved(result, "spread", **at)
        assert (np.diff(spread, axis=1) < 0).all()
        assert np.diff(spread / (p - 1), axis=0) == pytest.approx(0.0)
    assert (np.diff(proved("stationary_easgd", "quorum", **at), axis=0) < 0).all()


@settings(max_examples=30, deadline=None)
@given(p=st.integers(2, 100), k=SIZES, h=SIZES, sigma=SIZES, time=SIZES, length=SIZES)
def test_units(p: int, k: float, h: float, sigma: float, time: float, length: float) -> None:
    """Time in units of 1/T, lengths in units of 1/X: moments are multiplied by X²."""
    here = {"p": p, "k": k, "h": h, "sigma": sigma}
    there = {"p": p, "k": k * time, "h": h * time, "sigma": sigma * length * np.sqrt(time)}
    for statement in ("mean", "quorum", "spread"):
        moved = proved("stationary_easgd", statement, **there)
        assert moved == pytest.approx(
            length**2 * proved("stationary_easgd", statement, **here), rel=1e-9
        )


@settings(max_examples=40, deadline=None)
@given(p=st.integers(1, 500), k=SIZES, h=SIZES, sigma=SIZES)
def test_bounds_lie_above_the_moments(p: int, k: float, h: float, sigma: float) -> None:
    """A parabola has Q = 0 and C = σ² b/η: the bound of Lemma 3.1 is attained, those of x• are not."""
    moments = stationary_moments(easgd(agents=p, coupling=k), h, sigma**2)
    noise = {"noise_bound": sigma**2, "step_size": 1.0, "batch_size": 1}
    spread = theory.load("lemma_3_1").bound(agents=p, coupling=k, negative_curvature=-h, **noise)
    assert moments.spread == pytest.approx(spread, rel=1e-9)
    at = {"agents": p, "coupling": k, "strong_convexity": h, "dimension": 1, **noise}
    new, old = (
        theory.load(name).evaluate("mean", gradient_curvature=0.0, **at)
        for name in ("theorem_5_2_without_metric", "theorem_5_2")
    )
    assert np.sqrt(moments.mean) <= new * (1 + 1e-12)
    assert new < old
