"""A setting that the bounds say nothing about is refused before anything is simulated."""

import math

import pytest

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sims.check import check, measurement
from sims.check.problem import Problem

BOWL = so.losses.Quadratic([[2.0, 1.0], [1.0, 3.0]])
ONE = so.noise.Gaussian(1.0)
SHARED = so.noise.Correlated(ONE, correlation=0.5)
VARYING = so.noise.StateDependent(lambda x: 1.0 + x * x)

NOISE = {
    "shared": (SHARED, r"noise\.Correlated, .* independent .* give the noise\.Gaussian inside"),
    "shared, varying": (
        so.noise.Correlated(VARYING, correlation=0.5),
        r"give the noise\.StateDependent inside",
    ),
    "lasting": (
        so.noise.Coloured(ONE, time=5.0),
        r"noise\.Coloured, .* between steps, .* noise\.Gaussian inside",
    ),
    "lasting and shared": (
        so.noise.Coloured(SHARED, time=5.0),
        r"noise\.Coloured, .* give the noise\.Gaussian inside",
    ),
    "with a mean": (
        so.noise.FromQuantile(lambda u: -so.math.log(1.0 - u)),
        r"noise\.FromQuantile has the mean 1 here; .* subtract the mean",
    ),
    "with a small mean": (
        so.noise.FromQuantile(lambda u: u - 0.4999),
        r"noise\.FromQuantile has the mean 0\.0001 here",
    ),
    "elsewhere": (so.noise.Gaussian(1.0, enters="weights"), "the noise enters the weights"),
}

RECEIVING = {
    "graph": so.QSGD(1.0, graph=so.graphs.Ring()),
    "delay": so.EASGD(1.0, delay=3),
    "delay, participation": so.QSGD(1.0, delay=[0, 0, 0, 1], participation=0.5),
    "period": so.QSGD(1.0, period=5),
    "period, staggered": so.QSGD(1.0, period=4, staggered=True),
    "participation": so.QSGDMomentum(1.0, 0.5, participation=0.5),
}

ALLOWED = {
    "Gaussian": so.noise.Gaussian(covariance=[[2.0, 1.0], [1.0, 2.0]]),
    "StateDependent": VARYING,
    "Uniform": so.noise.Uniform(1.0),
    "without noise": so.noise.Rademacher(0.0),
    "logistic": so.noise.FromQuantile(lambda u: 1e6 * math.log(u / (1.0 - u))),
    "two values": so.noise.FromQuantile(lambda u: 3.0 if u > 0.3 else -7.0),
}


def refused(noise, algorithm, message, **more):
    with pytest.raises(InvalidArgumentError, match=message) as caught:
        check(BOWL, algorithm, noise=noise, step_size=0.1, agents=4, progress=False, **more)
    text = str(caught.value)
    assert "\n" not in text
    assert ". " not in text


@pytest.mark.parametrize("case", NOISE)
def test_noise_that_the_bounds_are_not_about_is_refused(case):
    noise, message = NOISE[case]
    refused(noise, so.QSGD(1.0), message)
    refused(noise, so.QSGD(1.0), message, clock=so.clock.Iteration())


@pytest.mark.parametrize("given", RECEIVING)
def test_agents_that_receive_late_or_in_part_are_refused(given):
    algorithm = RECEIVING[given]
    message = rf"{type(algorithm).__name__} was given {given}; .* so leave out graph, delay, part"
    for clock in (None, so.clock.Iteration(), so.clock.SDE(0.01, "euler_maruyama")):
        refused(ONE, algorithm, message, clock=clock)


@pytest.mark.parametrize("law", ALLOWED)
@pytest.mark.filterwarnings("error")
def test_independent_noise_of_mean_zero_is_no_matter(law):
    Problem(BOWL, so.QSGD(1.0), ALLOWED[law], 0.1, 4)


def test_agents_that_receive_all_at_once_are_no_matter():
    for algorithm in (so.QSGD(1.0, graph=so.graphs.Complete(), delay=0), so.EASGD(1.0, period=1)):
        Problem(BOWL, algorithm, ONE, 0.1, 4)


def test_the_help_says_how_many_replicas_there_are_by_default():
    assert f"up to {measurement.REPLICAS}, by default" in check.__doc__
