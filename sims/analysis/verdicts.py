"""The verdicts on Figs 1 to 3 for any constants, each figure simulated once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import xarray as xr

import sdeopt as so
from sdeopt.experiment import Claim
from sims import fig1, fig2, fig3
from sims.analysis.measures import Basins, share_within
from sims.models import rugged
from sims.models.rugged import RuggedConfiguration

__all__ = ["FIGURES", "Study", "part"]

FIGURES: dict[str, tuple[Callable[[Any], xr.Dataset], Callable[[xr.Dataset], list[Claim]]]] = {
    "fig1": (fig1.simulate, fig1.claims),
    "fig2": (fig2.simulate, fig2.claims),
    "fig3": (fig3.simulate, fig3.claims),
}
"""How each is simulated and judged."""


@dataclass
class Study:
    """What was simulated so far, so that a figure which a change leaves alone is not run again.

    Parameters
    ----------
    ladder : sequence of float
        The couplings of `found`.
    """

    ladder: Sequence[float]
    _claims: dict[RuggedConfiguration, list[Claim]] = field(default_factory=dict)
    _found: dict[RuggedConfiguration, tuple[list[float], int]] = field(default_factory=dict)
    work: dict[str, float] = field(default_factory=lambda: {"run_seconds": 0.0, "agent_steps": 0})

    def verdicts(self, figures: Mapping[str, RuggedConfiguration]) -> xr.Dataset:
        """Return what holds with these constants.

        Parameters
        ----------
        figures : mapping of str to RuggedConfiguration
            A configuration for each of `FIGURES`.

        Returns
        -------
        xarray.Dataset
            ``holds`` and ``value`` (claim), ``found`` (ladder) and ``minima``.
        """
        claims = [claim for name in FIGURES for claim in self.claims(name, figures[name])]
        found, minima = self.found(figures["fig1"])
        return xr.Dataset(
            {
                "holds": ("claim", [claim.holds for claim in claims]),
                "value": ("claim", [claim.value for claim in claims]),
                "found": ("ladder", found),
                "minima": minima,
            }
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
        """Return how often QSGD finds the global minimum of the convolved loss at each coupling.

        Parameters
        ----------
        figure : RuggedConfiguration
            Of Figure 1; its own couplings do not matter.

        Returns
        -------
        shares : list of float
            The share of replicas whose mean ends near it, along the ladder.
        minima : int
            How many minima the convolved loss has.
        """
        bare = replace(figure, small_couplings=(), middle_couplings=(), large_couplings=())
        if bare not in self._found:
            smooth = bare.loss().convolved(bare.noise(), scale=bare.step_size)
            basins = Basins.of(rugged.POSITIONS, smooth.value(rugged.POSITIONS[:, None]))
            place, reach = basins.minima[basins.deepest], bare.step_size * bare.half_width
            shares = []
            for k in self.ladder:
                run = rugged.final_states(bare, so.QSGD(k), seed=bare.seed)
                self._count(run.attrs["run_seconds"], run["agents"].size * bare.steps)
                shares.append(share_within(run["mean"], place, reach))
            self._found[bare] = shares, len(basins.minima)
        return self._found[bare]

    def _count(self, seconds: float, agent_steps: int) -> None:
        self.work["run_seconds"] += seconds
        self.work["agent_steps"] += agent_steps


def part(claim: Claim, figure: RuggedConfiguration) -> str:
    """Return which part of a figure a claim speaks of.

    Parameters
    ----------
    claim : Claim
        Of the figure, before its constants are changed.
    figure : RuggedConfiguration
        The figure.

    Returns
    -------
    str
        The part of its coupling, or "beside" for what is not about a panel.

    Examples
    --------
    >>> from sdeopt.experiment import Claim
    >>> from sims.fig1 import QUICK
    >>> from sims.analysis.verdicts import part
    >>> part(Claim("k = 8: the mean is sharp", 0.2, "width ≤ 0.56", True), QUICK)
    'middle'
    """
    names = {f"k = {k:g}": role for k, role in figure.roles().items()}
    return names.get(claim.claim.partition(":")[0], "beside")
