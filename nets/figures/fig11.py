"""Figure 11 of Boffi & Slotine (2020): EASGD against QSGD at matched synchronization."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nets.figures.claims import as_synchronized, drives_lower, numbers, short, tests_better, whole
from nets.figures.desk import DESK_COUPLED, MANY
from nets.figures.drawing import draw_methods
from nets.figures.figure import SEVERAL_AGENTS, every_number
from nets.figures.further_claims import fewer_agents_do, stable_with_many
from nets.figures.judging import judge_of
from nets.figures.task import PAPER_TASK, QUICK_TASK, CoupledAgents
from sdeopt.experiment import Claim

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

ABOUT = 1.25
"""The ratio of distances up to which two methods are about as synchronized."""


@dataclass(frozen=True, kw_only=True)
class MatchedAgents(CoupledAgents):
    """QSGD with the coupling, and EASGD with a multiple of it.

    Parameters
    ----------
    factor : float
        The coupling of EASGD over that of QSGD.
    """

    agents: tuple[int, ...] = (2, 4, 8)
    factor: float = 1.25


QUICK = MatchedAgents(**QUICK_TASK)
DESK = MatchedAgents(**DESK_COUPLED | {"agents": (2, 4, 8)}, many=MANY)
PAPER = MatchedAgents(**PAPER_TASK, coupling=0.02, agents=(4, 8, 16, 32, 64))


def simulate(configuration: MatchedAgents) -> "xr.Dataset":
    """Train by QSGD, and by EASGD with the larger coupling."""
    from nets.figures.comparison import trainings

    k = configuration.coupling
    couplings = {"QSGD": k, "EASGD": configuration.factor * k}
    return trainings(configuration, every_number(couplings, configuration))


def claims(result: "xr.Dataset") -> list[Claim]:
    """Check what Sec. 6.2 states of the figure."""
    every, result = result, whole(result)
    counts = numbers(result, "QSGD")
    found = [
        *as_synchronized(result, "EASGD", "QSGD", counts, ABOUT),
        *drives_lower(result, "test", "EASGD", "QSGD", counts),
        *tests_better(result, "EASGD", "QSGD", counts),
    ]
    if not judge_of(result).looks:
        return found
    return [
        *found,
        *fewer_agents_do(result, "EASGD", "QSGD", counts),
        *stable_with_many(short(every), "QSGD", "EASGD"),
    ]


def draw(result: "xr.Dataset") -> "Figure":
    """Draw the trainings that go through all epochs."""
    return draw_methods(whole(result))


experiment = SEVERAL_AGENTS.experiment(
    "fig11",
    "EASGD tests better than QSGD also where its agents are as synchronized",
    "Fig. 11 and Sec. 6.2",
    setup=(
        "As Figure 9, but EASGD (dashed) is coupled more strongly than QSGD (full lines) by a factor "
        "that roughly matches the distances of the agents to their mean; what is left of its better "
        "tests is not due to weaker synchronization."
    ),
    from_paper=("a factor between the couplings that roughly matches synchronization",),
    reconstructed=(
        "the factor; about as synchronized = distances to the mean, over the second half of the "
        "training, at most 1.25 times as large",
    ),
    quick=QUICK,
    desk=DESK,
    paper=PAPER,
    simulate=simulate,
    draw=draw,
    claims=claims,
)
