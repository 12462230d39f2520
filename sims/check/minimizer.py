"""x*, and the Hessian where it is the same everywhere."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sdeopt.losses import Quadratic
from sdeopt.losses.loss import Loss
from sims.check.constants import ESTIMATED, EXACT, UNKNOWN, Constant

__all__ = ["constant_hessian", "minimizer"]

Array = NDArray[np.float64]

ASIDE = 0.01

STILL = 1e-6
"""How small, beside its size around, the gradient is where a minimum was found."""


def constant_hessian(loss: Loss) -> Array | None:
    """Return H of a quadratic loss.

    Parameters
    ----------
    loss : Loss
        f, a formula of any kind.

    Returns
    -------
    numpy.ndarray, shape (n, n), optional
        Nothing where the formula is no polynomial of the second degree.

    Examples
    --------
    >>> import sdeopt as so, sympy
    >>> from sims.check.minimizer import constant_hessian
    >>> x, y = sympy.symbols("x y", real=True)
    >>> constant_hessian(so.losses.from_sympy((x - y)**2 + y**2, [x, y]))
    array([[ 2., -2.],
           [-2.,  4.]])
    """
    if isinstance(loss, Quadratic):
        return np.asarray(loss.matrix)
    formula = loss.expression()
    if formula is None:
        return None
    hessian = _quadratic_part(*formula)
    return None if hessian is None else np.array(hessian.tolist(), np.float64)


def minimizer(loss: Loss, convexity: float | None, box: Any = None) -> Constant:
    """Return x*.

    Parameters
    ----------
    loss : Loss
        f.
    convexity : float, optional
        l, which tells how far off a point can be.
    box : tuple of (low, high), optional
        The search starts in its middle; at the origin without one.

    Returns
    -------
    Constant
        Exact for quadratics and where the gradient is zero at a point of few digits.
    """
    if isinstance(loss, Quadratic):
        return Constant("minimum", tuple(loss.minimum.tolist()), EXACT, "of the quadratic")
    solved = _solved(loss)
    if solved is not None:
        return Constant("minimum", tuple(solved.tolist()), EXACT, "sympy solves ∇f = 0")
    start = np.zeros(loss.dim) if box is None else np.mean(np.asarray(box, np.float64), axis=1)
    # A little aside, as the middle may be the top of a hill; unequally, as it may be a saddle.
    point = _descended(loss, start + ASIDE * (1 + np.arange(loss.dim) / loss.dim))
    if point is None:
        return Constant("minimum", None, UNKNOWN, "no descent from the middle came to rest")
    short = np.round(point, 6)
    if not loss.gradient(short).any():
        words = "∇f is zero there" if convexity else "∇f is zero there; one of perhaps several"
        return Constant("minimum", tuple((short + 0.0).tolist()), EXACT, words)
    words = "a local minimum; there may be others"
    if convexity:
        off = float(np.linalg.norm(loss.gradient(point))) / convexity
        words = f"‖∇f‖/l there is {off:.1g}, and x* no farther away"
    return Constant("minimum", tuple(point.tolist()), ESTIMATED, words)


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
    point = _quadratic_part(expression, symbols).LUsolve(-at_zero)
    return np.array(point.tolist(), np.float64).reshape(-1)


def _quadratic_part(expression: Any, symbols: Any) -> Any:
    """Return the matrix of second derivatives, None where they are not constant."""
    import sympy

    if not expression.is_polynomial(*symbols):
        return None
    form = sympy.Poly(expression, *symbols)
    if form.total_degree() > 2:
        return None
    return sympy.Matrix([[form.diff(a).diff(b).as_expr() for b in symbols] for a in symbols])


def _descended(loss: Loss, start: Array) -> Array | None:
    from scipy import optimize

    around = np.linalg.norm(loss.gradient(start + np.eye(loss.dim)), axis=-1).max()
    options: Any = {"gtol": 1e-12}
    with np.errstate(all="ignore"):
        found = optimize.minimize(  # type: ignore[call-overload]  # its stubs want *args
            lambda x: float(loss.value(x)),
            start,
            jac=lambda x: loss.gradient(x),
            method="BFGS",
            options=options,
        )
    rest = np.linalg.norm(loss.gradient(found.x))
    settled = np.isfinite(found.x).all() and rest <= STILL * max(1.0, float(around))
    return np.asarray(found.x) if settled else None
