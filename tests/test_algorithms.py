"""The contract of every algorithm: it equals its plain transcription, given the same noise."""

from dataclasses import fields, replace

import numpy as np
import pytest

import sdeopt as so
from sdeopt.algorithms import Algorithm, Communicating, Coupled
from sdeopt.schedules import Ramp
from tests import reference

AGENTS, REPLICAS, STEPS, DIM = 5, 3, 40, 3
LOSS = so.losses.CoupledWells(dim=DIM)
ETA = np.array([0.02, 0.01, 0.03, 0.02, 0.015])
RAMP = Ramp(0.5, 2.0, over=30)


def k(t):
    return float(RAMP(np.array([float(t)]))[0])


def constant(value):
    return lambda t: value


def sd_reference(x, gradient, zeta, eta, steps):
    gain = reference.sd_qsgd_gain(LOSS.value, 1.5, 15, 5.0, 15 / 20)
    gain.steps = steps
    return reference.weighted(x, gradient, zeta, eta, steps, gain)


CASES = {
    "SGD": (so.SGD(), reference.sgd, {}),
    "QSGD": (so.QSGD(RAMP), reference.qsgd, {"k": k}),
    "EASGD": (so.EASGD(RAMP), reference.easgd, {"k": k}),
    "QSGDMomentum": (
        so.QSGDMomentum(RAMP, 0.8),
        reference.nesterov,
        {"k": k, "delta": 0.8, "elastic": False},
    ),
    "EASGDMomentum": (
        so.EASGDMomentum(RAMP, 0.8),
        reference.nesterov,
        {"k": k, "delta": 0.8, "elastic": True},
    ),
    "ContinuousMomentum": (
        so.ContinuousMomentum(RAMP, damping=2.0, velocity_coupling=0.7),
        reference.continuous_momentum,
        {"k1": k, "k2": 0.7, "damping": constant(2.0), "elastic": False},
    ),
    "ContinuousMomentum filter": (
        so.ContinuousMomentum(RAMP, damping=2.0, velocity_coupling=0.7, quorum="filter"),
        reference.continuous_momentum,
        {"k1": k, "k2": 0.7, "damping": constant(2.0), "elastic": True},
    ),
    "PeriodicAveraging": (so.PeriodicAveraging(7), reference.periodic_averaging, {"period": 7}),
    "SDQSGD": (so.SDQSGD(1.5, epoch_steps=15), sd_reference, {}),
    "SingleAgentEASGD": (so.SingleAgentEASGD(RAMP), reference.single_agent_easgd, {"k": k}),
    "StateDependentQSGD": (
        so.StateDependentQSGD(RAMP, lambda x, t: 1.0 / (1.0 + x[1] ** 2 + 0.01 * t)),
        reference.weighted,
        {"gain": lambda t, x: k(t) / (1.0 + x[:, 1] ** 2 + 0.01 * t)},
    ),
    "ArbitraryQuorum": (
        so.ArbitraryQuorum(RAMP, lambda quorum, mean, t: (1.0 + 0.1 * t) * (mean[::-1] - quorum)),
        reference.arbitrary_quorum,
        {"k": k, "g": lambda quorum, mean, t: (1.0 + 0.1 * t) * (mean[::-1] - quorum)},
    ),
    "SingleAgentEASGDMomentum": (
        so.SingleAgentEASGDMomentum(RAMP, 0.8),
        reference.single_agent_easgd,
        {"k": k, "delta": 0.8},
    ),
}


def test_every_exported_algorithm_is_here():
    kinds = {
        kind
        for kind in vars(so.algorithms).values()
        if isinstance(kind, type) and issubclass(kind, Algorithm)
    }
    absent = (
        kinds - {Algorithm, Coupled, Communicating} - {type(case[0]) for case in CASES.values()}
    )
    assert not absent, "give CASES a plain transcription"


def draws(steps=STEPS):
    return np.random.default_rng(1).normal(size=(steps, REPLICAS, AGENTS, DIM))


def starts():
    return np.random.default_rng(2).uniform(-1, 1, (REPLICAS, AGENTS, DIM))


def given(algorithm, zeta, **more):
    return so.simulate(
        LOSS, algorithm, agents=AGENTS, replicas=REPLICAS, steps=len(zeta), step_size=list(ETA),
        start=so.start.Point(starts()), noise=so.noise.Gaussian(1.0), increments=zeta, **more,
    )  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_equals_its_transcription(name):
    algorithm, transcription, numbers = CASES[name]
    zeta = draws()
    run = given(algorithm, zeta)
    for r in range(REPLICAS):
        x, quorum = transcription(starts()[r], LOSS.gradient, zeta[:, r], ETA, STEPS, **numbers)
        np.testing.assert_allclose(run["agents"][r], x, rtol=0, atol=1e-11)
        np.testing.assert_allclose(run["quorum"][r], quorum, rtol=0, atol=1e-11)
        np.testing.assert_allclose(run["mean"][r], x.mean(axis=0), rtol=0, atol=1e-11)


def test_a_wrong_transcription_is_told_apart():
    """Planted: the mean taken after the update, and the noise with the other sign."""
    zeta = draws()
    run = given(so.QSGD(RAMP), zeta)

    def late(x, gradient, zeta, eta, steps):
        for t in range(steps):
            h = eta[:, None]
            x = x - h * (gradient(x) + zeta[t])
            x = x + h * k(t) * (x.mean(axis=0) - x)
        return x

    wrong = late(starts()[0], LOSS.gradient, zeta[:, 0], ETA, STEPS)
    assert np.abs(run["agents"][0] - wrong).max() > 1e-4
    flipped = reference.qsgd(starts()[0], LOSS.gradient, -zeta[:, 0], ETA, STEPS, k=k)[0]
    assert np.abs(run["agents"][0] - flipped).max() > 1e-2


@pytest.mark.parametrize("batch_size", [1, 4])
def test_batch_size_divides_the_noise_by_its_root(batch_size):
    zeta = draws()
    run = given(so.SGD(), zeta, batch_size=batch_size)
    x, _ = reference.sgd(starts()[0], LOSS.gradient, zeta[:, 0] / np.sqrt(batch_size), ETA, STEPS)
    np.testing.assert_allclose(run["agents"][0], x, rtol=0, atol=1e-12)


def test_noise_on_weights_comes_before_the_gradient():
    zeta = draws()
    level = Ramp(1.0, 0.1, over=STEPS)
    run = so.simulate(
        LOSS, so.PeriodicAveraging(5), agents=AGENTS, replicas=REPLICAS, steps=STEPS, step_size=0.02,
        start=so.start.Point(starts()), increments=zeta,
        noise=so.noise.Gaussian(1.0, enters="weights", level=level),
    )  # fmt: skip
    x = starts()[1]
    for t in range(STEPS):
        x = x + level(np.array([float(t)]))[0] * zeta[t, 1]
        x = x - 0.02 * LOSS.gradient(x)
        if (t + 1) % 5 == 0:
            x = np.broadcast_to(x.mean(axis=0), x.shape)
    np.testing.assert_allclose(run["agents"][1], x, rtol=0, atol=1e-12)


def test_noise_on_the_update_is_not_multiplied_by_the_step_size():
    zeta = draws()
    run = so.simulate(
        LOSS, so.QSGD(1.0), agents=AGENTS, replicas=REPLICAS, steps=STEPS, step_size=0.02,
        start=so.start.Point(starts()), increments=zeta,
        noise=so.noise.Gaussian(1.0, enters="update"),
    )  # fmt: skip
    x, _ = reference.qsgd(
        starts()[0],
        LOSS.gradient,
        -zeta[:, 0] / 0.02,
        np.full(AGENTS, 0.02),
        STEPS,
        k=constant(1.0),
    )
    np.testing.assert_allclose(run["agents"][0], x, rtol=0, atol=1e-11)


@pytest.mark.parametrize("name", [name for name in CASES if "Averaging" not in name])
def test_one_agent_and_zero_coupling_are_sgd(name):
    """k = 0 leaves independent SGD (or plain momentum), whatever the algorithm."""
    algorithm, _, _ = CASES[name]
    gains = {field.name for field in fields(algorithm)} & {"coupling", "velocity_coupling"}
    algorithm = replace(algorithm, **dict.fromkeys(gains, 0.0))
    # watched, so that the kernels are those of test_engine.py
    settings = {"steps": 10, "step_size": 0.02, "noise": so.noise.Gaussian(1.0), "seed": 3,
                "statistics": ["loss"]}  # fmt: skip
    free = so.simulate(
        LOSS, algorithm, agents=AGENTS, replicas=REPLICAS, start=so.start.Point(starts()),
        **settings,
    )  # fmt: skip
    alone = so.simulate(LOSS, algorithm, start=so.start.Point(starts()[:1, :1]), **settings)
    np.testing.assert_array_equal(free["agents"][0, 0], alone["agents"][0, 0])
