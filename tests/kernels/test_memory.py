"""Where buffers lie, and that every one of them is given back."""

import numpy as np
import pytest
from numba.core.runtime import _nrt_python, rtsys

import sdeopt as so
from sdeopt.kernels.state import State, aligned_copy, aligned_rows, make_buffers, own_cache_lines


@pytest.mark.parametrize("shape", [(1, 8), (3, 16), (2, 800)])
def test_rows_begin_with_a_line_of_the_cache(shape):
    rows = aligned_rows(*shape)
    assert rows.shape == shape
    assert all(row.ctypes.data % 64 == 0 for row in rows)


def lines_of(array):
    """Return the lines of the cache that an array lies in."""
    first = array.ctypes.data
    return range(first // 64, (first + array.nbytes - 1) // 64 + 1) if array.nbytes else range(0)


def arrays_of(buffers):
    for each in buffers:
        yield from [each] if isinstance(each, np.ndarray) else arrays_of(each)


@pytest.mark.parametrize("shape", [(1,), (3, 5), (8,)])
def test_an_array_with_lines_of_its_own_begins_with_one(shape):
    array = own_cache_lines(*shape)
    assert array.shape == shape
    assert array.ctypes.data % 64 == 0


def test_what_two_threads_work_in_shares_no_line_of_the_cache():
    # small, so that numpy hands out neighbours: one step size, one amplitude, one pull
    state = State(
        agents=np.zeros((2, 1, 1, 8)), replicas=np.zeros((2, 1, 1, 1)), champion=np.zeros((2, 1)),
        diverged=np.zeros((2, 1), np.int64), history=np.zeros((2, 0, 0, 0)),
    )  # fmt: skip
    kept = [make_buffers(state, 1, 1, 1) for _ in range(20)]
    taken = [{line for array in arrays_of(buffers) for line in lines_of(array)} for buffers in kept]
    assert sum(map(len, taken)) == len(set().union(*taken))


def test_a_copy_is_equal_and_apart():
    array = np.arange(24.0).reshape(2, 3, 4).transpose(2, 0, 1)
    copy = aligned_copy(array)
    np.testing.assert_array_equal(copy, array)
    assert copy.flags.c_contiguous
    assert not np.shares_memory(copy, array)


@pytest.mark.parametrize("algorithm", [so.QSGD(1.0), so.SDQSGD(1.0, epoch_steps=3)])
def test_a_run_gives_back_what_it_allocates(algorithm):
    """Functions that count no references must not keep an array alive for ever."""

    def kept():
        so.simulate(
            so.losses.CoupledWells(dim=3), algorithm, noise=so.noise.Gaussian(1.0), agents=3,
            replicas=2, steps=7, step_size=0.01, start=so.start.Uniform(-1, 1), seed=1,
            statistics=["loss"],
        )  # fmt: skip
        counts = rtsys.get_allocation_stats()
        return counts.mi_alloc - counts.mi_free

    _nrt_python.memsys_enable_stats()
    try:
        kept()
        assert kept() == kept()
    finally:
        _nrt_python.memsys_disable_stats()
