"""How much the claims of Figs 1 to 3 depend on each of the reconstructed constants."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Claim, Experiment, Interval
from sdeopt.experiments.measured import interval_of
from sims.rugged import fig1, fig2, fig3
from sims.rugged.claims import found_at
from sims.rugged.fig3 import MomentumConfiguration
from sims.rugged.model import POSITIONS, HalvingConfiguration, RuggedConfiguration, final_states
from sims.sensitivity.claims import after_changes, headline, percent, without_couplings
from sims.sensitivity.drawing import Ladder, draw_verdicts
from sims.sensitivity.study import CONSTANTS, Judge, StudyConfiguration, Verdicts, study
from sims.shared import BEYOND, SOURCE
from sims.shared.measures import RELIABLE, Array, Basins

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SETUP = (
    "Figs 1, 2 and 3 are simulated again and judged by their own claims with one constant "
    "multiplied by 1 − 0.2 or 1 + 0.2 and all others, the couplings among them, unchanged; for "
    "the row k all couplings are multiplied together. The first three blocks count the claims "
    "whose numbers are still as asked. The last block lets the coupling be chosen anew: the share "
    "of replicas whose mean finds the global minimum of the convolved loss in the setting of "
    "Figure 1. A change of c scales the whole loss, one of η all step sizes, one of the steps the "
    "period of the halvings too, and one of 1 − δ leaves Figs 1 and 2 alone."
)

RECONSTRUCTED = (
    "every constant that is changed here, and the claims’ numbers; see fig1, fig2 and fig3",
    "ηWw₂ = 6.16 is close to 2π, where the noise of a step averages the fast wave out: that is "
    "why the convolved loss of Figure 1 is smooth. Changes of η, W and w₂ leave ripples in it, "
    "whose minima the claims then take for basins; the number of its minima is kept as well",
    "at W −20% its two deepest minima, 1.305 and 1.55, differ by 0.001, and at the better "
    "couplings the means settle between them: there the measure fails rather than the search",
)

SIZES = ("p", "steps", "start")
"""How much is simulated and from where, rather than what."""


FIGURES: dict[str, tuple[Callable[[Any], xr.Dataset], Callable[[xr.Dataset], list[Claim]]]] = {
    "fig1": (fig1.simulate_panels, fig1.panel_claims),
    "fig2": (fig2.simulate_panels, fig2.searched),
    "fig3": (fig3.simulate_panels, fig3.panel_claims),
}
"""How the panels of each are simulated and judged: by the claims for which constants were searched."""


C = TypeVar("C", bound=RuggedConfiguration)


@dataclass(frozen=True, kw_only=True)
class SensitivityConfiguration(StudyConfiguration):
    """Which constants are changed, by how much, and what is simulated then.

    Parameters
    ----------
    constants : tuple of str
        Which of `sims.sensitivity.study.CONSTANTS`.
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
    parts: dict[str, list[float]] = {}
    for k, role in configuration.roles().items():
        parts.setdefault(role, []).append(k)
    return replace(configuration, coupling=tuple(k[len(k) // 2] for k in parts.values()))


QUICK = SensitivityConfiguration(
    replicas=10,
    replicas_before=60,
    constants=("c", "a", "A1", "A2", "w1", "w2", "W", "eta", "k"),
    ladder=(2, 4, 6, 9, 14, 20),
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
    """Simulate the three figures as they are and after every change of one constant."""
    result = study(configuration, RuggedJudge(configuration.ladder))
    return result.assign_coords(ladder=list(configuration.ladder))


class RuggedJudge(Judge[RuggedConfiguration]):
    """The verdicts on Figs 1 to 3; a figure which a change leaves alone is not simulated again.

    Parameters
    ----------
    ladder : sequence of float
        The couplings of `found`.
    """

    def __init__(self, ladder: Sequence[float]) -> None:
        super().__init__()
        self.ladder = ladder
        self._claims: dict[RuggedConfiguration, list[Claim]] = {}
        self._found: dict[RuggedConfiguration, tuple[list[float], int]] = {}

    def __call__(self, figures: Mapping[str, RuggedConfiguration]) -> Verdicts:
        """Return what holds with these constants."""
        found, minima = self.found(figures["fig1"])
        return Verdicts(
            {name: self.claims(name, figure) for name, figure in figures.items()},
            xr.Dataset({"found": ("ladder", found), "minima": minima}),
        )

    def claims(self, name: str, figure: RuggedConfiguration) -> list[Claim]:
        """Return the claims of one figure."""
        if figure not in self._claims:
            simulate, judge = FIGURES[name]
            result = simulate(figure)
            self._count(result.attrs["run_seconds"], result.attrs["agent_steps"])
            self._claims[figure] = judge(result)
        return self._claims[figure]

    def found(self, figure: RuggedConfiguration) -> tuple[list[float], int]:
        """Return how often QSGD finds the global minimum of the convolved loss at each coupling."""
        # The figure's own couplings do not matter here.
        bare = replace(figure, coupling=(0.0,), middle=(0.0, 0.0))
        if bare not in self._found:
            smooth = bare.loss().convolved(bare.noise(), scale=bare.step_size)
            basins = Basins.of(POSITIONS, smooth.value(POSITIONS[:, None]))
            reach, shares = bare.step_size * bare.half_width, []
            for k in self.ladder:
                run = final_states(bare, so.QSGD(k))
                self._count(run.attrs["run_seconds"], run["agents"].size * bare.steps)
                shares.append(found_at(run.assign(reach=reach), basins))
            self._found[bare] = shares, len(basins.minima)
        return self._found[bare]


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what becomes of Figs 1 to 3 when one constant is changed, as claims.

    Of the paper's constants only the words of Sec. 4.3 are known: these say how far its statements
    depend on the numbers that were chosen here.
    """
    return [
        *after_changes(result, "Figs 1 to 3", SIZES),
        # With other couplings the minimum is found as before.
        _can_be_chosen(result),
    ]


def _can_be_chosen(result: xr.Dataset) -> Claim:
    """Claim that good couplings can be found for the constants."""
    # The ladder does not depend on the figure's own couplings, so k says nothing here.
    others = without_couplings(result)
    best = others["found"].max("ladder")
    missed = [
        f"{constant} {percent(by)}: {best.sel(constant=constant, change=by).item():.2f}"
        for constant in others["constant"].values.tolist()
        for by in others["change"].values.tolist()
        if best.sel(constant=constant, change=by) < RELIABLE
    ]
    return Claim.at_least(
        "chosen anew, some coupling finds the minimum reliably in the setting of Figure 1 "
        f"after nearly every change (not after {'; '.join(missed) or 'none'})",
        float(np.mean(best >= RELIABLE)),
        RELIABLE,
        "share of changes",
        interval=_surely_and_possibly(best.values.ravel(), int(result["replicas"])),
    )


def _surely_and_possibly(shares: Array, replicas: int) -> Interval:
    """Return how many shares of replicas reach `RELIABLE`, by their lower and their upper limits."""
    limits = [
        interval_of(np.mean, np.arange(replicas) < round(share * replicas)) for share in shares
    ]
    low, high = np.mean(np.array(limits) >= RELIABLE, axis=0)
    return float(low), float(high)


FOUND = Ladder("found", "setting of fig1, other couplings: % of means at the minimum", "replicas")


def draw(result: xr.Dataset) -> "Figure":
    """Draw the share of claims that are met, and how often each coupling finds the minimum."""
    return draw_verdicts(result, CONSTANTS, FOUND)


experiment = Experiment(
    name="sensitivity",
    title="What becomes of Figs 1 to 3 when a constant is changed",
    source=f"{SOURCE}, Sec. 4.3; {BEYOND}",
    setup=SETUP,
    from_paper=("the words that the claims check",),
    reconstructed=RECONSTRUCTED,
    scales={"quick": QUICK, "paper": PAPER},
    simulate=simulate,
    draw=draw,
    claims=claims,
    section="Beyond the figures",
    headline=headline("Figs 1 to 3"),
)
