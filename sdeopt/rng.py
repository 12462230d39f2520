"""The random streams of a run, addressed by (seed, purpose, replica, agent, element).

The engine draws inside its kernel; this is the same generator from Python, for starts, for replaying
the noise of a run, and for tests. Nothing here has a state to forget.
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.arguments import whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.philox import INITIAL, MINIBATCH, NOISE, NOISE_AREA, UNKNOWN, fill_words
from sdeopt.kernels.rounds import NARROW
from sdeopt.kernels.variates import unit_interval

__all__ = ["INITIAL", "MINIBATCH", "NOISE", "NOISE_AREA", "as_seed", "uniforms", "words"]

LARGEST_SEED = 2**64 - 1


@compiled
def _unit_intervals(row: NDArray[np.uint64], out: NDArray[np.float64]) -> None:
    for i in range(row.shape[0]):
        out[i] = unit_interval(row[i])


def as_seed(seed: int) -> np.uint64:
    """Return a seed as the 64-bit key of the generator.

    Parameters
    ----------
    seed : int
        From 0 to 2**64 − 1.

    Returns
    -------
    numpy.uint64
        The key.

    Raises
    ------
    InvalidArgumentError
        If it is not such a number.

    Examples
    --------
    >>> from sdeopt.rng import as_seed
    >>> int(as_seed(7))
    7
    """
    number = whole_number(seed, "seed")
    if number > LARGEST_SEED:
        raise InvalidArgumentError(f"seed is {seed}, but must be below 2**64.")
    return np.uint64(number)


def words(
    seed: int, purpose: int, replicas: NDArray[np.integer], agents: int, elements: int
) -> NDArray[np.uint64]:
    """Return the first words of the streams of some replicas.

    Parameters
    ----------
    seed : int
        The seed of the run.
    purpose : int
        `NOISE`, `NOISE_AREA`, `INITIAL` or `MINIBATCH`.
    replicas : array of int, shape (count,)
        Numbers of the replicas.
    agents : int
        How many agents of each: 0, ..., agents − 1.
    elements : int
        How many words of each agent's stream.

    Returns
    -------
    numpy.ndarray
        uint64 of shape (count, agents, elements).

    Notes
    -----
    Philox4x32-10 of Salmon et al. (SC'11). The counter is (block, purpose, agent, replica); see
    `sdeopt.kernels.philox`.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt import rng
    >>> [hex(word) for word in rng.words(0, 0, np.array([0]), 1, 2)[0, 0]]
    ['0xe169c58d6627e8d5', '0x9b00dbd8bc57ac4c']
    """
    who = np.asarray(replicas, dtype=np.uint64)
    replica_of = np.repeat(who, agents)
    agent_of = np.tile(np.arange(agents, dtype=np.uint64), who.size)
    lanes = who.size * agents
    padding = (0, -lanes % NARROW)
    out = np.empty((elements + elements % 2, lanes + padding[1]), np.uint64)
    _fill(
        as_seed(seed),
        np.uint64(purpose),
        np.pad(agent_of, padding),
        np.pad(replica_of, padding),
        out,
    )
    return np.ascontiguousarray(out[:elements, :lanes].T).reshape(who.size, agents, elements)


@compiled
def _fill(
    seed: np.uint64, purpose: np.uint64, agents: NDArray[np.uint64], replicas: NDArray[np.uint64],
    out: NDArray[np.uint64],
) -> None:  # fmt: skip
    kept, kept_for = np.empty((2, agents.shape[0]), np.uint64), np.full(1, UNKNOWN)
    for block in range(out.shape[0] // 2):
        fill_words(
            seed, purpose, np.uint64(block), agents, replicas, kept, kept_for, out, 2 * block
        )


def uniforms(
    seed: int, purpose: int, replicas: NDArray[np.integer], agents: int, elements: int
) -> NDArray[np.float64]:
    """Return uniforms in (0, 1) made of `words`; the parameters are the same.

    Parameters
    ----------
    seed, purpose, replicas, agents, elements
        As for `words`.

    Returns
    -------
    numpy.ndarray
        float64 of shape (count, agents, elements), on 2**52 cell centres.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt import rng
    >>> rng.uniforms(7, rng.INITIAL, np.arange(3), 2, 1).shape
    (3, 2, 1)
    """
    drawn = words(seed, purpose, replicas, agents, elements)
    out = np.empty(drawn.shape)
    _unit_intervals(drawn.reshape(-1), out.reshape(-1))
    return out
