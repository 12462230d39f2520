"""What the planted bugs of the figures on deep networks share."""

import numpy as np


def with_ends(result, name, values, part="test"):
    """Return the result with other last values: plan -> mean; the runs differ a little."""
    for plan, value in enumerate(values):
        for run in range(result.sizes["run"]):
            place = {"plan": plan, "run": run, "epoch": -1}
            if "part" in result[name].dims:
                place["part"] = ["train", "validation", "test"].index(part)
            result[name][place] = value + 1e-4 * run * (plan + 1)
    return result


def by_method(result, **values):
    """Return a value a plan, by its method."""
    return np.array([values[str(method)] for method in result["method"].values])


def rising(result, least, most):
    """Return a value a plan that rises with the number of agents."""
    agents = np.log2(result["agents"].values)
    return least + (most - least) * agents / agents.max()


def ends_by_method(name, part, **values):
    """Return a function that gives every plan the last value of its method."""

    def change(result, monkeypatch=None):
        return with_ends(result, name, by_method(result, **values), part)

    return change
