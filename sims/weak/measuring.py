"""SGD and its SDEs: weak errors on one noise path, and minibatch moments known exactly.

The noise of a minibatch grows with x, so its covariance has no bound; but drift and covariance are
polynomials of degree one and two, and the first two moments of SGD and of both SDEs obey linear
equations of their own.

With Gaussian noise, SGD of N steps and a finely solved SDE can be driven by the same Brownian path.
Every path is used with its mirror image too: what is linear in the noise cancels, and of a difference of
size ηᵃ what is left to average over is not larger than ηᵃ itself.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.increments import Increments, brownian
from sdeopt.losses import Loss

Array = NDArray[np.float64]


CONSTANT = {
    "no noise": (0.0, "minimum"),
    "of the minimum": (1.0, "minimum"),
    "four times that": (4.0, "minimum"),
    "of the start": (1.0, "start"),
}
"""Models of order 1 with a constant B: BBᵀ is that many times Σ(x) at a place."""


@dataclass(frozen=True)
class LinearModel:
    """Least squares in one dimension, f = (1/2N) Σ (aᵢ x − yᵢ)²."""

    features: Array
    targets: Array
    batch_size: int
    start: float

    def loss(self) -> so.losses.LeastSquares:
        """Return f."""
        return so.losses.LeastSquares(self.features[:, None], self.targets)

    def moments(self, name: str, step_size: float, time: float) -> tuple[float, float]:
        """Return E x and E x² at a time."""
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
        if name in CONSTANT:
            size, where = CONSTANT[name]
            place = float(g / h) if where == "minimum" else self.start
            noise = np.array([size * (noise @ [1.0, place, place**2]), 0.0, 0.0])
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
    """Return sixteen examples, drawn once, with batches of two and a start far off."""
    random = np.random.default_rng(11)
    features = random.normal(1.0, 0.7, size=16)
    return LinearModel(features, 0.5 * features + random.normal(0.0, 0.5, 16), 2, 2.0)


MODELS = ("flow", "order 1", "order 2")
"""What SGD is compared with: dx = −f′ dt, eq. (2), eq. (1)."""

MOMENTS = ("mean", "square", "exponential", "variance")
"""E x, E x², E e^{−x} and Var x at the end.

In E x² the errors of mean and variance nearly cancel here, so it takes smaller steps than the others
to show its order.
"""

TIME = 1.0
START = 1.5


def value(point: Array) -> float:
    """Return f(x) + (e/4) f′(x)² for f = x²/2 + log cosh x, at (x, e)."""
    x, e = point[0], point[1]
    slope = x + np.tanh(x)
    return float(0.5 * x * x + np.log(np.cosh(x)) + 0.25 * e * slope * slope)


def gradient(point: Array) -> Array:
    """Return the derivative in x, and 0 for e: it stays what it was at the start."""
    x, e = point[0], point[1]
    t = np.tanh(x)
    return np.array([(x + t) * (1.0 + 0.5 * e * (2.0 - t * t)), 0.0])


def bowl() -> Loss:
    """Return f + (e/4) f′² with e as a second coordinate that stays constant.

    With e = 0 it is f itself, with e = η the loss that eq. (1) descends: one kernel for every η.
    """
    return so.losses.from_functions(value, gradient, dim=2)


@dataclass(frozen=True)
class Weak:
    """How differences are sampled."""

    pairs: int
    refinement: int
    deviation: float
    seed: int


def weak_errors(step_size: float, how: Weak) -> tuple[dict[tuple[str, str], Array], float, int]:
    """Sample differences of SGD and its models."""
    steps = round(TIME / step_size)
    path = _mirrored(steps * how.refinement, step_size / how.refinement, how)
    # ζ of a step of SGD, given as it is: on the iteration clock increments are not scaled by the law.
    draws = path.coarsen(how.refinement).values * (how.deviation / np.sqrt(step_size))
    ends = {"SGD": _end(Increments(draws), 0.0, step_size, how)}
    silent = Increments(
        np.zeros_like(path.values[:, :1]), np.zeros_like(path.values[:, :1]), path.dt
    )
    for model, noise, added in (
        ("flow", silent, 0.0),
        ("order 1", path, 0.0),
        ("order 2", path, step_size),
    ):
        ends[model] = _end(noise, added, step_size, how)
    samples = {
        (model, moment): _difference(moment, ends["SGD"], ends[model], how.pairs)
        for model in MODELS
        for moment in MOMENTS
    }
    work = 2 * how.pairs * steps * (1 + 2 * how.refinement)
    return samples, float(ends["SGD"].var()), work


def _mirrored(steps: int, dt: float, how: Weak) -> Increments:
    """Return paths and, behind them, their mirror images; the second coordinate has no noise."""
    path = brownian(steps, how.pairs, 1, 1, dt, how.seed)
    assert path.areas is not None

    def both(numbers: Array) -> Array:
        moved = np.concatenate([numbers, -numbers], axis=1)
        return np.concatenate([moved, np.zeros_like(moved)], axis=-1)

    return Increments(both(path.values), both(path.areas), dt)


def _end(path: Increments, added: float, step_size: float, how: Weak) -> Array:
    """Return x at the end: by SGD where the path has no dt, else by the SDE's scheme."""
    run = so.simulate(
        bowl(),
        so.SGD(),
        steps=path.values.shape[0],
        step_size=step_size,
        start=so.start.Point([START, added]),
        # without a dt the path is the noise itself
        noise=so.noise.Gaussian(1.0 if path.dt is None else [how.deviation, 0.0]),
        replicas=path.values.shape[1],
        clock=None if path.dt is None else so.clock.SDE(path.dt, "strong_order_1.5"),
        increments=path,
        progress=False,
    )
    return np.asarray(run["agents"].values[:, 0, 0])


def _difference(moment: str, sgd: Array, model: Array, pairs: int) -> Array:
    """Return the difference of a moment, averaged over each path and its mirror image."""
    if moment == "mean":
        difference = sgd - model
    elif moment == "square":
        difference = sgd**2 - model**2
    elif moment == "exponential":
        difference = np.exp(-sgd) - np.exp(-model)
    else:
        difference = (sgd - sgd.mean()) ** 2 - (model - model.mean()) ** 2
    return np.asarray(difference.reshape(2, pairs).mean(axis=0))
