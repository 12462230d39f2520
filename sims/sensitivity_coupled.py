"""How much the claims of Figs 4 to 6 hang on each of the reconstructed constants."""

from dataclasses import dataclass, fields, replace

import xarray as xr

from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Experiment
from sims import fig4, fig5, fig6
from sims.analysis.constants import COUPLED_CONSTANTS
from sims.analysis.coupled_verdicts import CoupledJudge
from sims.analysis.verdicts import StudyConfiguration, study
from sims.claims.sensitivity_coupled import claims
from sims.drawings.sensitivity_coupled import draw
from sims.fig4 import DescentConfiguration
from sims.fig5 import AgentsConfiguration
from sims.models.coupled import CoupledConfiguration
from sims.models.final_points import FinalPointsConfiguration
from sims.models.rugged import SOURCE

__all__ = ["CoupledSensitivityConfiguration", "experiment", "simulate"]


@dataclass(frozen=True, kw_only=True)
class CoupledSensitivityConfiguration(StudyConfiguration):
    """Which constants are changed, by how much, and what is simulated then.

    Parameters
    ----------
    constants : tuple of str
        Which of `sims.analysis.constants.COUPLED_CONSTANTS`.
    fig4, fig5, fig6 : CoupledConfiguration
        The figures before a change, equal but for their couplings; their replicas and seeds are
        replaced.
    """

    fig4: DescentConfiguration = fig4.QUICK
    fig5: AgentsConfiguration = fig5.QUICK
    fig6: FinalPointsConfiguration = fig6.QUICK

    KNOWN = COUPLED_CONSTANTS
    FIGURES = ("fig4", "fig5", "fig6")

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in (field.name for field in fields(CoupledConfiguration)):
            if name in ("replicas", "seed"):
                continue
            first = getattr(self.fig4, name)
            for figure in ("fig5", "fig6"):
                given = getattr(getattr(self, figure), name)
                if given != first:
                    raise InvalidArgumentError(
                        f"{name} of {figure} is {given}, that of fig4 {first}; give all three the "
                        "same, as they are judged from one simulation."
                    )


QUICK = CoupledSensitivityConfiguration(
    replicas=16,
    replicas_before=16,
    constants=("W",),
    fig4=replace(fig4.QUICK, couplings=(0.25, 0.5, 2.0, 4.0, 5.0, 8.0, 20.0)),
)

PAPER = CoupledSensitivityConfiguration(
    replicas=32, replicas_before=32, constants=tuple(COUPLED_CONSTANTS)
)


def simulate(configuration: CoupledSensitivityConfiguration) -> xr.Dataset:
    """Simulate the three figures as they are and after every change of one constant.

    Parameters
    ----------
    configuration : CoupledSensitivityConfiguration
        Constants, changes, and the figures.

    Returns
    -------
    xarray.Dataset
        What `sims.analysis.verdicts.study` returns: the verdict on every claim, and beside it what
        `sims.analysis.coupled_verdicts.choices` has, along ``ladder`` the couplings of Figure 4
        before a change.
    """
    ladder = list(configuration.fig4.all_couplings())
    return study(configuration, CoupledJudge()).assign_coords(ladder=ladder)


experiment = Experiment(
    name="sensitivity_coupled",
    title="What becomes of Figs 4 to 6 when a constant is changed",
    source=f"{SOURCE}, Sec. 4.3; this experiment goes beyond its figures",
    setup=(
        "Figs 4, 5 and 6 are judged by their own claims with one constant multiplied by 1 − 0.2 or "
        "1 + 0.2 and all others, the couplings among them, unchanged; for the row k all couplings "
        "are multiplied together. Every coupling is simulated once for all three. The first three "
        "blocks count the claims that still hold. The last one lets the coupling be chosen anew: "
        "how far down the mean goes at each coupling of Figure 4, as a share of the way from its "
        "loss at the start to the least loss; the best coupling is framed, and named at the right. "
        "In the rows k, its columns stand for the couplings before the change. "
        "A change of c scales the whole loss, one of η all step sizes; cross sections hold the "
        "other coordinates at −1.4 throughout."
    ),
    from_paper=("the words that the claims check",),
    reconstructed=(
        "every constant that is changed here, and the claims’ numbers; see fig4, fig5 and fig6",
        "which couplings are good, merging or too large is what Figs 5 and 6 say with the constants "
        "as they are: where the best coupling moves past these, the claims on their panels fail, "
        "though another coupling may do what they say",
    ),
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Beyond the figures",
)
