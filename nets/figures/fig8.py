"""Figure 8 of Boffi & Slotine (2020): QSGD against its state-dependent variant."""

from typing import TYPE_CHECKING

from nets.figures.claims import improves_with_agents, same_alone
from nets.figures.drawing import draw_methods
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

QUICK = CoupledAgents(**QUICK_TASK)
PAPER = CoupledAgents(**PAPER_TASK, coupling=0.02, agents=(1, 4, 8, 16, 32, 64))


def simulate(configuration: CoupledAgents) -> "xr.Dataset":
    """Train by QSGD and by SD-QSGD with every number of agents."""
    from nets.figures.comparison import trainings

    k = configuration.coupling
    plans = [
        Plan(method=method, agents=p, coupling=k)
        for method in ("QSGD", "SD-QSGD")
        for p in configuration.agents
    ]
    return trainings(configuration, plans)


def claims(result: "xr.Dataset") -> list[Claim]:
    """Check what Sec. 6.2 states of the figure."""
    return [
        *improves_with_agents(result, "QSGD"),
        *improves_with_agents(result, "SD-QSGD"),
        same_alone(result, "QSGD", "SD-QSGD"),
    ]


experiment = Experiment(
    name="fig8",
    title="More agents test better, with QSGD and with its state-dependent variant",
    source=f"{SOURCE}, Fig. 8 and Sec. 6.2",
    setup=(
        "Agents that start apart train a network by QSGD (full lines) and SD-QSGD (dashed) with "
        "Nesterov momentum. In SD-QSGD the agent with the least validation loss pulls all others at "
        f"the start of an epoch, and the gains relax to QSGD’s within it. {QUICK_SETUP} {QUICK_LIMIT}"
    ),
    from_paper=(
        *FROM_PAPER,
        "the gains of SD-QSGD, eqs. (60) and (61): a spike at the start of every epoch",
    ),
    reconstructed=(
        *RECONSTRUCTED,
        "the height A = 5 of the spike and its relaxation, a twentieth of an epoch",
        "rising or falling with the number of agents: the slope over log₂ p",
    ),
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw_methods,
    claims=claims,
    section="Deep networks",
    requires=("torch",),
    extra="sdeopt[nets]",
)
