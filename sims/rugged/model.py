"""The one-dimensional rugged loss of Sec. 4.3: what Figs 1 to 3 have in common."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Configuration
from sdeopt.schedules import ScheduleLike

SOURCE = "Boffi & Slotine (2020), A continuous-time analysis of distributed stochastic gradient"

FROM_PAPER = (
    "the form of the loss, eq. (40): a tilted quartic double well with two cosines, the fast one "
    "making spurious local minima",
    "uniform noise on every gradient, drawn anew for every agent and step; agents started "
    "uniformly on an interval",
    "kernel densities of all final agents and of the final means over many simulations, drawn "
    "over the true loss and its convolution with the noise of a step",
    "the claims, from the words of Sec. 4.3",
)

RECONSTRUCTED = (
    "every number of the loss: f(x) = 0.1 (x⁴ − 4x² − 0.6x − 3 cos 4.4x − 4 cos 22x); the stored "
    "text of the paper lost them, and these were searched so that its words hold",
    "noise half-width, interval of the start, number of agents, step size, number of steps and the "
    "couplings, for the same reason",
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
    start_half_width : float
        Of the interval around 0 on which the agents start.
    quartic, quadratic, tilt : float
        The polynomial of the loss, as in `sdeopt.losses.RuggedWell`.
    amplitudes, frequencies : tuple of float
        Its slow and its fast wave.
    small_couplings, middle_couplings, large_couplings : tuple of float
        The couplings k beside 0, by the part they play in the claims.
    """

    replicas: int
    agents: int
    steps: int
    step_size: float
    half_width: float = 7.0
    start_half_width: float = 3.0
    quartic: float = 0.1
    quadratic: float = -0.4
    tilt: float = -0.06
    amplitudes: tuple[float, ...] = (-0.3, -0.4)
    frequencies: tuple[float, ...] = (4.4, 22.0)
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

    def loss(self) -> so.losses.RuggedWell:
        """Return the loss."""
        return so.losses.RuggedWell(
            quartic=self.quartic,
            quadratic=self.quadratic,
            tilt=self.tilt,
            amplitudes=self.amplitudes,
            frequencies=self.frequencies,
        )

    def noise(self) -> so.noise.Uniform:
        """Return the noise on the gradient."""
        return so.noise.Uniform(self.half_width)

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
    """Simulate an algorithm on the rugged loss, keeping the start and the end."""
    run = so.simulate(
        configuration.loss(),
        algorithm,
        noise=configuration.noise(),
        agents=configuration.agents,
        replicas=configuration.replicas,
        steps=configuration.steps,
        step_size=configuration.step_size if step_size is None else step_size,
        start=so.start.Uniform(-configuration.start_half_width, configuration.start_half_width),
        seed=seed,
        record=so.record.At([0, configuration.steps]),
    ).isel(dim=0, drop=True)
    first, last = run.isel(step=0, drop=True), run.isel(step=-1, drop=True)
    kept = last[["agents", "mean"]].assign(start=first["mean"])
    return kept.assign_attrs(run_seconds=run.attrs["run_seconds"])


def simulate_couplings(
    configuration: RuggedConfiguration,
    algorithm: Callable[[float], Algorithm],
    *,
    step_size: ScheduleLike | None = None,
    smoothing: float | None = None,
) -> xr.Dataset:
    """Simulate every coupling of a figure, and lay the true and the convolved loss beside it."""
    roles = configuration.roles()
    runs = [
        final_states(configuration, algorithm(k), seed=configuration.seed, step_size=step_size)
        for k in roles
    ]
    couplings = xr.DataArray(list(roles), dims="coupling", name="coupling")
    result = xr.concat(runs, dim=couplings, combine_attrs="drop", join="exact")
    loss = configuration.loss()
    scale = configuration.step_size if smoothing is None else smoothing
    smooth = loss.convolved(configuration.noise(), scale=scale)
    return result.assign_coords(
        role=("coupling", list(roles.values())), position=POSITIONS
    ).assign(
        loss=("position", loss.value(POSITIONS[:, None])),
        convolved=("position", smooth.value(POSITIONS[:, None])),
        reach=scale * configuration.half_width,
        ripple_frequency=loss.frequencies[1],
    ).assign_attrs(
        run_seconds=sum(run.attrs["run_seconds"] for run in runs),
        agent_steps=len(runs) * configuration.replicas * configuration.agents * configuration.steps,
    )  # fmt: skip


def panels(result: xr.Dataset, role: str) -> list[xr.Dataset]:
    """Return the couplings that play a part, each for itself."""
    chosen = result["coupling"].values[result["role"].values == role]
    return [result.sel(coupling=k) for k in chosen]
