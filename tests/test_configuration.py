"""What defines a run, as plain JSON."""

import json

import numpy as np
import pytest

from sdeopt.configuration import describe, read_setting, read_value
from sdeopt.errors import InvalidArgumentError
from sdeopt.schedules import Constant, Halving


def test_nested_objects_arrays_and_numpy_scalars_become_json():
    described = describe(
        {
            "schedules": [Constant(1), Halving(1, every=2)],
            "flag": np.bool_(True),
            "point": np.array([[1.5]]),
            "nothing": None,
        }
    )
    assert json.loads(json.dumps(described)) == {
        "schedules": [
            {"name": "Constant", "value": 1.0},
            {"name": "Halving", "initial": 1.0, "every": 2.0, "times": None},
        ],
        "flag": True,
        "point": [[1.5]],
        "nothing": None,
    }


def test_large_arrays_are_named_by_their_content():
    first, second = np.zeros((20, 20)), np.zeros((20, 20))
    assert describe(first) == describe(second.T)
    second[3, 4] = 1e-300
    assert describe(first) != describe(second)
    assert describe(first) != describe(np.zeros((40, 10)))


def test_what_has_no_form_in_json_goes_by_its_name_and_a_digest():
    one, other = describe({1, 2j}), describe({1, 3j})
    assert one["name"] == "set"
    assert one != other
    assert describe(iter([]))["sha256"].startswith("unknown: reads a list_iterator")


def test_a_large_array_keeps_its_shape():
    assert describe(np.arange(3)) == [0, 1, 2]
    assert describe(np.zeros((50, 2)))["shape"] == [50, 2]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("true", True),
        ("[1, 2]", [1, 2]),
        ("0, 3, 8.5", [0, 3, 8.5]),
        ("(1, x)", [1, "x"]),
        ("mask", "mask"),
        ("'5'", "5"),
        ("{name = 'SDE', dt = 0.1}", {"name": "SDE", "dt": 0.1}),
        ("", ""),
    ],
)
def test_a_value_is_toml_with_brackets_and_quotes_left_out(text, value):
    found = read_value(text)
    assert found == value
    assert type(found) is type(value)


def test_a_setting_is_a_dotted_key_and_a_value():
    assert read_setting("algorithm.coupling = 3 ") == (("algorithm", "coupling"), "3")
    assert read_setting("label=a=b") == (("label",), "a=b")
    for wrong in ("level", "=3", "a b=3"):
        with pytest.raises(InvalidArgumentError, match="write it as key=value"):
            read_setting(wrong)
