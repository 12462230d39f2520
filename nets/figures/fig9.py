"""Figure 9 of Boffi & Slotine (2020): QSGD against EASGD."""

from typing import TYPE_CHECKING

from nets.figures.claims import drives_lower, lower_at_best, numbers, short, tests_better, whole
from nets.figures.desk import DESK_COUPLED, MANY
from nets.figures.drawing import draw_methods
from nets.figures.figure import SEVERAL_AGENTS, every_number
from nets.figures.further_claims import (
    better_at_best_validation,
    centres_nearly_alike,
    less_synchronized,
    stable_with_many,
)
from nets.figures.judging import judge_of
from nets.figures.task import PAPER_TASK, QUICK_TASK, CoupledAgents, Plan
from sdeopt.experiment import Claim

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

QUICK = CoupledAgents(**QUICK_TASK)
DESK = CoupledAgents(**DESK_COUPLED, many=MANY)
PAPER = CoupledAgents(**PAPER_TASK, coupling=0.02, agents=(1, 4, 8, 16, 32, 64))


def simulate(configuration: CoupledAgents) -> "xr.Dataset":
    """Train by QSGD and by EASGD with every number of agents."""
    from nets.figures.comparison import trainings

    return trainings(configuration, every_plan(configuration))


def every_plan(configuration: CoupledAgents) -> list[Plan]:
    """Return the trainings of both methods."""
    k = configuration.coupling
    return every_number({"QSGD": k, "EASGD": k}, configuration)


def claims(result: "xr.Dataset") -> list[Claim]:
    """Check what Sec. 6.2 states of the figure."""
    every, result = result, whole(result)
    counts = numbers(result, "QSGD")
    found = [
        *drives_lower(result, "train", "QSGD", "EASGD", counts),
        *drives_lower(result, "test", "EASGD", "QSGD", counts),
        *lower_at_best(result, "EASGD", "QSGD", counts),
        # with one agent QSGD is SGD with momentum, and EASGD is not
        *tests_better(result, "EASGD", "QSGD", counts),
    ]
    if not judge_of(result).looks:
        return found
    return [
        *found,
        *better_at_best_validation(result, "EASGD", "QSGD", counts),
        *less_synchronized(result, "EASGD", "QSGD", counts),
        *centres_nearly_alike(result, "EASGD", counts),
        *stable_with_many(short(every), "QSGD", "EASGD"),
    ]


def draw(result: "xr.Dataset") -> "Figure":
    """Draw the trainings that go through all epochs."""
    return draw_methods(whole(result))


experiment = SEVERAL_AGENTS.experiment(
    "fig9",
    "QSGD trains lower, EASGD tests better, even with a single agent",
    "Fig. 9 and Sec. 6.2",
    setup=(
        "Agents that start apart train a network by QSGD (full lines) and EASGD (dashed) with Nesterov "
        "momentum and the same coupling. With one agent QSGD is SGD with momentum; EASGD is not, its "
        "quorum variable being a low-pass filter of the agent’s path."
    ),
    reconstructed=("the comparison of test losses at the best epoch of each, which is ours",),
    quick=QUICK,
    desk=DESK,
    paper=PAPER,
    simulate=simulate,
    draw=draw,
    claims=claims,
)
