"""What defines a run, as plain JSON."""

import json

import numpy as np
import pytest

from sdeopt.configuration import describe
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


def test_what_has_no_description_is_refused():
    with pytest.raises(TypeError, match="no description"):
        describe(object())
