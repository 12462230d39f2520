"""A theorem in a check, and its comparison with one simulation at 99.9% confidence."""

import math
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

import theory
from sdeopt.experiments.measured import Measured
from sims.check.case import Case, InapplicableError, needed
from sims.check.constants import LETTERS
from sims.check.dynamics import Rates
from sims.check.measurement import Plan, Stationary, measure
from sims.shared.verdicts import bound_holds, equal

AT_MOST, AT_LEAST, EQUAL = "≤", "≥", "="
"""How what is measured stands to what is predicted."""

HOLDS, BROKEN, UNDECIDED, NO_CLAIM = "holds", "BROKEN", "undecided", "does not apply"
"""What a row can say."""

BAND = 0.1
"""The share within which the limits of an expectation must lie to count as equal to its exact value."""

SAME = 1e-6
"""The share by which a bound that is attained may differ from the exact value."""

ZERO, LEFT = 1e-9, 1e-2
"""What counts as zero, of the size of the start: rounding, and without noise what is left of it."""

SURE = 0.5 * (1 + math.erf(5 / math.sqrt(2)))
"""The one-sided confidence of five standard errors, which a bound is called broken with."""

Array = NDArray[Any]


@dataclass(eq=False)
class Simulation:
    """A problem and its simulation with noise, which runs once, when it is first needed."""

    case: Case
    rates: Rates
    plan: Plan
    box: Any = None
    progress: bool | None = None

    @cached_property
    def stationary(self) -> Stationary:
        """The run with noise."""
        return measure(self.case, self.plan, self.rates, self.progress)

    @cached_property
    def zero(self) -> float:
        """The length that counts as zero beside that of the start."""
        problem, minimum = self.case.problem, self.case.constants.minimum
        width = math.sqrt(problem.agents * problem.loss.dim)
        share = ZERO if self.case.constants.value("noise_bound") else LEFT
        away = 0.0 if minimum is None else float(np.abs(minimum).max())
        return width * (share * math.sqrt(self.rates.spread) + 1e-3 * ZERO * away)


def _fits(case: Case) -> str:
    return ""


@dataclass(frozen=True)
class Theorem:
    """One statement of the theory, to be compared with a simulation.

    Parameters
    ----------
    name : str
        That of the result in `theory.results`, unless `statement_of` names the result.
    quantity : str
        What it is about.
    algorithms : tuple of str
        The names of the algorithms that it is about.
    measured : callable
        From the simulation and the prediction to the measured quantity: for every replica, or as one
        number, or None where it has no sense.
    statement_of, statement : str
        The result and which of its statements this is, where it is not the main one.
    relation : str
        How what is measured stands to what is predicted: `AT_MOST`, `AT_LEAST` or `EQUAL`.
    why_not : callable
        The reason why it does not apply to a case, or nothing.
    parameters : callable
        Parameters of the result that are not those of the case.
    predicted : callable, optional
        The prediction, where it is not a statement's number as it is.
    exact : callable
        The exact value of the quantity, where there is one.
    constants : tuple of str
        Constants that it needs besides the parameters of the result.
    of_iteration : bool
        Whether it is about the iteration and not the SDE.
    tolerance : float
        The share by which a measured number without limits may miss the prediction.
    for_all : bool
        Whether the quantity is worth measuring for algorithms that it is not about.
    power : int
        The quantity is a length to this power; 0 for a gradient.
    """

    name: str
    quantity: str
    algorithms: tuple[str, ...]
    measured: Callable[[Simulation, float], Array | float | None]
    _: KW_ONLY
    statement_of: str = ""
    statement: str = ""
    relation: str = AT_MOST
    why_not: Callable[[Case], str] = _fits
    parameters: Callable[[Case], dict[str, Any]] = field(default=lambda case: {})
    predicted: Callable[[Case], float] | None = None
    exact: Callable[[Case, Plan], float | None] = field(default=lambda case, plan: None)
    constants: tuple[str, ...] = ()
    of_iteration: bool = False
    tolerance: float = 0.0
    for_all: bool = False
    power: int = 1

    @property
    def result(self) -> str:
        """The name of the result of the theory."""
        return self.statement_of or self.name

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
        number = float(case.evaluate(self.result, self.statement, **self.parameters(case)))
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


@dataclass(frozen=True, kw_only=True)
class Row:
    """One theorem beside what was measured.

    Parameters
    ----------
    name : str
        In `sims.check.theorems`.
    title : str
        As the paper numbers it.
    quantity, relation : str
        What it is about, and how that stands to the prediction.
    algorithms : tuple of str
        The names of the algorithms that it is about.
    verdict : str
        `HOLDS`, `BROKEN`, `UNDECIDED` or `NO_CLAIM`.
    why : str
        Where it does not apply: the reason. Elsewhere: remarks, and the origins of the constants.
    predicted, measured, lower, upper, exact : float, optional
        Numbers, as far as there are any; the limits are one-sided, of 99.9% confidence each.

    Examples
    --------
    >>> from sims.check import Row
    >>> row = Row(name="lemma_5_1", title="Lemma 5.1", quantity="E Σ‖x^i − x•‖²", relation="≤",
    ...           algorithms=("QSGD",), verdict="holds", why="", predicted=0.3, measured=0.2)
    >>> row.applies, round(row.ratio, 6)
    (True, 1.5)
    """

    name: str
    title: str
    quantity: str
    relation: str
    algorithms: tuple[str, ...]
    verdict: str
    why: str
    predicted: float | None = None
    measured: float | None = None
    lower: float | None = None
    upper: float | None = None
    exact: float | None = None

    @property
    def applies(self) -> bool:
        """Whether the theorem says anything here."""
        return self.verdict != NO_CLAIM

    @property
    def ratio(self) -> float | None:
        """Predicted / measured: how far a bound is off."""
        if not self.predicted or not self.measured or abs(self.measured) <= ZERO:
            return None
        return self.predicted / self.measured

    @property
    def document(self) -> dict[str, Any]:
        """Everything, ready for JSON, which has no number for what is not finite."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        found = fields | {"applies": self.applies, "ratio": self.ratio}
        numbers = {name for name, each in found.items() if isinstance(each, float)}
        return found | {name: None for name in numbers if not math.isfinite(found[name])}


def row_of(theorem: Theorem, simulation: Simulation) -> Row:
    """Return a theorem beside what is measured."""
    case = simulation.case
    known: dict[str, Any] = {
        "name": theorem.name,
        "title": theorem.title,
        "quantity": theorem.quantity,
        "relation": theorem.relation,
        "algorithms": theorem.algorithms,
    }
    why, predicted, exact = "", None, None
    try:
        predicted = theorem.prediction(case)
        exact = theorem.exact(case, simulation.plan)
        why = theorem.constants_used(case)
    except InapplicableError as reason:
        why = str(reason)
    if predicted is None and not _measurable(theorem, case):
        return Row(**known, verdict=NO_CLAIM, why=why)
    found = _measured(theorem, simulation, predicted)
    known |= {"predicted": predicted, "exact": exact, **_numbers(found)}
    if predicted is None:
        return Row(**known, verdict=NO_CLAIM, why=why)
    if case.problem.discrete and theorem.relation != AT_LEAST and not theorem.of_iteration:
        words = "it is about the SDE; what was measured is the iteration"
        return Row(**known, verdict=NO_CLAIM, why=words)
    if found is None:
        known_minimum = case.constants.minimum is not None
        cause = "the distances decay to rounding" if known_minimum else "x* is not known"
        return Row(**known, verdict=UNDECIDED, why=f"not measured: {cause} ({why})")
    verdict, words = _judged(theorem, predicted, exact, found, simulation)
    return Row(**known, verdict=verdict, why="; ".join(part for part in (words, why) if part))


def _measurable(theorem: Theorem, case: Case) -> bool:
    """Return whether a quantity is measured although nothing is predicted of it."""
    own = theorem.for_all or theorem.is_about(case)
    return own and theorem.relation == AT_MOST and not theorem.why_not(case)


def _measured(
    theorem: Theorem, simulation: Simulation, predicted: float | None
) -> Measured | float | None:
    numbers = theorem.measured(simulation, predicted if predicted is not None else np.nan)
    if numbers is None or isinstance(numbers, float):
        return numbers
    return Measured.of(numbers)


def _numbers(found: Measured | float | None) -> dict[str, float]:
    if found is None:
        return {}
    if isinstance(found, float):
        return {"measured": found}
    return {
        "measured": float(found.value),
        "lower": float(found.lower()),
        "upper": float(found.upper()),
    }


def _judged(
    theorem: Theorem,
    predicted: float,
    exact: float | None,
    found: Measured | float,
    simulation: Simulation,
) -> tuple[str, str]:
    """Return the verdict, and a remark on it."""
    if isinstance(found, float):
        return _certain(theorem, predicted, found), ""
    if not math.isfinite(float(found.upper())):
        return UNDECIDED, "what was measured is no finite number"
    value = exact if theorem.relation == EQUAL and exact is not None else predicted
    zero = _zero(theorem, simulation)
    if value <= zero and float(found.upper()) <= zero:
        return HOLDS, "zero, but for rounding and what is left of the start"
    if theorem.relation == EQUAL and value > zero:
        verdict, words = _equal(found, value, simulation.plan)
        finite = (
            "" if exact is None else "to the exact value of a finite time; predicted: its limit"
        )
        return verdict, ", ".join(part for part in (words, finite) if part)
    if predicted > zero:
        if bound_holds("", found, predicted, simulation.plan.bias).holds:
            return HOLDS, ""
        attained = exact is not None and abs(exact / predicted - 1) <= SAME
        if attained and equal("", found, predicted, BAND).holds:
            return HOLDS, "attained: the bound is the exact value"
    if float(found.lower(SURE)) <= predicted + zero:
        return UNDECIDED, "the bound is within five standard errors; take more replicas"
    if float(found.lower(SURE)) <= predicted * (1 + simulation.plan.excess) + zero:
        return UNDECIDED, "the time steps alone may make it so much larger; take a shorter dt"
    if not _settled(theorem, simulation, predicted + zero):
        return UNDECIDED, "what is left of the start still decays; take a longer window"
    return BROKEN, ""


def _zero(theorem: Theorem, simulation: Simulation) -> float:
    """Return what counts as zero in the units of a quantity."""
    if theorem.power:
        return simulation.zero**theorem.power
    return simulation.zero * simulation.rates.fastest


def _settled(theorem: Theorem, simulation: Simulation, bound: float) -> bool:
    """Return whether a quantity no longer falls, and is as surely above the bound in the second half."""
    halves = simulation.stationary.halves()
    if halves is None:
        return True
    first, second = (_of_half(theorem, simulation, half, bound) for half in halves)
    if not isinstance(first, np.ndarray) or not isinstance(second, np.ndarray):
        return True
    falls = float(Measured.of(first - second).lower(SURE)) > 0
    return not falls and float(Measured.of(second).lower(SURE)) > bound


def _of_half(
    theorem: Theorem, simulation: Simulation, half: Stationary, bound: float
) -> Array | float | None:
    part = Simulation(simulation.case, simulation.rates, simulation.plan, simulation.box, False)
    part.__dict__["stationary"] = half  # where the cached property keeps it
    return theorem.measured(part, bound)


def _certain(theorem: Theorem, predicted: float, found: float) -> str:
    if not math.isfinite(predicted) or math.isnan(found):
        return UNDECIDED
    if theorem.relation == EQUAL:
        return HOLDS if abs(found / predicted - 1) <= theorem.tolerance else BROKEN
    return HOLDS if found >= predicted * (1 - theorem.tolerance) else BROKEN


def _equal(found: Measured, value: float, plan: Plan) -> tuple[str, str]:
    if equal("", found, value, BAND).holds:
        return HOLDS, f"equal within {BAND:.0%}"
    low, high = value * (1 - abs(plan.bias)), value * (1 + max(abs(plan.bias), plan.excess))
    if float(found.lower(SURE)) > high or float(found.upper(SURE)) < low:
        return BROKEN, ""
    return UNDECIDED, f"not known to {BAND:.0%}; take more replicas"
