"""The verdicts on Figs 4 to 6 for any constants, from one simulation of each coupling."""

from collections.abc import Mapping

import xarray as xr

import sdeopt as so
from sims import fig4, fig5, fig6
from sims.analysis.verdicts import Judge, Verdicts
from sims.claims import descent as descent_claims
from sims.fig4 import DescentConfiguration
from sims.fig5 import AgentsConfiguration
from sims.models import coupled, final_points
from sims.models.coupled import CoupledConfiguration
from sims.models.final_points import FinalPointsConfiguration

__all__ = ["CoupledJudge", "choices"]


class CoupledJudge(Judge[CoupledConfiguration]):
    """The judge of Figs 4, 5 and 6, which differ in their couplings only."""

    def __call__(self, figures: Mapping[str, CoupledConfiguration]) -> Verdicts:
        """Return what holds with these constants.

        Parameters
        ----------
        figures : mapping of str to CoupledConfiguration
            ``fig4``, ``fig5`` and ``fig6``, with the same constants.

        Returns
        -------
        Verdicts
            Beside the claims, what `choices` returns.
        """
        descent, agents, means = (figures[name] for name in ("fig4", "fig5", "fig6"))
        assert isinstance(descent, DescentConfiguration)
        assert isinstance(agents, AgentsConfiguration)
        assert isinstance(means, FinalPointsConfiguration)
        runs = self._runs(descent, {*descent.all_couplings(), *agents.roles(), *means.roles()})
        last = runs.isel(step=-1)
        curves = fig4.measured(descent, runs.sel(coupling=list(descent.all_couplings())))
        final_agents = fig5.measured(agents, final_points.with_roles(agents, last))
        claims = {
            "fig4": fig4.claims(curves),
            "fig5": fig5.claims(final_agents),
            "fig6": fig6.claims(final_points.with_roles(means, last)),
        }
        return Verdicts(claims, choices(curves))

    def _runs(self, descent: DescentConfiguration, couplings: set[float]) -> xr.Dataset:
        """Return all couplings, at the start and at the last two points of Figure 4."""
        every = so.record.Every(descent.interval).steps(descent.steps)
        # The loss is averaged since the point before the last, as in the figure.
        kept = so.record.At(every[[0, *range(-min(len(every) - 1, 2), 0)]], ("agents", "mean"))
        runs = coupled.simulate_couplings(descent, sorted(couplings), kept, ["loss_of_mean"])
        self._count(runs.attrs["run_seconds"], runs.attrs["agent_steps"])
        return runs


def choices(curves: xr.Dataset) -> xr.Dataset:
    """Return how well each coupling of Figure 4 does, and which is best.

    Parameters
    ----------
    curves : xarray.Dataset
        From `sims.fig4.measured`.

    Returns
    -------
    xarray.Dataset
        ``covered`` (ladder): the share of the way from the loss of the mean at the start down to
        the least loss that it has gone at the end; ``best``, the coupling where it is largest, and
        ``margin``, how far its loss lies below those at k = 0 and at the largest coupling, in
        standard errors: 0 where it is itself one of these.
    """
    losses, lowest = curves["loss_of_mean"], curves["lowest"]
    start, end = (losses.isel(step=step).mean("replica") for step in (0, -1))
    covered = ((start - end) / (start - lowest)).values
    inside = descent_claims.u_shape(losses.isel(step=-1), float(curves["smallest_strict"]))[0]
    return xr.Dataset(
        {
            "covered": ("ladder", covered),
            "best": curves["coupling"].values[covered.argmax()],
            "margin": inside.value,
        }
    )
