"""Numbers that change in time: step sizes, couplings and noise levels are all schedules.

The argument t is the iteration number (0, 1, 2, ...) on the iteration clock and the time n·dt on the
SDE clock (`sdeopt.clock`). Anything that takes a schedule takes a plain number too.
"""

from sdeopt.schedules.formulas import Halving, InverseRound, PowerDecay, Ramp, Relaxation
from sdeopt.schedules.grid import Grid
from sdeopt.schedules.schedule import (
    AgentSchedules,
    Constant,
    Schedule,
    ScheduleLike,
    as_agent_schedules,
    as_schedule,
    table,
)

__all__ = [
    "AgentSchedules",
    "Constant",
    "Grid",
    "Halving",
    "InverseRound",
    "PowerDecay",
    "Ramp",
    "Relaxation",
    "Schedule",
    "ScheduleLike",
    "as_agent_schedules",
    "as_schedule",
    "table",
]
