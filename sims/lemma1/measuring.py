"""Algorithm 1 on linear models, exactly and simulated; one step of a linear network of two layers.

With gradients of Σ ½(⟨f, x⟩ − y)² over the batch, a learner's step is affine: f ← M f + c with
M = I − η Σ x xᵀ. All learners together, stacked, take one affine step, mixed by an averaging matrix.

The network w·Ux is linear in x and not in its weights, so that noise of mean zero moves the expected
step: by −ησ² U A for U and −ησ² tr(A) w for w, with A = Σ x xᵀ.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

import sdeopt as so
from sdeopt.noise import NoiseLaw

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Rounds:
    """The batches of every round and learner, and how models are averaged."""

    features: Array
    targets: Array
    step_size: float
    period: int
    start: float
    levels: Array

    @property
    def learners(self) -> int:
        """Their number m."""
        return int(self.features.shape[1])

    @property
    def dim(self) -> int:
        """Weights of a model."""
        return int(self.features.shape[3])

    def _averaging(self, number: int) -> Array:
        """Return the matrix that mixes models after round `number`, counted from 1."""
        m = self.learners
        averaged = number % self.period == 0
        mixing = np.full((m, m), 1 / m) if averaged else np.eye(m)
        return np.kron(mixing, np.eye(self.dim))

    def _contraction(self, number: int) -> Array:
        """Return M of all learners, stacked, in round `number`."""
        from scipy import linalg

        x = self.features[number - 1]
        blocks = np.eye(self.dim) - self.step_size * np.einsum("ijk,ijl->ikl", x, x)
        return np.asarray(linalg.block_diag(*blocks))

    def expected(self, bias: float = 0.0) -> Array:
        """Return the models without noise, or with the mean of noise that has one."""
        targets = np.einsum("tijk,tij->tik", self.features, self.targets)
        models = [np.full(self.learners * self.dim, self.start)]
        for number, level in enumerate(self.levels, start=1):
            kept = self._contraction(number) @ (models[-1] + level * bias)
            added = self.step_size * targets[number - 1].reshape(-1)
            models.append(self._averaging(number) @ (kept + added))
        return np.array(models)

    def covariance(self, variance: float) -> Array:
        """Return the covariances of all models, by their recursion."""
        size = self.learners * self.dim
        found = [np.zeros((size, size))]
        for number, level in enumerate(self.levels, start=1):
            step = self._averaging(number) @ self._contraction(number)
            found.append(step @ (found[-1] + level**2 * variance * np.eye(size)) @ step.T)
        return np.array(found)

    def iterated(self, draws: Array) -> Array:
        """Return the models under given noise: Algorithm 1, example by example."""
        models = [np.full(draws.shape[1:], self.start)]
        for number, level in enumerate(self.levels, start=1):
            x, y = self.features[number - 1], self.targets[number - 1]
            noisy = models[-1] + level * draws[number - 1]
            residual = np.einsum("ijk,rik->rij", x, noisy) - y
            moved = noisy - self.step_size * np.einsum("rij,ijk->rik", residual, x)
            if number % self.period == 0:
                moved = np.broadcast_to(moved.mean(axis=1, keepdims=True), moved.shape)
            models.append(moved)
        return np.array(models)

    def simulated(
        self, law: NoiseLaw, replicas: int, seed: int, draws: ArrayLike | None = None
    ) -> Array:
        """Return what `iterated` does, by the engine; for data that all rounds and learners share."""
        x = self.features[0, 0]
        given = so.noise.Gaussian(1.0, level=law.level, enters=law.enters)
        run = so.simulate(
            so.losses.LeastSquares(x, self.targets[0, 0]),
            so.PeriodicAveraging(self.period),
            steps=len(self.levels),
            # the loss is a mean over the examples
            step_size=self.step_size * len(x),
            start=so.start.Point(self.start),
            noise=law if draws is None else given,
            agents=self.learners,
            replicas=replicas,
            seed=seed,
            increments=draws,
            record=so.record.Every(1, ("agents",)),
            progress=False,
        )
        return np.asarray(run["agents"].transpose("step", "replica", "agent", "dim").values)


def _examples(random: np.random.Generator, *shape: int) -> tuple[Array, Array]:
    scales = np.array([1.0, 0.6, 0.3])
    features = random.normal(size=(*shape, len(scales))) * scales
    return features, features @ np.array([1.0, -1.0, 0.5]) + random.normal(0.0, 0.2, shape)


def shared_data(learners: int, rounds: int, period: int) -> Rounds:
    """Return rounds in which all learners see the same twelve examples."""
    x, y = _examples(np.random.default_rng(3), 12)
    shape = (rounds, learners)
    return Rounds(
        np.broadcast_to(x, (*shape, *x.shape)),
        np.broadcast_to(y, (*shape, *y.shape)),
        step_size=0.03,
        period=period,
        start=2.0,
        levels=np.ones(rounds),
    )


def own_data(learners: int, rounds: int, period: int) -> Rounds:
    """Return rounds in which every learner has a batch of its own, and noise that is decayed.

    It is divided by the number of the synchronization round, which ends when models are averaged.
    """
    x, y = _examples(np.random.default_rng(5), rounds, learners, 4)
    return Rounds(x, y, 0.09, period, 2.0, 1.0 / (1 + np.arange(rounds) // period))


LAYERS = ("U", "w")

STEP_SIZE, DEVIATION = 0.02, 0.3
"""η and σ."""

BATCH, INPUTS, HIDDEN = 5, 2, 3


def _step(first: Array, last: Array, x: Array, y: Array) -> tuple[Array, Array]:
    """Return −η times the gradient of Σ ½(w·Ux − y)², for copies along the first axis."""
    hidden = np.einsum("rha,ja->rjh", first, x)
    residual = np.einsum("rjh,rh->rj", hidden, last) - y
    of_first = np.einsum("rj,rh,ja->rha", residual, last, x)
    return -STEP_SIZE * of_first, -STEP_SIZE * np.einsum("rj,rjh->rh", residual, hidden)


def drift(pairs: int, seed: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """Sample what noise adds to a step, and compute what it adds in expectation."""
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
    squares = x.T @ x
    scale = -STEP_SIZE * DEVIATION**2
    expected = {"U": scale * (first[0] @ squares).ravel(), "w": scale * np.trace(squares) * last[0]}
    return samples, expected
