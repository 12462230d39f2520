"""Figure 12 of Boffi & Slotine (2020): agents that start apart, and together."""

from typing import TYPE_CHECKING

from nets.figures.claims import better_apart, gains_more_with_agents, numbers
from nets.figures.desk import DESK_COUPLED
from nets.figures.drawing import draw_starts
from nets.figures.figure import SEVERAL_AGENTS
from nets.figures.task import PAPER_TASK, QUICK_TASK, CoupledAgents, Plan
from sdeopt.experiment import Claim

if TYPE_CHECKING:
    import xarray as xr

METHOD = "QSGD"

QUICK = CoupledAgents(**QUICK_TASK, agents=(2, 4, 8))
DESK = CoupledAgents(**DESK_COUPLED | {"agents": (2, 4, 8)})
PAPER = CoupledAgents(**PAPER_TASK, coupling=0.02, agents=(4, 8, 16, 32, 64))


def simulate(configuration: CoupledAgents) -> "xr.Dataset":
    """Train agents that start apart, and agents that start together."""
    from nets.figures.comparison import trainings

    k = configuration.coupling
    plans = [
        Plan(method=METHOD, agents=p, coupling=k, together=together)
        for together in (False, True)
        for p in configuration.agents
    ]
    return trainings(configuration, plans)


def claims(result: "xr.Dataset") -> list[Claim]:
    """Check what Sec. 6.2 states of the figure."""
    counts = numbers(result, METHOD)
    return [
        *better_apart(result, METHOD, counts),
        gains_more_with_agents(result, METHOD, counts),
    ]


experiment = SEVERAL_AGENTS.experiment(
    "fig12",
    "Agents that start apart end better than agents that start together",
    "Fig. 12 and Sec. 6.2",
    setup=(
        "Agents train a network by QSGD with Nesterov momentum, started at points of their own (full "
        "lines) or all at the first agent’s (dashed). Data orders and training examples are the same "
        "for both."
    ),
    from_paper=("both starts at several numbers of agents",),
    reconstructed=("QSGD as the method; the text of the figure does not name one",),
    quick=QUICK,
    desk=DESK,
    paper=PAPER,
    simulate=simulate,
    draw=draw_starts,
    claims=claims,
)
