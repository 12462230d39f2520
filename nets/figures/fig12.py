"""Figure 12 of Boffi & Slotine (2020): agents that start apart, and together."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nets.figures.claims import better_apart, gains_more_with_agents, numbers
from nets.figures.drawing import draw_starts
from nets.figures.task import (
    FROM_PAPER,
    PAPER_TASK,
    QUICK_LIMIT,
    QUICK_SETUP,
    QUICK_TASK,
    RECONSTRUCTED,
    SOURCE,
    Method,
    Plan,
    SeveralConfiguration,
    simulate,
)
from sdeopt.experiment import Claim, Experiment

if TYPE_CHECKING:
    import xarray as xr

METHOD: Method = "QSGD"


@dataclass(frozen=True, kw_only=True)
class StartConfiguration(SeveralConfiguration):
    """Both starts at several numbers of agents."""

    numbers: tuple[int, ...] = (2, 4, 8)

    def plans(self) -> list[Plan]:
        """Return the agents apart, and together."""
        apart = self.plans_of(METHOD)
        return [*apart, *(replace(plan, together=True) for plan in apart)]


QUICK = StartConfiguration(**QUICK_TASK)
PAPER = StartConfiguration(**PAPER_TASK, coupling=0.02, numbers=(4, 8, 16, 32, 64))


def claims(result: "xr.Dataset") -> list[Claim]:
    """Return what Sec. 6.2 says of the figure, checked."""
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
    reconstructed=(*RECONSTRUCTED, "QSGD as the method; the text of the figure does not name one"),
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw_starts,
    claims=claims,
    section="Deep networks",
    requires=("torch",),
    extra="sdeopt[nets]",
)
