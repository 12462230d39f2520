"""Where the agents start: shapes, laws, and the same start whatever runs beside it."""

import json

import numpy as np
import pytest
from scipy import stats

from sdeopt.errors import InvalidArgumentError
from sdeopt.start import Gaussian, Point, Uniform


def keyed_uniforms(first, count, agents):
    """Uniforms that depend on replica, agent and element only, as the engine's do."""

    def uniforms(elements):
        return np.stack(
            [
                np.random.default_rng([7, replica]).random((agents, 64))[:, :elements]
                for replica in range(first, first + count)
            ]
        )

    return uniforms


def draw(start, replicas, agents, dim, first=0):
    start.check(first + replicas, agents, dim)
    drawn = start.initial(first, replicas, agents, dim, keyed_uniforms(first, replicas, agents))
    assert drawn.shape == (replicas, agents, dim)
    assert drawn.dtype == np.float64
    assert drawn.flags.c_contiguous
    assert drawn.flags.writeable
    return drawn


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (4, 2, 3)])
def test_a_point_fills_the_axes_it_does_not_have(shape):
    x = np.arange(np.prod(shape), dtype=float).reshape(shape)
    np.testing.assert_array_equal(draw(Point(x), 4, 2, 3), np.broadcast_to(x, (4, 2, 3)))


@pytest.mark.parametrize("shape", [(2,), (3, 2), (3, 2, 3), (1, 2, 3), (1, 4, 2, 3)])
def test_a_point_of_another_shape_is_refused(shape):
    with pytest.raises(InvalidArgumentError, match=r"has shape .* give one number or shape \(dim,"):
        Point(np.zeros(shape)).check(4, 2, 3)


def test_a_point_given_per_replica_is_cut_into_blocks():
    x = np.arange(24.0).reshape(4, 2, 3)
    none = keyed_uniforms(0, 0, 0)
    np.testing.assert_array_equal(Point(x).initial(1, 2, 2, 3, none), x[1:3])


@pytest.mark.parametrize(
    "start",
    [
        Point(np.arange(32.0).reshape(8, 2, 2)),
        Uniform(-3, 3),
        Uniform([0, 1], [1, 5], together=True),
        Gaussian([1, 2], 0.5),
        Gaussian(0, 1, together=True),
    ],
    ids=lambda start: type(start).__name__,
)
def test_a_block_of_replicas_is_a_part_of_the_whole(start):
    start.check(8, 2, 2)
    whole = start.initial(0, 8, 2, 2, keyed_uniforms(0, 8, 2))
    block = start.initial(3, 4, 2, 2, keyed_uniforms(3, 4, 2))
    np.testing.assert_array_equal(whole[3:7], block)


@pytest.mark.parametrize("start", [Uniform(-1, 1, together=True), Gaussian(0, 1, together=True)])
def test_together_means_one_point_per_replica_that_of_agent_0(start):
    drawn = draw(start, 5, 3, 2)
    apart = draw(type(start)(*list(start._parameters().values())), 5, 3, 2)
    np.testing.assert_array_equal(drawn, np.broadcast_to(apart[:, :1], drawn.shape))
    assert len(np.unique(drawn[:, 0, 0])) == 5


@pytest.mark.statistical
@pytest.mark.parametrize(
    ("start", "law"),
    [
        (Uniform([-3, 0], [3, 1]), [stats.uniform(-3, 6), stats.uniform(0, 1)]),
        (Gaussian([1, 0], [0.5, 2]), [stats.norm(1, 0.5), stats.norm(0, 2)]),
    ],
)
def test_coordinates_follow_their_law(start, law):
    """Null: the coordinate has the law. Seed fixed; Kolmogorov-Smirnov at level 1e-3."""
    drawn = draw(start, 400, 5, 2)
    for coordinate in range(2):
        assert stats.kstest(drawn[..., coordinate].ravel(), law[coordinate].cdf).pvalue > 1e-3


def test_a_uniform_start_stays_in_its_box_at_the_extremes():
    start = Uniform(0.1, 0.3)
    extremes = np.array([2.0**-53, 1 - 2.0**-53]).reshape(1, 2, 1)
    drawn = start.initial(0, 1, 2, 1, lambda elements: extremes)
    assert drawn.min() >= 0.1
    assert drawn.max() <= 0.3


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Uniform(1, 1), "low must be below high"),
        (lambda: Uniform([0, 2], [1, 1]), "low must be below high"),
        (lambda: Uniform(0, np.inf), "high of start.Uniform holds inf"),
        (lambda: Uniform([0, 1], [2, 3, 4]), "the same for both"),
        (lambda: Uniform([[0, 1]], 2), "the same for both"),
        (lambda: Gaussian(0, -1), "at least 0"),
        (lambda: Gaussian("here", 1), "mean of start.Gaussian is 'here'"),
        (lambda: Point(np.nan), "x of start.Point holds nan"),
        (lambda: Uniform([0, 0], 1).check(1, 1, 3), r"low of start.Uniform has shape \(2,\)"),
        (lambda: Gaussian(0, [1, 1]).check(1, 1, 3), "standard_deviation of start.Gaussian has"),
    ],
)
def test_a_wrong_start_is_refused_by_name(make, message):
    with pytest.raises(InvalidArgumentError, match=message):
        make()


def test_the_configuration_is_json():
    assert json.loads(json.dumps(Uniform(-3, [3, 4]).configuration())) == {
        "name": "Uniform",
        "low": -3.0,
        "high": [3.0, 4.0],
        "together": False,
    }
    assert Point(1).configuration() == {"name": "Point", "x": 1.0}
