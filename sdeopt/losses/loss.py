"""What every loss offers: methods for users and compiled block functions for the engine."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar

from sdeopt.arguments import ANY_SIZE, Array, finite_array, finite_number, real_array, whole_number
from sdeopt.configuration import describe
from sdeopt.display import Shown
from sdeopt.errors import InvalidArgumentError
from sdeopt.kernels.foreign import foreign_code
from sdeopt.kernels.modules import load_beside

if TYPE_CHECKING:
    import sympy

    from sdeopt.noise import NoiseLaw

ENTRY = """\
from numba import njit

from {module} import {names}

entry = njit(error_model="numpy", nogil=True, cache=True)


@entry
def evaluate_value(x, parameters, out):
    value(x, parameters, out)


@entry
def evaluate_gradient(x, parameters, out):
    gradient(x, parameters, out)
"""

MINIBATCH_ENTRY = """

@entry
def evaluate_minibatch_gradient(x, examples, parameters, out):
    minibatch_gradient(x, examples, parameters, out)
"""

POINTS_PER_WAVE = 64
CELLS_REFINED = 16
"""Grid points for each period of the fastest wave, and cells around which `supremum` is refined."""

MOST_GRID = 2 * 10**7
"""Points at which `supremum` looks at most, in a GB of memory."""

STEP = 1e-5
MOST_POINTS = 10**6
TOLERANCE = 1e-5
"""Of `gradient_check`: the length of a difference relative to the point, and the allowed error."""


@dataclass(frozen=True)
class LossConstants:
    """The constants of a loss that the bounds of the theory use; None where one is not known.

    A constant that is infinite (no bound exists) is None as well.

    Parameters
    ----------
    strong_convexity : float or None
        The largest l with ∇²f ≥ l I everywhere, for l > 0.
    smoothness : float or None
        A bound L on the spectral norm of ∇²f.
    negative_curvature : float or None
        λ̄, the supremum over x of the largest eigenvalue of −∇²f(x); −l when f is strongly convex.
    gradient_curvature : float or None
        A bound Q on the spectral norm of the Hessian of every component of ∇f.

    Notes
    -----
    Boffi & Slotine (2020), Sec. 3 (λ̄ and Q) and Sec. 5 (l and L).

    Examples
    --------
    >>> import sdeopt as so
    >>> so.losses.Quadratic([[2.0, 0.0], [0.0, 5.0]]).constants.smoothness
    5.0
    """

    strong_convexity: float | None = None
    smoothness: float | None = None
    negative_curvature: float | None = None
    gradient_curvature: float | None = None

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is not None:
                least = -math.inf if name == "negative_curvature" else 0.0
                object.__setattr__(self, name, finite_number(value, name, least))


def known_constants(given: object) -> LossConstants:
    """Return the constants that a user states of a loss, or none where none are."""
    if given is None:
        return LossConstants()
    if not isinstance(given, LossConstants):
        raise InvalidArgumentError(
            f"constants is {given!r:.60}, but must be so.losses.LossConstants(...), such as "
            "so.losses.LossConstants(smoothness=1.0), or left out."
        )
    return given


def supremum(function: Callable[[Array], Array], radius: float, frequency: float) -> float | None:
    """Return the largest value of an even function on [0, radius]; None where waves are too many."""
    waves = frequency * radius / (2.0 * np.pi)
    if not POINTS_PER_WAVE * waves <= MOST_GRID:
        return None
    grid = np.linspace(0.0, radius, max(int(POINTS_PER_WAVE * waves), POINTS_PER_WAVE) + 1)
    heights = function(grid)
    spacing = grid[1]
    best = float(heights.max())
    for start in grid[np.argsort(heights)[-CELLS_REFINED:]]:
        found = minimize_scalar(
            lambda x: -float(function(np.array([x]))[0]),
            bounds=(max(start - spacing, 0.0), start + spacing),
            method="bounded",
            options={"xatol": 1e-12 * max(radius, 1.0)},
        )
        best = max(best, -float(found.fun))
    return best


class Loss(Shown, ABC):
    """A differentiable function of `dim` real numbers.

    A subclass names a module with two compiled block functions, ``value(x, parameters, out)`` and
    ``gradient(x, parameters, out)``, where ``x`` is (dim, lanes). The engine fuses them into its
    kernel; the methods `value` and `gradient` evaluate the same functions, so every loss is written
    once.

    Attributes
    ----------
    name : str
        The name of the loss in results and error messages.
    dim : int
        The number of coordinates.
    finite_sum : bool
        Whether the loss is a mean over examples, of which minibatches can be drawn.
    settings : tuple of str
        The attributes that define the loss, in the order of the constructor.
    """

    name: str
    dim: int
    finite_sum: bool = False
    settings: tuple[str, ...] = ()

    @abstractmethod
    def kernel_module(self) -> str:
        """Return the name of the importable module with the compiled block functions.

        Returns
        -------
        str
            A name in `sys.modules`. One that starts with ``sdeopt_in_memory_`` exists in this
            process only: what imports it must not be cached on disk.
        """

    @property
    @abstractmethod
    def parameters(self) -> tuple[Array, ...]:
        """Float64 C-contiguous arrays for the block functions; at least one."""

    def configuration(self) -> dict[str, Any]:
        """Return everything that defines the loss, ready for JSON.

        Returns
        -------
        dict
            The name, then the settings; large arrays as a shape and a digest.

        Examples
        --------
        >>> import sdeopt as so
        >>> so.losses.Rosenbrock().configuration()
        {'name': 'Rosenbrock', 'dim': 2, 'steepness': 100.0, 'target': 1.0}
        """
        return {"name": self.name} | {key: describe(getattr(self, key)) for key in self.settings}

    @property
    def constants(self) -> LossConstants:
        """The constants l, L, λ̄ and Q, where they are known."""
        return LossConstants()

    def expression(self) -> "tuple[sympy.Expr, tuple[sympy.Symbol, ...]] | None":
        """Return the loss as a sympy expression with its symbols, or None where there is none.

        Returns
        -------
        tuple of (sympy.Expr, tuple of sympy.Symbol), or None
            The symbols are real, in the order of the coordinates.
        """
        return None

    def _repr_latex_(self) -> str | None:
        try:
            found = self.expression()
        except ModuleNotFoundError:  # sympy is an extra
            return None
        if found is None:
            return None
        import sympy

        names = ", ".join(sympy.latex(symbol) for symbol in found[1])
        return rf"$\displaystyle f({names}) = {sympy.latex(found[0])}$"

    def convolved(self, noise: "NoiseLaw", scale: float = 1.0) -> "Loss":
        """Return the loss smoothed by noise, x ↦ E f(x − scale·ζ), ζ i.i.d. over coordinates.

        Parameters
        ----------
        noise : noise law
            The law of one coordinate of ζ, e.g. ``so.noise.Uniform(6.0)``. Its level, which must not
            change in time, multiplies the scale.
        scale : float
            The factor in front of the noise: the step size for SGD, η/√p for the mean of p agents.

        Returns
        -------
        Loss
            In closed form where there is one, else by quadrature (up to three coordinates).

        Warns
        -----
        RuntimeWarning
            Where quadrature is uncertain by more than 1e-4 of the mean size of what is averaged: in
            `value` and `gradient` of the loss at the points asked for, and here at some points drawn
            from a standard normal law. That is so for kinks, for waves much shorter than the noise is
            wide, and for functions that grow under heavy tails. A simulation does not look for it.

        Notes
        -----
        Boffi & Slotine (2020), Sec. 4, after Kleinberg et al. (2018).
        """
        found = (convolution(self, noise, scale) for convolution in CONVOLUTIONS)
        return next(loss for loss in found if loss is not None)

    def value(self, x: ArrayLike) -> Array:
        """Return the loss at points.

        Parameters
        ----------
        x : array_like, shape (..., dim)
            Points; the last axis holds the coordinates, also for ``dim == 1``.

        Returns
        -------
        numpy.ndarray, shape (...)
            One number for each point, without an axis for a single point.

        Examples
        --------
        >>> import sdeopt as so
        >>> so.losses.Quadratic(4.0).value([[1.0], [3.0]])
        array([ 2., 18.])
        """
        columns, leading = self._columns(x)
        out = np.empty(columns.shape[1])
        self.entries().evaluate_value(columns, self.parameters, out)
        return out.reshape(leading)

    def gradient(self, x: ArrayLike) -> Array:
        """Return the gradient at points.

        Parameters
        ----------
        x : array_like, shape (..., dim)
            Points; the last axis holds the coordinates, also for ``dim == 1``.

        Returns
        -------
        numpy.ndarray, shape (..., dim)
            The gradient at each point.

        Examples
        --------
        >>> import sdeopt as so
        >>> so.losses.Quadratic(4.0).gradient([[1.0], [3.0]])
        array([[ 4.],
               [12.]])
        """
        columns, leading = self._columns(x)
        out = np.empty_like(columns)
        self.entries().evaluate_gradient(columns, self.parameters, out)
        return np.ascontiguousarray(out.T).reshape(*leading, self.dim)

    def entries(self) -> ModuleType:
        """Return the module of compiled entry points: ``evaluate_value``, ``evaluate_gradient``."""
        module = self.kernel_module()
        names = ["gradient", "value"] + ["minibatch_gradient"] * self.finite_sum
        comments, known = foreign_code((module, name) for name in names)
        text = comments + ENTRY.format(module=module, names=", ".join(sorted(names)))
        return load_beside(text + MINIBATCH_ENTRY * self.finite_sum, module, known=known)

    def _columns(self, x: ArrayLike) -> tuple[Array, tuple[int, ...]]:
        """Return points as columns (dim, lanes), and the shape they came in."""
        points = real_array(x, f"points of {self.name}")
        if points.ndim == 0 or points.shape[-1] != self.dim:
            raise InvalidArgumentError(
                f"points of {self.name} must have shape (..., {self.dim}), one last-axis entry "
                f"for each coordinate, got shape {points.shape}."
            )
        columns = np.ascontiguousarray(points.reshape(-1, self.dim).T)
        return columns, points.shape[:-1]

    def __repr__(self) -> str:
        settings = self.configuration()
        inside = ", ".join(f"{key}={settings[key]!r}" for key in settings if key != "name")
        return f"{self.name}({inside})"


Convolution: TypeAlias = "Callable[[Loss, NoiseLaw, float], Loss | None]"

CONVOLUTIONS: list[Convolution] = []
"""How `Loss.convolved` is computed: each gives None where it does not apply, and the next is taken.

`sdeopt.losses.convolution` fills the list, because what it returns are losses themselves.
"""


def gradient_check(
    loss: Loss, points: int | ArrayLike = 10, seed: int = 0, tolerance: float = TOLERANCE
) -> None:
    """Compare the gradient of a loss with central differences of its value.

    Parameters
    ----------
    loss : Loss
        What to check.
    points : int or array_like, shape (n, dim)
        Where: given points, or a number of points drawn from a standard normal law.
    seed : int
        Of the draw.
    tolerance : float
        Allowed difference, in units of the size of the gradient at the point (at least one).

    Raises
    ------
    InvalidArgumentError
        Naming the first point, the coordinate and both numbers where they differ.

    Examples
    --------
    >>> import sdeopt as so
    >>> so.losses.gradient_check(so.losses.RuggedWell())
    >>> wrong = so.losses.from_functions(lambda x: x * x, lambda x: x)
    >>> try:
    ...     so.losses.gradient_check(wrong, points=[[1.0]])
    ... except so.errors.InvalidArgumentError as problem:
    ...     print(str(problem).partition(": ")[2])
    at x = [1.0], coordinate 0, it is 1 but finite differences give 2.
    """
    if not isinstance(loss, Loss):
        raise InvalidArgumentError(
            f"loss is {loss!r:.60}, but must be a loss, such as so.losses.RuggedWell()."
        )
    seed = whole_number(seed, "seed", maximum=ANY_SIZE)
    tolerance = finite_number(tolerance, "tolerance", 0.0)
    if isinstance(points, int) and not isinstance(points, bool):
        points = whole_number(points, "points", 1, MOST_POINTS)
        where = np.random.default_rng(seed).normal(size=(points, loss.dim))
    else:
        where = np.atleast_2d(finite_array(points, "points"))
    stated = loss.gradient(where)
    # two step lengths, so that the error of the difference itself is known
    coarse, fine = (_central(loss, where, step) for step in (2.0 * STEP, STEP))
    size = np.maximum(np.abs(stated).max(axis=-1, keepdims=True), 1.0)
    rounding = 8.0 * np.finfo(np.float64).eps * np.abs(loss.value(where))[:, None] / STEP
    allowed = tolerance * size + 2.0 * np.abs(coarse - fine) + rounding
    with np.errstate(invalid="ignore"):
        wrong = np.argwhere(np.isfinite(fine) & ~(np.abs(stated - fine) <= allowed))
    if len(wrong):
        point, coordinate = wrong[0]
        raise InvalidArgumentError(
            f"the gradient of {loss.name} is not that of its value: at x = "
            f"{where[point].tolist()}, coordinate {coordinate}, it is "
            f"{stated[point, coordinate]:.8g} but finite differences give "
            f"{fine[point, coordinate]:.8g}."
        )


def _central(loss: Loss, where: Array, step: float) -> Array:
    """Return (f(x + h) − f(x − h)) / 2h for every coordinate."""
    shifts = step * np.maximum(np.abs(where), 1.0)[:, :, None] * np.eye(loss.dim)
    ahead, behind = where[:, None, :] + shifts, where[:, None, :] - shifts
    # the distance as rounded, not as meant
    distance = np.einsum("pdd->pd", ahead - behind)
    return np.asarray((loss.value(ahead) - loss.value(behind)) / distance)
