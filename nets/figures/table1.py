"""Table 1 of Boffi & Slotine (2020): single agents at several learning rates and momenta."""

from dataclasses import replace
from typing import TYPE_CHECKING

from nets.figures.cell_by_cell import as_in_the_paper, comparable, every_cell
from nets.figures.desk import DESK_SINGLE
from nets.figures.drawing import draw_table
from nets.figures.figure import SINGLE_AGENT
from nets.figures.judging import judge_of
from nets.figures.single_agents import by_optimizer, simulate
from nets.figures.single_claims import best_nearly_everywhere
from nets.figures.task import PAPER_SINGLE, QUICK_SETUP, QUICK_SINGLE, SingleAgents
from sdeopt.experiment import Claim

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

SHORT = (
    "A quick training has 720 steps, so that it counts how far an optimizer comes: its effective rate "
    "η/(1 − δ), which is the smallest for EASGD-WM, and not what it converges to."
)

QUICK = SingleAgents(**QUICK_SINGLE | {"runs": 3}, momenta=(0.5, 0.9))
DESK = SingleAgents(**DESK_SINGLE, momenta=(0.5, 0.6, 0.7, 0.8, 0.9, 0.95))
PAPER = SingleAgents(**PAPER_SINGLE, momenta=(0.5, 0.6, 0.7, 0.8, 0.9, 0.95))


def draw(result: "xr.Dataset") -> "Figure":
    """Draw the table."""
    return draw_table(by_optimizer(result))


def claims(result: "xr.Dataset") -> list[Claim]:
    """Check what Sec. 6.2 states of the table."""
    result = by_optimizer(result)
    found = [
        best_nearly_everywhere(result, "EASGD-WM", ["EASGD", "MSGD"]),
        best_nearly_everywhere(result, "EASGD", ["MSGD"]),
    ]
    if not (judge_of(result).looks and comparable(result)):
        return found
    return [*found, *as_in_the_paper(result), *every_cell(result)]


experiment = replace(SINGLE_AGENT, setup=f"{QUICK_SETUP} {SHORT}").experiment(
    "table1",
    "A single agent: EASGD without momentum has the least test error nearly everywhere",
    "Table 1 and Sec. 6.2",
    setup=(
        "The three methods of Figure 10 at several initial learning rates η and momenta δ: the least "
        "test loss and test error of each run over its epochs, averaged over the runs; the best method "
        "of a setting is framed. EASGD-WM has no δ, so its rows are one number."
    ),
    from_paper=(
        "a range of learning rates and momenta, three runs; in the paper’s table, four blocks of six "
        "columns, EASGD-WM has the least test error at 23 of 24 settings, 0.250 at best, and EASGD a "
        "smaller one than MSGD at 23",
    ),
    reconstructed=(
        "the axes of the table, whose names and values the text lost: blocks are learning rates and "
        "columns momenta, since EASGD-WM, which has none, hardly changes along a row of errors; nearly "
        "all = 90% of settings; quick scale has three runs here",
    ),
    quick=QUICK,
    desk=DESK,
    paper=PAPER,
    simulate=simulate,
    draw=draw,
    claims=claims,
)
