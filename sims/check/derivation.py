"""The constants of a problem: given, exact, proved on a box, estimated there, or unknown."""

from collections.abc import Mapping

import numpy as np

from sdeopt.losses.functions_loss import FunctionsLoss
from sdeopt.losses.loss import Loss
from sdeopt.losses.sympy_loss import SympyLoss
from sims.check.constants import (
    ESTIMATED,
    EXACT,
    GIVEN,
    LETTERS,
    PROVED,
    UNKNOWN,
    Constant,
    Constants,
    given_constants,
)
from sims.check.estimation import (
    Box,
    constant_hessian,
    curvatures,
    curvatures_on,
    extreme,
    gradient_curvature_on,
    gradient_curvatures,
    noise_constant,
)
from sims.check.jumps import jump_of
from sims.check.minima import minimizer
from sims.check.poles import check_finite
from sims.check.problem import Problem

Found = dict[str, Constant]

FLAT = 1e-6
"""The share of the largest curvature below which the least one is 0, up to rounding of differences."""

FIELDS = ("strong_convexity", "smoothness", "negative_curvature", "gradient_curvature")
"""The constants of the loss alone, as in `sdeopt.losses.LossConstants`."""


def constants_of(
    problem: Problem, given: Mapping[str, object] | None = None, box: Box | None = None
) -> Constants:
    """Return every constant with its origin; a given value takes precedence."""
    loss = problem.loss
    found = given_constants(given or {}, loss.dim)
    found = _of_the_loss(loss) | found
    found = _of_a_quadratic(loss) | found
    known = found.keys() >= set(FIELDS)
    if box is not None and not known:
        check_finite(loss, box)
    jump = None if known else jump_of(loss, box)
    if jump is not None:
        found = {name: Constant(name, None, UNKNOWN, str(jump)) for name in FIELDS} | found
    elif box is not None and not known:
        found = _on_the_box(loss, box, set(FIELDS) - found.keys()) | found
    found = _completed(found)
    for name in set(FIELDS) - found.keys():
        found[name] = _unknown(name, loss, box)
    found.setdefault("noise_bound", noise_constant(problem, box))
    convexity = found["strong_convexity"].value
    if "minimum" not in found:
        least = convexity if isinstance(convexity, float) else None
        found["minimum"] = minimizer(loss, least, box, jumps=jump is not None)
    return Constants((found[name] for name in LETTERS), jump)


def _of_the_loss(loss: Loss) -> Found:
    """Return the constants of the loss object; those of a user's own loss were given by the user."""
    own = isinstance(loss, SympyLoss | FunctionsLoss)
    origin, words = (GIVEN, "with the loss") if own else (EXACT, "known of this loss")
    values = {name: getattr(loss.constants, name) for name in FIELDS}
    return {
        name: Constant(name, float(value), origin, words)
        for name, value in values.items()
        if value is not None
    }


def _of_a_quadratic(loss: Loss) -> Found:
    hessian = constant_hessian(loss)
    if hessian is None:
        return {}
    values = np.linalg.eigvalsh(hessian)
    numbers = _from_curvatures(float(values[0]), float(values[-1])) | {"gradient_curvature": 0.0}
    return {
        name: Constant(name, value, EXACT, "the second derivatives are constant")
        for name, value in numbers.items()
    }


def _on_the_box(loss: Loss, box: Box, wanted: set[str]) -> Found:
    """Return what can be proved on the box, and estimates of the rest; known constants are left out."""
    low = -extreme(lambda points: -curvatures(loss, points)[:, 0], box, 1)
    high = extreme(lambda points: curvatures(loss, points)[:, 1], box, 1)
    seen = {name: value for name, value in _from_curvatures(low, high).items() if name in wanted}
    if "gradient_curvature" in wanted:
        seen["gradient_curvature"] = extreme(
            lambda points: gradient_curvatures(loss, points), box, 2
        )
    estimates = {
        name: Constant(name, value, ESTIMATED, "the most extreme value seen in the box")
        for name, value in seen.items()
    }
    return estimates | _proved(loss, box, low, high, seen)


def _proved(loss: Loss, box: Box, low: float, high: float, seen: dict[str, float]) -> Found:
    # the formula of a sum over data is too long to be enclosed
    formula = None if loss.finite_sum else loss.expression()
    if formula is None:
        return {}
    expression, symbols = formula
    gradient = [expression.diff(symbol) for symbol in symbols]
    numbers: dict[str, float] = {}
    if seen.keys() - {"gradient_curvature"}:
        ends = curvatures_on(gradient, list(symbols), box, (low, high))
        if ends is None:
            # third derivatives have longer formulas: to enclose them is harder, and takes as long
            return {}
        numbers |= _from_curvatures(*ends)
    if "gradient_curvature" in seen:
        curvature = gradient_curvature_on(gradient, list(symbols), box, seen["gradient_curvature"])
        if curvature is not None:
            numbers["gradient_curvature"] = curvature
    return {
        name: Constant(name, number, PROVED, "by interval arithmetic")
        for name, number in numbers.items()
        if name in seen
    }


def _from_curvatures(low: float, high: float) -> dict[str, float]:
    """Return l, L and λ̄ from the ends of the range of curvatures; l only where there is one."""
    numbers = {"smoothness": max(abs(low), abs(high)), "negative_curvature": 0.0 - low}
    return numbers | {"strong_convexity": low} if low > FLAT * abs(high) else numbers


def _completed(found: Found) -> Found:
    """Add what follows from the others: λ̄ is at most −l."""
    l = found.get("strong_convexity")  # noqa: E741
    if l is None or "negative_curvature" in found or not isinstance(l.value, float):
        return found
    return found | {"negative_curvature": Constant("negative_curvature", -l.value, l.origin, "−l")}


def _unknown(name: str, loss: Loss, box: Box | None) -> Constant:
    if box is not None:
        return Constant(name, None, UNKNOWN, "the loss is not strongly convex in the box")
    if not isinstance(loss, SympyLoss | FunctionsLoss):
        return Constant(name, None, UNKNOWN, "this loss has none; on a box there may be one")
    return Constant(name, None, UNKNOWN, "give it, or a box to derive it on")
