"""The n-dimensional coupled loss of Sec. 4.3 and its cross section: what Figs 4 to 6 have in common."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Configuration
from sdeopt.record import Record

HELD = -1.4
"""Where the cross section holds all coordinates but two."""

EDGE = 2.8
"""The cross section reaches from minus this to this, along each of its two coordinates."""


def cross_section(
    loss: so.losses.CoupledWells, noise: so.noise.Uniform, step_size: float, points: int = 281
) -> xr.Dataset:
    """Return the loss, and the loss convolved with one step's noise, on the cross section."""
    position = np.linspace(-EDGE, EDGE, points)
    grid = np.full((points, points, loss.dim), HELD)
    grid[..., 0], grid[..., 1] = np.meshgrid(position, position, indexing="ij")
    plane = ("x1", "x2")
    return xr.Dataset(
        {
            "loss": (plane, loss.value(grid)),
            "convolved": (plane, loss.convolved(noise, scale=step_size).value(grid)),
            "uncorrupted_minimum": ("side", uncorrupted_minima(loss)),
            "reach": step_size * noise.half_width,
        },
        coords={"x1": position, "x2": position, "side": ["left", "right"]},
    )


def uncorrupted_minima(loss: so.losses.CoupledWells) -> list[float]:
    """Return the two minima of the loss without its cosines, in every coordinate the same."""
    slope = np.polynomial.Polynomial([loss.tilt, 2.0 * loss.quadratic, 0.0, 4.0 * loss.quartic])
    roots = slope.roots()
    if np.iscomplexobj(roots):
        raise InvalidArgumentError(
            f"the polynomial {loss.quartic:g} x⁴ + {loss.quadratic:g} x² + {loss.tilt:g} x has "
            "one minimum only; give a more negative quadratic or a smaller tilt."
        )
    return [float(roots.min()), float(roots.max())]


FROM_PAPER = (
    "the form of the loss, eq. (44): a sum of separable double wells with cosines in the sum of "
    "every two coordinates, which make spurious local minima",
    "independent noise on every gradient, drawn anew for every agent and step; agents started "
    "uniformly on an interval in every coordinate; a constant step size",
    "the cross section: two coordinates vary, the others are held at one value near the global "
    "minimum of the uncorrupted loss, which is the loss without its cosines",
    "the claims, from the words of Sec. 4.3",
)

RECONSTRUCTED = (
    "every number of the loss: f(x) = 0.05 [Σᵢ (xᵢ⁴ − 4xᵢ² + 0.4xᵢ) − (1/30) Σ (5 cos w(xᵢ + xⱼ) + "
    "cos 5w(xᵢ + xⱼ))], the second sum over all pairs i < j, with w = 2π/1.4 and n = 30; the stored "
    "text of the paper lost them, and these were searched so that its words hold",
    "the law of the noise and its half-width, interval of the start, number of agents, step size, "
    "number of steps and the couplings, for the same reason",
    "where the cross section is taken: the first two coordinates vary, the others are held at −1.4; "
    "the loss does not change when coordinates are permuted, so every two are like the first two",
    "λ̄, the supremum of the largest eigenvalue of −∇²f, is 59 here, above every coupling, so no "
    "bound of Sec. 3 covers these runs",
)


@dataclass(frozen=True, kw_only=True)
class CoupledConfiguration(Configuration):
    """The size of a figure on the coupled loss.

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
    dim : int
        n, the number of coordinates.
    quartic, quadratic, tilt : float
        The polynomial of the loss, as in `sdeopt.losses.CoupledWells`.
    amplitudes, frequencies : tuple of float
        Its slow and its fast wave.
    """

    replicas: int
    agents: int = 50
    steps: int = 5_000
    step_size: float = 0.05
    half_width: float = 6.5
    start_half_width: float = 3.0
    dim: int = 30
    quartic: float = 0.05
    quadratic: float = -0.2
    tilt: float = 0.02
    amplitudes: tuple[float, ...] = (-0.25, -0.05)
    frequencies: tuple[float, ...] = (2.0 * np.pi / 1.4, 10.0 * np.pi / 1.4)

    def __post_init__(self) -> None:
        if self.replicas < 2:
            raise InvalidArgumentError(
                f"replicas is {self.replicas}, but the claims compare replicas; give at least 2."
            )

    def loss(self) -> so.losses.CoupledWells:
        """Return the loss."""
        return so.losses.CoupledWells(
            self.dim,
            self.quartic,
            self.quadratic,
            self.tilt,
            amplitudes=self.amplitudes,
            frequencies=self.frequencies,
        )

    def noise(self) -> so.noise.Uniform:
        """Return the noise on the gradient."""
        return so.noise.Uniform(self.half_width)


def check_couplings(couplings: Sequence[float]) -> None:
    """Refuse a coupling that is given twice: each is a panel or a curve of its own."""
    for number, coupling in enumerate(couplings):
        if coupling in couplings[:number]:
            raise InvalidArgumentError(
                f"coupling {coupling:g} is given twice; give each once (0 is always among them)."
            )


def simulate_couplings(
    configuration: CoupledConfiguration,
    couplings: Sequence[float],
    record: Record,
    statistics: Sequence[str] = (),
) -> xr.Dataset:
    """Simulate QSGD at several couplings, and lay the cross sections beside it."""
    loss = configuration.loss()
    runs = [
        so.simulate(
            loss,
            so.QSGD(coupling),
            noise=configuration.noise(),
            agents=configuration.agents,
            replicas=configuration.replicas,
            steps=configuration.steps,
            step_size=configuration.step_size,
            start=so.start.Uniform(-configuration.start_half_width, configuration.start_half_width),
            seed=configuration.seed,
            record=record,
            statistics=statistics,
        ).drop_vars(["diverged_at", "time"], errors="ignore")
        for coupling in couplings
    ]
    axis = xr.DataArray(list(couplings), dims="coupling", name="coupling")
    result = xr.concat(runs, dim=axis, combine_attrs="drop", join="exact")
    section = cross_section(loss, configuration.noise(), configuration.step_size)
    return result.merge(section).assign_attrs(
        run_seconds=sum(run.attrs["run_seconds"] for run in runs),
        agent_steps=len(runs) * configuration.replicas * configuration.agents * configuration.steps,
    )
