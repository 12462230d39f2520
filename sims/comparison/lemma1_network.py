"""One step of a linear network of two layers under weight noise: what Lemma 1 does not cover.

The network w·Ux is linear in x and not in its weights, so that noise of mean zero moves the expected
step: by −ησ² U A for U and −ησ² tr(A) w for w, with A = Σ x xᵀ.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["LAYERS", "drift"]

LAYERS = ("U", "w")

STEP_SIZE, DEVIATION = 0.02, 0.3
"""η and σ."""

BATCH, INPUTS, HIDDEN = 5, 2, 3

Array = NDArray[np.float64]


def _step(first: Array, last: Array, x: Array, y: Array) -> tuple[Array, Array]:
    """Return −η times the gradient of Σ ½(w·Ux − y)², for copies along the first axis."""
    hidden = np.einsum("rha,ja->rjh", first, x)
    residual = np.einsum("rjh,rh->rj", hidden, last) - y
    of_first = np.einsum("rj,rh,ja->rha", residual, last, x)
    return -STEP_SIZE * of_first, -STEP_SIZE * np.einsum("rj,rjh->rh", residual, hidden)


def drift(pairs: int, seed: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """Sample what noise adds to a step, and compute what it adds in expectation.

    Parameters
    ----------
    pairs : int
        Draws of the noise, each used with its negative: what is odd in the noise cancels.
    seed : int
        The seed.

    Returns
    -------
    samples : dict
        For each layer, (pair, weight): the step taken at noisy weights less that at the weights.
    expected : dict
        For each layer, (weight,).

    Examples
    --------
    >>> from sims.comparison.lemma1_network import drift
    >>> samples, expected = drift(pairs=100, seed=1)
    >>> samples["U"].shape, expected["w"].shape
    ((100, 6), (3,))
    """
    data = np.random.default_rng(8)
    x, y = data.normal(size=(BATCH, INPUTS)), data.normal(size=BATCH)
    first, last = data.normal(size=(1, HIDDEN, INPUTS)), data.normal(size=(1, HIDDEN))
    random = np.random.default_rng(seed)
    on_first = DEVIATION * random.normal(size=(pairs, HIDDEN, INPUTS))
    on_last = DEVIATION * random.normal(size=(pairs, HIDDEN))
    plain = _step(first, last, x, y)
    noisy = [_step(first + sign * on_first, last + sign * on_last, x, y) for sign in (1.0, -1.0)]
    samples = {
        name: ((one + other) / 2 - still).reshape(pairs, -1)
        for name, one, other, still in zip(LAYERS, *noisy, plain, strict=True)
    }
    seen = x.T @ x
    scale = -STEP_SIZE * DEVIATION**2
    expected = {"U": scale * (first[0] @ seen).ravel(), "w": scale * np.trace(seen) * last[0]}
    return samples, expected
