"""The verdicts on Figs 1 to 3 for any constants, each figure simulated once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import xarray as xr

import sdeopt as so
from sdeopt.experiment import Claim
from sims import fig1, fig2, fig3
from sims.analysis.measures import Basins, share_within
from sims.analysis.verdicts import Judge, Verdicts
from sims.models import rugged
from sims.models.rugged import RuggedConfiguration

__all__ = ["FIGURES", "RuggedJudge"]

FIGURES: dict[str, tuple[Callable[[Any], xr.Dataset], Callable[[xr.Dataset], list[Claim]]]] = {
    "fig1": (fig1.simulate, fig1.claims),
    "fig2": (fig2.simulate, fig2.claims),
    "fig3": (fig3.simulate, fig3.claims),
}
"""How each is simulated and judged."""


class RuggedJudge(Judge[RuggedConfiguration]):
    """The judge, who remembers: a figure which a change leaves alone is not run again.

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
        """Return what holds with these constants.

        Parameters
        ----------
        figures : mapping of str to RuggedConfiguration
            A configuration for each of `FIGURES`.

        Returns
        -------
        Verdicts
            Beside the claims, ``found`` (ladder) and ``minima``.
        """
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
