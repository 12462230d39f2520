"""The minimizer of a loss: known, solved for, or the deepest of many searches."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdeopt.errors import InvalidArgumentError
from sdeopt.losses import Quadratic
from sdeopt.losses.loss import Loss
from sims.check.constants import ESTIMATED, EXACT, UNKNOWN, Constant
from sims.check.estimation import constant_hessian, curvatures, quadratic_part

Box = tuple[tuple[float, float], ...]
Array = NDArray[np.float64]

SAMPLED = 1024
"""Points at which the loss is evaluated before a search."""

STARTS, FEWEST = 64, 8
"""Searches for a minimum, fewer in many dimensions and for sums over data."""

SPREADS = (0.1, 1.0, 3.0, 10.0)
"""How far from 0 they start where there is no box."""

REST = 1e-6
"""How small, beside its size around, the gradient is where a search came to rest."""

SAME = 1e-2
"""How far apart two minima are at least, in half widths of the box."""

FLAT = 1e-13
"""How small, beside the loss, its differences are that rounding alone could make."""

LEVEL = 1e-6
"""How little, beside the loss, two places of one flat bottom differ in height."""

FAR = 1e6
"""How far away a search has left for good."""


@dataclass(frozen=True, eq=False)
class Search:
    """Where searches for a minimum came to rest, the deepest first; how many, and the rest of them."""

    minima: Array
    starts: int
    lower_at_edge: bool = False
    left: int = 0
    width: float = 0.0
    """How far apart, at most, two of them were that belong to one flat bottom."""


def minimizer(
    loss: Loss, convexity: float | None, box: Box | None = None, *, jumps: bool = False
) -> Constant:
    """Return x*; refuse a loss without one in the box."""
    if jumps:
        return _lowest(loss, box)
    if isinstance(loss, Quadratic):
        return Constant("minimum", tuple(loss.minimum.tolist()), EXACT, "of the quadratic")
    solved = _solved(loss)
    if solved is not None:
        return Constant("minimum", tuple(solved.tolist()), EXACT, "sympy solves ∇f = 0")
    found = search(loss, box)
    if not len(found.minima):
        if box is None and found.left < found.starts:
            return Constant("minimum", None, UNKNOWN, "no search from around 0 came to rest")
        raise _none(found, box)
    point = found.minima[0]
    short = np.round(point, 6) + 0.0
    reach = 1.0 if box is None else float(np.min(np.ptp(np.asarray(box), axis=1)))
    if np.abs(short - point).max() <= 1e-4 * reach and not loss.gradient(short).any():
        words = "∇f is zero there" if convexity else f"∇f is zero there; {_counted(found, box)}"
        return Constant("minimum", tuple(short.tolist()), EXACT, words)
    words = _counted(found, box)
    if convexity:
        off = float(np.linalg.norm(loss.gradient(point))) / convexity
        words = f"‖∇f‖/l there is {off:.1g}, and x* no farther away"
    return Constant("minimum", tuple(point.tolist()), ESTIMATED, words)


def _lowest(loss: Loss, box: Box | None) -> Constant:
    """Return the lowest place found by values alone: at a kink the gradient does not vanish."""
    from scipy import optimize

    centre, half = _frame(loss, box)
    starts, _ = _starts(loss, centre, half, FEWEST, box is not None)
    bounds: Any = None if box is None else [(-1.0, 1.0)] * loss.dim
    options: Any = {"maxfev": 400 * loss.dim, "xatol": 1e-9, "fatol": 0.0}
    ends = [
        optimize.minimize(  # type: ignore[call-overload]  # its stubs want *args
            lambda u: float(loss.value(centre + half * u)),
            start, method="Nelder-Mead", bounds=bounds, options=options,
        )
        for start in starts
    ]  # fmt: skip
    best = min(ends, key=lambda end: float(end.fun))
    place, furthest = np.asarray(best.x), 1 - 1e-6 if box is not None else FAR
    if not np.isfinite(best.fun) or np.abs(place).max() >= furthest:
        raise _none(Search(np.empty((0, loss.dim)), len(starts)), box)
    point = np.round(centre + half * place, 7) + 0.0
    words = f"the lowest place that {len(starts)} searches without gradients found"
    return Constant("minimum", tuple(point.tolist()), ESTIMATED, words)


def _frame(loss: Loss, box: Box | None) -> tuple[Array, Array]:
    """Return the centre and the half widths of the box, or 0 and 1."""
    if box is None:
        return np.zeros(loss.dim), np.ones(loss.dim)
    ends = np.asarray(box, np.float64)
    return ends.mean(axis=1), np.ptp(ends, axis=1) / 2


def _counted(found: Search, box: Box | None) -> str:
    count, where = len(found.minima), "around 0" if box is None else "in the box"
    if count > found.starts / 2:
        return f"one place of a valley: {found.starts} searches ended at {count} places"
    if found.width:
        return f"one place of a flat bottom, which {found.starts} searches found {found.width:.2g} wide"
    words = "the only minimum" if count == 1 else f"the deepest of {count} minima"
    lower = "; the loss is lower still at the edge of the box" if found.lower_at_edge else ""
    return f"{words} that {found.starts} searches found {where}{lower}"


def _none(found: Search, box: Box | None) -> InvalidArgumentError:
    if box is None:
        return InvalidArgumentError(
            f"the loss falls without end from all {found.starts} starts around 0, so it has no minimum "
            "that agents could settle at; give a loss that grows to all sides, or a box with a minimum."
        )
    return InvalidArgumentError(
        f"the loss has no minimum inside the box: all {found.starts} searches ended at its edge; give "
        "a box around a minimum, or the constant minimum."
    )


def search(loss: Loss, box: Box | None) -> Search:
    """Return the minima that searches from many starts come to rest at."""
    centre, half = _frame(loss, box)
    count = FEWEST if loss.finite_sum else int(np.clip(2000 // loss.dim, FEWEST, STARTS))
    starts, size = _starts(loss, centre, half, count, box is not None)
    slopes = np.linalg.norm(half * loss.gradient(centre + half * starts) / size, axis=-1)
    steep = max(float(np.median(slopes[np.isfinite(slopes)])), 1e-300)
    ended = [_descended(loss, start, centre, half, size, box is not None) for start in starts]
    values = loss.value(centre + half * np.array(ended))
    rests, edge, left = [], np.inf, 0
    for place, value in zip(ended, values, strict=True):
        slope = half * loss.gradient(centre + half * place) / size
        if not np.isfinite([value, *slope]).all() or np.abs(place).max() > FAR:
            left += 1
        elif np.linalg.norm(slope) <= REST * max(steep, 1.0):
            rests.append((float(value), place))
        elif box is not None and np.abs(place).max() >= 1 - 1e-9:
            edge = min(edge, float(value))
    rests.sort(key=lambda rest: rest[0])
    minima: list[Array] = []
    width = 0.0
    for value, place in rests:
        point = centre + half * place
        new = all(_apart(loss, point, other, half) for other in minima)
        if new and _bottom(loss, point, half):
            minima.append(point)
        elif (
            minima
            and value - rests[0][0] <= LEVEL * size
            and not _apart(loss, point, minima[0], half)
        ):
            away = (point - minima[0]) / half
            if np.abs(away).max() > SAME and _bottom(loss, point, half):
                width = max(width, float(np.linalg.norm(point - minima[0])))
    lower = bool(rests) and edge < rests[0][0] - FLAT * size
    return Search(np.array(minima).reshape(-1, loss.dim), len(starts), lower, left, width)


def _starts(loss: Loss, centre: Array, half: Array, count: int, boxed: bool) -> tuple[Array, float]:
    """Return where searches start, and by how much the loss differs among the points looked at."""
    from scipy import stats

    if boxed:
        exponent = int(np.log2(SAMPLED if not loss.finite_sum else 64))
        sample = 2 * stats.qmc.Sobol(loss.dim, seed=1).random_base2(exponent) - 1
    else:
        random = np.random.default_rng(1)
        spread = np.resize(SPREADS, SAMPLED if not loss.finite_sum else 64)
        sample = spread[:, None] * random.normal(size=(len(spread), loss.dim))
    # not in the middle, which may be a maximum; unequally in the coordinates, as it may be a saddle
    near = 0.01 * (1 + np.arange(loss.dim) / loss.dim)
    with np.errstate(all="ignore"):
        values = loss.value(centre + half * sample)
    sample, values = sample[np.isfinite(values)], values[np.isfinite(values)]
    if not len(values):
        raise InvalidArgumentError(
            f"the loss is not a finite number at any of {SAMPLED} points "
            f"{'of the box' if boxed else 'around 0'}; give a box where it is."
        )
    size, largest = float(np.ptp(values)), float(np.abs(values).max())
    if size <= FLAT * largest or size == 0:
        raise InvalidArgumentError(
            f"the loss is {values[0]:g} everywhere {'in the box' if boxed else 'around 0'}, up to "
            "rounding, so there is no minimum to settle at; give another loss or a larger box."
        )
    deepest = sample[np.argsort(values)[: count // 2]]
    return np.concatenate([near[None], deepest, sample[: count - len(deepest) - 1]]), size


def _descended(
    loss: Loss, start: Array, centre: Array, half: Array, size: float, boxed: bool
) -> Array:
    """Return where a descent ends, in half widths from the centre."""
    from scipy import optimize

    def value(u: Array) -> float:
        return float(loss.value(centre + half * u)) / size

    def slope(u: Array) -> Array:
        return np.asarray(half * loss.gradient(centre + half * u) / size)

    bounds: Any = [(-1.0, 1.0)] * len(start) if boxed else None
    options: Any = {"gtol": 1e-12, "ftol": 1e-15, "maxiter": 200, "maxfun": 400}
    with np.errstate(all="ignore"):
        found = optimize.minimize(
            value, start, jac=slope, method="L-BFGS-B", bounds=bounds, options=options
        ).x
        inside = np.isfinite(found).all() and (not boxed or np.abs(found).max() < 1 - 1e-6)
        if inside:
            fine = optimize.minimize(
                value, found, jac=slope, method="BFGS", options={"gtol": 1e-13, "maxiter": 100}
            ).x
            if np.isfinite(fine).all() and np.abs(fine - found).max() <= SAME:
                better = np.linalg.norm(slope(fine)) < np.linalg.norm(slope(found))
                return np.asarray(fine if better else found)
    return np.asarray(found)


def _apart(loss: Loss, one: Array, other: Array, half: Array) -> bool:
    """Return whether two places are minima of their own: apart, with something higher between them."""
    if np.abs((one - other) / half).max() <= SAME:
        return False
    between = loss.value(one + np.linspace(0, 1, 9)[:, None] * (other - one))
    return bool(between[1:-1].max() > max(between[0], between[-1]))


def _bottom(loss: Loss, point: Array, half: Array) -> bool:
    """Return whether a point at rest is no saddle, no maximum and not on a tail that still falls."""
    away = np.array([0.0, 1e-3, 1e-2, 1e-1])[:, None, None] * np.diag(half)
    for side in (1, -1):
        values = loss.value(point + side * away)
        if (np.diff(values, axis=0) < 0).all(axis=0).any():
            return False
    if loss.dim > 50:
        return True  # descents end at minima; elsewhere they would have to start
    low, high = curvatures(loss, point[None])[0]
    return bool(low >= -1e-4 * max(abs(high), abs(low)))


def _solved(loss: Loss) -> Array | None:
    """Return the solution of H x = −∇f(0) for a quadratic that has a minimum."""
    hessian = constant_hessian(loss)
    if hessian is None or np.linalg.eigvalsh(hessian)[0] <= 0:
        return None
    formula = loss.expression()
    assert formula is not None
    expression, symbols = formula
    import sympy

    form = sympy.Poly(expression, *symbols)
    at_zero = sympy.Matrix(
        [form.diff(symbol).eval(dict.fromkeys(symbols, 0)) for symbol in symbols]
    )
    point = quadratic_part(expression, symbols).LUsolve(-at_zero)
    return np.array(point.tolist(), np.float64).reshape(-1)
