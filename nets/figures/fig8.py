"""Figure 8 of Boffi & Slotine (2020): QSGD against its state-dependent variant."""

from typing import TYPE_CHECKING

from nets.figures.claims import improves_with_agents, numbers, same_alone, short, whole
from nets.figures.desk import DESK_COUPLED, MANY
from nets.figures.drawing import draw_methods
from nets.figures.figure import SEVERAL_AGENTS, every_number
from nets.figures.further_claims import stable_with_many, state_dependent_gains
from nets.figures.judging import judge_of
from nets.figures.task import PAPER_TASK, QUICK_TASK, CoupledAgents
from sdeopt.experiment import Claim

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

QUICK = CoupledAgents(**QUICK_TASK)
DESK = CoupledAgents(**DESK_COUPLED, many=MANY)
PAPER = CoupledAgents(**PAPER_TASK, coupling=0.02, agents=(1, 4, 8, 16, 32, 64))


def simulate(configuration: CoupledAgents) -> "xr.Dataset":
    """Train by QSGD and by SD-QSGD with every number of agents."""
    from nets.figures.comparison import trainings

    k = configuration.coupling
    couplings = {"QSGD": k, "SD-QSGD": k}
    return trainings(configuration, every_number(couplings, configuration))


def claims(result: "xr.Dataset") -> list[Claim]:
    """Check what Sec. 6.2 states of the figure."""
    every, result = result, whole(result)
    found = [
        *improves_with_agents(result, "QSGD"),
        *improves_with_agents(result, "SD-QSGD"),
        same_alone(result, "QSGD", "SD-QSGD"),
    ]
    if not judge_of(result).looks:
        return found
    return [
        *found,
        *state_dependent_gains(result, numbers(result, "QSGD")),
        *stable_with_many(short(every), "QSGD", "SD-QSGD"),
    ]


def draw(result: "xr.Dataset") -> "Figure":
    """Draw the trainings that go through all epochs."""
    return draw_methods(whole(result))


experiment = SEVERAL_AGENTS.experiment(
    "fig8",
    "More agents test better, with QSGD and with its state-dependent variant",
    "Fig. 8 and Sec. 6.2",
    setup=(
        "Agents that start apart train a network by QSGD (full lines) and SD-QSGD (dashed) with "
        "Nesterov momentum. In SD-QSGD the agent with the least validation loss pulls all others at "
        "the start of an epoch, and the gains relax to QSGD’s within it."
    ),
    from_paper=("the gains of SD-QSGD, eqs. (60) and (61): a spike at the start of every epoch",),
    reconstructed=(
        "the height A = 5 of the spike and its relaxation, a twentieth of an epoch",
        "rising or falling with the number of agents: the slope over log₂ p",
    ),
    quick=QUICK,
    desk=DESK,
    paper=PAPER,
    simulate=simulate,
    draw=draw,
    claims=claims,
)
