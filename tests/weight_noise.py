"""Trainings of linear models under weight noise, drawn at random, and the exact law of their models.

A test runs the package's own step for every outcome of a noise of finitely many values, and compares
the mean and the covariance over all outcomes with their recursions (Lemma 1 and Corollary 1 of Adilova
et al. 2018, and the second moments beyond them), as fractions. All drawn numbers are multiples of a
power of two, so few and small that doubles hold every number of a training exactly: programs that
compute in doubles are compared without any tolerance too.
"""

import itertools
import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from scipy.special import ndtr

Law = tuple[list[Fraction], np.ndarray]
"""Chances (points,) and outcomes (points, dim) of the noise of one learner in one round."""

halves = st.integers(-3, 3).map(lambda n: Fraction(n, 2))
quarters = st.integers(0, 8).map(lambda n: Fraction(n, 4))
parts = st.integers(1, 3)


@dataclass(frozen=True)
class Training:
    """Data, noise and schedule of some learners; arrays hold fractions.

    Attributes
    ----------
    x, y : numpy.ndarray
        Examples (round, learner, example, dim) and labels (round, learner, example).
    start : numpy.ndarray
        (learner, dim).
    laws : list of list of Law
        Of the noise, by round and learner.
    """

    x: np.ndarray
    y: np.ndarray
    start: np.ndarray
    rate: Fraction
    period: int
    levels: tuple[Fraction, ...]
    laws: list[list[Law]]

    @property
    def rounds(self) -> int:
        return len(self.levels)

    @property
    def learners(self) -> int:
        return len(self.start)

    @property
    def dim(self) -> int:
        return self.start.shape[1]

    def averages(self, number: int) -> bool:
        """Return whether models are averaged at the end of a round, counted from 0."""
        return (number + 1) % self.period == 0

    def outcomes(self) -> tuple[list[Fraction], np.ndarray]:
        """Return chances (outcome,) and values (outcome, round, learner, dim) of independent noise."""
        flat = [law for laws in self.laws for law in laws]
        chances, noises = [], []
        for places in itertools.product(*[range(len(chances)) for chances, _ in flat]):
            pairs = list(zip(flat, places, strict=True))
            chances.append(math.prod((law[0][place] for law, place in pairs), start=Fraction(1)))
            noises.append([law[1][place] for law, place in pairs])
        shape = (len(chances), self.rounds, self.learners, self.dim)
        return chances, np.array(noises, dtype=object).reshape(shape)

    def expected(self) -> np.ndarray:
        """Return the expected models (learner, dim): those under noise that is its mean."""
        models = self.start
        for number, level in enumerate(self.levels):
            noise = np.array([_mean(law) for law in self.laws[number]])
            models = np.array(
                [
                    self._contraction(number, i) @ (models[i] + level * noise[i])
                    + self.rate * self.y[number, i] @ self.x[number, i]
                    for i in range(self.learners)
                ]
            )
            if self.averages(number):
                models = np.array([models.sum(axis=0) / self.learners] * self.learners)
        return models

    def covariance(self) -> np.ndarray:
        """Return the covariances (learner, learner, dim, dim) of the models, by their recursion."""
        each = range(self.learners)
        size = self.dim
        scatter = np.full((self.learners, self.learners, size, size), Fraction(0), dtype=object)
        for number, level in enumerate(self.levels):
            for i in each:
                scatter[i, i] = scatter[i, i] + level**2 * _covariance(self.laws[number][i])
            moves = [self._contraction(number, i) for i in each]
            for i, j in itertools.product(each, each):
                scatter[i, j] = moves[i] @ scatter[i, j] @ moves[j].T
            if self.averages(number):
                scatter[:] = scatter.sum(axis=(0, 1)) / self.learners**2
        return scatter

    def obeyed(self, chances: list[Fraction], models: np.ndarray) -> dict[str, bool]:
        """Return whether models (outcome, learner, dim) have the expected mean and covariance."""
        flat = exact(models).reshape(len(chances), -1)
        # whole numbers, because sums of fractions are slow
        scale = math.lcm(*[value.denominator for value in flat.ravel()])
        whole = math.lcm(*[chance.denominator for chance in chances])
        values = np.array([[int(value * scale) for value in row] for row in flat], dtype=object)
        weights = np.array([int(chance * whole) for chance in chances], dtype=object)
        assert weights.sum() == whole
        total, square = weights @ values, (weights[:, None] * values).T @ values
        mean = [Fraction(value, whole * scale) for value in total]
        scatter = square * whole - np.outer(total, total)
        blocks = self.covariance().swapaxes(1, 2).reshape(scatter.shape) * (whole * scale) ** 2
        return {
            "mean": list(self.expected().ravel()) == mean,
            "covariance": bool((scatter == blocks).all()),
        }

    def fits(self) -> bool:
        """Return whether doubles hold all numbers of the training exactly."""
        unit, largest = 3, Fraction(3, 2)
        for number, level in enumerate(self.levels):
            noise = max(abs(points).max() for _, points in self.laws[number])
            row = max(abs(self.x[number, i]).sum() for i in range(self.learners)) * Fraction(3, 2)
            largest = (largest + level * noise) * (1 + self.rate * row) + self.rate * row
            unit += 2 + (self.rate.denominator.bit_length() - 1)
            unit += 2 * self.averages(number)
        return largest * 2**unit < 2**53

    def _contraction(self, number: int, learner: int) -> np.ndarray:
        """Return I − η Σ x xᵀ."""
        x = self.x[number, learner]
        return np.eye(self.dim, dtype=int) - self.rate * (x.T @ x)


def exact(values: Any) -> np.ndarray:
    """Return an array of fractions, without rounding."""
    given = np.asarray(values)
    return np.array([Fraction(value) for value in given.ravel()], dtype=object).reshape(given.shape)


def _mean(law: Law) -> np.ndarray:
    chances, points = law
    return np.array(chances, dtype=object) @ points


def _covariance(law: Law) -> np.ndarray:
    chances, points = law
    away = points - _mean(law)
    return (np.array(chances, dtype=object)[:, None] * away).T @ away


def _filled(draw: Any, *shape: int) -> np.ndarray:
    size = math.prod(shape)
    drawn = draw(st.lists(halves, min_size=size, max_size=size))
    return np.array(drawn, dtype=object).reshape(shape)


def _law(draw: Any, size: int, points: int, bias: np.ndarray) -> Law:
    """Draw a law whose mean is the bias; its coordinates depend on each other."""
    shares = [draw(parts) for _ in range(points)]
    arms = [_filled(draw, size) for _ in range(points - 1)]
    first = sum((share * arm for share, arm in zip(shares[1:], arms, strict=True)), 0 * bias)
    chances = [Fraction(share, sum(shares)) for share in shares]
    return chances, np.array([first, *(-shares[0] * arm for arm in arms)]) + bias


@st.composite
def trainings(
    draw: Any,
    *,
    biased: bool = False,
    common: bool = False,
    counts: tuple[int, ...] = (1, 2, 4),
    largest: int = 256,
) -> Training:
    """Draw a training.

    Parameters
    ----------
    biased : bool
        Whether the noise may have a mean.
    common : bool
        Whether all learners have the same batches, which change after an averaging only.
    counts : tuple of int
        Of learners.
    largest : int
        The most outcomes.
    """
    size, learners = draw(st.integers(1, 3)), draw(st.sampled_from(counts))
    rounds, period = draw(st.integers(1, {1: 4, 2: 3, 4: 2}[learners])), draw(st.integers(1, 3))
    batch = draw(st.sampled_from([1, 2, 4]))
    x, y = _filled(draw, rounds, learners, batch, size), _filled(draw, rounds, learners, batch)
    if common:
        blocks = np.arange(rounds) // period * period
        x, y = (np.repeat(each[blocks][:, :1], learners, axis=1) for each in (x, y))
    laws: list[list[Law]] = []
    count = 1
    for _ in range(rounds):
        laws.append([])
        for _ in range(learners):
            left = rounds * learners - sum(map(len, laws))
            points = 3 if 3 * count * 2 ** (left - 1) <= largest and draw(st.booleans()) else 2
            count *= points
            bias = _filled(draw, size) if biased else np.full(size, Fraction(0), dtype=object)
            laws[-1].append(_law(draw, size, points, bias))
    training = Training(
        x=x, y=y, start=_filled(draw, learners, size), rate=draw(st.sampled_from(RATES)),
        period=period, levels=tuple(draw(quarters) for _ in range(rounds)), laws=laws,
    )  # fmt: skip
    assume(training.fits())
    return training


RATES = [Fraction(1, 16), Fraction(1, 8), Fraction(1, 4)]


def without_noise_in(training: Training, rounds: list[int]) -> Training:
    """Return the training with noise in the other rounds only."""
    levels = [
        Fraction(0) if number in rounds else level for number, level in enumerate(training.levels)
    ]
    return replace(training, levels=tuple(levels))


def isotropic(training: Training, variance: float) -> Training:
    """Return the training under noise of mean zero whose covariance is that multiple of the unit matrix.

    Its law has two points on every axis; mean and covariance of models depend on no more of a law.
    """
    size = training.dim
    arms = math.sqrt(size * variance) * np.eye(size)
    law = ([Fraction(1, 2 * size)] * 2 * size, np.concatenate([arms, -arms]).astype(object))
    return replace(training, laws=[[law] * training.learners] * training.rounds)


def least_chance(training: Training, models: np.ndarray) -> float:
    """Return how probable so large a deviation of sampled models (sample, learner, dim) is.

    The largest of all entries of mean and covariance in standard errors, times the number of entries.
    Those of the covariance are of Gaussian models; uniform noise has a negative fourth cumulant, so
    that its models' are smaller.
    """
    away = models.reshape(len(models), -1) - training.expected().ravel().astype(float)
    size = away.shape[1]
    exactly = training.covariance().swapaxes(1, 2).reshape(size, size).astype(float)
    variances = np.diag(exactly)
    fixed = variances < 1e-20
    assert (np.abs(away[:, fixed]) < 1e-10).all()
    off = [away.mean(axis=0), away.T @ away / len(away) - exactly]
    errors = [np.sqrt(variances), np.sqrt(np.outer(variances, variances) + exactly**2)]
    kept = [~fixed, ~fixed[:, None] & ~fixed]
    scores = np.concatenate(
        [
            math.sqrt(len(away)) * np.abs(gap[where]) / error[where]
            for gap, error, where in zip(off, errors, kept, strict=True)
        ]
    )
    return min(1.0, 2 * scores.size * float(ndtr(-scores.max()))) if scores.size else 1.0
