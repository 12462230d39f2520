"""Figure 7 of Boffi & Slotine (2020): EASGD with several couplings."""

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nets.figures.claims import best_at_lowest
from nets.figures.desk import DESK_TASK
from nets.figures.drawing import draw_couplings
from nets.figures.figure import SEVERAL_AGENTS
from nets.figures.further_claims import scales_best_at_low
from nets.figures.judging import judge_of
from nets.figures.task import PAPER_TASK, QUICK_TASK, Plan, Task
from sdeopt.arguments import whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Claim

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure


@dataclass(frozen=True, kw_only=True)
class SeveralCouplings(Task):
    """The task, the number of agents and the couplings.

    Parameters
    ----------
    agents : int
        p.
    coupling : tuple of float
        k, of EASGD.
    also : tuple of str
        Other coupling rules, for the same.
    scaling : tuple of float
        A low and a high k, both among `coupling`, at which EASGD has fewer agents too.
    fewer : tuple of int
        Those numbers of agents.
    """

    agents: int = 8
    coupling: tuple[float, ...] = (0.1, 1.0, 10.0)
    also: tuple[str, ...] = ()
    scaling: tuple[float, ...] = ()
    fewer: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number(self.agents, "agents", minimum=2)
        if len(self.coupling) < 2 or list(self.coupling) != sorted(set(self.coupling)):
            raise InvalidArgumentError(
                f"coupling is {self.coupling}; give at least two numbers, rising."
            )
        apart = set(self.scaling) - set(self.coupling)
        if len(self.scaling) not in (0, 2) or apart:
            raise InvalidArgumentError(
                f"scaling is {self.scaling}, but must be two of coupling, {self.coupling}, or none."
            )


QUICK = SeveralCouplings(**QUICK_TASK)

SCALING = (0.1, 1.6)
"""A low and a high coupling, at which desk scale varies the number of agents."""

DESK = SeveralCouplings(
    **DESK_TASK,
    coupling=(0.01, 0.04, 0.1, 0.4, 1.6),
    also=("QSGD",),
    scaling=SCALING,
    fewer=(1, 2, 4),
)
PAPER = SeveralCouplings(**PAPER_TASK, coupling=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0))


def simulate(configuration: SeveralCouplings) -> "xr.Dataset":
    """Train by EASGD with every coupling."""
    from nets.figures.comparison import trainings

    plans = [
        Plan(method=method, agents=configuration.agents, coupling=k)
        for method in ("EASGD", *configuration.also)
        for k in configuration.coupling
    ]
    plans += [
        Plan(method="EASGD", agents=p, coupling=k)
        for k in configuration.scaling
        for p in configuration.fewer
    ]
    return trainings(configuration, plans)


def claims(result: "xr.Dataset") -> list[Claim]:
    """Check what Sec. 6.2 states of the figure."""
    found = best_at_lowest(_of(result, "EASGD"))
    if not judge_of(result).looks:
        return found
    others = [
        dataclasses.replace(claim, claim=f"QSGD too: {claim.claim}")
        for claim in best_at_lowest(_of(result, "QSGD"))
    ]
    return [*found, *others, scales_best_at_low(result, "EASGD", *SCALING)]


def draw(result: "xr.Dataset") -> "Figure":
    """Draw one line for each coupling of EASGD."""
    return draw_couplings(_of(result, "EASGD"))


def _of(result: "xr.Dataset", method: str) -> "xr.Dataset":
    """Return the trainings of a method with all agents."""
    most = result["agents"].max()
    return result.isel(plan=((result["method"] == method) & (result["agents"] == most)).values)


experiment = SEVERAL_AGENTS.experiment(
    "fig7",
    "EASGD on a network: the lowest coupling that still converges tests best",
    "Fig. 7 and Sec. 6.2",
    setup=(
        "Eight agents, started apart, train a network by EASGD with Nesterov momentum, xⁱ ← xⁱ + vⁱ + "
        "ηk(x~ − xⁱ), x~ ← x~ + ηkp(x• − x~). The panels follow the quorum variable x~ and the spread "
        "of the agents for several couplings k."
    ),
    from_paper=("EASGD, several fixed couplings, the same at all times",),
    reconstructed=(
        "the number of agents, p = 8: the sentence that had it lost it",
        "the quorum variable has converged when it gets at least 90% of the training examples right "
        "that the average agent gets right",
    ),
    quick=QUICK,
    desk=DESK,
    paper=PAPER,
    simulate=simulate,
    draw=draw,
    claims=claims,
)
