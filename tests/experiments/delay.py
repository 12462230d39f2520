"""Planted bugs of agents that receive late."""

import dataclasses

import sdeopt as so
from sims.communication import delay
from tests.experiments.planted import Planted

SMALL = dataclasses.replace(
    delay.QUICK, delay=(0, 2, 5), steps=600, replicas=300, steps_to_border=1200, halvings=9
)

REFUSED = [
    ({"delay": (1, 2)}, "must begin with 0"),
    ({"delay": ()}, "delay is empty"),
    ({"step_size": 0.0}, "give a number above 0"),
]


def _one_step_more(result, monkeypatch):
    """Agents receive one step later than they should."""
    original = so.QSGD

    def late(k, graph=None, delay=0):
        more = [each + 1 for each in delay] if isinstance(delay, list) else delay + (delay > 0)
        return original(k, graph=graph, delay=more)

    late.__name__ = "QSGD"
    monkeypatch.setattr(so, "QSGD", late)
    monkeypatch.setattr(delay, "_borders", lambda given: result[["border", "polynomial"]])
    return delay.simulate(SMALL)


def _averages_like_the_mean(result, monkeypatch):
    """The average over time falls as the mean square does."""
    factor = result["mean"] / result["mean"][0]
    return result.assign(time_average=result["time_average"] * factor)


PLANTED = [
    Planted(
        "one step more of delay",
        _one_step_more,
        ["mean square of the mean in the long run", "the spread in the long run"],
    ),
    Planted(
        "averages that get quieter",
        _averages_like_the_mean,
        ["slower by more"],
        only=True,
    ),
    Planted(
        "borders without delay",
        lambda result, monkeypatch: result.assign(
            border=0.0 * result["border"] + result["border"].isel(late=0)
        ),
        ["characteristic polynomial", "any delay halves"],
        only=True,
    ),
]
