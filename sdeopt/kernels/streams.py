"""The words of whole streams, for Python.

This text is compiled once per machine (`sdeopt.kernels.generation.load_cached`): every process that
simulates draws its starts with it.
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.philox import fill_words

Words = NDArray[np.uint64]


@compiled
def fill_streams(
    seed: np.uint64, purpose: np.uint64, agents: Words, replicas: Words, kept: Words,
    kept_for: Words, out: Words,
) -> None:  # fmt: skip
    """Write the first words of the stream of every lane."""
    first, end = np.uint64(0), out.shape[0]
    fill_words(seed, purpose, first, agents, replicas, kept, kept_for, out, 0, end)
