"""The one-dimensional rugged loss of Sec. 4.3: what Figs 1 to 3 have in common."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt import plotting
from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.densities import Landscape
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Configuration
from sdeopt.schedules import ScheduleLike

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "FROM_PAPER",
    "RECONSTRUCTED",
    "SOURCE",
    "RuggedConfiguration",
    "draw_panels",
    "final_states",
    "simulate_couplings",
]

SOURCE = "Boffi & Slotine (2020), A continuous-time analysis of distributed stochastic gradient"

FROM_PAPER = (
    "the form of the loss, eq. (40): a tilted quartic double well with two cosines, the fast one "
    "making spurious local minima",
    "uniform noise on every gradient, drawn anew for every agent and step; agents started "
    "uniformly on [−3, 3]",
    "kernel densities of all final agents and of the final means over many simulations, drawn "
    "over the true loss and its convolution with the noise of a step",
    "the claims, from the words of Sec. 4.3",
)

RECONSTRUCTED = (
    "every number of the loss: f(x) = 0.1 (x⁴ − 4x² − 0.6x − 3 cos 4.4x − 4 cos 22x); the stored "
    "text of the paper lost them, and these were searched so that its words hold",
    "noise half-width, number of agents, step size, number of steps and the couplings, for the "
    "same reason",
    "what the words mean in numbers: near = within r = ηW, the reach of one step’s noise; sharp = "
    "central 90% interval at most 2r wide; reliable = at least 90% of replicas",
    "with these numbers the global minima of the true and the convolved loss lie 0.003 apart, so "
    "that place alone cannot tell them apart; the spread of the agents over several ripples does",
    "λ̄ = sup −f″ is about 200 here, far above every coupling, so no bound of Sec. 3 covers these runs",
)

POSITIONS = np.linspace(-3.0, 3.0, 1201)
"""Where losses and densities are drawn."""


@dataclass(frozen=True, kw_only=True)
class RuggedConfiguration(Configuration):
    """The size and the couplings of a figure on the rugged loss.

    Parameters
    ----------
    replicas, agents, steps : int
        The size of each simulation.
    step_size : float
        η.
    half_width : float
        W, of the uniform noise on the gradient.
    small_couplings, middle_couplings, large_couplings : tuple of float
        The couplings k beside 0, by the part they play in the claims.
    """

    replicas: int
    agents: int
    steps: int
    step_size: float
    half_width: float = 7.0
    small_couplings: tuple[float, ...]
    middle_couplings: tuple[float, ...]
    large_couplings: tuple[float, ...]

    def __post_init__(self) -> None:
        if self.replicas < 2:
            raise InvalidArgumentError(
                f"replicas is {self.replicas}, but the claims compare replicas; give at least 2."
            )
        couplings = [0.0, *self.small_couplings, *self.middle_couplings, *self.large_couplings]
        twice = [k for k in couplings if couplings.count(k) > 1]
        if twice:
            raise InvalidArgumentError(
                f"coupling {twice[0]:g} is given twice; each of small, middle and large couplings "
                "is its own panel, and 0 is always the first."
            )

    def roles(self) -> dict[float, str]:
        """Return the part that each coupling plays, from no coupling to the largest."""
        parts = {0.0: "none"}
        for role in ("small", "middle", "large"):
            parts |= dict.fromkeys(getattr(self, f"{role}_couplings"), role)
        return parts


def final_states(
    configuration: RuggedConfiguration,
    algorithm: Algorithm,
    *,
    seed: int,
    step_size: ScheduleLike | None = None,
) -> xr.Dataset:
    """Simulate an algorithm on the rugged loss, keeping the start and the end.

    Parameters
    ----------
    configuration : RuggedConfiguration
        Sizes and noise.
    algorithm : Algorithm
        What moves the agents.
    seed : int
        Of this simulation.
    step_size : float or Schedule, optional
        Where it is not the constant of the configuration.

    Returns
    -------
    xarray.Dataset
        ``agents`` (replica, agent), ``mean`` (replica), ``start`` (replica): the mean at step 0.
    """
    run = so.simulate(
        so.losses.RuggedWell(),
        algorithm,
        noise=so.noise.Uniform(configuration.half_width),
        agents=configuration.agents,
        replicas=configuration.replicas,
        steps=configuration.steps,
        step_size=configuration.step_size if step_size is None else step_size,
        start=so.start.Uniform(-3.0, 3.0),
        seed=seed,
        record=so.record.At([0, configuration.steps]),
    ).isel(dim=0, drop=True)
    first, last = run.isel(step=0, drop=True), run.isel(step=-1, drop=True)
    kept = last[["agents", "mean"]].assign(start=first["mean"])
    return kept.assign_attrs(run_seconds=run.attrs["run_seconds"])


def simulate_couplings(
    configuration: RuggedConfiguration,
    algorithm: Callable[[float], Algorithm],
    step_size: ScheduleLike | None = None,
) -> xr.Dataset:
    """Simulate every coupling of a figure, and lay the true and the convolved loss beside it.

    Parameters
    ----------
    configuration : RuggedConfiguration
        Sizes, noise and couplings.
    algorithm : callable
        Coupling -> algorithm.
    step_size : float or Schedule, optional
        Where it is not the constant of the configuration.

    Returns
    -------
    xarray.Dataset
        The variables of `final_states` along a dimension ``coupling`` with a coordinate ``role``;
        ``loss`` and ``convolved`` along ``position``. Every coupling sees the same noise.
    """
    roles = configuration.roles()
    runs = [
        final_states(configuration, algorithm(k), seed=configuration.seed, step_size=step_size)
        for k in roles
    ]
    couplings = xr.DataArray(list(roles), dims="coupling", name="coupling")
    result = xr.concat(runs, dim=couplings, combine_attrs="drop", join="exact")
    loss = so.losses.RuggedWell()
    noise = so.noise.Uniform(configuration.half_width)
    smooth = loss.convolved(noise, scale=configuration.step_size)
    return result.assign_coords(
        role=("coupling", list(roles.values())), position=POSITIONS
    ).assign(
        loss=("position", loss.value(POSITIONS[:, None])),
        convolved=("position", smooth.value(POSITIONS[:, None])),
        reach=configuration.step_size * configuration.half_width,
        ripple_frequency=loss.frequencies[1],
    ).assign_attrs(
        run_seconds=sum(run.attrs["run_seconds"] for run in runs),
        agent_steps=len(runs) * configuration.replicas * configuration.agents * configuration.steps,
    )  # fmt: skip


TITLES = {"none": "no coupling", "small": "small", "middle": "middle", "large": "large"}


def draw_panels(result: xr.Dataset) -> "Figure":
    """Draw a panel for each coupling: the laws of agents and mean over the two losses.

    Parameters
    ----------
    result : xarray.Dataset
        From `simulate_couplings`.

    Returns
    -------
    matplotlib.figure.Figure
        Three panels in a row.
    """
    landscape = Landscape(
        result["position"].values, result["loss"].values, result["convolved"].values
    )
    rows = -(-result.sizes["coupling"] // 3)
    figure, panels = plotting.grid_of_panels(rows, 3)
    titles = []
    for index, axes in enumerate(panels.flat):
        if index >= result.sizes["coupling"]:
            axes.remove()
            panels.flat[index - 3].tick_params(labelbottom=True)
            continue
        panel = result.isel(coupling=index)
        landscape.draw(axes, panel["agents"], panel["mean"], panel["start"])
        titles.append(f"$k = {panel['coupling'].item():g}$, {TITLES[panel['role'].item()]}")
    plotting.panel_titles(list(panels.flat), titles)
    plotting.label_edges(panels, "parameter $x$", "density, loss (scaled)")
    plotting.shared_legend(figure, panels.flat[0])
    return figure
