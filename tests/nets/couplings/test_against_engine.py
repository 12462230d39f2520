"""Given the same noise, a rule round ``torch.optim.SGD`` is the engine's algorithm, step for step."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import sdeopt as so
from nets import couplings
from nets.couplings import change_rate, positions
from sdeopt.errors import InvalidArgumentError
from sdeopt.schedules import Halving, Ramp
from tests import reference
from tests.nets.couplings.agents import Training, as_points

AGENTS, STEPS, EPOCH = 5, 60, 15
ETA = np.array([0.02, 0.01, 0.03, 0.02, 0.015])
RAMP = Ramp(0.5, 8.0, over=40)
TOLERANCE = 1e-11

WELLS = so.losses.CoupledWells(dim=3)
OTHERS = {
    "quadratic": (so.losses.Quadratic(np.diag([1.0, 0.3, 2.0, 0.7])), ETA),
    # steep enough to blow rounding errors up at larger steps
    "rugged well": (so.losses.RuggedWell(), ETA / 5),
}


def k(t):
    return float(RAMP(np.array([float(t)]))[0])


def dynamics(quorum, mean, t):
    return (1.0 + 0.1 * t) * (mean - quorum) - 0.2 * quorum


def champion(x, gradient, zeta, eta, steps):
    gain = reference.sd_qsgd_gain(gradient.__self__.value, 1.5, EPOCH, 5.0, EPOCH / 20)
    return reference.weighted(x, gradient, zeta, eta, steps, gain)


RULES = {
    "Uncoupled": (couplings.Uncoupled, so.SGD(), reference.sgd, {}),
    "QSGD": (lambda: couplings.QSGD(RAMP), so.QSGD(RAMP), reference.qsgd, {"k": k}),
    "EASGD": (lambda: couplings.EASGD(RAMP), so.EASGD(RAMP), reference.easgd, {"k": k}),
    "SDQSGD": (
        lambda: couplings.SDQSGD(coupling=1.5, epoch_steps=EPOCH),
        so.SDQSGD(1.5, epoch_steps=EPOCH),
        champion,
        {},
    ),
    "PeriodicAveraging": (
        lambda: couplings.PeriodicAveraging(7),
        so.PeriodicAveraging(7),
        reference.periodic_averaging,
        {"period": 7},
    ),
}
RING, LATE = so.graphs.Ring(), (0, 3, 1, 7, 2)
RECEIVING = {
    "graph": (lambda: couplings.QSGD(RAMP, graph=RING), so.QSGD(RAMP, graph=RING)),
    "star": (
        lambda: couplings.QSGD(2.0, graph=so.graphs.Star()),
        so.QSGD(2.0, graph=so.graphs.Star()),
    ),
    "matchings": (
        lambda: couplings.QSGD(RAMP, graph=so.graphs.Matchings(), seed=9),
        so.QSGD(RAMP, graph=so.graphs.Matchings()),
    ),
    "delay": (lambda: couplings.QSGD(RAMP, delay=4), so.QSGD(RAMP, delay=4)),
    "participation": (
        lambda: couplings.QSGD(RAMP, participation=0.4, seed=9),
        so.QSGD(RAMP, participation=0.4),
    ),
    "all of them": (
        lambda: couplings.QSGD(RAMP, graph=RING, delay=3, participation=0.7, seed=9),
        so.QSGD(RAMP, graph=RING, delay=3, participation=0.7),
    ),
    "centre": (lambda: couplings.EASGD(RAMP, delay=4), so.EASGD(RAMP, delay=4)),
    "delays": (lambda: couplings.QSGD(RAMP, delay=LATE), so.QSGD(RAMP, delay=LATE)),
    "delays on a ring": (
        lambda: couplings.QSGD(RAMP, graph=RING, delay=LATE),
        so.QSGD(RAMP, graph=RING, delay=LATE),
    ),
    "period": (lambda: couplings.QSGD(RAMP, period=4), so.QSGD(RAMP, period=4)),
    "late, with a period": (
        lambda: couplings.QSGD(RAMP, graph=RING, delay=LATE, period=4),
        so.QSGD(RAMP, graph=RING, delay=LATE, period=4),
    ),
    "turns": (
        lambda: couplings.QSGD(RAMP, period=4, staggered=True),
        so.QSGD(RAMP, period=4, staggered=True),
    ),
    "centre, delays": (lambda: couplings.EASGD(RAMP, delay=LATE), so.EASGD(RAMP, delay=LATE)),
    "centre, participation": (
        lambda: couplings.EASGD(RAMP, participation=0.4, delay=3, seed=9),
        so.EASGD(RAMP, participation=0.4, delay=3),
    ),
    "centre, period": (lambda: couplings.EASGD(RAMP, period=4), so.EASGD(RAMP, period=4)),
    "centre, late, with a period": (
        lambda: couplings.EASGD(RAMP, period=4, delay=LATE),
        so.EASGD(RAMP, period=4, delay=LATE),
    ),
    "centre, in turn": (
        lambda: couplings.EASGD(RAMP, period=AGENTS, staggered=True),
        so.EASGD(RAMP, period=AGENTS, staggered=True),
    ),
    "centre, in long turns": (
        lambda: couplings.EASGD(RAMP, period=AGENTS + 2, staggered=True, delay=LATE),
        so.EASGD(RAMP, period=AGENTS + 2, staggered=True, delay=LATE),
    ),
}
"""Rules and algorithms whose agents receive late, from some only, or now and then."""

TRANSCRIBED = {
    **{name: (rule, plain, numbers) for name, (rule, _, plain, numbers) in RULES.items()},
    "UserDefined": (
        lambda: couplings.UserDefined(RAMP, dynamics=dynamics),
        reference.arbitrary_quorum,
        {"k": k, "g": dynamics},
    ),
    "a function of the step": (
        lambda: couplings.QSGD(lambda step: 0.5 + 0.1 * step),
        reference.qsgd,
        {"k": lambda t: 0.5 + 0.1 * t},
    ),
}
NESTEROV = {
    "QSGD": (couplings.QSGD, so.QSGDMomentum),
    "EASGD": (couplings.EASGD, so.EASGDMomentum),
}
LOOKING_AHEAD = {"momentum": 0.8, "nesterov": True}


def noise_and_start(loss):
    random = np.random.default_rng(3)
    noise = random.normal(size=(STEPS, 1, AGENTS, loss.dim))
    return noise, random.uniform(-1, 1, (1, AGENTS, loss.dim))


def by_engine(loss, algorithm, noise, start, step_size=ETA):
    return so.simulate(
        loss, algorithm, agents=AGENTS, steps=STEPS, step_size=list(step_size),
        start=so.start.Point(start), noise=so.noise.Gaussian(1.0), increments=noise,
        record=so.record.Every(1), seed=9,
    )  # fmt: skip


def weights_of(training):
    return as_points(training.weights)


def follow(training, run, noise, where=weights_of):
    """Compare every step: the agents, and the quorum variable where the rule has one."""
    for t in range(STEPS):
        training.take(noise[t, 0])
        now = run.sel(step=t + 1).isel(replica=0)
        np.testing.assert_allclose(where(training), now["agents"], rtol=0, atol=TOLERANCE)
        if training.rule.quorum is not None:
            np.testing.assert_allclose(quorum_of(training), now["quorum"], rtol=0, atol=TOLERANCE)


def quorum_of(training):
    return as_points({name: value[None] for name, value in training.rule.quorum.items()})[0]


@pytest.mark.parametrize("name", RULES)
def test_rule_is_the_engines_algorithm(name):
    rule, algorithm, _, _ = RULES[name]
    noise, start = noise_and_start(WELLS)
    run = by_engine(WELLS, algorithm, noise, start)
    follow(Training(rule(), start[0], ETA, WELLS.gradient, losses=WELLS.value), run, noise)


@pytest.mark.parametrize("name", RECEIVING)
def test_who_receives_what_when_is_the_engines(name):
    """On a quadratic. Planted: the rule without what it was given is elsewhere."""
    rule, algorithm = RECEIVING[name]
    loss, rates = OTHERS["quadratic"]
    noise, start = noise_and_start(loss)
    run = by_engine(loss, algorithm, noise, start, rates)
    follow(Training(rule(), start[0], rates, loss.gradient, losses=loss.value), run, noise)
    plain = type(rule())(rule().coupling)
    without = Training(plain, start[0], rates, loss.gradient, losses=loss.value)
    for zeta in noise[:, 0]:
        without.take(zeta)
    assert np.abs(weights_of(without) - run["agents"].values[-1, 0]).max() > 1e-4


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("name", TRANSCRIBED)
def test_rule_is_the_engines_algorithm_transcribed(name, other):
    """The transcriptions are held to the engine in tests/test_algorithms.py."""
    rule, transcription, numbers = TRANSCRIBED[name]
    loss, rates = OTHERS[other]
    noise, start = noise_and_start(loss)
    x, quorum = transcription(start[0], loss.gradient, noise[:, 0], rates, STEPS, **numbers)
    training = Training(rule(), start[0], rates, loss.gradient, losses=loss.value)
    for zeta in noise[:, 0]:
        training.take(zeta)
    np.testing.assert_allclose(weights_of(training), x, rtol=0, atol=TOLERANCE)
    if training.rule.quorum is not None:
        np.testing.assert_allclose(quorum_of(training), quorum, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("name", NESTEROV)
def test_nesterov_momentum_is_the_engines_in_positions(name):
    rule, algorithm = NESTEROV[name]
    noise, start = noise_and_start(WELLS)
    run = by_engine(WELLS, algorithm(RAMP, 0.8), noise, start)
    training = Training(rule(RAMP), start[0], ETA, WELLS.gradient, **LOOKING_AHEAD)
    follow(training, run, noise, positions_of)
    ahead = weights_of(training) - positions_of(training)
    velocities = run["velocities"].isel(replica=0)
    np.testing.assert_allclose(ahead / 0.8, velocities, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("name", NESTEROV)
def test_nesterov_momentum_is_the_engines_transcribed(name, other):
    loss, rates = OTHERS[other]
    noise, start = noise_and_start(loss)
    x, _ = reference.nesterov(
        start[0], loss.gradient, noise[:, 0], rates, STEPS, k, 0.8, elastic=name == "EASGD"
    )
    training = Training(NESTEROV[name][0](RAMP), start[0], rates, loss.gradient, **LOOKING_AHEAD)
    for zeta in noise[:, 0]:
        training.take(zeta)
    np.testing.assert_allclose(positions_of(training), x, rtol=0, atol=TOLERANCE)


def test_a_centre_that_agents_move_in_turn_bears_a_coupling_that_one_in_step_does_not():
    """In step five agents bear k below 17.5 at these rates; in turn they are the engine's at 40."""
    loss, rates = OTHERS["quadratic"]
    noise, start = noise_and_start(loss)
    turns = {"period": AGENTS, "staggered": True}
    run = by_engine(loss, so.EASGD(40.0, **turns), noise, start, rates)
    training = Training(couplings.EASGD(40.0, **turns), start[0], rates, loss.gradient)
    follow(training, run, noise)
    assert np.abs(weights_of(training)).max() < 1.0
    in_step = Training(couplings.EASGD(40.0), start[0], rates, loss.gradient)
    with pytest.raises(InvalidArgumentError, match=r"diverges from 17\.471 on"):
        in_step.take()


TOGETHER = {"graph": RING, "delay": LATE}, {"participation": 0.6}, {"period": 3, "delay": 2}
TURNS = {"period": AGENTS, "staggered": True, "delay": LATE}
WITH_MOMENTUM = [
    *(("QSGD", settings) for settings in (*TOGETHER, TURNS)),
    *(("EASGD", settings) for settings in (*TOGETHER[1:], TURNS)),
]


@pytest.mark.parametrize("which", range(len(WITH_MOMENTUM)))
def test_positions_are_received_with_momentum(which):
    name, settings = WITH_MOMENTUM[which]
    rule, algorithm = NESTEROV[name]
    loss, rates = OTHERS["quadratic"]
    noise, start = noise_and_start(loss)
    run = by_engine(loss, algorithm(RAMP, 0.8, **settings), noise, start, rates)
    training = Training(
        rule(RAMP, seed=9, **settings), start[0], rates, loss.gradient, **LOOKING_AHEAD
    )
    follow(training, run, noise, positions_of)


def positions_of(training):
    return as_points(positions(training.weights, training.optimizer))


@pytest.mark.parametrize("keep", [True, False])
def test_a_change_of_rate_keeps_the_velocity(keep):
    """With `change_rate` the engine's schedule is met; setting lr alone cuts the velocity."""
    noise, start = noise_and_start(WELLS)
    halving = [Halving(eta, every=20) for eta in ETA]
    run = by_engine(WELLS, so.EASGDMomentum(2.0, 0.8), noise, start, halving)
    training = Training(couplings.EASGD(2.0), start[0], ETA, WELLS.gradient, **LOOKING_AHEAD)
    worst = 0.0
    for t in range(STEPS):
        for agent, group in enumerate(training.optimizer.param_groups):
            if t and t % 20 == 0 and keep:
                change_rate(training.optimizer, agent, group["lr"] / 2)
            elif t and t % 20 == 0:
                group["lr"] /= 2
        training.take(noise[t, 0])
        exact = run["agents"].sel(step=t + 1).isel(replica=0)
        worst = max(worst, float(np.abs(positions_of(training) - exact).max()))
    assert worst < TOLERANCE if keep else worst > 1e-3


def test_momentum_without_looking_ahead_has_weights_at_positions():
    """v ← δv − η∇f(x), x ← x + v + ηk(x• − x), written once more in numpy."""
    noise, start = noise_and_start(WELLS)
    training = Training(couplings.QSGD(3.0), start[0], ETA, WELLS.gradient, momentum=0.8)
    x, v, h = start[0], np.zeros_like(start[0]), ETA[:, None]
    for t in range(STEPS):
        training.take(noise[t, 0])
        v = 0.8 * v - h * (WELLS.gradient(x) + noise[t, 0])
        x = x + v + h * 3.0 * (x.mean(axis=0) - x)
        np.testing.assert_allclose(weights_of(training), x, rtol=0, atol=TOLERANCE)


def test_the_champions_rule_with_nesterov_momentum():
    """The engine has no SD-QSGD with momentum; the transcription has the champion of positions."""
    noise, start = noise_and_start(WELLS)
    rule = couplings.SDQSGD(coupling=1.5, epoch_steps=EPOCH)
    training = Training(rule, start[0], ETA, WELLS.gradient, **LOOKING_AHEAD)
    training.losses = lambda points: WELLS.value(positions_of(training))
    gain = reference.sd_qsgd_gain(WELLS.value, 1.5, EPOCH, 5.0, EPOCH / 20)
    x, v, h = start[0], np.zeros_like(start[0]), ETA[:, None]
    for t in range(STEPS):
        training.take(noise[t, 0])
        gains = gain(t, x)
        quorum = (gains[:, None] * x).sum(axis=0) / gains.sum()
        v = 0.8 * v - h * (WELLS.gradient(x + 0.8 * v) + noise[t, 0])
        x = x + v + h * gains.mean() * (quorum - x)
        np.testing.assert_allclose(positions_of(training), x, rtol=0, atol=TOLERANCE)


def late_elastic_difference(x, gradient, noise, k):
    """Planted: the elastic difference taken after the gradient step."""
    centre = x.mean(axis=0)
    for zeta in noise:
        old = x.mean(axis=0)
        x = x - ETA[:, None] * (gradient(x) + zeta)
        x = x + ETA[:, None] * k * (centre - x)
        centre = centre + ETA.mean() * k * len(x) * (old - centre)
    return x


def published_easgd(x, gradient, noise, k):
    """Zhang et al. (2015), Algorithm 1, all agents in step: x' = x, gradient, elastic on x'."""
    centre = x.mean(axis=0)
    for zeta in noise:
        before = x.copy()
        elastic = ETA[:, None] * k * (before - centre)
        x = x - ETA[:, None] * (gradient(before) + zeta) - elastic
        centre = centre + ETA.mean() * k * (before - centre).sum(axis=0)
    return x


def test_easgd_takes_the_elastic_difference_before_the_gradient_step():
    noise, start = noise_and_start(WELLS)
    training = Training(couplings.EASGD(4.0), start[0], ETA, WELLS.gradient)
    for t in range(STEPS):
        training.take(noise[t, 0])
    found = weights_of(training)
    exact = published_easgd(start[0], WELLS.gradient, noise[:, 0], 4.0)
    np.testing.assert_allclose(found, exact, rtol=0, atol=TOLERANCE)
    wrong = late_elastic_difference(start[0], WELLS.gradient, noise[:, 0], 4.0)
    assert np.abs(found - wrong).max() > 1e-3


def test_pulling_weights_instead_of_positions_couples_velocities():
    """Planted: without the change of variables, Nesterov momentum is another method."""
    noise, start = noise_and_start(WELLS)
    run = by_engine(WELLS, so.QSGDMomentum(RAMP, 0.8), noise, start)
    x, v, h = start[0], np.zeros_like(start[0]), ETA[:, None]
    for t in range(STEPS):
        theta = x + 0.8 * v
        pull = h * k(t) * (theta.mean(axis=0) - theta)
        v = 0.8 * v - h * (WELLS.gradient(theta) + noise[t, 0])
        x = x + v + pull
    assert np.abs(x - run["agents"].sel(step=STEPS).isel(replica=0)).max() > 1e-2
