"""Figure 7 of Boffi & Slotine (2020): EASGD with several couplings."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nets.figures.claims import best_at_lowest
from nets.figures.drawing import draw_couplings
from nets.figures.task import (
    FROM_PAPER,
    PAPER_TASK,
    QUICK_LIMIT,
    QUICK_SETUP,
    QUICK_TASK,
    RECONSTRUCTED,
    SOURCE,
    Plan,
    Task,
)
from sdeopt.experiment import Claim, Experiment

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, kw_only=True)
class SeveralCouplings(Task):
    """The task, the number of agents and the couplings."""

    agents: int = 8
    coupling: tuple[float, ...] = (0.1, 0.5, 1.5, 5.0)


QUICK = SeveralCouplings(**QUICK_TASK)
PAPER = SeveralCouplings(**PAPER_TASK, coupling=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0))


def simulate(configuration: SeveralCouplings) -> "xr.Dataset":
    """Train by EASGD with every coupling."""
    from nets.figures.comparison import trainings

    plans = [
        Plan(method="EASGD", agents=configuration.agents, coupling=k)
        for k in configuration.coupling
    ]
    return trainings(configuration, plans)


def claims(result: "xr.Dataset") -> list[Claim]:
    """Check what Sec. 6.2 states of the figure."""
    return best_at_lowest(result)


experiment = Experiment(
    name="fig7",
    title="EASGD on a network: the lowest coupling that still converges tests best",
    source=f"{SOURCE}, Fig. 7 and Sec. 6.2",
    setup=(
        "Eight agents, started apart, train a network by EASGD with Nesterov momentum, xⁱ ← xⁱ + vⁱ + "
        "ηk(x~ − xⁱ), x~ ← x~ + ηkp(x• − x~). The panels follow the quorum variable x~ and the spread "
        f"of the agents for several couplings k. {QUICK_SETUP} {QUICK_LIMIT}"
    ),
    from_paper=(*FROM_PAPER, "p = 8 agents, EASGD, several fixed couplings"),
    reconstructed=(
        *RECONSTRUCTED,
        "the quorum variable has converged when it gets at least 90% of the training examples right "
        "that the average agent gets right",
    ),
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw_couplings,
    claims=claims,
    section="Deep networks",
    requires=("torch",),
    extra="sdeopt[nets]",
)
