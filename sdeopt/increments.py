"""Noise given from outside: a path that several runs share, finer or coarser.

On the SDE clock the values are Brownian increments ΔW over a step, N(0, dt I), and the areas their
time integrals ∫(W_s − W_t) ds over the step, which the strong scheme needs. On the iteration clock the
values are the draws of ζ at level one, and there are no areas.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from sdeopt import rng
from sdeopt.arguments import finite_array, finite_number, whole_number
from sdeopt.configuration import Configured
from sdeopt.errors import InvalidArgumentError
from sdeopt.limits import NUMBER, Size, check_size

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Increments(Configured):
    """One noise path for every agent of every replica.

    Parameters
    ----------
    values : array_like, shape (steps, replicas, agents, dim)
        Increments.
    areas : array_like, same shape, optional
        Their time integrals over each step, for the strong-order-1.5 scheme.
    dt : float, optional
        The step of a Brownian path; needed to coarsen one with areas.

    Examples
    --------
    >>> from sdeopt.increments import Increments
    >>> path = Increments([[[[1.0]]], [[[2.0]]], [[[0.5]]], [[[0.0]]]])
    >>> path.coarsen(2).values.ravel()
    array([3. , 0.5])
    """

    values: Array
    areas: Array | None
    dt: float | None

    def __init__(
        self, values: ArrayLike, areas: ArrayLike | None = None, dt: float | None = None
    ) -> None:
        given = finite_array(values, "values of Increments")
        if given.ndim != 4:
            raise InvalidArgumentError(
                f"values of Increments have shape {given.shape}; "
                "give four axes: (steps, replicas, agents, dim)."
            )
        integrals = None if areas is None else finite_array(areas, "areas of Increments")
        if integrals is not None and integrals.shape != given.shape:
            raise InvalidArgumentError(
                f"areas of Increments have shape {integrals.shape}, the values {given.shape}; "
                "they must agree."
            )
        step = None if dt is None else finite_number(dt, "dt of Increments", 0, open_end=True)
        object.__setattr__(self, "values", np.ascontiguousarray(given))
        object.__setattr__(self, "areas", integrals)
        object.__setattr__(self, "dt", step)

    def coarsen(self, factor: int) -> "Increments":
        """Return the same path on steps `factor` times as long.

        Parameters
        ----------
        factor : int
            How many steps become one; it must divide their number.

        Returns
        -------
        Increments
            Sums of the values, and the integrals over the longer steps.
        """
        count = whole_number(factor, "factor", minimum=1)
        steps = self.values.shape[0]
        if steps % count:
            raise InvalidArgumentError(
                f"{steps} increments cannot be taken {count} at a time; "
                "choose a factor that divides their number."
            )
        grouped = self.values.reshape(steps // count, count, *self.values.shape[1:])
        dt = None if self.dt is None else self.dt * count
        if self.areas is None:
            return Increments(grouped.sum(axis=1), dt=dt)
        if self.dt is None:
            raise InvalidArgumentError("a path with areas needs its dt to be coarsened; give dt.")
        # W inside a long step: what the earlier short steps added, held for dt, plus the own area
        before = np.cumsum(grouped, axis=1) - grouped
        inner = self.areas.reshape(grouped.shape)
        return Increments(grouped.sum(axis=1), (inner + self.dt * before).sum(axis=1), dt)


def brownian(
    steps: int, replicas: int, agents: int, dim: int, dt: float, seed: int = 0
) -> Increments:
    """Draw Brownian increments with their areas, from streams with keys like those of the engine.

    Parameters
    ----------
    steps, replicas, agents, dim : int
        The shape of the path.
    dt : float
        The step.
    seed : int
        The seed.

    Returns
    -------
    Increments
        With areas, ready for both schemes and for `Increments.coarsen`.

    Notes
    -----
    ∫(W_s − W_t) ds = (dt/2)(ΔW + ΔV/√3) with ΔV an independent increment; Kloeden & Platen (1992),
    Sec. 10.4. Normals are made by inverting the distribution function, not by the kernel's
    Box-Muller, so the path of a seed is another one than `sdeopt.simulate` draws by itself.

    Examples
    --------
    >>> from sdeopt.increments import brownian
    >>> brownian(8, 1, 2, 1, dt=0.1).coarsen(4).values.shape
    (2, 1, 2, 1)
    """
    shape = [whole_number(n, name, minimum=1) for n, name in (
        (steps, "steps"), (replicas, "replicas"), (agents, "agents"), (dim, "dim"))]  # fmt: skip
    step = finite_number(dt, "dt", 0, open_end=True)
    # values and areas, and the draws of one of them while they are put in order
    held = 4 * NUMBER * math.prod(shape)
    check_size(Size(held, held, 0.0), "this path", "take fewer steps, replicas or agents")

    def path(purpose: int) -> Array:
        who = np.arange(shape[1])
        uniforms = rng.uniforms(seed, purpose, who, shape[2], shape[0] * shape[3])
        normals = np.asarray(ndtri(uniforms)).reshape(shape[1], shape[2], shape[0], shape[3])
        return np.asarray(np.sqrt(step) * normals.transpose(2, 0, 1, 3), order="C")

    values = path(rng.NOISE)
    areas = 0.5 * step * (values + path(rng.NOISE_AREA) / np.sqrt(3.0))
    return Increments(values, areas, step)
