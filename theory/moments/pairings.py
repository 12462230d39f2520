"""The first two moments of a matrix that pairs agents at random.

With Π the permutation that exchanges every agent with its partner (one of an odd number keeps its
place), all pairings equally likely, an agent receives M = (1 + Π)/2.
"""

import numpy as np
from numpy.typing import ArrayLike

from sdeopt.errors import InvalidArgumentError
from theory.moments.methods import Array


def check_pairs(agents: int, delay: ArrayLike) -> None:
    """Refuse what the moments of pairs are not written for."""
    if agents < 2 or np.ndim(delay):
        raise InvalidArgumentError(
            f"random pairs need at least 2 agents and one delay for all, not {agents} agents with the "
            f"delay {delay!r}."
        )


def paired_mean(agents: int) -> Array:
    """Return E M: a partner is each other agent as likely, or the agent itself where p is odd."""
    return (np.eye(agents) + _mean_exchange(agents)) / 2.0


def paired_square(read: Array) -> Array:
    """Return E M R M."""
    exchanged = _mean_exchange(len(read))
    return (read + exchanged @ read + read @ exchanged + _exchanged_square(read)) / 4.0


def _mean_exchange(agents: int) -> Array:
    """Return E Π."""
    if agents % 2:
        return np.full((agents, agents), 1.0 / agents)
    return (1.0 - np.eye(agents)) / (agents - 1.0)


def _exchanged_square(read: Array) -> Array:
    """Return E Π R Π: where i goes to k and j to l, entry (i, j) is R_kl."""
    p, odd = len(read), len(read) % 2
    others = p - 1 + odd
    one = 1.0 / others
    two = one / (others - 2.0) if others > 2 else 0.0
    off = read - np.diag(np.diagonal(read))
    rows, columns = off.sum(axis=1), off.sum(axis=0)
    # over k ≠ l, neither of them i or j
    lines = rows + columns
    apart = off.sum() - lines[:, None] - lines + off + off.T
    if odd:
        # agent i is alone and j goes to l, or the other way round
        apart = apart + rows[:, None] + columns - 2.0 * off
    found = one * off.T + two * apart
    np.fill_diagonal(found, one * (np.trace(read) - (1 - odd) * np.diagonal(read)))
    return np.asarray(found)
