"""Theorems 5.2 and 5.3, old against new: never worse, and what EASGD's new bounds do not have."""

from typing import Any

import numpy as np
import pytest
import scipy.linalg
import xarray as xr

import theory
from sdeopt.errors import InvalidArgumentError
from theory.metrics.easgd import easgd_jacobian, easgd_metric, sharper_easgd
from theory.metrics.momentum import best_momentum_rate, momentum_jacobian, sharper_momentum

AGENTS, COUPLING, CONVEXITY = [2, 8, 100], [0.1, 1.0, 10.0], [0.1, 1.0]
TERMS = ("disturbance", "noise")


def test_new_bounds_are_below_the_old_and_above_what_is_attained() -> None:
    grid = sharper_easgd(AGENTS, COUPLING, CONVEXITY, smoothness=10.0)
    for term in TERMS:
        _ordered(grid[term])


def _ordered(table: xr.DataArray) -> None:
    paper, metric, filtered, exact = (
        table.sel(bound=name) for name in ("paper", "metric", "filter", "exact")
    )
    assert (metric <= paper).all()
    assert (filtered < paper).all()
    assert (exact <= metric).all()
    assert (exact <= filtered).all()
    # The paper's grows with p, the new ones do not.
    assert (metric.sel(agents=100) < 0.3 * paper.sel(agents=100)).all()
    assert (filtered == filtered.isel(agents=0, coupling=0)).all()


def test_each_number_of_the_metric_is_certified() -> None:
    for agents in AGENTS:
        assert easgd_metric(agents, 1.0, 1.0, 10.0, "disturbance").holds()
    assert easgd_metric(8, 1.0, 1.0, np.inf, "noise").holds()


def test_a_loss_that_is_not_smooth() -> None:
    table = sharper_easgd(8, 1.0, 1.0)["noise"].squeeze()
    smooth = sharper_easgd(8, 1.0, 1.0, smoothness=10.0)["noise"].squeeze()
    assert smooth.sel(bound="metric") < table.sel(bound="metric") < table.sel(bound="paper")


@pytest.mark.parametrize(("agents", "coupling", "convexity"), [(2, 0.3, 1.0), (50, 4.0, 0.2)])
def test_the_columns_are_the_factors_of_the_theorems(
    agents: int, coupling: float, convexity: float
) -> None:
    """a D + √(c N) is what the theorems prove; with Q = 0 the first term is gone."""
    given = {
        "agents": agents,
        "coupling": coupling,
        "strong_convexity": convexity,
        "noise_bound": 2.0,
        "step_size": 0.1,
        "batch_size": 5,
        "dimension": 4,
    }
    level = 2.0 * 0.1 / (2 * 5 * agents)
    distortion = (agents - 1) * 3.0 * 2 * 2.0 * 0.1 / (4 * agents * 5 * (convexity + coupling))
    table = sharper_easgd(agents, coupling, convexity, smoothness=10.0).squeeze()
    for name, result, statement in (
        ("paper", "theorem_5_2", "distance"),
        ("filter", "theorem_5_2_without_metric", "both"),
    ):
        factors = table.sel(bound=name)
        for bend in (0.0, 3.0):
            proved = theory.load(result).evaluate(statement, gradient_curvature=bend, **given)
            push = distortion * (bend > 0)
            bound = factors["disturbance"] * push + np.sqrt(factors["noise"] * level)
            assert float(bound) == pytest.approx(float(proved), rel=1e-12)


def test_switched_easgd_stays_below_the_new_bounds() -> None:
    """Hessian and push chosen at each time so as to drive (x•, x~) away, in one dimension."""
    agents, coupling, low, high = 20, 1.0, 1.0, 10.0
    found = easgd_metric(agents, coupling, low, high, "disturbance")
    vertices = [np.array(easgd_jacobian(agents, coupling, h)) for h in (low, high)]
    state, worst, step = np.zeros(2), 0.0, 1e-3
    for _ in range(20_000):
        direction = found.array() @ state
        push = np.array([np.sign(direction[0]) or 1.0, 0.0])
        vertex = max(vertices, key=lambda a: direction @ a @ state)
        state = state + step * (vertex @ state + push)
        worst = max(worst, float(np.linalg.norm(state)))
    assert 1.3 < worst < min(found.disturbance, 2.0 / low)


def test_momentum_is_never_worse_and_mostly_better() -> None:
    grid = sharper_momentum([2.0, 4.0, 8.0], [0.1, 1.0], [2.0, 10.0])
    shown = ~np.isnan(grid["rate"].sel(bound="paper"))
    # √10 − √l is above 2 for both l: no metric contracts there.
    assert int((~shown).sum()) == 2
    for term in TERMS:
        paper, metric, exact = (
            grid[term].sel(bound=name).where(shown) for name in ("paper", "metric", "exact")
        )
        assert (metric <= paper).where(shown, True).all()
        assert (exact <= metric).where(shown, True).all()
    gained = grid["disturbance"].sel(bound="paper") / grid["disturbance"].sel(bound="metric")
    assert float(gained.min()) > 1.1
    rate = grid["rate"]
    assert (rate.sel(bound="metric") >= rate.sel(bound="paper")).where(shown, True).all()
    assert (rate.sel(bound="metric") <= rate.sel(bound="exact") + 1e-9).where(shown, True).all()


@pytest.mark.parametrize(
    ("damping", "low", "high"),
    [
        (10, 1, 2),
        (30, 1, 2),
        (100, 1, 2),
        (1, 0.001, 0.002),
        (8, 0.1, 10),
        (0.2, 1, 1.1),
        (2, 1, 2),
    ],
)
def test_the_papers_metric_has_the_best_shift(damping: float, low: float, high: float) -> None:
    """Where damping is heavy, all β of the window of Lemma 5.3 are far below μ."""
    least, most = ((np.sqrt(high) + sign * np.sqrt(low)) ** 2 / 4 for sign in (-1, 1))
    first, last = (
        damping / 2 - np.sqrt(max(damping**2 / 4 - inner, 0.0)) for inner in (least, most)
    )
    shift = np.linspace(first, last, 20_002)[1:-1]
    stretch = (low + high) / 2 - shift * (damping - shift)
    rate = damping / 2 - np.sqrt((damping / 2 - shift) ** 2 + (high - low) ** 2 / (16 * stretch))
    metric = np.stack([[stretch + shift**2, shift], [shift, np.ones_like(shift)]])
    small, large = np.linalg.eigvalsh(np.moveaxis(metric, -1, 0)).T
    paper = sharper_momentum(damping, low, high).squeeze().sel(bound="paper")
    for name, all_of_them in (
        ("disturbance", np.sqrt(large / small) / rate),
        ("noise", 1 / (small * rate)),
    ):
        finest = all_of_them[rate > 1e-9 * damping].min()
        assert finest * (1 - 1e-6) < float(paper[name]) <= finest * (1 + 1e-9)
    best = best_momentum_rate(damping, low, high)
    assert float(paper["rate"]) == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize(
    ("damping", "curvature"),
    [(0.2, 1.0), (1.0, 2.0), (2.0, 1.0), (5.0, 4.0), (2.0, 1e-2), (9.0, 20.0)],
)
def test_the_disturbance_attained_is_that_of_the_worst_push(
    damping: float, curvature: float
) -> None:
    """In a direction it is the integral of the size of the response to an impulse."""
    table = sharper_momentum(damping, curvature, 1.1 * curvature).squeeze()
    matrix = np.array(momentum_jacobian(damping, curvature))
    decay = -np.linalg.eigvals(matrix).real.max()
    many, end = 20_000, 20.0 / decay
    step, responses = scipy.linalg.expm(matrix * end / many), [np.array([0.0, 1.0])]
    for _ in range(many):
        responses.append(step @ responses[-1])
    ways = np.linspace(0.0, np.pi, 401)
    along = np.array(responses) @ [np.cos(ways), np.sin(ways)]
    reached = np.trapezoid(np.abs(along), dx=end / many, axis=0)
    exact = float(table["disturbance"].sel(bound="exact"))
    assert exact == pytest.approx(reached.max(), rel=1e-4)
    assert exact >= 1.0 / curvature
    assert exact <= float(table["disturbance"].sel(bound="metric"))


def test_a_push_that_turns_with_the_velocity_attains_its_disturbance() -> None:
    """The largest ‖(x, v)‖ of ẋ = v, v̇ = −x − 0.2 v + e with e = ±1 is 6.49, not 1."""
    damping, half = 0.2, np.pi / np.sqrt(1.0 - 0.1**2)
    matrix = np.array(momentum_jacobian(damping, 1.0))
    parts = 1000
    step, rest = scipy.linalg.expm(matrix * half / parts), np.array([1.0, 0.0])
    state, sizes = np.zeros(2), np.zeros(parts)
    for turn in range(100):
        push = rest * (-1) ** turn
        for part in range(parts):
            state = push + step @ (state - push)
            sizes[part] = np.linalg.norm(state)
    exact = sharper_momentum(damping, 1.0, 1.1)["disturbance"].sel(bound="exact").item()
    assert sizes.max() == pytest.approx(exact, rel=1e-5)
    assert exact == pytest.approx(6.4909, rel=1e-4)


def test_constants_in_the_wrong_order_are_named() -> None:
    with pytest.raises(InvalidArgumentError, match="must exceed"):
        sharper_momentum(2.0, 2.0, 1.0)


@pytest.mark.parametrize("damping", [1e200, 1e308])
def test_a_damping_too_large_for_floats_is_refused(damping: float) -> None:
    with pytest.raises(InvalidArgumentError):
        sharper_momentum(damping, 1.0, 2.0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"strong_convexity": [1.0, 3.0]}, "smoothness is 2, but must be at least .* is 3"),
        ({"smoothness": np.nan}, "smoothness is nan"),
        ({"smoothness": "a"}, "smoothness is 'a'"),
        ({"smoothness": 1e308}, "a number of the size 1e.308, which is too large"),
        ({"agents": 1e308}, "which is too large"),
        ({"agents": []}, "agents is empty"),
        ({"coupling": [[1.0]]}, r"coupling is \[\[1.0\]\], but must be a number or a list"),
        ({"coupling": None}, "coupling is None"),
    ],
)
def test_what_has_no_table_is_named(given: dict[str, Any], message: str) -> None:
    right = {"agents": 4, "coupling": 1.0, "strong_convexity": 1.0, "smoothness": 2.0}
    with pytest.raises(InvalidArgumentError, match=message):
        sharper_easgd(**right | given)
    with pytest.raises(InvalidArgumentError, match="damping must be finite"):
        sharper_momentum(np.nan, 1.0, 2.0)
