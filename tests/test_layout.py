"""Between the shape users see and the shape kernels see."""

import numpy as np
import pytest

from sdeopt.simulation.layout import Layout, choose_layout

SHAPES = [(1, 1, 1), (5, 3, 2), (10, 7, 1), (19, 100, 3), (33, 8, 2)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("width", [1, 2, 8, 32])
def test_there_and_back(shape, width):
    array = np.random.default_rng(0).normal(size=shape)
    layout = Layout(*shape, width)
    blocks = layout.to_blocks(array)
    assert blocks.shape == (layout.blocks, shape[2], layout.lanes)
    assert blocks.flags.c_contiguous
    np.testing.assert_array_equal(layout.from_blocks(blocks), array)
    means = layout.per_replica_to_blocks(array[:, 0])
    assert means.flags.c_contiguous
    np.testing.assert_array_equal(layout.per_replica_from_blocks(means), array[:, 0])


@pytest.mark.parametrize("shape", SHAPES)
def test_what_comes_back_is_a_copy(shape):
    """A record must not change when the run goes on."""
    layout = Layout(*shape, 1)
    blocks = layout.to_blocks(np.zeros(shape))
    means = layout.per_replica_to_blocks(np.zeros((shape[0], shape[2])))
    seen = layout.from_blocks(blocks), layout.per_replica_from_blocks(means)
    blocks += 1.0
    means += 1.0
    assert not seen[0].any()
    assert not seen[1].any()


def test_lanes_fill_whole_vectors_and_padding_is_small_where_it_can_be():
    for replicas, agents, dim, threads in ((200, 100, 1, 2), (20, 10, 50, 1), (1, 10_000, 1, 1)):
        layout = choose_layout(replicas, agents, dim, threads)
        assert layout.lanes % 8 == 0
        assert layout.blocks * layout.lanes < 1.3 * replicas * agents


def test_the_choice_of_a_layout():
    assert choose_layout(200, 100, 1, threads=1).width == 8
    assert choose_layout(10_000, 1, 1, threads=2).width == 1250
