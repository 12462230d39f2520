"""Weight noise on linear models, by exact expectation: the noise has finitely many values.

The step is the theorems' own: the expression of their proofs, with the drawn numbers for its arrays.
All numbers are fractions and all outcomes are enumerated, so there is no sampling error at all.
"""

import functools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from sympy.printing.pycode import PythonCodePrinter

import theory
from tests.weight_noise import Training, exact, trainings
from theory.results import adilova_corollary_1 as corollary
from theory.results import adilova_lemma_1 as lemma
from theory.symbols import agents, batch_size, dimension, step_size

BOTH = {"mean": True, "covariance": True}
ARRAYS = {
    lemma: (lemma.f, lemma.psi, lemma.inputs, lemma.targets),
    corollary: (corollary.f, corollary.psi, corollary.inputs, corollary.targets),
}
INDICES = {lemma: (lemma.a,), corollary: (corollary.i, corollary.a)}


class FractionPrinter(PythonCodePrinter):
    def _print_Rational(self, number):  # noqa: N802
        return f"Fraction({number.p}, {number.q})"


@functools.cache
def compiled(module, update, sizes):
    """Return an update as a function of its indices and of the numbers of its arrays."""
    named = dict(zip((agents, batch_size, dimension), sizes, strict=True))
    indices = INDICES[module]
    value = update(module.t, *indices).subs(named).doit()
    names = [module.t, *indices, *ARRAYS[module], lemma.level, corollary.averaging, step_size]
    return sympy.lambdify(names, value, [{"Fraction": Fraction}], FractionPrinter)


def by_theorem(training: Training, module, update=None, noises=None):
    """Return the models (outcome, learner, dim) of all outcomes, each by the theorem's own update."""
    update = update or module.RESULT.setting["noisy"]
    chances, drawn = training.outcomes()
    noises = drawn if noises is None else noises
    models = np.repeat(training.start[None], len(noises), axis=0)
    step = compiled(module, update, (training.learners, *training.x.shape[2:]))
    # Lemma 1 has no index of the learner
    left_out = 1 if module is lemma else 0
    for number, level in enumerate(training.levels):
        given = [np.moveaxis(models, 0, -1), np.moveaxis(noises[:, number], 0, -1)]
        given += [training.x[number], training.y[number]]
        ends = [2, 2, 3, 2]
        arrays = [
            entries(array, end, number, left_out) for array, end in zip(given, ends, strict=True)
        ]
        others = {number: level}, {number: Fraction(training.averages(number))}, training.rate
        after = np.empty_like(models)
        for place in np.ndindex(models.shape[1:]):
            of = counted(place)[left_out:]
            after[:, *place] = step(number, *of, *arrays, *others)
        models = after
    return chances, models


def counted(place):
    """Return indices that count from 1."""
    return tuple(index + 1 for index in place)


def entries(array, end, number, left_out):
    """Return one round's entries by the theorem's indices; what is behind the first `end` is kept."""
    places = np.ndindex(array.shape[:end])
    return {(number, *counted(place)[left_out:]): array[place] for place in places}


SERIAL = trainings(biased=True, counts=(1,), largest=64)


@settings(max_examples=30)
@given(SERIAL)
def test_the_step_of_lemma_1_has_the_mean_and_covariance_it_says(training):
    """Exactly; noise with a mean acts as its mean."""
    assert training.obeyed(*by_theorem(training, lemma)) == BOTH


@settings(max_examples=20)
@given(trainings(biased=True, largest=64))
def test_so_has_that_of_corollary_1(training):
    """With any period of averaging."""
    assert training.obeyed(*by_theorem(training, corollary)) == BOTH


@settings(max_examples=20)
@given(trainings(largest=64))
def test_the_mean_needs_no_independence(training):
    """One outcome of one law is the noise of all rounds and learners."""
    chances, points = training.laws[0][0]
    shape = (len(points), training.rounds, training.learners, training.dim)
    noises = np.broadcast_to(points[:, None, None], shape)
    _, models = by_theorem(training, corollary, noises=noises)
    assert training.obeyed(chances, models)["mean"]


PLANTED = {
    (module, planted.words): (module, planted.setting["noisy"])
    for module in (lemma, corollary)
    for planted in module.RESULT.planted
    if "noisy" in planted.setting
}


@pytest.mark.parametrize("name", PLANTED, ids=lambda name: name[1])
def test_a_planted_step_is_found(name):
    """The theorems' own planted errors, found by numbers and not by a proof that fails."""
    module, update = PLANTED[name]
    counts = (1,) if module is lemma else (1, 2, 4)

    def is_found(training):
        return training.obeyed(*by_theorem(training, module, update)) != BOTH

    sought = settings(max_examples=200, phases=[Phase.generate], derandomize=True)
    find(trainings(counts=counts, largest=64), is_found, settings=sought)


def test_planted_steps_are_found_at_all():
    assert len(PLANTED) >= 5


@settings(max_examples=40, deadline=None)
@given(
    rate=st.fractions(min_value=Fraction(1, 50), max_value=1, max_denominator=50),
    length=st.fractions(min_value=Fraction(1, 4), max_value=2, max_denominator=4),
    bias=st.fractions(min_value=-2, max_value=2, max_denominator=3),
    rounds=st.integers(min_value=1, max_value=6),
)
def test_a_bias_adds_up_as_predicted(
    rate: Fraction, length: Fraction, bias: Fraction, rounds: int
) -> None:
    """Two orthogonal examples: the first coordinate is an eigenvector with eigenvalue length²."""
    shape, steps = (rounds - 1, 1), rounds - 1
    training = Training(
        x=np.broadcast_to(exact([[length, 0], [0, 3]]), (*shape, 2, 2)),
        y=np.broadcast_to(exact([1, 2]), (*shape, 2)),
        start=exact([[1, -1]]),
        rate=rate,
        period=rounds,
        levels=(Fraction(1),) * steps,
        laws=[[([Fraction(1)], exact([[bias, 7]]))]] * steps,
    )
    (noisy,) = by_theorem(training, lemma)[1]
    (plain,) = by_theorem(replace(training, levels=(Fraction(0),) * steps), lemma)[1]
    predicted = theory.load("adilova_biased_noise").bound(
        step_size=float(rate),
        data_curvature=float(length**2),
        noise_bias=float(bias),
        rounds=rounds,
    )
    assert predicted == pytest.approx(float((noisy - plain)[0, 0]), rel=1e-9, abs=1e-12)


def test_a_bias_levels_off() -> None:
    """For 0 < ηλ < 2 the distance tends to β (1 − ηλ)/(ηλ)."""
    biased = theory.load("adilova_biased_noise")
    far = biased.bound(step_size=0.1, data_curvature=2.0, noise_bias=0.5, rounds=400)
    assert far == pytest.approx(0.5 * 0.8 / 0.2)
    assert biased.bound(step_size=0.1, data_curvature=2.0, noise_bias=0.5, rounds=1) == 0.0
