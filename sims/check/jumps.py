"""Where a loss or its gradient jumps: there ∇²f, and all constants made from it, do not exist."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdeopt.losses.functions_loss import FunctionsLoss
from sdeopt.losses.loss import Loss
from sdeopt.losses.sympy_loss import SympyLoss

Box = tuple[tuple[float, float], ...]
Array = NDArray[np.float64]

CHORDS, PIECES = 128, 64
"""Lines across the box, and the pieces of each."""

SUSPECTS = 32
"""Pieces that are looked into, where the slope changes most from one to the next."""

NEIGHBOURS = 7
"""Pieces in a row whose median change is the usual one."""

HALVINGS = 46
"""Of a piece, to the last bits of a position."""

SHARE = 1e-6
"""Of the median size of the gradient, that a jump must have: rounding makes smaller ones."""

REACH = 3.0
"""Half the width of the box where none is given."""


@dataclass(frozen=True)
class Jump:
    """A place at which the loss or its gradient jumps."""

    place: tuple[float, ...]
    size: float
    what: str

    def __str__(self) -> str:
        shown = ", ".join(f"{entry:.4g}" for entry in self.place[:4])
        more = ", …" if len(self.place) > 4 else ""
        return f"{self.what} jumps, by {self.size:.3g} near x = ({shown}{more})"


def jump_of(loss: Loss, box: Box | None) -> Jump | None:
    """Return a jump that is found on lines across the box, first one of the loss itself."""
    if loss.finite_sum or not _may_jump(loss):
        return None
    ends = np.asarray(box or ((-REACH, REACH),) * loss.dim, np.float64)
    random = np.random.default_rng(1)
    one, other = ends[:, 0] + np.ptp(ends, axis=1) * random.random((2, CHORDS, loss.dim))
    # one line through the middle of the box, where kinks of a formula often are
    one[0], other[0] = ends[:, 0], ends[:, 1]
    lines = one[:, None] + np.linspace(0, 1, PIECES + 1)[:, None] * (other - one)[:, None]
    gradients, values = loss.gradient(lines), loss.value(lines)
    scale = float(np.nanmedian(np.linalg.norm(gradients, axis=-1)))
    length = float(np.linalg.norm(np.ptp(ends, axis=1)))
    found = _found(lambda x: loss.value(x)[..., None], lines, values[..., None], scale * length)
    if found is not None:
        return Jump(*found, "the loss itself")
    found = _found(loss.gradient, lines, gradients, scale)
    return None if found is None else Jump(*found, "the gradient")


def _may_jump(loss: Loss) -> bool:
    """Return whether a loss is a function of the user's, or a formula with a case distinction."""
    if not isinstance(loss, SympyLoss):
        return isinstance(loss, FunctionsLoss)
    import sympy

    formula = loss.expression()
    kinks = (sympy.Abs, sympy.sign, sympy.Max, sympy.Min, sympy.Piecewise, sympy.Heaviside)
    return formula is not None and bool(formula[0].has(*kinks))


def _found(
    function: Callable[[Array], Array], lines: Array, numbers: Array, scale: float
) -> tuple[tuple[float, ...], float] | None:
    """Return place and size of the largest jump of a function of several values."""
    from scipy import ndimage

    changes = np.diff(numbers, axis=1)
    turns = np.linalg.norm(np.diff(changes, axis=1), axis=-1)
    turns = np.where(np.isfinite(turns), turns, 0.0)
    # beside the neighbours, because steep smooth slopes turn more than a small kink
    turns = turns - ndimage.median_filter(turns, size=(1, NEIGHBOURS))
    # at the ends the neighbours are on one side alone; other lines pass there
    turns[:, : NEIGHBOURS // 2] = turns[:, -(NEIGHBOURS // 2) :] = 0.0
    worst = np.argsort(turns, axis=None)[-SUSPECTS:]
    rows, places = np.unravel_index(worst, turns.shape)
    low, high = lines[rows, places], lines[rows, places + 2]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        ends = [function(x) for x in (low, middle, high)]
        left, right = np.linalg.norm(np.diff(ends, axis=0), axis=-1)
        to_left = (left > right)[:, None]
        low, high = np.where(to_left, low, middle), np.where(to_left, middle, high)
    sizes = np.linalg.norm(function(high) - function(low), axis=-1)
    sizes = np.where(np.isfinite(sizes), sizes, 0.0)
    largest = int(sizes.argmax())
    if sizes[largest] <= SHARE * scale or scale == 0:
        return None
    place = np.round((low[largest] + high[largest]) / 2, 9) + 0.0
    return tuple(place.tolist()), float(sizes[largest])
