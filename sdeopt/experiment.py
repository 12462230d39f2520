"""An experiment: configurations, a simulation, a drawing, and the claims it must bear out.

Experiments live in the packages above this one, or in a user's own; they are found by name through
the entry-point group ``sdeopt.experiments`` (`sdeopt.experiments.registry`)
and run by `sdeopt.experiments.reproduction`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Generic, Self, TypeAlias, TypeVar

from sdeopt.configuration import Configured
from sdeopt.errors import InvalidArgumentError, unknown_name

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.animation import FuncAnimation
    from matplotlib.figure import Figure

__all__ = ["SCALES", "SECTIONS", "VERDICTS", "Claim", "Configuration", "Experiment"]

SCALES = ("quick", "desk", "paper")
"""Seconds on two cores, at most two hours on two cores, and at least the size of the paper."""

REQUIRED = ("quick", "paper")
"""The scales that every experiment has."""

SECTIONS = (
    "Toy losses",
    "Beyond the figures",
    "Theory against simulation",
    "Noise injection",
    "Large batches",
    "Deep networks",
)
"""The parts of a report, in the order of reading; others follow by letter."""


HOLDS, CONTRADICTED = "holds", "contradicted"
EQUIVALENT, UNDECIDED = "equivalent", "undecided"
VERDICTS = (HOLDS, CONTRADICTED, EQUIVALENT, UNDECIDED)
"""What can be found of a claim."""

Interval: TypeAlias = tuple[float, float]


@dataclass(frozen=True)
class Claim:
    """A statement about a result, the number it rests on, and what was found.

    A statement about a sampled number holds where its whole confidence interval does, and is
    contradicted where none of it does. In between, or without a number, it is undecided.
    Where a difference is stated that is shown to be too small to matter, its sides are equivalent.

    Parameters
    ----------
    claim : str
        The statement, in words.
    value : float
        The measured number.
    criterion : str
        What is asked of the number.
    holds : bool or None
        Whether it is so; None where that is undecided.
    estimate : float, optional
        Of what the statement is about, where it was sampled.
    interval : tuple of two floats, optional
        The ends of its confidence interval.
    equivalent : bool
        Whether a difference was stated that is shown to be too small to matter.
    met : bool or None
        Whether the number is as asked when its interval is left aside; None where that is `holds`.

    Examples
    --------
    >>> from sdeopt.experiment import Claim
    >>> claim = Claim.at_least("the mean finds the minimum", 0.97, 0.9, "share of replicas")
    >>> claim.criterion, claim.verdict
    ('share of replicas ≥ 0.9', 'holds')
    >>> Claim.at_least("the same", 0.8, 0.9, interval=(0.62, 0.91)).verdict
    'undecided'
    >>> Claim.at_least("the same", 0.95, 0.9, interval=(0.83, 0.99)).verdict
    'undecided'
    """

    claim: str
    value: float
    criterion: str
    holds: bool | None
    estimate: float | None = None
    interval: Interval | None = None
    equivalent: bool = False
    met: bool | None = field(
        default=None, compare=False
    )  # not kept in files: it follows from value

    @property
    def seems(self) -> bool:
        """Whether the claim holds, or would if its number were exact."""
        return bool(self.holds if self.met is None else self.met)

    @property
    def verdict(self) -> str:
        """``"holds"``, ``"contradicted"``, ``"equivalent"`` or ``"undecided"``."""
        if self.equivalent:
            return EQUIVALENT
        return UNDECIDED if self.holds is None else HOLDS if self.holds else CONTRADICTED

    @classmethod
    def at_least(
        cls,
        claim: str,
        value: float,
        bound: float,
        what: str = "value",
        *,
        estimate: float | None = None,
        interval: Interval | None = None,
    ) -> Self:
        """Claim that a number is at least `bound`; `what` names the number."""
        criterion = f"{what} ≥ {bound:.6g}"
        return cls._judged(claim, value, criterion, bound, math.inf, estimate, interval)

    @classmethod
    def at_most(
        cls,
        claim: str,
        value: float,
        bound: float,
        what: str = "value",
        *,
        estimate: float | None = None,
        interval: Interval | None = None,
    ) -> Self:
        """Claim that a number is at most `bound`; `what` names the number."""
        criterion = f"{what} ≤ {bound:.6g}"
        return cls._judged(claim, value, criterion, -math.inf, bound, estimate, interval)

    @classmethod
    def above(
        cls,
        claim: str,
        value: float,
        bound: float,
        what: str = "value",
        *,
        estimate: float | None = None,
        interval: Interval | None = None,
    ) -> Self:
        """Claim that a number is more than `bound`; `what` names the number."""
        above = math.nextafter(bound, math.inf)
        return cls._judged(
            claim, value, f"{what} > {bound:.6g}", above, math.inf, estimate, interval
        )

    @classmethod
    def between(
        cls,
        claim: str,
        value: float,
        low: float,
        high: float,
        what: str = "value",
        *,
        estimate: float | None = None,
        interval: Interval | None = None,
    ) -> Self:
        """Claim that a number is at least `low` and at most `high`; `what` names the number."""
        criterion = f"{low:.6g} ≤ {what} ≤ {high:.6g}"
        return cls._judged(claim, value, criterion, low, high, estimate, interval)

    @classmethod
    def clear(
        cls,
        claim: str,
        difference: float,
        error: float,
        errors: float = 3.0,
        what: str = "difference / its standard error",
    ) -> Self:
        """Claim that a difference is positive by some standard errors.

        It is contradicted where the difference is negative by as many, and undecided between.

        Parameters
        ----------
        claim : str
            The statement, in words.
        difference, error : float
            The difference and its standard error.
        errors : float
            How many standard errors make it clear.
        what : str
            The name of their quotient.

        Returns
        -------
        Claim
            Its value is the quotient.

        Examples
        --------
        >>> from sdeopt.experiment import Claim
        >>> Claim.clear("more is better", 0.2, 0.1).verdict
        'undecided'
        """
        difference, error = float(difference), float(error)
        # without scatter any difference is clear, but there may be none
        score = difference / error if error else difference and difference * math.inf
        reach = errors * error
        return cls(
            claim,
            score,
            f"{what} ≥ {errors:.6g}",
            True if score >= errors else False if score <= -errors else None,
            difference,
            (difference - reach, difference + reach),
        )

    @classmethod
    def difference(
        cls,
        claim: str,
        estimate: float,
        interval: Interval,
        smallest: float,
        what: str = "difference",
    ) -> Self:
        """Claim that a difference is positive, where one below a smallest effect does not matter.

        The sides are equivalent where all of the interval lies within the smallest effect around 0,
        whatever its sign. Else the claim holds where all of it lies above 0, is contradicted where all
        of it lies below 0, and is undecided where it does neither.

        Parameters
        ----------
        claim : str
            The statement, in words.
        estimate : float
            The difference that was measured.
        interval : tuple of two floats
            The ends of its confidence interval.
        smallest : float
            The smallest effect of interest, positive.
        what : str
            The name of the difference.

        Returns
        -------
        Claim
            Its value is the difference.

        Examples
        --------
        >>> from sdeopt.experiment import Claim
        >>> Claim.difference("more is better", 0.002, (-0.004, 0.008), 0.01).verdict
        'equivalent'
        >>> Claim.difference("more is better", 0.02, (0.004, 0.036), 0.01).verdict
        'holds'
        """
        estimate, low, high = float(estimate), float(interval[0]), float(interval[1])
        within = -smallest < low and high < smallest
        holds = False if within or high < 0 else True if low > 0 else None
        criterion = f"{what} > 0 (smallest of interest {smallest:.6g})"
        return cls(claim, estimate, criterion, holds, estimate, (low, high), within)

    @classmethod
    def _judged(
        cls,
        claim: str,
        value: float,
        criterion: str,
        low: float,
        high: float,
        estimate: float | None,
        interval: Interval | None,
    ) -> Self:
        """Return a claim that a number is in a range, both ends included."""
        value = float(value)
        met = bool(low <= value <= high)  # limits can be numbers of numpy
        holds: bool | None = met
        ends = None if interval is None else (float(interval[0]), float(interval[1]))
        if ends is not None and estimate is None:
            estimate = value
        if ends is not None:
            inside = low <= ends[0] and ends[1] <= high
            outside = ends[1] < low or ends[0] > high
            # a value that is fine, or not, says nothing where its interval allows both
            holds = None if (not inside if met else not outside) else met
        if math.isnan(value):
            holds = None
        sampled = None if estimate is None else float(estimate)
        return cls(claim, value, criterion, holds, sampled, ends, met=met)

    def as_json(self) -> dict[str, Any]:
        """Return the claim for ``claims.json``; a number that is not finite becomes null."""
        return {
            "claim": self.claim,
            "value": _finite(self.value),
            "criterion": self.criterion,
            "holds": self.holds,
            "verdict": self.verdict,
            "estimate": _finite(self.estimate),
            "interval": None if self.interval is None else [_finite(end) for end in self.interval],
        }


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


@dataclass(frozen=True, kw_only=True)
class Configuration(Configured):
    """Everything that decides an experiment's result; an experiment adds its own fields.

    Parameters
    ----------
    seed : int
        The seed of its random numbers.

    Examples
    --------
    >>> from sdeopt.experiment import Configuration
    >>> Configuration(seed=3).configuration()
    {'name': 'Configuration', 'seed': 3}
    """

    seed: int = 1


C = TypeVar("C", bound=Configuration)


@dataclass(frozen=True, kw_only=True)
class Experiment(Generic[C]):
    """A figure or table of a paper, as a program.

    Parameters
    ----------
    name : str
        What it is called on the command line and in the entry-point group.
    title : str
        One line: what is shown.
    source : str
        The paper and the number of its figure or table.
    setup : str
        What is simulated, in words; the numbers stand in the configuration.
    from_paper : sequence of str
        What is taken from the paper.
    reconstructed : sequence of str
        What the paper's text does not give and was chosen here. Never called the paper's.
    scales : mapping of str to Configuration
        Frozen configurations, among them ``"quick"`` and ``"paper"``, and perhaps ``"desk"``.
    simulate : callable
        Configuration -> `xarray.Dataset` with all that the drawing and the claims need. Its
        attribute ``agent_steps`` tells the work done (steps × agents × replicas, summed).
    draw : callable
        Dataset -> `matplotlib.figure.Figure`.
    claims : callable
        Dataset -> list of `Claim`; also after the dataset was saved and read back.
    section : str
        The part of a report that it belongs to, one of `SECTIONS` or another.
    animate : callable, optional
        Configuration -> `matplotlib.animation.FuncAnimation`, for ``sdeopt run --animate``. It
        simulates what it shows, which should take seconds.
    requires : sequence of str
        Modules that the simulation imports and that an installation may lack, such as ``"torch"``.
    extra : str
        What to install to have them, such as ``"sdeopt[nets]"``.
    headline : callable, optional
        List of `Claim` -> what a report says beside the count of all claims, in a sentence, because
        no verdict can be read without it.

    Examples
    --------
    >>> from sdeopt.experiment import Claim, Configuration, Experiment
    >>> import xarray as xr
    >>> experiment = Experiment(
    ...     name="nothing", title="Nothing moves", source="no paper", setup="no steps",
    ...     from_paper=[], reconstructed=[],
    ...     scales={"quick": Configuration(), "paper": Configuration()},
    ...     simulate=lambda configuration: xr.Dataset({"moved": 0.0}),
    ...     draw=lambda result: None,
    ...     claims=lambda result: [Claim.at_most("it rests", float(result["moved"]), 0)],
    ... )
    >>> result = experiment.simulate(experiment.configuration("quick"))
    >>> experiment.claims(result)[0].holds
    True
    """

    name: str
    title: str
    source: str
    setup: str
    from_paper: Sequence[str]
    reconstructed: Sequence[str]
    scales: Mapping[str, C]
    simulate: Callable[[C], "xr.Dataset"]
    draw: Callable[["xr.Dataset"], "Figure"]
    claims: Callable[["xr.Dataset"], list[Claim]]
    section: str = "Experiments"
    animate: "Callable[[C], FuncAnimation] | None" = None
    requires: Sequence[str] = ()
    extra: str = ""
    headline: Callable[[Sequence[Claim]], str] | None = None

    def __post_init__(self) -> None:
        missing = [scale for scale in REQUIRED if scale not in self.scales]
        if missing:
            raise InvalidArgumentError(
                f"experiment '{self.name}' has no scale {' or '.join(missing)}; "
                f"give a configuration for each of {', '.join(REQUIRED)}."
            )

    def configuration(self, scale: str) -> C:
        """Return the frozen configuration of a scale.

        Parameters
        ----------
        scale : str
            One of `SCALES`, or another that the experiment has.

        Returns
        -------
        Configuration
            Of the experiment's own class.
        """
        if not isinstance(scale, str) or scale not in self.scales:
            raise unknown_name(f"scale of experiment '{self.name}' called", scale, self.scales)
        return self.scales[scale]

    def lacking(self) -> str:
        """Return what keeps it from running here: a sentence, empty when nothing is missing.

        Returns
        -------
        str
            Names the modules and how to install them.
        """
        absent = [module for module in self.requires if find_spec(module) is None]
        if not absent:
            return ""
        remedy = f"pip install '{self.extra}'" if self.extra else f"install {', '.join(absent)}"
        return f"'{self.name}' needs {', '.join(absent)}, which is not installed; {remedy}."
