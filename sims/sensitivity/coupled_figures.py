"""How much the claims of Figs 4 to 6 depend on each of the reconstructed constants."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from scipy import stats

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Claim, Experiment
from sdeopt.experiments.measured import LEVEL
from sims.coupled import fig4, fig5, fig6
from sims.coupled.fig4 import HALFWAY, DescentConfiguration, u_shape
from sims.coupled.fig5 import AgentsConfiguration
from sims.coupled.final_points import FinalPointsConfiguration
from sims.coupled.model import CoupledConfiguration, simulate_couplings
from sims.sensitivity.claims import after_changes, headline, percent
from sims.sensitivity.drawing import Ladder, draw_verdicts
from sims.sensitivity.study import COUPLED_CONSTANTS, Judge, StudyConfiguration, Verdicts, study
from sims.shared import BEYOND, SOURCE
from sims.shared.panels import with_roles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SETUP = (
    "Figs 4, 5 and 6 are judged by their own claims with one constant multiplied by 1 − 0.2 or 1 + "
    "0.2 and all others, the couplings among them, unchanged; for the row k all couplings are "
    "multiplied together. Every coupling is simulated once for all three. The first three blocks "
    "count the claims whose numbers are still as asked. The last one lets the coupling be chosen "
    "anew: how far down the mean goes at each coupling of Figure 4, as a share of the way from its "
    "loss at the start to the least loss; the best coupling is framed, and named at the right. In "
    "the rows k, its columns stand for the couplings before the change. A change of c scales the "
    "whole loss, one of η all step sizes; cross sections hold the other coordinates at −1.4 "
    "throughout."
)

RECONSTRUCTED = (
    "every constant that is changed here, and the claims’ numbers; see fig4, fig5 and fig6",
    "which couplings are good, merging or too large is what Figs 5 and 6 say with the constants "
    "as they are: where the best coupling moves past these, the claims on their panels fail, "
    "though another coupling may do what they say",
)


def t_limit(replicas: int) -> float:
    """Return how many standard errors a 99.9% limit of a mean over replicas is away."""
    return float(stats.t.ppf(LEVEL, replicas - 1))


SIZES = ("p", "n", "steps", "start")
"""How much is simulated and from where, rather than what."""


@dataclass(frozen=True, kw_only=True)
class CoupledSensitivityConfiguration(StudyConfiguration):
    """Which constants are changed, by how much, and what is simulated then.

    Parameters
    ----------
    constants : tuple of str
        Which of `sims.sensitivity.study.COUPLED_CONSTANTS`.
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
            if name in ("replicas", "seed", "coupling"):
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
    fig4=replace(fig4.QUICK, coupling=(0.0, 0.25, 0.5, 2.0, 4.0, 5.0, 8.0, 20.0)),
)

PAPER = CoupledSensitivityConfiguration(
    replicas=32, replicas_before=32, constants=tuple(COUPLED_CONSTANTS)
)


def simulate(configuration: CoupledSensitivityConfiguration) -> xr.Dataset:
    """Simulate the three figures as they are and after every change of one constant."""
    ladder = list(configuration.fig4.coupling)
    return study(configuration, CoupledJudge()).assign_coords(ladder=ladder)


class CoupledJudge(Judge[CoupledConfiguration]):
    """The verdicts on Figs 4, 5 and 6, which differ in their couplings only."""

    def __call__(self, figures: Mapping[str, CoupledConfiguration]) -> Verdicts:
        """Return what holds with these constants."""
        descent, agents, means = (figures[name] for name in ("fig4", "fig5", "fig6"))
        assert isinstance(descent, DescentConfiguration)
        assert isinstance(agents, AgentsConfiguration)
        assert isinstance(means, FinalPointsConfiguration)
        runs = self._runs(descent, {*descent.coupling, *agents.coupling, *means.coupling})
        last = runs.isel(step=-1)
        curves = fig4.measured(descent, runs.sel(coupling=list(descent.coupling)))
        final_agents = fig5.measured(agents, with_roles(last, agents.roles()))
        claims = {
            "fig4": fig4.claims(curves),
            "fig5": fig5.panel_claims(final_agents),
            "fig6": fig6.claims(with_roles(last, means.roles())),
        }
        return Verdicts(claims, choices(curves))

    def _runs(self, descent: DescentConfiguration, couplings: set[float]) -> xr.Dataset:
        """Return all couplings, at the start and at the last two points of Figure 4."""
        every = so.record.Every(descent.interval).steps(descent.steps)
        # The loss is averaged since the point before the last, as in the figure.
        kept = so.record.At(every[[0, *range(-min(len(every) - 1, 2), 0)]], ("agents", "mean"))
        runs = simulate_couplings(descent, sorted(couplings), kept, ["loss_of_mean"])
        self._count(runs.attrs["run_seconds"], runs.attrs["agent_steps"])
        return runs


def choices(curves: xr.Dataset) -> xr.Dataset:
    """Return how well each coupling of Figure 4 does, and which is best."""
    losses, lowest = curves["loss_of_mean"], curves["lowest"]
    start, end = (losses.isel(step=step).mean("replica") for step in (0, -1))
    covered = (start - end) / (start - lowest)
    way = losses.isel(step=0) - lowest
    apart = losses.isel(step=0) - losses.isel(step=-1) - covered * way
    replicas, couplings = losses.sizes["replica"], curves["coupling"].values
    error = apart.std("replica", ddof=1) / np.sqrt(replicas) / (start - lowest)
    last, best = losses.isel(step=-1), int(covered.values.argmax())
    above = last - last.isel(coupling=best)
    unclear = above.std("replica", ddof=1) / np.sqrt(replicas)
    # the couplings whose loss is not clearly above that of the best
    as_good = couplings[(above.mean("replica") <= t_limit(replicas) * unclear).values]
    inside = u_shape(last, float(curves["smallest_strict"]))[0]
    return xr.Dataset(
        {
            "covered": ("ladder", covered.values),
            "covered_error": ("ladder", error.values),
            "best": couplings[best],
            "best_ends": ("end", [as_good.min(), as_good.max()]),
            "margin": inside.value,
        }
    )


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what becomes of Figs 4 to 6 when one constant is changed, as claims.

    Of the paper's constants only the words of Sec. 4.3 are known: these say how far its statements
    depend on the numbers that were chosen here.
    """
    return [
        *after_changes(result, "Figs 4 to 6", SIZES),
        # Figure 4 has a best coupling whatever is changed; it grows with the noise.
        _inside(result),
        _minimizes(result),
        *_grows_with_the_noise(result),
    ]


def _inside(result: xr.Dataset) -> Claim:
    """Claim that there is a best coupling after every change, and neither none nor the largest."""
    margins = result["margin"].stack(row=("constant", "change"))
    worst = margins[margins.values.argmin()]
    where = f"{worst['constant'].item()} {percent(worst['change'].item())}"
    return Claim.clear(
        "chosen anew, the best coupling is inside after every change: its loss lies below those of "
        f"both ends (by least at {where})",
        float(worst),
        1.0,
        what="smaller difference / its standard error",
    )


def _minimizes(result: xr.Dataset) -> Claim:
    """Claim that the best coupling does what the best one of Figure 4 does."""
    chosen = result["covered"].argmax("ladder")
    best, error = (
        result[name].isel(ladder=chosen).values.ravel() for name in ("covered", "covered_error")
    )
    # the least of all limits: another change than that of the least estimate may be the less certain
    reach = t_limit(int(result["replicas"])) * error
    return Claim.at_least(
        "chosen anew, the best coupling minimizes the loss of the mean after every change",
        best.min(),
        HALFWAY,
        "share of the way down, after the worst change",
        interval=((best - reach).min(), (best + reach).min()),
    )


def _grows_with_the_noise(result: xr.Dataset) -> list[Claim]:
    if "W" not in result["constant"]:
        return []
    less, more = result["best"].sel(constant="W").values.tolist()
    now = result["before_best"].item()
    ends = result["best_ends"].sel(constant="W").transpose("change", "end").values.clip(1e-300)
    between = result["before_best_ends"].values.clip(1e-300)
    low = min(between[0] / ends[0, 1], ends[1, 0] / between[1])
    high = min(between[1] / ends[0, 0], ends[1, 1] / between[0])
    return [
        Claim.above(
            f"the best coupling grows with the noise: k = {less:g}, {now:g} and {more:g} at W "
            f"{percent(result['change'].values[0])}, as it is and "
            f"{percent(result['change'].values[1])}",
            min(now / max(less, 1e-300), more / max(now, 1e-300)),
            1.0,
            "smaller ratio of two neighbours",
            interval=(low, high),
        )
    ]


COVERED = Ladder("covered", "fig4, every coupling: % of the way down", "the way")


def draw(result: xr.Dataset) -> "Figure":
    """Draw the share of claims that are met, and how well each coupling of Figure 4 does."""
    figure = draw_verdicts(result, COUPLED_CONSTANTS, COVERED)
    after = result[["covered", "best"]].stack(row=("constant", "change"))
    covered = np.vstack([result["before_covered"], after["covered"].transpose("row", "ladder")])
    best = np.append(result["before_best"], after["best"])
    # The last axes are those of the scale.
    _frame(figure.axes[-2], covered.argmax(axis=1).tolist(), best.tolist())
    return figure


def _frame(axes: "Axes", places: list[int], best: list[float]) -> None:
    """Frame the best coupling of each row, and name it at the right end of the row."""
    from matplotlib.patches import Rectangle

    from sdeopt.plot.style import COLOURS

    right = axes.get_xlim()[1] + 0.3
    for row, (place, coupling) in enumerate(zip(places, best, strict=True)):
        corner = (place - 0.5, row - 0.5)
        axes.add_patch(
            Rectangle(corner, 1, 1, fill=False, ec=COLOURS["accent"], lw=1.5, clip_on=False)
        )
        axes.text(right, row, f"{coupling:g}", va="center", fontsize=7)
    axes.text(right, -0.7, "best $k$", va="bottom", fontsize=7)


experiment = Experiment(
    name="sensitivity_coupled",
    title="What becomes of Figs 4 to 6 when a constant is changed",
    source=f"{SOURCE}, Sec. 4.3; {BEYOND}",
    setup=SETUP,
    from_paper=("the words that the claims check",),
    reconstructed=RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Beyond the figures",
    headline=headline("Figs 4 to 6"),
)
