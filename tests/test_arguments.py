"""Checks of single arguments."""

import numpy as np
import pytest

from sdeopt.arguments import finite_array, finite_number, whole_number
from sdeopt.errors import InvalidArgumentError


@pytest.mark.parametrize("value", [0.5, np.float32(0.5), np.array([0.5]), np.array(0.5)])
def test_one_number_in_any_wrapping_is_a_float(value):
    assert finite_number(value, "x") == 0.5


@pytest.mark.parametrize("value", ["a", None, [1, 2], float("nan"), float("inf"), [], 10**400])
def test_what_is_not_a_finite_number_is_refused(value):
    with pytest.raises(InvalidArgumentError, match=r"x is .* must be a finite number"):
        finite_number(value, "x")


def test_an_open_end_excludes_the_minimum():
    assert finite_number(0, "x", minimum=0) == 0
    with pytest.raises(InvalidArgumentError, match="above 0"):
        finite_number(0, "x", minimum=0, open_end=True)


@pytest.mark.parametrize("value", [3, 3.0, np.int32(3), np.float64(3)])
def test_whole_numbers_in_any_wrapping(value):
    result = whole_number(value, "steps")
    assert result == 3
    assert type(result) is int


@pytest.mark.parametrize("value", [2.5, "3", None, True, -1, float("inf")])
def test_what_is_not_a_whole_number_is_refused(value):
    with pytest.raises(InvalidArgumentError, match="whole number of at least 0"):
        whole_number(value, "steps")


def test_a_finite_array_is_a_copy():
    source = np.zeros(2)
    finite_array(source, "x")[0] = 1
    assert source[0] == 0


@pytest.mark.parametrize("value", ["a", [[1], [1, 2]], {"a": 1}])
def test_what_is_not_an_array_is_refused(value):
    with pytest.raises(InvalidArgumentError, match="rectangular array of numbers"):
        finite_array(value, "x")


def test_the_entry_that_is_not_finite_is_named():
    with pytest.raises(InvalidArgumentError, match=r"inf at index \(1, 0\)"):
        finite_array([[1, 2], [np.inf, 3]], "x")
