"""The one-dimensional rugged loss of Sec. 4.3: what Figs 1 to 3 have in common."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.arguments import finite_number, whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.schedules import ScheduleLike
from sims.shared import SHAPE
from sims.shared.panels import check_range, roles
from sims.shared.wells import WellsConfiguration, side_by_side

FROM_PAPER = (
    "a one-dimensional loss with two deep minima, of which the one on the right is the deeper, and "
    "sinusoidal oscillations that make spurious local minima, eq. (40), times a constant factor",
    "uniform noise on every gradient, drawn anew for every agent and step; agents started "
    "uniformly on an interval",
    "kernel densities of all final agents and of the final means over many simulations, drawn "
    "over the true loss and its convolution with the noise of a step",
    "the claims, from the words of Sec. 4.3",
)

RECONSTRUCTED = (
    SHAPE,
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
class RuggedConfiguration(WellsConfiguration):
    """The size, the constants and the couplings of a figure on the rugged loss.

    Parameters
    ----------
    middle : tuple of float
        The least and the greatest coupling of the middle part in the claims: in Figs 1 and 2 those
        with which the mean finds the minimum. Couplings below it are small, those above it large.
    """

    half_width: float = 7.0
    quartic: float = 0.1
    quadratic: float = -0.4
    tilt: float = -0.06
    amplitudes: tuple[float, ...] = (-0.3, -0.4)
    frequencies: tuple[float, ...] = (4.4, 22.0)
    middle: tuple[float, float]

    def __post_init__(self) -> None:
        super().__post_init__()
        # the loss is smoothed by the noise of a step
        finite_number(self.half_width, "half_width", 0.0, open_end=True)
        finite_number(self.step_size, "step_size", 0.0, open_end=True)
        check_range("middle", self.middle)

    def loss(self) -> so.losses.RuggedWell:
        """Return the loss."""
        return so.losses.RuggedWell(
            quartic=self.quartic,
            quadratic=self.quadratic,
            tilt=self.tilt,
            amplitudes=self.amplitudes,
            frequencies=self.frequencies,
        )

    def roles(self) -> dict[float, str]:
        """Return the part that each coupling plays."""
        return roles(self.coupling, self.middle)


@dataclass(frozen=True, kw_only=True)
class HalvingConfiguration(RuggedConfiguration):
    """The size, the couplings and the schedule of the figure.

    Parameters
    ----------
    halve_every : int
        Steps from the start to the first halving, and from one to the next.
    halvings : int
        How many there are; after the last the step size is held.
    """

    halve_every: int
    halvings: int

    def __post_init__(self) -> None:
        super().__post_init__()
        whole_number(self.halvings, "halvings", minimum=0)
        if self.final_step_size() == 0.0:
            raise InvalidArgumentError(
                f"halvings is {self.halvings}, but the step size would be 0 after so many; take fewer."
            )

    def schedule(self) -> so.schedules.Halving:
        """Return the step size as a function of the step."""
        return so.schedules.Halving(self.step_size, every=self.halve_every, times=self.halvings)

    def final_step_size(self) -> float:
        """Return the step size that is held at the end."""
        return math.ldexp(self.step_size, -self.halvings)


def final_states(
    configuration: RuggedConfiguration,
    algorithm: Algorithm,
    step_size: ScheduleLike | None = None,
) -> xr.Dataset:
    """Simulate an algorithm on the rugged loss, keeping the start and the end."""
    record = so.record.At([0, configuration.steps])
    run = configuration.run(algorithm, record, step_size=step_size).isel(dim=0, drop=True)
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
    parts = configuration.roles()
    runs = [final_states(configuration, algorithm(k), step_size) for k in parts]
    loss = configuration.loss()
    scale = configuration.step_size if smoothing is None else smoothing
    smooth = loss.convolved(configuration.noise(), scale=scale)
    return (
        side_by_side(configuration, list(parts), runs)
        .assign_coords(role=("coupling", list(parts.values())), position=POSITIONS)
        .assign(
            loss=("position", loss.value(POSITIONS[:, None])),
            convolved=("position", smooth.value(POSITIONS[:, None])),
            reach=scale * configuration.half_width,
            ripple_frequency=loss.frequencies[1],
        )
    )
