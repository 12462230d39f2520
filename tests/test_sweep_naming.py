"""Labels of values and digests of points in a sweep."""

from sdeopt.configuration import describe
from sdeopt.schedules import Constant, Ramp
from sdeopt.sweeps.naming import canonical, is_digest, label, labels, point_seed
from sdeopt.sweeps.variation import variation_of


def test_labels_are_all_numbers_or_all_texts():
    assert labels([1, 0.5, Constant(2.0)]) == (1, 0.5, 2.0)
    assert labels([1, Ramp(0, 8, over=100)]) == ("1", "Ramp(start=0, end=8, over=100)")
    assert label({"name": "Constant", "value": 3.0}) == 3.0
    assert label(None) == "none"


def test_a_value_without_a_description_goes_by_its_name():
    assert describe((1.0, 2.0)) == [1.0, 2.0]
    assert label(describe(len)) == "len"


def test_digests():
    assert is_digest("0123456789abcdef" * 4)
    assert not is_digest("x**2")
    assert canonical({"b": 1, "a": 2}) == '{"a": 2, "b": 1}'
    assert point_seed(7, {}) == 7
    assert point_seed(7, {"steps": 10}) != point_seed(7, {"steps": 20})


def test_a_list_varies_and_a_tuple_does_not():
    assert variation_of("step_size", [0.01, 0.02]).axes[0].labels == (0.01, 0.02)
    assert variation_of("step_size", (0.01, 0.02)) is None
