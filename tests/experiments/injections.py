"""What the planted bugs of noise injection share: results with the numbers that the paper describes."""

import functools

import numpy as np


def with_runs(result, values, name="accuracy", width=0.002):
    """Return the result with a number of every plan: plan -> (centre, width), the runs around it.

    `values` is called with the plan's coordinates as a dict.
    """
    runs = np.linspace(-1.0, 1.0, result.sizes["run"])
    columns = ("kind", "agents", "law", "level", "when", "decayed")
    result = result.copy(deep=True)
    for place in range(result.sizes["plan"]):
        plan = {column: result[column].values[place].item() for column in columns}
        found = values(plan)
        centre, reach = found if isinstance(found, tuple) else (found, width)
        # runs are paired: other orders of the same numbers keep differences from being exact
        result[name].values[place] = centre + reach * np.roll(runs, place)
    return result


@functools.cache  # bugs that name the same share its result
def as_if(values, name="accuracy"):
    """Return a function that gives every plan such numbers, for `right` or `wrong` of a bug."""

    def change(result, monkeypatch=None):
        return with_runs(result, values, name)

    return change


REFUSED = [
    ({"runs": 4}, "at least 5 repetitions"),
    ({"period": 7}, "choose a period that divides"),
    ({"levels": (0.5, 1.0)}, "rising from 0"),
    ({"levels": (0.0,)}, "at least two levels"),
    ({"learners": (8, 4)}, "numbers of learners, rising"),
    ({"half_width": 0.0}, "half_width"),
]
