"""Nested paths drive what they should; distances, orders and couplings are measured as they are."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from sims.sde import nested_paths
from sims.sde.comparing import (
    CELLS,
    distance,
    distributions,
    group_of,
    jackknifed,
    products_of,
    without,
)
from sims.sde.law_claims import tolerated
from sims.sde.model import METHODS, coupled, gain, rugged
from sims.sde.nested_paths import iterate, paths, solve
from sims.sde.orders import order
from sims.sde.parting import expected, in_troughs


@pytest.fixture(scope="module")
def path():
    (only,) = paths(rugged(3), ticks=4, finest=4, replicas=40, seed=5)
    return only


def test_coarser_paths_are_sums_of_the_finest(path):
    fine = path.coarse(4)
    np.testing.assert_array_equal(fine, path.normals)
    np.testing.assert_allclose(path.coarse(1)[0], fine[:4].sum(axis=0) / 2.0)
    np.testing.assert_allclose(path.coarse(2)[1], fine[2:4].sum(axis=0) / np.sqrt(2.0))


def test_long_paths_come_a_few_replicas_at_a_time(monkeypatch):
    monkeypatch.setattr(nested_paths, "MOST", 100)
    parts = list(paths(coupled(2, 4), ticks=3, finest=2, replicas=5, seed=1))
    assert [(part.first, len(part.start)) for part in parts] == [(0, 2), (2, 2), (4, 1)]
    assert parts[0].normals.shape == (6, 2, 2, 4)
    assert len(np.unique(np.concatenate([part.start.ravel() for part in parts]))) == 40


def test_the_iteration_is_that_of_the_figures(path):
    """QSGD with ζ uniform, rising with the path: −ζ/W = 2Φ − 1."""
    problem, k = rugged(3), 2.0
    x, eta = path.start[..., 0], problem.given.step_size
    for normals in path.coarse(1)[..., 0]:
        zeta = -problem.given.half_width * (2.0 * special.ndtr(normals) - 1.0)
        slope = problem.loss.gradient(x[..., None])[..., 0] + zeta
        x = x - eta * slope + eta * k * (x.mean(axis=1, keepdims=True) - x)
    run = iterate(problem, METHODS["QSGD"], k, path)
    np.testing.assert_allclose(run["agents"].values[..., 0], x, rtol=1e-9)


@pytest.mark.parametrize("level", [1, 4])
def test_the_equation_is_that_of_the_paper(path, level):
    """dx = (−f′ + k(x• − x)) dt + √η σ dW, with σ² the variance of the uniform noise."""
    problem, k = rugged(3), 2.0
    x, eta = path.start[..., 0], problem.given.step_size
    dt, sigma = eta / level, problem.given.half_width / np.sqrt(3.0)
    for normals in path.coarse(level)[..., 0]:
        drift = (
            k * (x.mean(axis=1, keepdims=True) - x) - problem.loss.gradient(x[..., None])[..., 0]
        )
        x = x + drift * dt + np.sqrt(eta * dt) * sigma * normals
    run = solve(problem, METHODS["QSGD"], k, path, level)
    np.testing.assert_allclose(run["agents"].values[..., 0], x, rtol=1e-9)


@pytest.mark.parametrize("name", METHODS)
def test_equation_and_iteration_pull_alike_in_a_tick(name):
    method, problem, k = METHODS[name], rugged(3), 8.0
    (rate, *_), (pull, *_) = (
        [schedule.value for schedule in algorithm.schedules(3).values()]
        for algorithm in (method.solved(problem, k), method.iterated(problem, k))
    )
    assert rate * method.tick(problem) == pytest.approx(method.step_size(problem) * pull)


def test_momentum_needs_steps_shorter_than_damping_over_curvature():
    """The largest |eigenvalue|² of an explicit step on a quadratic is 1 − μ dt + λ dt²."""
    method, problem = METHODS["QSGD with momentum"], rugged(1)
    mu, stiff, curvature = method.damping(problem), method.stiffness(problem), problem.curvature
    for number, stable in ((0.9, True), (1.1, False)):
        dt = number / stiff
        step = np.eye(2) + dt * np.array([[0.0, 1.0], [-curvature, -mu]])
        assert bool(np.abs(np.linalg.eigvals(step)).max() < 1.0) is stable


def test_gains_are_largest_in_the_wells():
    assert gain(np.array([np.sqrt(2.0), -np.sqrt(2.0)]), 0.0) == pytest.approx(2.0)
    assert gain(np.array([0.0]), 0.0) == pytest.approx(0.4)


def test_another_step_size_has_the_same_equation():
    changed = rugged(1).with_step_size(0.01)
    assert changed.diffusion == pytest.approx(rugged(1).diffusion)
    assert changed.given.half_width == pytest.approx(14.0)


def test_ripples_are_exchanged_alone():
    changed = rugged(1).with_ripples(0.1, 11.0)
    assert changed.ripples == (0.1, 11.0)
    assert changed.curvature == pytest.approx(0.1 * 121.0)
    x = np.linspace(-2, 2, 9)[:, None]
    bare = [each.with_ripples(0.0, 1.0).loss.value(x) for each in (changed, rugged(1))]
    np.testing.assert_array_equal(*bare)


@pytest.mark.statistical
def test_the_distance_of_two_normal_laws():
    """Null: the estimate has its closed form for mean, 99.9% limits. Twice the mean is seen."""
    random = np.random.default_rng(3)
    one = random.normal(size=(4000, 5))
    exact = {shift: _cramer(shift) for shift in (0.1, 0.2)}
    found = {shift: _measured(one, one + shift) for shift in exact}
    for shift, distance_of in found.items():
        assert distance_of.lower() < exact[shift] < distance_of.upper()
    assert not found[0.2].lower() < exact[0.1] < found[0.2].upper()


def _measured(one, other):
    group = group_of(len(one), 40)
    inner = products_of(distributions(one, group, 40) - distributions(other, group, 40))
    return jackknifed([distance(inner[np.ix_(kept, kept)]) for kept in without(40)])


def _cramer(shift):
    """Return Cramér's distance of two normal laws by quadrature."""
    square = integrate.quad(
        lambda x: (stats.norm.cdf(x) - stats.norm.cdf(x - shift)) ** 2, -8.0, 8.0
    )
    return np.sqrt(square[0])


@pytest.mark.statistical
def test_the_square_of_a_distance_has_no_bias():
    """Null: 0 for samples of one law. The square of averages would be the noise's own size."""
    random = np.random.default_rng(4)
    change = random.normal(size=(200, 40, CELLS))
    inner = products_of(change)
    squares = np.array([(p.sum() - np.trace(p)) / (40 * 39) for p in inner])
    assert abs(squares.mean()) < 4.0 * squares.std() / np.sqrt(200)
    assert (distance(inner) >= 0.0).all()


def test_groups_are_even():
    np.testing.assert_array_equal(
        np.bincount(group_of(103, 10)), [11, 10, 10, 11, 10, 10, 11, 10, 10, 10]
    )


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_orders_are_powers_of_dt(power):
    import xarray as xr

    dt = 0.5 ** np.arange(6)
    random = np.random.default_rng(1)
    size = dt[:, None] ** power * (1 + 0.01 * random.normal(size=(6, 20)))
    halved = xr.Dataset(
        {
            "change": (("observable", "dt", "group"), size[None]),
            "product": (("dt", "group", "other"), np.einsum("dg,dh->dgh", size, size)),
            "number": ("dt", dt),
        },
        {"observable": ["square"], "dt": dt},
    )
    for observable in ("square", "distance"):
        found = order(halved, observable, 0.0, 1.0)
        assert found.value == pytest.approx(power, abs=0.01)
        assert 0.0 < found.error < 0.01


def test_the_tolerated_coupling_is_where_half_of_the_means_stay():
    couplings = np.array([1.0, 2.0, 4.0, 8.0])
    half = tolerated(couplings)
    left = np.arange(100)[:, None] < np.array([30, 90, 70, 30])
    assert half(left) == pytest.approx(np.sqrt(4.0 * 8.0))
    assert np.isnan(half(np.ones((100, 4), bool)))


def test_the_stationary_law_is_that_of_the_equation():
    problem = rugged(1)

    def weighted(x, frequency):
        return np.exp(-problem.loss.value([[x]])[0] / problem.diffusion) * np.cos(frequency * x)

    total, waves = (
        integrate.quad(weighted, -4, 4, args=(frequency,), limit=400)[0]
        for frequency in (0.0, 22.0)
    )
    assert expected(problem) == pytest.approx(waves / total, rel=1e-3)


@pytest.mark.statistical
def test_weak_ripples_answer_as_linear_theory_says():
    """To first order in A the density is 1 + ε cos wx with ε = φ(ε + ηAw²), φ = sin(ηwW)/(ηwW).

    Null: E cos wx = ε/2, 99.9% limits and the next order, A/D; the equation has A/2D.
    """
    amplitude, frequency = 0.02, 22.0
    problem = rugged(1).with_ripples(amplitude, frequency).with_step_size(0.0025)
    eta, width = problem.given.step_size, problem.given.half_width
    phi = np.sinc(eta * frequency * width / np.pi)
    linear = phi * eta * amplitude * frequency**2 / (1.0 - phi) / 2.0
    found = in_troughs(problem, 30_000, 9, uniform=True)
    slack = linear * amplitude / problem.diffusion
    assert abs(found.value - linear) < found.reach() + slack
    assert abs(found.value - expected(problem)) > 0.5 * (expected(problem) - linear)
