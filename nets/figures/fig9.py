"""Figure 9 of Boffi & Slotine (2020): QSGD against EASGD."""

from typing import TYPE_CHECKING

from nets.figures.claims import drives_lower, lower_at_best, numbers, tests_better
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
    """Train by QSGD and by EASGD with every number of agents."""
    from nets.figures.comparison import trainings

    k = configuration.coupling
    plans = [
        Plan(method=method, agents=p, coupling=k)
        for method in ("QSGD", "EASGD")
        for p in configuration.agents
    ]
    return trainings(configuration, plans)


def claims(result: "xr.Dataset") -> list[Claim]:
    """Check what Sec. 6.2 states of the figure."""
    counts = numbers(result, "QSGD")
    return [
        *drives_lower(result, "train", "QSGD", "EASGD", counts),
        *drives_lower(result, "test", "EASGD", "QSGD", counts),
        *lower_at_best(result, "EASGD", "QSGD", counts),
        # with one agent QSGD is SGD with momentum, and EASGD is not
        *tests_better(result, "EASGD", "QSGD", counts),
    ]


experiment = Experiment(
    name="fig9",
    title="QSGD trains lower, EASGD tests better, even with a single agent",
    source=f"{SOURCE}, Fig. 9 and Sec. 6.2",
    setup=(
        "Agents that start apart train a network by QSGD (full lines) and EASGD (dashed) with Nesterov "
        "momentum and the same coupling. With one agent QSGD is SGD with momentum; EASGD is not, its "
        f"quorum variable being a low-pass filter of the agent’s path. {QUICK_SETUP} {QUICK_LIMIT}"
    ),
    from_paper=FROM_PAPER,
    reconstructed=(
        *RECONSTRUCTED,
        "the comparison of test losses at the best epoch of each, which is ours",
    ),
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw_methods,
    claims=claims,
    section="Deep networks",
    requires=("torch",),
    extra="sdeopt[nets]",
)
