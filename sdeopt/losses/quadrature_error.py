"""Whether quadrature has enough nodes for a convolved loss: another rule, at the points asked for."""

import sys
import warnings
from typing import NamedTuple

import numpy as np

from sdeopt.arguments import Array
from sdeopt.losses.loss import Loss

TOLERATED = 1e-4
"""The difference of two rules that is not spoken of, in units of the mean size of what is averaged."""

TOGETHER = 2**17
"""Evaluations of a loss that are held in memory at once."""


class Rule(NamedTuple):
    """A quadrature rule of the noise: the shifts of a point, (node, dim), and their weights."""

    shifts: Array
    weights: Array


def averaged(loss: Loss, role: str, points: Array, rule: Rule) -> tuple[Array, Array]:
    """Return the mean of a loss's value or gradient over shifts of points, and that of its size."""
    evaluate = loss.value if role == "value" else loss.gradient
    means, sizes = [], []
    few = max(TOGETHER // len(rule.weights), 1)
    for first in range(0, len(points), few):
        some = points[first : first + few]
        parts = evaluate(some[:, None, :] - rule.shifts).reshape(len(some), len(rule.weights), -1)
        means.append(np.einsum("n,pnd->pd", rule.weights, parts))
        sizes.append(np.einsum("n,pnd->pd", rule.weights, np.abs(parts)).max(axis=1))
    return np.concatenate(means), np.concatenate(sizes)


def warn_where_rules_differ(
    loss: Loss, role: str, points: Array, found: Array, rule: Rule, advice: str
) -> None:
    """Warn, in one sentence, where another rule gives something else than was found at points."""
    if not len(points):
        return
    with np.errstate(all="ignore"):
        others, sizes = averaged(loss, role, points, rule)
        found = found.reshape(others.shape)
        gaps = np.abs(found - others).max(axis=1) / np.maximum(sizes, np.finfo(np.float64).tiny)
    # where there is no number the reader sees that
    wrong = np.isfinite(found).all(axis=1) & ~(gaps <= TOLERATED)
    if not wrong.any():
        return
    worst = int(np.argmax(np.where(wrong, np.nan_to_num(gaps, nan=np.inf), -1.0)))
    one, other = (numbers[worst].tolist() for numbers in (found, others))
    where = f"at x = {points[worst].tolist()}"
    if len(points) > 1:
        where = f"at {int(wrong.sum())} of {len(points)} points, most {where[3:]}"
    warnings.warn(
        f"the {role} of the convolved {loss.name} is uncertain {where}: two quadrature rules give "
        f"{_shown(one)} and {_shown(other)}; {advice}.",
        RuntimeWarning,
        stacklevel=_outside(),
    )


def _shown(numbers: list[float]) -> str:
    words = [f"{number:.6g}" for number in numbers]
    return words[0] if len(words) == 1 else f"({', '.join(words)})"


def _outside() -> int:
    """Return how many calls above the one that warns the caller of this package is."""
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("sdeopt."):
        frame, level = frame.f_back, level + 1
    return level
