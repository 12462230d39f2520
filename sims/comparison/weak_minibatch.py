"""SGD on least squares with minibatches, and its SDEs: moments known exactly.

The noise of a minibatch grows with x, so its covariance has no bound; but drift and covariance are
polynomials of degree one and two, and the first two moments of SGD and of both SDEs obey linear
equations of their own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import sdeopt as so

__all__ = ["LinearModel", "model"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LinearModel:
    """Least squares in one dimension, f = (1/2N) Σ (aᵢ x − yᵢ)².

    Parameters
    ----------
    features, targets : numpy.ndarray, shape (N,)
        a and y.
    batch_size : int
        b, drawn with replacement.
    start : float
        Where x starts.
    """

    features: Array
    targets: Array
    batch_size: int
    start: float

    def loss(self) -> so.losses.LeastSquares:
        """Return f."""
        return so.losses.LeastSquares(self.features[:, None], self.targets)

    def moments(self, name: str, step_size: float, time: float) -> tuple[float, float]:
        """Return E x and E x² at a time.

        Parameters
        ----------
        name : {"SGD", "order 1", "order 2"}
            The iteration, or one of its models.
        step_size : float
            η.
        time : float
            A multiple of η.

        Returns
        -------
        first, second : float
            The moments.

        Examples
        --------
        >>> from sims.comparison.weak_minibatch import model
        >>> [round(number, 3) for number in model().moments("SGD", 0.05, 1.0)]
        [0.661, 0.443]
        """
        from scipy import linalg

        change = self._change(name, step_size)
        if name == "SGD":
            grown = np.linalg.matrix_power(np.eye(3) + change, round(time / step_size))
        else:
            grown = linalg.expm(change * time)
        _, first, second = grown @ np.array([1.0, self.start, self.start**2])
        return float(first), float(second)

    def _change(self, name: str, step_size: float) -> Array:
        """Return how (1, E x, E x²) changes in a step of SGD, or in a unit of time of a model."""
        a, y = self.features, self.targets
        h, g = np.mean(a * a), np.mean(a * y)
        # Σ(x) = s₀ + s₁ x + s₂ x², the variance over the examples of a (a x − y)
        covariance = np.cov(np.stack([a * y, a * a]), bias=True)
        noise = np.array([covariance[0, 0], -2 * covariance[0, 1], covariance[1, 1]])
        noise *= step_size / self.batch_size
        if name == "SGD":
            first = step_size * np.array([g, -h, 0.0])
            own = step_size**2 * np.array([g * g, -2 * g * h, h * h])
            second = 2 * step_size * np.array([0.0, g, -h]) + own + step_size * noise
            return np.array([np.zeros(3), first, second])
        slower = 1 + step_size * h / 2 if name == "order 2" else 1.0
        first = slower * np.array([g, -h, 0.0])
        second = 2 * slower * np.array([0.0, g, -h]) + noise
        return np.array([np.zeros(3), first, second])

    def sampled(self, step_size: float, time: float, replicas: int, seed: int) -> Array:
        """Return x of SGD at a time, simulated with minibatches."""
        run = so.simulate(
            self.loss(),
            so.SGD(),
            steps=round(time / step_size),
            step_size=step_size,
            start=so.start.Point(self.start),
            noise=so.noise.Minibatch(self.batch_size),
            replicas=replicas,
            seed=seed,
            progress=False,
        )
        return np.asarray(run["agents"].values[:, 0, 0])


def model() -> LinearModel:
    """Return sixteen examples, drawn once, batches of two and a start far off."""
    random = np.random.default_rng(11)
    features = random.normal(1.0, 0.7, size=16)
    return LinearModel(features, 0.5 * features + random.normal(0.0, 0.5, 16), 2, 2.0)
