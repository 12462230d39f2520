"""Copies between a block and its buffers, for rows of any length."""

import numpy as np
import pytest

from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.passes import copy_rows, wrap_around
from sdeopt.kernels.vectors import NARROW

LENGTHS = [1, 3, NARROW - 1, NARROW, NARROW + 1, 2 * NARROW, 29]


@compiled
def copy(source, target):
    copy_rows(source, target)


@compiled
def wrap(source, target):
    wrap_around(source, target)


def numbered(columns):
    return np.arange(3.0 * columns).reshape(3, columns)


@pytest.mark.parametrize("columns", LENGTHS)
def test_a_copy_writes_its_columns_and_no_other(columns):
    target = np.full((3, columns + 2), -1.0)
    copy(numbered(columns), target)
    np.testing.assert_array_equal(target[:, :columns], numbered(columns))
    np.testing.assert_array_equal(target[:, columns:], -1.0)


def test_what_is_absent_is_not_copied():
    target = np.zeros((0, 0))
    copy(np.zeros((0, 0)), target)
    assert target.size == 0


@pytest.mark.parametrize("replicas", LENGTHS)
def test_a_row_begins_again_behind_its_end(replicas):
    target = np.full((3, replicas + NARROW + 1), -1.0)
    wrap(numbered(replicas), target)
    again = numbered(replicas)[:, np.arange(replicas + NARROW) % replicas]
    np.testing.assert_array_equal(target[:, :-1], again)
    np.testing.assert_array_equal(target[:, -1], -1.0)
