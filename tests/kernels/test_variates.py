"""A written statistical check of the streams, on the layout that the engine consumes.

Every test has the null hypothesis that the draws are independent with the stated law, a fixed seed
and a two-sided level of about 1e-5 (4.4 standard errors, or a p-value), so a false alarm of the whole
file has a chance below one in a thousand. `test_planted_*` shows that each statistic finds a defect.
"""

import math

import numpy as np
import pytest
from scipy import stats

import sdeopt as so
from sdeopt import rng

pytestmark = pytest.mark.statistical

LEVEL = 1e-5
Z = float(stats.norm.isf(LEVEL / 2))
REPLICAS, AGENTS, STEPS, DIM = 20, 10, 250, 3
LAWS = {
    "uniform": (so.noise.Uniform(1.0), stats.uniform(-1, 2)),
    "gaussian": (so.noise.Gaussian(1.0), stats.norm()),
    "laplace": (so.noise.Laplace(1.0), stats.laplace()),
    "student": (so.noise.StudentT(5.0), stats.t(5)),
}


def consumed(law, seed=11, **changes):
    """What the kernel drew, (step, replica, agent, dim): a run on a flat loss, differenced."""
    flat = so.losses.Quadratic(1e-300 * np.eye(DIM))
    settings = {"agents": AGENTS, "replicas": REPLICAS, "steps": STEPS} | changes
    run = so.simulate(
        flat, so.SGD(), noise=law, step_size=1.0, start=so.start.Point(0.0), seed=seed,
        record=so.record.Every(1, variables="agents"), **settings,
    )  # fmt: skip
    return -np.diff(run["agents"].values, axis=0)


@pytest.fixture(scope="module", params=LAWS)
def drawn(request):
    law, distribution = LAWS[request.param]
    return request.param, consumed(law), distribution


def correlation_z(a, b):
    """Standardized correlation of bounded-kurtosis draws; standard normal under independence."""
    a, b = a.ravel() - a.mean(), b.ravel() - b.mean()
    return float((a * b).sum() / math.sqrt((a**2 * b**2).sum()))


def test_distribution(drawn):
    _, values, distribution = drawn
    assert stats.kstest(values.ravel(), distribution.cdf).pvalue > LEVEL


def test_moments(drawn):
    name, values, distribution = drawn
    for order in (1, 2) if name == "student" else (1, 2, 3, 4):
        powers = values.ravel() ** order
        error = powers.std() / math.sqrt(powers.size)
        assert abs(powers.mean() - distribution.moment(order)) < Z * error


@pytest.mark.parametrize("lag", [1, 2, 3, 7, 64])
def test_no_correlation_in_time(drawn, lag):
    _, values, _ = drawn
    assert abs(correlation_z(values[lag:], values[:-lag])) < Z
    assert abs(correlation_z(values[lag:] ** 2, values[:-lag] ** 2)) < Z


@pytest.mark.parametrize("axis", [1, 2, 3])
@pytest.mark.parametrize("lag", [1, 2])
def test_no_correlation_across_replicas_agents_and_coordinates(drawn, axis, lag):
    _, values, _ = drawn
    moved = np.moveaxis(values, axis, 0)
    assert abs(correlation_z(moved[lag:], moved[:-lag])) < Z
    assert abs(correlation_z(moved[lag:] ** 2, moved[:-lag] ** 2)) < Z


def test_pairs_fill_the_square(drawn):
    """Words of one block become neighbours: coordinates (0, 1) of even steps, (2, 0) across steps."""
    _, values, distribution = drawn
    u = distribution.cdf(values)
    for a, b in ((u[::2, ..., 0], u[::2, ..., 1]), (u[:-1:2, ..., 2], u[1::2, ..., 0])):
        counts, _, _ = np.histogram2d(a.ravel(), b.ravel(), bins=16, range=[[0, 1]] * 2)
        assert stats.chisquare(counts.ravel()).pvalue > LEVEL


def test_rademacher_is_a_fair_coin():
    values = consumed(so.noise.Rademacher(1.0))
    assert set(np.unique(values)) == {-1.0, 1.0}
    assert stats.binomtest(int((values > 0).sum()), values.size).pvalue > LEVEL
    assert abs(correlation_z(values[1:], values[:-1])) < Z


@pytest.mark.parametrize("degrees", [0.7, 1.0, 2.5, 30.0])
def test_student_has_its_law_and_its_tails(degrees):
    """Null: t, by Kolmogorov and Smirnov; as many beyond its quantile of 0.1% as a binomial law has.

    Planted: a law that is 6% wider, and the quantile of normal tails.
    """
    values, known = consumed(so.noise.StudentT(degrees)).ravel(), stats.t(degrees)
    assert stats.kstest(values, known.cdf).pvalue > LEVEL
    assert stats.kstest(1.06 * values, known.cdf).pvalue < LEVEL
    for law, right in ((known, True), (stats.norm, False)):
        beyond = int((np.abs(values) > law.isf(5e-4)).sum())
        assert (stats.binomtest(beyond, values.size, 1e-3).pvalue > LEVEL) == right


@pytest.mark.parametrize(
    ("index", "known"), [(2.0, stats.norm(scale=math.sqrt(2))), (1.0, stats.cauchy())]
)
def test_stable_is_normal_at_index_2_and_cauchy_at_1(index, known):
    values = consumed(so.noise.Stable(index)).ravel()
    assert stats.kstest(values, known.cdf).pvalue > LEVEL


@pytest.mark.parametrize("index", [0.6, 1.5])
def test_stable_has_its_characteristic_function(index):
    """Null: E cos(aζ) = exp(−a^α), at points that resolve the centre and the tails."""
    values = consumed(so.noise.Stable(index)).ravel()
    for a in (0.05, 0.5, 1.0, 2.0):
        waves = np.cos(a * values)
        error = waves.std() / math.sqrt(waves.size)
        assert abs(waves.mean() - math.exp(-(a**index))) < Z * error
    assert abs(np.sign(values).mean()) < Z / math.sqrt(values.size)
    # the planted bug: the last waves are not those of a law whose index is a little larger
    assert abs(waves.mean() - math.exp(-(2.0 ** (index + 0.1)))) > Z * error


def test_the_engine_draws_what_rng_says():
    """Element step * dim + coordinate of the noise stream, whether dim is even or odd."""
    for dim in (1, 2, 3):
        flat = so.losses.Quadratic(1e-300 * np.eye(dim))
        run = so.simulate(
            flat, so.SGD(), noise=so.noise.Uniform(1.0), agents=4, replicas=3, steps=5, seed=5,
            step_size=1.0, start=so.start.Point(0.0), record=so.record.Every(1),
        )  # fmt: skip
        kernel = -np.diff(run["agents"].values, axis=0)
        u = rng.uniforms(5, rng.NOISE, np.arange(3), 4, 5 * dim).reshape(3, 4, 5, dim)
        np.testing.assert_allclose(kernel, 2 * u.transpose(2, 0, 1, 3) - 1, rtol=0, atol=1e-15)


def test_words_are_uniform_bit_by_bit():
    words = rng.words(1, rng.NOISE, np.arange(50), 20, 100).ravel()
    ones = np.array([((words >> np.uint64(bit)) & np.uint64(1)).sum() for bit in range(64)])
    z = (ones - words.size / 2) / math.sqrt(words.size / 4)
    assert np.abs(z).max() < float(stats.norm.isf(LEVEL / 128))


def test_planted_defects_are_found():
    values = consumed(LAWS["gaussian"][0])
    repeated = values.copy()
    repeated[1::2] = repeated[::2]  # a counter that advances every second step
    assert abs(correlation_z(repeated[1:], repeated[:-1])) > Z
    shared = values.copy()
    shared[:, :, 1] = shared[:, :, 0]  # two agents on one stream
    assert abs(correlation_z(shared[:, :, 1:], shared[:, :, :-1])) > Z
    assert stats.kstest((1.03 * values).ravel(), stats.norm().cdf).pvalue < LEVEL
    assert abs((values**2).mean() * 0.98 - 1) > Z * (values**2).std() / math.sqrt(values.size)
