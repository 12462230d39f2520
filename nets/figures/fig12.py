"""Figure 12 of Boffi & Slotine (2020): agents that start apart, and together."""

from typing import TYPE_CHECKING

from nets.figures.claims import better_apart, gains_more_with_agents, numbers
from nets.figures.desk import DESK_CHOICES, DESK_COUPLED
from nets.figures.drawing import draw_starts
from nets.figures.task import (
    FROM_PAPER,
    PAPER_TASK,
    QUICK_LIMIT,
    QUICK_SETUP,
    QUICK_TASK,
    RECONSTRUCTED,
    SOURCE,
    CoupledAgents,
    Plan,
)
from sdeopt.experiment import Claim, Experiment

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


experiment = Experiment(
    name="fig12",
    title="Agents that start apart end better than agents that start together",
    source=f"{SOURCE}, Fig. 12 and Sec. 6.2",
    setup=(
        "Agents train a network by QSGD with Nesterov momentum, started at points of their own (full "
        "lines) or all at the first agent’s (dashed). Data orders and training examples are the same "
        f"for both. {QUICK_SETUP} {QUICK_LIMIT}"
    ),
    from_paper=(*FROM_PAPER, "both starts at several numbers of agents"),
    reconstructed=(
        *RECONSTRUCTED,
        *DESK_CHOICES,
        "QSGD as the method; the text of the figure does not name one",
    ),
    scales={"quick": QUICK, "desk": DESK, "paper": PAPER},
    simulate=simulate,
    draw=draw_starts,
    claims=claims,
    section="Deep networks",
    requires=("torch",),
    extra="sdeopt[nets]",
)
