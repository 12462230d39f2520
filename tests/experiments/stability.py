"""Planted bugs of the borders of stability."""

import dataclasses

import sdeopt as so
from sims.stability import measuring
from sims.stability.experiment import QUICK, simulate
from sims.stability.measuring import Growth, Iteration, grow_with_new_mean
from tests.experiments.planted import Planted

SMALL = dataclasses.replace(
    QUICK, agents=(2, 8), relative_step=(0.5, 1.0), points_for_map=12, halvings=12, band=0.003
)

REFUSED = [
    ({"relative_step": ()}, "relative_step is empty"),
    ({"relative_step": (0.5, 2.0)}, "stable for q < 2"),
    ({"agents": (0, 2)}, "agents is 0"),
]


def _new_mean(result, monkeypatch):
    """x~ receives the mean of agents that have moved."""
    as_it_is = Iteration.growth

    def hasty(self, moving_rate, since=None):
        if self.method == "QSGD":
            return as_it_is(self, moving_rate, since)
        found = grow_with_new_mean(
            self.agents, self.relative_step, [moving_rate], self.steps, self.seed
        )
        return Growth(found.whole[0], found.together[0], found.apart[0])

    monkeypatch.setattr(Iteration, "growth", hasty)
    return simulate(SMALL)


def _qsgd_for_easgd(result, monkeypatch):
    monkeypatch.setitem(measuring.METHODS, "EASGD", so.QSGD)
    return simulate(SMALL)


PLANTED = [
    Planted(
        "x~ updated with the new mean",
        _new_mean,
        ["border of EASGD is Jury's", "agree in the whole plane"],
    ),
    Planted("QSGD in place of EASGD", _qsgd_for_easgd, ["shrinks with every agent"]),
    Planted(
        "half the border",
        lambda result, monkeypatch: result.assign(jury=result["jury"] / 2),
        ["is Jury's"] * 2,
    ),
]
