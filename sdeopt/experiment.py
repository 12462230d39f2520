"""An experiment: configurations, a simulation, a drawing, and the claims it must bear out.

Experiments live in the packages above this one, or in a user's own; they are found by name through
the entry-point group ``sdeopt.experiments`` (`sdeopt.experiments.registry`)
and run by `sdeopt.experiments.reproduction`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from sdeopt.configuration import Configured
from sdeopt.errors import InvalidArgumentError, unknown_name

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.animation import FuncAnimation
    from matplotlib.figure import Figure

__all__ = ["SCALES", "SECTIONS", "Claim", "Configuration", "Experiment"]

SCALES = ("quick", "paper")
"""Every experiment has these: seconds on two cores, and at least the size of the paper."""

SECTIONS = (
    "Toy losses",
    "Beyond the figures",
    "Theory against simulation",
    "Noise injection",
    "Large batches",
    "Deep networks",
)
"""The parts of a report, in the order of reading; others follow by letter."""


@dataclass(frozen=True)
class Claim:
    """A statement about a result, the number it rests on, and whether it holds.

    Parameters
    ----------
    claim : str
        The statement, in words.
    value : float
        The measured number.
    criterion : str
        What is asked of the number.
    holds : bool
        Whether it is so.

    Examples
    --------
    >>> from sdeopt.experiment import Claim
    >>> Claim.at_least("the mean finds the minimum", 0.97, 0.9, "share of replicas")
    Claim(claim='the mean finds the minimum', value=0.97, criterion='share of replicas ≥ 0.9', \
holds=True)
    """

    claim: str
    value: float
    criterion: str
    holds: bool

    @classmethod
    def at_least(cls, claim: str, value: float, bound: float, what: str = "value") -> Self:
        """Claim that a number is at least `bound`; `what` names the number."""
        return cls(claim, float(value), f"{what} ≥ {bound:.6g}", bool(value >= bound))

    @classmethod
    def at_most(cls, claim: str, value: float, bound: float, what: str = "value") -> Self:
        """Claim that a number is at most `bound`; `what` names the number."""
        return cls(claim, float(value), f"{what} ≤ {bound:.6g}", bool(value <= bound))

    @classmethod
    def above(cls, claim: str, value: float, bound: float, what: str = "value") -> Self:
        """Claim that a number is more than `bound`; `what` names the number."""
        return cls(claim, float(value), f"{what} > {bound:.6g}", bool(value > bound))

    @classmethod
    def between(
        cls, claim: str, value: float, low: float, high: float, what: str = "value"
    ) -> Self:
        """Claim that a number is at least `low` and at most `high`; `what` names the number."""
        criterion = f"{low:.6g} ≤ {what} ≤ {high:.6g}"
        return cls(claim, float(value), criterion, bool(low <= value <= high))

    def as_json(self) -> dict[str, Any]:
        """Return the claim for ``claims.json``; a value that is not finite becomes null."""
        value = self.value if math.isfinite(self.value) else None
        return {
            "claim": self.claim,
            "value": value,
            "criterion": self.criterion,
            "holds": self.holds,
        }


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
        Frozen configurations, among them ``"quick"`` and ``"paper"``.
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

    def __post_init__(self) -> None:
        missing = [scale for scale in SCALES if scale not in self.scales]
        if missing:
            raise InvalidArgumentError(
                f"experiment '{self.name}' has no scale {' or '.join(missing)}; "
                f"give a configuration for each of {', '.join(SCALES)}."
            )

    def configuration(self, scale: str) -> C:
        """Return the frozen configuration of a scale.

        Parameters
        ----------
        scale : str
            ``"quick"``, ``"paper"``, or another that the experiment has.

        Returns
        -------
        Configuration
            Of the experiment's own class.
        """
        if scale not in self.scales:
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
