"""Measured orders: the schemes have theirs, on problems with known solutions too, and a bug shows.

The intervals cover the Monte Carlo error at 99%; BIAS allows for the higher powers of dt that are left
at the step sizes taken here.
"""

import math

import numpy as np
import pytest

import sdeopt as so
from sdeopt.convergence import (
    Problem,
    measured_order,
    second_moment,
    strong_order,
    weak_order,
)
from sdeopt.errors import InvalidArgumentError
from sdeopt.increments import Increments

DT = [2.0**-k for k in (6, 7, 8, 9)]
BIAS = 0.03
RATE, NOISE, ETA, START = 1.5, 2.0, 0.5, 0.7


def curved(algorithm, agents=2):
    """A problem ruled by noise and curvature: on a linear one the strong scheme has order 2."""
    loss = so.losses.QuadraticLogCosh(1, strong_convexity=0.1, smoothness=2.0)
    start = so.start.Point(0.5)
    noise = so.noise.Gaussian(3.0)
    return Problem(loss, algorithm, noise, start, step_size=ETA, time=0.25, agents=agents)


def drifting(algorithm):
    """A problem ruled by its drift: the errors of its moments stand out of the noise."""
    loss = so.losses.QuadraticLogCosh(1)
    start, noise = so.start.Point(1.0), so.noise.Gaussian(1.0)
    return Problem(loss, algorithm, noise, start, step_size=ETA, time=1.0, agents=2)


def ornstein_uhlenbeck(time=1.0):
    return Problem(
        so.losses.Quadratic(RATE),
        so.SGD(),
        so.noise.Gaussian(NOISE),
        so.start.Point(START),
        step_size=ETA,
        time=time,
    )


def ornstein_uhlenbeck_exact(path):
    """Integrate by parts on each fine step: ∫e^{a(s−T)} dW = W e^{...} − a ∫e^{a(s−T)} W ds."""
    steps = len(path.values)
    left = np.arange(steps) * path.dt - steps * path.dt
    decay_end, decay_middle = np.exp(RATE * (left + path.dt)), np.exp(RATE * (left + path.dt / 2))
    stochastic = np.einsum("t,trad->rad", decay_end, path.values)
    stochastic -= RATE * np.einsum("t,trad->rad", decay_middle, path.areas)
    mean = START * math.exp(-RATE * steps * path.dt)
    return mean + math.sqrt(ETA) * NOISE * stochastic


def consistent(order, expected):
    low, high = order.interval
    assert high - low < 0.3, "the interval must be able to tell orders apart"
    assert low - BIAS <= expected <= high + BIAS, str(order)


@pytest.mark.statistical
@pytest.mark.parametrize(
    "algorithm", [so.SGD(), so.QSGD(coupling=0.5), so.EASGD(coupling=0.5)], ids=repr
)
@pytest.mark.parametrize(
    ("scheme", "strong", "weak"), [("euler_maruyama", 1.0, 1.0), ("strong_order_1.5", 1.5, 2.0)]
)
def test_the_schemes_have_their_orders_for_additive_noise(algorithm, scheme, strong, weak):
    """Null: the orders are those of the literature. Seed fixed, 99% interval plus BIAS."""
    options = {"scheme": scheme, "replicas": 600, "confidence": 0.99}
    consistent(strong_order(curved(algorithm), DT, **options), strong)
    consistent(weak_order(drifting(algorithm), [2 * h for h in DT], refinement=8, **options), weak)


@pytest.mark.statistical
def test_the_reference_solution_agrees_with_the_exact_one():
    """Null: both references give the same errors. Same paths, so they agree far below the errors."""
    numerical = strong_order(ornstein_uhlenbeck(), DT, replicas=300, refinement=16)
    exact = strong_order(
        ornstein_uhlenbeck(), DT, replicas=300, refinement=16, exact=ornstein_uhlenbeck_exact
    )
    np.testing.assert_allclose(numerical.errors, exact.errors, rtol=1e-3)
    consistent(exact, 1.0)


@pytest.mark.statistical
def test_weak_errors_are_those_of_the_moment_recursion():
    """Null: the error is that of m' = (1 − ah)² m + s² h, m the second moment; 4 standard errors."""
    sizes = [4 * h for h in DT]
    order = weak_order(ornstein_uhlenbeck(), sizes, replicas=4000, refinement=8, confidence=0.99)
    variance = ETA * NOISE**2
    stationary = variance / (2 * RATE)
    goal = stationary + (START**2 - stationary) * math.exp(-2 * RATE)
    for dt, error, spread in zip(order.dt, order.errors, order.standard_errors, strict=True):
        moment = START**2
        for _ in range(round(1 / dt)):
            moment = (1 - RATE * dt) ** 2 * moment + variance * dt
        assert abs(error - abs(moment - goal)) < 4 * spread
        assert error > 4 * spread
    consistent(order, 1.0)


@pytest.mark.statistical
def test_noise_that_depends_on_the_state_has_strong_order_one_half():
    """Null: order 1/2 for dx = −a x dt + √η x dW, whose solution is an exponential of W."""
    noise = so.noise.StateDependent(lambda x: x)
    problem = Problem(
        so.losses.Quadratic(RATE), so.SGD(), noise, so.start.Point(START), step_size=ETA, time=1.0
    )

    def exact(path):
        return START * np.exp(-(RATE + ETA / 2) + math.sqrt(ETA) * path.values.sum(axis=0))

    order = strong_order(problem, DT, replicas=2000, refinement=2, confidence=0.99, exact=exact)
    consistent(order, 0.5)


def without_crossing(path, factor):
    """Coarsen, but replace the areas by their means given the increments."""
    coarse = original_coarsen(path, factor)
    return Increments(coarse.values, coarse.values * coarse.dt / 2, coarse.dt)


original_coarsen = Increments.coarsen


def test_wrong_areas_show_as_a_lower_order(monkeypatch):
    monkeypatch.setattr(Increments, "coarsen", without_crossing)
    order = strong_order(curved(so.SGD()), DT, scheme="strong_order_1.5", replicas=400)
    assert order.interval[1] < 1.2


def test_wrong_noise_shows_as_no_convergence(monkeypatch):
    def stronger(path, factor):
        coarse = original_coarsen(path, factor)
        return Increments(1.1 * coarse.values, coarse.areas, coarse.dt)

    monkeypatch.setattr(Increments, "coarsen", stronger)
    assert strong_order(ornstein_uhlenbeck(), DT, replicas=100, refinement=4).slope < 0.2
    assert weak_order(ornstein_uhlenbeck(), DT, replicas=1000, refinement=4).slope < 0.3


def test_other_variables_and_functionals():
    problem = curved(so.EASGD(coupling=0.5), agents=3)
    for variable in ("mean", "quorum"):
        assert strong_order(problem, DT, replicas=50, variable=variable).errors.shape == (4,)
    first = weak_order(
        problem, DT, replicas=50, variable="mean", functional=lambda x: np.cos(x[:, 0])
    )
    assert np.all(first.errors > 0)


def test_agents_of_all_dimensions_count():
    state = np.arange(12.0).reshape(2, 3, 2)
    np.testing.assert_allclose(second_moment(state), (state**2).sum(axis=(1, 2)) / 3)


def test_a_seed_decides_everything():
    first = strong_order(ornstein_uhlenbeck(), DT, replicas=50, seed=3)
    again = strong_order(ornstein_uhlenbeck(), DT[::-1], replicas=50, seed=3)
    other = strong_order(ornstein_uhlenbeck(), DT, replicas=50, seed=4)
    assert str(first) == str(again)
    assert first.slope != other.slope


def test_an_interval_at_a_higher_confidence_is_wider():
    narrow = strong_order(ornstein_uhlenbeck(), DT, replicas=50, confidence=0.5).interval
    wide = strong_order(ornstein_uhlenbeck(), DT, replicas=50, confidence=0.99).interval
    assert wide[0] < narrow[0] < narrow[1] < wide[1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dt": [0.1, 0.2]}, "at least three different step sizes"),
        ({"dt": [0.1, 0.2, 0.2]}, "at least three different step sizes"),
        ({"dt": [-0.1, 0.1, 0.2]}, "above 0"),
        ({"dt": [0.1, 0.2, 0.25]}, r"dt = 0\.25 is not a multiple of the least one"),
        ({"dt": [0.3, 0.6, 0.9]}, r"dt = 0\.3 is not a whole fraction of time = 1"),
        ({"dt": "small"}, "dt is 'small'"),
        ({"refinement": 1}, "refinement is 1"),
        ({"replicas": 1}, "replicas is 1"),
        ({"confidence": 1.0}, "confidence is 1.0"),
        ({"confidence": 0}, "confidence is 0"),
        ({"scheme": "euler"}, "did you mean 'euler_maruyama'"),
        ({"variable": "means"}, "did you mean 'mean'"),
        ({"exact": lambda path: np.zeros(3)}, r"exact returned shape \(3,\)"),
    ],
)
def test_a_wrong_argument_is_refused(change, message):
    arguments = {"dt": DT, "replicas": 4} | change
    with pytest.raises(InvalidArgumentError, match=message):
        strong_order(ornstein_uhlenbeck(), **arguments)


def test_a_functional_of_another_shape_is_refused():
    with pytest.raises(InvalidArgumentError, match=r"functional returned shape \(4, 1, 1\)"):
        weak_order(ornstein_uhlenbeck(), DT, replicas=4, functional=lambda x: x)


def test_numbers_that_are_not_finite_are_refused():
    def lost(state):
        return np.where(np.arange(len(state)) == 1, np.nan, state[:, 0, 0])

    with pytest.raises(
        InvalidArgumentError, match=r"what functional returns holds nan at index \(1,\)"
    ):
        weak_order(ornstein_uhlenbeck(), DT, functional=lost, replicas=4)
    for measure in (strong_order, weak_order):
        with pytest.raises(InvalidArgumentError, match="what exact returns holds nan"):
            measure(ornstein_uhlenbeck(), DT, exact=lambda path: [[[np.nan]]] * 4, replicas=4)
    with pytest.raises(InvalidArgumentError, match="samples holds nan"):
        measured_order(np.array(DT), np.full((5, 3), np.nan), np.abs, 0.9, 0)


def test_an_error_of_zero_has_no_order():
    with pytest.raises(InvalidArgumentError, match="is 0, which has no order"):
        weak_order(ornstein_uhlenbeck(), DT, replicas=4, functional=lambda x: np.ones(len(x)))


def test_a_problem_needs_time():
    with pytest.raises(InvalidArgumentError, match="time of the problem is 0"):
        strong_order(ornstein_uhlenbeck(time=0), DT)
