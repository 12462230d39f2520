"""Where buffers lie, and that every one of them is given back."""

import numpy as np
import pytest
from numba.core.runtime import _nrt_python, rtsys

import sdeopt as so
from sdeopt.kernels.memory import aligned_copy, aligned_rows


@pytest.mark.parametrize("shape", [(1, 8), (3, 16), (2, 800)])
def test_rows_begin_with_a_line_of_the_cache(shape):
    rows = aligned_rows(*shape)
    assert rows.shape == shape
    assert all(row.ctypes.data % 64 == 0 for row in rows)


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
