"""The two-dimensional grid with joined borders."""

import math
from dataclasses import dataclass

import numpy as np
import scipy.sparse

from sdeopt.arguments import whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.graphs.graph import FixedGraph, weights_of

LEAST = 3
"""Rows and columns, so that an agent's four neighbours differ."""


@dataclass(frozen=True)
class Torus(FixedGraph):
    """Agents on a grid of rows and columns whose opposite borders are joined: four neighbours each.

    Agent number i is in row i // columns; all five that an agent receives from, itself among them,
    have the weight 1/5.

    Parameters
    ----------
    rows : int, optional
        At least 3; the number of agents must be a multiple of it. By default the grid is as nearly
        square as the number of agents allows.

    Examples
    --------
    >>> from sdeopt.graphs import Torus
    >>> Torus().weights(12).toarray()[0].nonzero()[0]
    array([0, 1, 3, 4, 8])
    """

    rows: int | None = None

    def __post_init__(self) -> None:
        if self.rows is not None:
            rows = whole_number(self.rows, "rows of graphs.Torus", minimum=LEAST)
            object.__setattr__(self, "rows", rows)

    def check(self, agents: int) -> None:
        """Refuse agents that do not fill a grid of at least three rows and columns."""
        self._shape(agents)

    def weights(self, agents: int) -> scipy.sparse.csr_array:
        """Return the matrix with five entries of 1/5 in a row."""
        grid = np.arange(agents).reshape(self._shape(agents))
        below, right = np.roll(grid, -1, axis=0), np.roll(grid, -1, axis=1)
        ends = [np.concatenate([grid.ravel()] * 2), np.concatenate([below.ravel(), right.ravel()])]
        return weights_of(np.array(ends), agents)

    def _shape(self, agents: int) -> tuple[int, int]:
        """Return the rows and columns."""
        if self.rows is not None:
            allowed = [self.rows] if agents % self.rows == 0 else []
        else:
            allowed = [r for r in range(math.isqrt(agents), LEAST - 1, -1) if agents % r == 0]
        if not allowed or agents // allowed[0] < LEAST:
            wanted = "" if self.rows is None else f" of {self.rows} rows"
            raise InvalidArgumentError(
                f"{agents} agents do not fill a torus{wanted} with at least {LEAST} rows and "
                f"columns; take a product of two such numbers, e.g. {LEAST} · {LEAST}."
            )
        return allowed[0], agents // allowed[0]
