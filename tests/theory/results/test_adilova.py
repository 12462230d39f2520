"""Weight noise on linear models, by exact expectation: the noise has finitely many values.

All numbers are fractions and all outcomes are enumerated, so there is no sampling error at all.
"""

import itertools
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import theory

Vector = tuple[Fraction, ...]
Law = list[tuple[Fraction, Vector]]
"""Outcomes of the noise of one learner in one round, with their probabilities."""
Batch = list[tuple[Vector, Fraction]]

small = st.fractions(min_value=-2, max_value=2, max_denominator=3)
weights = st.integers(min_value=1, max_value=3)


def step(model: Vector, batch: Batch, rate: Fraction) -> Vector:
    """Return one step of gradient descent on the squared loss, summed over the batch."""
    errors = [sum(w * x for w, x in zip(model, inputs, strict=True)) - y for inputs, y in batch]
    return tuple(
        w - rate * sum(error * inputs[k] for error, (inputs, _) in zip(errors, batch, strict=True))
        for k, w in enumerate(model)
    )


def shifted(model: Vector, noise: Vector, level: Fraction) -> Vector:
    return tuple(w + level * e for w, e in zip(model, noise, strict=True))


def shared(models: Sequence[Vector]) -> tuple[Vector, ...]:
    mean = tuple(sum(entries) / len(models) for entries in zip(*models, strict=True))
    return tuple(mean for _ in models)


def mean_of_law(law: Law) -> Vector:
    return tuple(sum(p * v[k] for p, v in law) for k in range(len(law[0][1])))


@st.composite
def laws(draw: Any, size: int, *, centred: bool) -> Law:
    """Draw a law on two or three points, of mean zero if wanted; coordinates may depend."""
    count = draw(st.integers(min_value=2, max_value=3))
    parts = [draw(weights) for _ in range(count)]
    chances = [Fraction(part, sum(parts)) for part in parts]
    points = [[draw(small) for _ in range(size)] for _ in range(count)]
    law = [(chance, tuple(point)) for chance, point in zip(chances, points, strict=True)]
    if centred:
        mean = mean_of_law(law)
        law = [(p, tuple(e - m for e, m in zip(v, mean, strict=True))) for p, v in law]
    return law


class Training:
    """Data, noise and schedule of some learners, drawn at random."""

    def __init__(self, draw: Any, *, centred: bool) -> None:
        self.size = draw(st.integers(min_value=1, max_value=3))
        self.learners = draw(st.integers(min_value=1, max_value=2))
        self.rounds = draw(st.integers(min_value=1, max_value=3 if self.learners == 1 else 2))
        self.period = draw(st.integers(min_value=1, max_value=3))
        self.rate = draw(st.fractions(min_value=Fraction(1, 20), max_value=1, max_denominator=20))
        self.levels = [draw(small) for _ in range(self.rounds)]
        examples = draw(st.integers(min_value=1, max_value=3))
        vector = st.tuples(*[small] * self.size)
        batch = st.lists(st.tuples(vector, small), min_size=examples, max_size=examples)
        self.data = [[draw(batch) for _ in range(self.learners)] for _ in range(self.rounds)]
        self.start = [draw(vector) for _ in range(self.learners)]
        law = laws(self.size, centred=centred)
        self.laws = [[draw(law) for _ in range(self.learners)] for _ in range(self.rounds)]

    def run(self, noises: Sequence[Sequence[Vector]]) -> tuple[Vector, ...]:
        """Return the models at the end, for one outcome of all the noise."""
        models = tuple(self.start)
        for number in range(self.rounds):
            level = self.levels[number]
            models = tuple(
                step(shifted(model, noise, level), batch, self.rate)
                for model, noise, batch in zip(
                    models, noises[number], self.data[number], strict=True
                )
            )
            if (number + 1) % self.period == 0:
                models = shared(models)
        return models

    def outcomes(self) -> list[tuple[Fraction, tuple[Vector, ...]]]:
        """Return the models of every outcome of independent noise, with their probabilities."""
        flat = [law for laws in self.laws for law in laws]
        found = []
        for chosen in itertools.product(*flat):
            noises = [vector for _, vector in chosen]
            rows = [noises[k : k + self.learners] for k in range(0, len(noises), self.learners)]
            chance = Fraction(1)
            for p, _ in chosen:
                chance *= p
            found.append((chance, self.run(rows)))
        return found

    def expected(self, outcomes: list[tuple[Fraction, tuple[Vector, ...]]]) -> list[list[Fraction]]:
        return [
            [sum(p * models[i][k] for p, models in outcomes) for k in range(self.size)]
            for i in range(self.learners)
        ]

    def constant(self, value: Callable[[Law], Vector]) -> list[list[Fraction]]:
        """Return the models when the noise is one vector for each law."""
        models = self.run([[value(law) for law in laws] for laws in self.laws])
        return [list(model) for model in models]


@st.composite
def trainings(draw: Any, *, centred: bool = True) -> Training:
    return Training(draw, centred=centred)


def zero(law: Law) -> Vector:
    return tuple(Fraction(0) for _ in law[0][1])


@settings(max_examples=60, deadline=None)
@given(trainings())
def test_centred_noise_leaves_the_expected_models(training: Training) -> None:
    """Lemma 1 (one learner) and Corollary 1 (two, averaged with any period), exactly."""
    assert training.expected(training.outcomes()) == training.constant(zero)


@settings(max_examples=30, deadline=None)
@given(trainings())
def test_so_does_one_noise_for_all_rounds_and_learners(training: Training) -> None:
    """The mean needs no independence: the same outcome is used every time."""
    law = training.laws[0][0]
    once = [[vector] * training.learners for _, vector in law]
    outcomes = [
        (p, training.run([row] * training.rounds)) for (p, _), row in zip(law, once, strict=True)
    ]
    assert training.expected(outcomes) == training.constant(zero)


@settings(max_examples=40, deadline=None)
@given(trainings(centred=False))
def test_noise_with_a_mean_acts_as_its_mean(training: Training) -> None:
    assert training.expected(training.outcomes()) == training.constant(mean_of_law)


@settings(max_examples=40, deadline=None)
@given(trainings(centred=False))
def test_the_covariance_obeys_the_recursion(training: Training) -> None:
    """adilova_covariance, iterated with matrices of fractions, against all outcomes."""
    size, learners = training.size, training.learners
    units = range(learners)
    scatter = {(i, j): _zeros(size) for i in units for j in units}
    for number in range(training.rounds):
        moves = [_contraction(batch, training.rate, size) for batch in training.data[number]]
        level = training.levels[number]
        for i, law in enumerate(training.laws[number]):
            scatter[i, i] = scatter[i, i] + level**2 * _covariance(law)
        scatter = {(i, j): moves[i] @ scatter[i, j] @ moves[j].T for i, j in scatter}
        if (number + 1) % training.period == 0:
            mean = sum(scatter.values()) / Fraction(learners**2)
            scatter = dict.fromkeys(scatter, mean)
    outcomes = training.outcomes()
    means = training.expected(outcomes)
    for (i, j), matrix in scatter.items():
        exact = _zeros(size)
        for p, models in outcomes:
            one = np.array(models[i], dtype=object) - np.array(means[i], dtype=object)
            other = np.array(models[j], dtype=object) - np.array(means[j], dtype=object)
            exact = exact + p * np.outer(one, other)
        assert (exact == matrix).all()


def _zeros(size: int) -> Any:
    return np.array([[Fraction(0)] * size for _ in range(size)], dtype=object)


def _contraction(batch: Batch, rate: Fraction, size: int) -> Any:
    gram = _zeros(size)
    for inputs, _ in batch:
        example = np.array(inputs, dtype=object)
        gram = gram + np.outer(example, example)
    return (
        np.array([[Fraction(int(i == j)) for j in range(size)] for i in range(size)]) - rate * gram
    )


def _covariance(law: Law) -> Any:
    mean = np.array(mean_of_law(law), dtype=object)
    points = [(p, np.array(v, dtype=object) - mean) for p, v in law]
    return sum(p * np.outer(v, v) for p, v in points)


@settings(max_examples=40, deadline=None)
@given(
    rate=st.fractions(min_value=Fraction(1, 50), max_value=1, max_denominator=50),
    length=st.fractions(min_value=Fraction(1, 4), max_value=2, max_denominator=4),
    bias=small,
    rounds=st.integers(min_value=1, max_value=6),
)
def test_a_bias_adds_up_as_predicted(
    rate: Fraction, length: Fraction, bias: Fraction, rounds: int
) -> None:
    """Two orthogonal examples: the first coordinate is an eigenvector with eigenvalue length²."""
    batch: Batch = [((length, Fraction(0)), Fraction(1)), ((Fraction(0), Fraction(3)), Fraction(2))]
    noisy = plain = (Fraction(1), Fraction(-1))
    for _ in range(rounds - 1):
        noisy = step(shifted(noisy, (bias, Fraction(7)), Fraction(1)), batch, rate)
        plain = step(plain, batch, rate)
    predicted = theory.load("adilova_biased_noise").bound(
        step_size=float(rate),
        data_curvature=float(length**2),
        noise_bias=float(bias),
        rounds=rounds,
    )
    assert predicted == pytest.approx(float(noisy[0] - plain[0]), rel=1e-9, abs=1e-12)


def test_a_bias_levels_off() -> None:
    """For 0 < ηλ < 2 the distance tends to β (1 − ηλ)/(ηλ)."""
    biased = theory.load("adilova_biased_noise")
    far = biased.bound(step_size=0.1, data_curvature=2.0, noise_bias=0.5, rounds=400)
    assert far == pytest.approx(0.5 * 0.8 / 0.2)
    assert biased.bound(step_size=0.1, data_curvature=2.0, noise_bias=0.5, rounds=1) == 0.0
