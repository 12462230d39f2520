"""Constants of a loss and its noise: proved on a box, estimated at sampled points."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.losses import Quadratic
from sdeopt.losses.loss import Loss
from sdeopt.noise import Gaussian, Minibatch, NoiseLaw, StateDependent
from sims.check.constants import ESTIMATED, EXACT, UNKNOWN, Constant
from sims.check.problem import Problem

Box = tuple[tuple[float, float], ...]
Array = NDArray[np.float64]

SHARES, LARGEST_SHARE = (1e-4, 1e-3, 1e-2), 1e-1
"""Of the largest eigenvalue, by which a proved one may be worse than the best one seen.

The largest is tried first: where even that is not proved, which takes the longest, nothing is.
"""

BOXES, FEWEST_BOXES = 3_000, 100
"""How many boxes a proof may take before a worse value is tried, fewer for long formulas."""

OPERATIONS = 150_000
"""Operations in the formulas of all boxes together."""

STEP, WIDE_STEP = 1e-5, 1e-3
"""Of differences of the gradient, relative to the size of a point: for second and third derivatives."""

POINTS, WORK = 1024, 4_000_000
"""Sampled points, fewer in many dimensions: the numbers in a table of derivatives."""

POLISHES = 3
"""Sampled points from which a search goes on."""


def curvatures_on(
    gradient: list[Any], symbols: list[Any], box: Box, seen: tuple[float, float]
) -> tuple[float, float] | None:
    """Return bounds of the eigenvalues of ∇²f on a box: none below the first, none above the second."""
    size = max(*map(abs, seen), 1e-300)
    low = _contraction_rate([-slope for slope in gradient], symbols, box, seen[0], size)
    if low is None:
        return None
    high = _contraction_rate(gradient, symbols, box, -seen[1], size)
    return None if high is None else (low, -high)


def gradient_curvature_on(
    gradient: list[Any], symbols: list[Any], box: Box, seen: float
) -> float | None:
    """Return a bound on the spectral norms of the Hessians of the components of ∇f on a box."""
    import sympy

    fields = []
    for component in gradient:
        slopes = [sympy.diff(component, symbol) for symbol in symbols]
        # not `is_constant`, which takes seconds to try to simplify
        if any(slope.free_symbols for slope in slopes):
            fields += [[sign * slope for slope in slopes] for sign in (1, -1)]
    roughly = []
    for field in fields:
        proved = _proved_rate(field, symbols, box, -seen - LARGEST_SHARE * seen)
        if proved is None or proved.status != "proved":
            return None
        roughly.append(proved.rate)
    rates = [
        _closer(field, symbols, box, -seen, seen, rate)
        for field, rate in zip(fields, roughly, strict=True)
    ]
    return max((-rate for rate in rates), default=0.0)


def _contraction_rate(
    field: list[Any], symbols: list[Any], box: Box, near: float, size: float
) -> float | None:
    """Return a rate at which dx/dt = field contracts on the box, close below the one seen."""
    found = _proved_rate(field, symbols, box, near - LARGEST_SHARE * size)
    if found is None or found.status != "proved":
        return None
    return _closer(field, symbols, box, near, size, found.rate)


def _closer(
    field: list[Any], symbols: list[Any], box: Box, near: float, size: float, rate: float
) -> float:
    """Return the best rate that is proved, one that is known to be proved or better."""
    for share in SHARES:
        found = _proved_rate(field, symbols, box, near - share * size)
        if found is not None and found.status == "proved":
            return float(max(found.rate, rate))
        if found is not None and found.status == "disproved" and found.rate_at_most is not None:
            near = min(near, found.rate_at_most)
    return rate


def _proved_rate(field: list[Any], symbols: list[Any], box: Box, wanted: float) -> Any:
    """Return the certificate of a rate on the box; None for a function without an enclosure."""
    import sympy

    from theory.certify import certify

    slopes = [component.diff(symbol) for component in field for symbol in symbols]
    boxes = int(np.clip(OPERATIONS / (1 + sympy.count_ops(slopes)), FEWEST_BOXES, BOXES))
    ends = dict(zip(symbols, box, strict=True))
    try:
        return certify(field, symbols, ends, rate=wanted, max_boxes=boxes)
    except InvalidArgumentError:
        return None


def hessians(loss: Loss, points: Array) -> Array:
    """Return ∇²f at points, by central differences of the gradient."""
    step = STEP * (1 + np.abs(points).max())
    shifts = step * np.eye(loss.dim)
    with np.errstate(all="ignore"):  # beside the box the loss may have no value
        ahead = loss.gradient(points[:, None, :] + shifts)
        behind = loss.gradient(points[:, None, :] - shifts)
        slopes = (ahead - behind) / (2 * step)
        return np.asarray((slopes + np.swapaxes(slopes, -1, -2)) / 2)


def curvatures(loss: Loss, points: Array) -> Array:
    """Return the least and the largest eigenvalue of ∇²f at points, shape (m, 2)."""
    values = np.linalg.eigvalsh(hessians(loss, points))
    return np.asarray(values[:, [0, -1]])


def gradient_curvatures(loss: Loss, points: Array) -> Array:
    """Return at points the largest spectral norm of the Hessians of the components of ∇f."""
    step = WIDE_STEP * (1 + np.abs(points).max())
    axes = step * np.eye(loss.dim)
    total = np.zeros((len(points), loss.dim, loss.dim, loss.dim))
    for one in (1, -1):
        for other in (1, -1):
            shifted = points[:, None, None, :] + one * axes[:, None, :] + other * axes[None, :, :]
            with np.errstate(all="ignore"):  # as in `hessians`
                total += one * other * loss.gradient(shifted)
    # (m, component, row, column)
    third = np.moveaxis(total, -1, 1) / (4 * step**2)
    return np.asarray(np.abs(np.linalg.eigvalsh(third)).max(axis=(1, 2)))


def sampled(box: Box, order: int) -> Array:
    """Return points of a box, two corners and the middle at the end; fewer for high derivatives."""
    from scipy import stats

    low, high = (np.array(ends) for ends in zip(*box, strict=True))
    size = len(box)
    exponent = int(np.log2(np.clip(WORK // size ** (order + 1), 16, POINTS)))
    sample = stats.qmc.Sobol(size, seed=1).random_base2(exponent)
    corners = np.array([np.zeros(size), np.ones(size), np.full(size, 0.5)])
    return np.asarray(low + (high - low) * np.concatenate([sample, corners]))


def extreme(measure: Callable[[Array], Array], box: Box, order: int) -> float:
    """Return the largest value of a function on a box, by sampling and a search from the best points."""
    from scipy import optimize

    low, high = (np.array(ends) for ends in zip(*box, strict=True))
    size = len(box)
    points = sampled(box, order)
    values = measure(points)
    best = points[np.argsort(values)[-POLISHES:]]
    found = float(values.max())
    scale = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    options: Any = {"maxfev": 60 * size, "xatol": 1e-6, "fatol": 1e-9 * scale}
    for point in best:
        climbed = optimize.minimize(  # type: ignore[call-overload]  # its stubs want *args
            lambda x: -float(measure(np.clip(x, low, high)[None])[0]),
            np.clip(point, low, high),
            method="Nelder-Mead",
            bounds=box,
            options=options,
        )
        found = max(found, -float(climbed.fun))
    return found


def constant_hessian(loss: Loss) -> Array | None:
    """Return H of a quadratic loss."""
    if isinstance(loss, Quadratic):
        return np.asarray(loss.matrix)
    formula = loss.expression()
    if formula is None:
        return None
    hessian = quadratic_part(*formula)
    return None if hessian is None else np.array(hessian.tolist(), np.float64)


def quadratic_part(expression: Any, symbols: Any) -> Any:
    """Return the matrix of second derivatives, None where they are not constant."""
    import sympy

    if not expression.is_polynomial(*symbols):
        return None
    form = sympy.Poly(expression, *symbols)
    if form.total_degree() > 2:
        return None
    return sympy.Matrix([[form.diff(a).diff(b).as_expr() for b in symbols] for a in symbols])


def constant_covariance(problem: Problem) -> Array | None:
    """Return BBᵀ, or Cov ζ, where it is the same at all points."""
    law, dim = problem.noise, problem.loss.dim
    if isinstance(law, StateDependent | Minibatch):
        return None
    if isinstance(law, Gaussian) and law.covariance is not None:
        covariance = np.asarray(law.covariance, np.float64)
    elif isinstance(law, Gaussian):
        scales = np.broadcast_to(np.asarray(law.standard_deviation, np.float64), (dim,))
        covariance = np.diag(scales**2)
    else:
        covariance = law.variance * np.eye(dim)
    return np.asarray(problem.level**2 * covariance)


def brownian_noise(problem: Problem) -> NoiseLaw:
    """Return the law that drives the SDE: the given one, or the Gaussian of its covariance."""
    if problem.noise.gaussian:
        return problem.noise
    covariance = constant_covariance(problem)
    assert covariance is not None
    return Gaussian(float(np.sqrt(covariance[0, 0])))


def noise_constant(problem: Problem, box: Box | None) -> Constant:
    """Return C."""
    name, law = "noise_bound", problem.noise
    covariance = constant_covariance(problem)
    if covariance is not None:
        return Constant(
            name, float(np.trace(covariance)), EXACT, "the noise is the same everywhere"
        )
    if isinstance(law, StateDependent) and box is not None:
        most = extreme(lambda points: _traces(problem, points), box, 1)
        return Constant(name, most, ESTIMATED, "the largest tr BBᵀ seen in the box")
    hint = "give it" if isinstance(law, Minibatch) else "give it, or a box to sample"
    return Constant(name, None, UNKNOWN, f"the noise depends on x; {hint}")


def _traces(problem: Problem, points: Array) -> Array:
    """Return tr BBᵀ at points, from one step of agents whose increments are one unit vector each."""
    dim = problem.loss.dim
    directions = np.broadcast_to(np.eye(dim), (1, len(points), dim, dim))
    moved = so.simulate(
        problem.loss,
        so.SGD(),
        steps=1,
        step_size=1.0,
        start=so.start.Point(np.repeat(points[:, None], dim, axis=1)),
        noise=problem.noise,
        agents=dim,
        replicas=len(points),
        increments=directions,
        progress=False,
    )
    steps = moved["agents"].values - points[:, None] + problem.loss.gradient(points)[:, None]
    return np.asarray((steps**2).sum(axis=(1, 2)))
