"""What a theorem is to a check: whether it applies, what it predicts, how that is measured."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

import theory
from sims.check.case import Case, InapplicableError, needed
from sims.check.constants import LETTERS
from sims.check.decay import Flow, run_flow
from sims.check.dynamics import Pace
from sims.check.measurement import Plan, Stationary, measure

__all__ = ["AT_LEAST", "AT_MOST", "EQUAL", "Laboratory", "Theorem"]

AT_MOST, AT_LEAST, EQUAL = "≤", "≥", "="
"""How what is measured stands to what is predicted."""

Array = NDArray[Any]


@dataclass(eq=False)
class Laboratory:
    """Simulations of a problem, each run once and only when it is asked for.

    Parameters
    ----------
    case : Case
        The problem.
    pace : Pace
        Its rates.
    plan : Plan
        How its stationary state is simulated.
    box : tuple of (low, high), optional
        Where runs without noise start.
    progress : bool, optional
        Whether to show a bar.
    """

    case: Case
    pace: Pace
    plan: Plan
    box: Any = None
    progress: bool | None = None

    @cached_property
    def stationary(self) -> Stationary:
        """The run with noise."""
        return measure(self.case, self.plan, self.pace, self.progress)

    def flow(self, rate: float, *, together: bool = False) -> Flow:
        """Return runs without noise, as `sims.check.decay.run_flow` makes them."""
        return run_flow(self.case, self.pace, rate, together=together, box=self.box)


def _fits(case: Case) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Theorem:
    """One statement of the theory, to be held against a simulation.

    Parameters
    ----------
    result : str
        As `theory.names` has it.
    statement : str
        Which of its statements; the main one by default.
    quantity : str
        What it is about, as the table has it.
    relation : str
        `AT_MOST`, `AT_LEAST` or `EQUAL`.
    algorithms : tuple of str
        The names of those that it is about.
    measured : callable
        From a `Laboratory` and what is predicted to one number per replica, or to one number that
        has no sampling error; nothing where it cannot be measured.
    why_not : callable, optional
        From a `Case` to why the theorem does not apply; empty where it does.
    own : callable, optional
        From a `Case` to parameters that the problem does not have, e.g. the shift of a metric.
    predicted : callable, optional
        From a `Case` to the number; the statement evaluated, by default.
    exact : callable, optional
        From a `Case` and a `Plan` to the exact value, or nothing.
    constants : tuple of str
        Constants of the loss and the noise that `own` or `predicted` take besides.
    of_iteration : bool
        Whether it is about the iteration, and not the SDE or the flow.
    tolerance : float
        The share within which a number without sampling error is equal.
    of_all : bool
        Whether the quantity is one of every algorithm, so that it is measured in any case.
    """

    result: str
    quantity: str
    algorithms: tuple[str, ...]
    measured: Callable[[Laboratory, float], Array | float | None]
    statement: str = ""
    relation: str = AT_MOST
    why_not: Callable[[Case], str] = _fits
    own: Callable[[Case], dict[str, Any]] = field(default=lambda case: {})
    predicted: Callable[[Case], float] | None = None
    exact: Callable[[Case, Plan], float | None] = field(default=lambda case, plan: None)
    constants: tuple[str, ...] = ()
    of_iteration: bool = False
    tolerance: float = 0.0
    of_all: bool = False

    @property
    def title(self) -> str:
        """How the paper numbers it."""
        number: str = theory.load(self.result).number
        return f"{number}, {self.statement}" if self.statement else number

    @property
    def needs(self) -> list[str]:
        """The constants of the loss and the noise that it takes, by name."""
        taken = {*needed(self.result, self.statement), *self.constants}
        return [name for name in LETTERS if name in taken]

    def is_about(self, case: Case) -> bool:
        """Return whether the algorithm is one of those that it is about."""
        return case.problem.kind in self.algorithms

    def prediction(self, case: Case) -> float:
        """Return what it predicts; raise `InapplicableError` with the reason where it does not apply."""
        if not self.is_about(case):
            listed = " or ".join(self.algorithms)
            raise InapplicableError(f"it is about {listed}, not {case.problem.kind}")
        obstacle = self.why_not(case)
        if obstacle:
            raise InapplicableError(obstacle)
        if self.predicted is not None:
            return self.predicted(case)
        number = float(case.evaluate(self.result, self.statement, **self.own(case)))
        if self.relation == AT_LEAST and number <= 0:
            raise InapplicableError(f"the rate that it shows is {number:.4g}, and not positive")
        return number

    def constants_used(self, case: Case) -> str:
        """Return the constants that the prediction rests on, with where each is from."""
        letters: dict[str, list[str]] = {}
        for name in self.needs:
            entry = case.constants.entries[name]
            letters.setdefault(entry.origin, []).append(entry.letter)
        return "; ".join(f"{', '.join(group)} {origin}" for origin, group in letters.items())
