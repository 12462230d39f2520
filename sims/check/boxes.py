"""Constants of a loss that are proved on a box, by interval arithmetic (`theory.certify`)."""

from typing import Any

from sdeopt.errors import InvalidArgumentError

__all__ = ["bend_on", "curvatures_on"]

Box = tuple[tuple[float, float], ...]

SHARES = (1e-4, 1e-3, 1e-2, 1e-1)
"""Of the largest eigenvalue, by which a proved one may be worse than the best one seen."""

BOXES = 3_000
"""How many boxes an answer may take before a worse one is tried."""


def curvatures_on(
    gradient: list[Any], symbols: list[Any], box: Box, seen: tuple[float, float]
) -> tuple[float, float] | None:
    """Return bounds of the eigenvalues of ∇²f on a box: none below the first, none above the second.

    Parameters
    ----------
    gradient : list of sympy.Expr
        ∇f.
    symbols : list of sympy.Symbol
        The coordinates.
    box : tuple of (low, high)
        For each.
    seen : (float, float)
        The least and the largest eigenvalue found by looking: what is tried to prove.

    Returns
    -------
    (float, float), optional
        Nothing where there is no proof.

    Examples
    --------
    >>> import sympy
    >>> from sims.check.boxes import curvatures_on
    >>> x = sympy.Symbol("x", real=True)
    >>> low, high = curvatures_on([x**3], [x], ((1.0, 2.0),), (3.0, 12.0))
    >>> bool(2.99 < low <= 3), bool(12 <= high < 12.01)
    (True, True)
    """
    size = max(map(abs, seen))
    low = _least([-slope for slope in gradient], symbols, box, seen[0], size)
    high = _least(gradient, symbols, box, -seen[1], size)
    return None if low is None or high is None else (low, -high)


def bend_on(gradient: list[Any], symbols: list[Any], box: Box, seen: float) -> float | None:
    """Return a bound on the spectral norms of the Hessians of the components of ∇f on a box.

    Parameters
    ----------
    gradient, symbols, box
        As for `curvatures_on`.
    seen : float
        The largest norm found by looking.

    Returns
    -------
    float, optional
        Q, nothing where there is no proof.
    """
    import sympy

    largest = 0.0
    for component in gradient:
        slopes = [sympy.diff(component, symbol) for symbol in symbols]
        if all(slope.is_constant() for slope in slopes):
            continue
        for sign in (1, -1):
            field = [sign * slope for slope in slopes]
            proved = _least(field, symbols, box, -seen, seen)
            if proved is None:
                return None
            largest = max(largest, -proved)
    return largest


def _least(
    field: list[Any], symbols: list[Any], box: Box, near: float, size: float
) -> float | None:
    """Return a rate at which dx/dt = field contracts on the box, close below the one seen."""
    from theory.certify import certify

    try:
        for share in SHARES:
            wanted = near - share * max(size, 1e-12)
            found = certify(
                field, symbols, dict(zip(symbols, box, strict=True)), rate=wanted, max_boxes=BOXES
            )
            if found.status == "proved":
                return found.rate
            if found.status == "disproved" and found.rate_at_most is not None:
                near = min(near, found.rate_at_most)
    except InvalidArgumentError:
        return None  # a function without an enclosure
    return None
