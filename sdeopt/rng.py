"""The random streams of a run, addressed by (seed, purpose, replica, agent, element).

The engine draws inside its kernel; this is the same generator from Python, for starts, for replaying
the noise of a run, and for tests. It has no state.
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.arguments import whole_number
from sdeopt.kernels.modules import load_source
from sdeopt.kernels.philox import (
    GRAPH,
    INITIAL,
    MATCHING,
    MINIBATCH,
    NOISE,
    NOISE_AREA,
    PARTICIPATION,
    UNKNOWN,
)
from sdeopt.kernels.variates import BELOW_ONE, ONE_BITS
from sdeopt.kernels.vectors import NARROW

__all__ = [
    "GRAPH",
    "INITIAL",
    "MATCHING",
    "MINIBATCH",
    "NOISE",
    "NOISE_AREA",
    "PARTICIPATION",
    "as_seed",
    "uniforms",
    "words",
]

LARGEST_SEED = 2**64 - 1

FILL_STREAMS = """\
import numpy as np
from numba import njit

from sdeopt.kernels.philox import fill_words


@njit(error_model="numpy", nogil=True, cache=True)
def fill_streams(seed, purpose, agents, replicas, cached, cached_for, out):
    first, end = np.uint64(0), out.shape[0]
    fill_words(seed, purpose, first, agents, replicas, cached, cached_for, out, 0, end)
"""
"""Writes the first words of the stream of every lane; compiled once per machine, for all runs."""


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
    return np.uint64(whole_number(seed, "seed", maximum=LARGEST_SEED))


def words(
    seed: int, purpose: int, replicas: NDArray[np.integer], agents: int, elements: int
) -> NDArray[np.uint64]:
    """Return the first words of the streams of some replicas.

    Parameters
    ----------
    seed : int
        The seed of the run.
    purpose : int
        One of the names in capitals, e.g. `NOISE` or `INITIAL`.
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
    agent_of, replica_of = np.pad(agent_of, padding), np.pad(replica_of, padding)
    cached, cached_for = np.empty((2, out.shape[1]), np.uint64), np.full(1, UNKNOWN)
    key, stream = as_seed(seed), np.uint64(purpose)
    fill = load_source(FILL_STREAMS).fill_streams
    fill(key, stream, agent_of, replica_of, cached, cached_for, out)
    return np.ascontiguousarray(out[:elements, :lanes].T).reshape(who.size, agents, elements)


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
    # as `sdeopt.kernels.variates.unit_interval`, without the time to compile it
    return ((drawn >> np.uint64(12)) | ONE_BITS).view(np.float64) - BELOW_ONE
