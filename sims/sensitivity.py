"""How much the claims of Figs 1 to 3 hang on each of the reconstructed constants."""

from dataclasses import dataclass, replace
from typing import Any, TypeVar

import xarray as xr

from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Experiment
from sims import fig1, fig2, fig3
from sims.analysis.constants import CONSTANTS
from sims.analysis.rugged_verdicts import FIGURES, RuggedJudge
from sims.analysis.verdicts import StudyConfiguration, study
from sims.claims.sensitivity import claims
from sims.drawings.sensitivity import draw
from sims.fig2 import HalvingConfiguration
from sims.fig3 import MomentumConfiguration
from sims.models import rugged
from sims.models.rugged import RuggedConfiguration

__all__ = ["SensitivityConfiguration", "experiment", "simulate"]

C = TypeVar("C", bound=RuggedConfiguration)


@dataclass(frozen=True, kw_only=True)
class SensitivityConfiguration(StudyConfiguration):
    """Which constants are changed, by how much, and what is simulated then.

    Parameters
    ----------
    constants : tuple of str
        Which of `sims.analysis.constants.CONSTANTS`.
    ladder : tuple of float
        Couplings tried anew after every change, in the setting of Figure 1.
    fig1, fig2, fig3 : RuggedConfiguration
        The figures before a change; their replicas and seeds are replaced.
    """

    ladder: tuple[float, ...] = (2, 3, 4, 5, 6, 8, 9, 10, 12, 14, 16, 20, 26)
    fig1: RuggedConfiguration
    fig2: HalvingConfiguration
    fig3: MomentumConfiguration

    KNOWN = CONSTANTS
    FIGURES = tuple(FIGURES)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.ladder:
            raise InvalidArgumentError("the ladder has no coupling; give at least one to try.")


def _one_of_each(configuration: C) -> C:
    """Return a figure with one coupling for each part: the middle one."""
    parts = ("small_couplings", "middle_couplings", "large_couplings")
    given = {name: getattr(configuration, name) for name in parts}
    chosen: dict[str, Any] = {name: (k[len(k) // 2],) for name, k in given.items()}
    return replace(configuration, **chosen)


QUICK = SensitivityConfiguration(
    replicas=20,
    replicas_before=100,
    constants=("c", "a", "A1", "A2", "w1", "w2", "W", "eta", "k"),
    fig1=_one_of_each(fig1.QUICK),
    fig2=_one_of_each(fig2.QUICK),
    fig3=_one_of_each(fig3.QUICK),
)

PAPER = SensitivityConfiguration(
    replicas=100,
    replicas_before=100,
    constants=tuple(CONSTANTS),
    fig1=fig1.QUICK,
    fig2=fig2.QUICK,
    fig3=fig3.QUICK,
)


def simulate(configuration: SensitivityConfiguration) -> xr.Dataset:
    """Simulate the three figures as they are and after every change of one constant.

    Parameters
    ----------
    configuration : SensitivityConfiguration
        Constants, changes, and the figures.

    Returns
    -------
    xarray.Dataset
        ``holds`` and ``value`` (constant, change, claim) of every claim, ``found`` (constant,
        change, ladder), the share of replicas whose mean finds the global minimum of the convolved
        loss, and ``minima`` (constant, change), how many that loss has; the same before a change
        as ``before_holds`` and so on. Coordinates of a claim: ``figure``, ``part`` and ``words``.
    """
    result = study(configuration, RuggedJudge(configuration.ladder))
    return result.assign_coords(ladder=list(configuration.ladder))


experiment = Experiment(
    name="sensitivity",
    title="What becomes of Figs 1 to 3 when a constant is changed",
    source=f"{rugged.SOURCE}, Sec. 4.3; this experiment goes beyond its figures",
    setup=(
        "Figs 1, 2 and 3 are simulated again and judged by their own claims with one constant "
        "multiplied by 1 − 0.2 or 1 + 0.2 and all others, the couplings among them, unchanged; for "
        "the row k all couplings are multiplied together. The first three blocks count the claims "
        "that still hold. The last block lets the coupling be chosen anew: the share of replicas "
        "whose mean finds the global minimum of the convolved loss in the setting of Figure 1. "
        "A change of c scales the whole loss, one of η all step sizes, one of the steps the period "
        "of the halvings too, and one of 1 − δ leaves Figs 1 and 2 alone."
    ),
    from_paper=("the words that the claims check",),
    reconstructed=(
        "every constant that is changed here, and the claims’ numbers; see fig1, fig2 and fig3",
        "ηWw₂ = 6.16 is close to 2π, where the noise of a step averages the fast wave out: that is "
        "why the convolved loss of Figure 1 is smooth. Changes of η, W and w₂ leave ripples in it, "
        "whose minima the claims then take for basins; the number of its minima is kept as well",
        "at W −20% its two deepest minima, 1.305 and 1.55, differ by 0.001, and at the better "
        "couplings the means settle between them: there the measure fails rather than the search",
    ),
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Beyond the figures",
)
