"""Theorems 5.2 and 5.3, old against new: never worse, and what EASGD's new bounds do not have."""

from typing import Any

import numpy as np
import pytest
import xarray as xr

import theory
from sdeopt.errors import InvalidArgumentError
from theory.metrics.easgd import easgd_jacobian, easgd_metric, sharper_easgd
from theory.metrics.momentum import sharper_momentum

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


def test_constants_in_the_wrong_order_are_named() -> None:
    with pytest.raises(InvalidArgumentError, match="must exceed"):
        sharper_momentum(2.0, 2.0, 1.0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"strong_convexity": [1.0, 3.0]}, "smoothness is 2, but must be at least .* is 3"),
        ({"smoothness": np.nan}, "smoothness is nan"),
        ({"smoothness": "a"}, "smoothness is 'a'"),
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
