"""Figure 10 of Boffi & Slotine (2020): single agents at several learning rates."""

from typing import TYPE_CHECKING

from nets.figures.desk import DESK_SINGLE
from nets.figures.drawing import draw_rates
from nets.figures.figure import SINGLE_AGENT
from nets.figures.judging import judge_of
from nets.figures.single_agents import by_optimizer, simulate
from nets.figures.single_claims import best_at_own_rate, better_along_rates, often_better
from nets.figures.task import PAPER_SINGLE, QUICK_SINGLE, SingleAgents
from sdeopt.experiment import Claim

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

QUICK = SingleAgents(**QUICK_SINGLE, momenta=(0.9,))
DESK = SingleAgents(**DESK_SINGLE, momenta=(0.9,))
PAPER = SingleAgents(**PAPER_SINGLE, momenta=(0.9,))


def draw(result: "xr.Dataset") -> "Figure":
    """Draw the figure."""
    return draw_rates(by_optimizer(result))


def claims(result: "xr.Dataset") -> list[Claim]:
    """Check what Sec. 6.2 states of the figure."""
    result = by_optimizer(result)
    found = [
        often_better(result, "EASGD", "MSGD", "EASGD tests better than SGD with momentum (MSGD)"),
        often_better(
            result, "EASGD-WM", "MSGD", "EASGD without momentum (EASGD-WM) tests better than MSGD"
        ),
        often_better(result, "EASGD-WM", "EASGD", "EASGD-WM tests better than EASGD with momentum"),
    ]
    if not judge_of(result).looks:
        return found
    pairs = [("EASGD", "MSGD"), ("EASGD-WM", "MSGD"), ("EASGD-WM", "EASGD")]
    return [
        *found,
        *(best_at_own_rate(result, better, worse) for better, worse in pairs),
        *(claim for pair in pairs for claim in better_along_rates(result, *pair)),
    ]


experiment = SINGLE_AGENT.experiment(
    "fig10",
    "A single agent: EASGD tests better than SGD with momentum",
    "Fig. 10 and Sec. 6.2",
    setup=(
        "One agent with a quorum variable that low-passes its path (EASGD with one agent, an ordinary "
        "optimizer), with momentum and without (EASGD-WM), against SGD with Nesterov momentum (MSGD), "
        "at several initial learning rates."
    ),
    from_paper=(
        "the three methods, over a range of initial learning rates, from the same initial points; "
        "averages over three runs (five at quick scale)",
    ),
    quick=QUICK,
    desk=DESK,
    paper=PAPER,
    simulate=simulate,
    draw=draw,
    claims=claims,
)
