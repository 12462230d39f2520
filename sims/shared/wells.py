"""Agents on a loss of wells with ripples: the settings and the simulation of Figs 1 to 6."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import xarray as xr

import sdeopt as so
from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.experiment import Configuration
from sdeopt.losses.loss import Loss
from sdeopt.record import Record
from sdeopt.schedules import ScheduleLike
from sims.shared.panels import check_coupling, check_replicas


@dataclass(frozen=True, kw_only=True)
class WellsConfiguration(Configuration, ABC):
    """The size and the constants of a figure, and its couplings.

    Parameters
    ----------
    replicas, agents, steps : int
        The size of each simulation.
    step_size : float
        η.
    half_width : float
        W, of the uniform noise on the gradient.
    start_half_width : float
        Agents start uniformly between minus this and this, in every coordinate.
    quartic, quadratic, tilt : float
        The polynomial of the loss, as in `sdeopt.losses`.
    amplitudes, frequencies : tuple of float
        Its slow and its fast wave.
    coupling : tuple of float
        k, from 0 upwards: a panel or a curve each.
    """

    replicas: int
    agents: int
    steps: int
    step_size: float
    half_width: float
    start_half_width: float = 3.0
    quartic: float
    quadratic: float
    tilt: float
    amplitudes: tuple[float, ...]
    frequencies: tuple[float, ...]
    coupling: tuple[float, ...]

    def __post_init__(self) -> None:
        check_replicas(self.replicas)
        check_coupling(self.coupling)

    @abstractmethod
    def loss(self) -> Loss:
        """Return the loss."""

    def noise(self) -> so.noise.Uniform:
        """Return the noise on the gradient."""
        return so.noise.Uniform(self.half_width)

    def run(
        self,
        algorithm: Algorithm,
        record: Record,
        *,
        step_size: ScheduleLike | None = None,
        statistics: Sequence[str] = (),
    ) -> xr.Dataset:
        """Simulate an algorithm."""
        return so.simulate(
            self.loss(),
            algorithm,
            noise=self.noise(),
            agents=self.agents,
            replicas=self.replicas,
            steps=self.steps,
            step_size=self.step_size if step_size is None else step_size,
            start=so.start.Uniform(-self.start_half_width, self.start_half_width),
            seed=self.seed,
            record=record,
            statistics=statistics,
        )


def side_by_side(
    configuration: WellsConfiguration, coupling: Sequence[float], runs: list[xr.Dataset]
) -> xr.Dataset:
    """Return the runs of several couplings as one, with the work of all."""
    axis = xr.DataArray(list(coupling), dims="coupling", name="coupling")
    size = configuration.replicas * configuration.agents * configuration.steps
    return xr.concat(runs, dim=axis, combine_attrs="drop", join="exact").assign_attrs(
        run_seconds=sum(run.attrs["run_seconds"] for run in runs), agent_steps=len(runs) * size
    )
