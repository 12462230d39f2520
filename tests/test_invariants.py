"""What algorithms keep whatever the numbers: exchanged agents, a shift, agreement, no coupling.

Losses, sizes, step sizes, starts and noise are drawn; the programs are those of test_algorithms.py,
each compiled once.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

import sdeopt as so
from tests.test_algorithms import CASES

PERIOD = 0.7
"""A shift of all coordinates by it leaves the ripples of the loss where they are: 2·0.7 w = 2π, 10π."""


@dataclass(frozen=True)
class Setting:
    """Everything but the algorithm."""

    loss: so.losses.CoupledWells
    start: np.ndarray
    noise: np.ndarray
    rates: np.ndarray

    def run(self, algorithm):
        _, replicas, agents, _ = self.noise.shape
        run = so.simulate(
            self.loss, algorithm, agents=agents, replicas=replicas, steps=len(self.noise),
            step_size=list(self.rates), start=so.start.Point(self.start),
            noise=so.noise.Gaussian(1.0), increments=self.noise, progress=False,
        )  # fmt: skip
        return {name: run[name].values for name in ("agents", "mean", "quorum")}


@st.composite
def drawn(draw, flat=False):
    """Draw a setting of several agents; a flat loss is one that a shift gives the same form."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    dim, agents, replicas, steps = (
        draw(st.integers(*ends)) for ends in [(2, 4), (2, 9), (1, 3), (1, 30)]
    )
    loss = so.losses.CoupledWells(
        dim,
        quartic=1e-300 if flat else draw(st.floats(0.01, 0.1)),
        quadratic=draw(st.floats(-0.5, 0.5)),
        tilt=draw(st.floats(-0.5, 0.5)),
        # not so steep that rounding errors grow
        amplitudes=random.uniform(-1.0, 1.0, 2) * [0.1, 0.01],
    )
    shape = (replicas, agents, dim)
    return Setting(
        loss,
        random.uniform(-1.5, 1.5, shape),
        draw(st.floats(0.0, 3.0)) * random.normal(size=(steps, *shape)),
        random.uniform(0.005, 0.03, agents),
    )


def close(found, wanted, tolerance=1e-9):
    return all(np.allclose(found[name], wanted[name], rtol=0, atol=tolerance) for name in wanted)


each_algorithm = pytest.mark.parametrize("name", CASES)
few = settings(max_examples=8)


@each_algorithm
@few
@given(drawn(), st.randoms(use_true_random=False))
def test_agents_can_be_exchanged(name, setting, random):
    order = random.sample(range(len(setting.rates)), len(setting.rates))
    other = replace(
        setting,
        start=setting.start[:, order],
        noise=setting.noise[:, :, order],
        rates=setting.rates[order],
    )
    wanted = setting.run(CASES[name][0])
    wanted["agents"] = wanted["agents"][:, order]
    assert close(other.run(CASES[name][0]), wanted)


def shifted(setting, turns):
    """Return the setting moved by some periods along all coordinates, and by how much that is."""
    loss, by = setting.loss, turns * PERIOD
    moved = so.losses.CoupledWells(
        loss.dim, quartic=loss.quartic, quadratic=loss.quadratic,
        tilt=loss.tilt - 2 * loss.quadratic * by, amplitudes=loss.amplitudes,
    )  # fmt: skip
    return replace(setting, loss=moved, start=setting.start + by), by


PLACED = ["StateDependentQSGD"]
"""Algorithms with a function of the user's that knows the origin."""


@pytest.mark.parametrize("name", [name for name in CASES if name not in PLACED])
@few
@given(drawn(flat=True), st.integers(-3, 3))
def test_a_shift_of_everything_is_a_shift_of_the_run(name, setting, turns):
    other, by = shifted(setting, turns)
    wanted = {key: value + by for key, value in setting.run(CASES[name][0]).items()}
    assert close(other.run(CASES[name][0]), wanted)


def agreeing(setting):
    """Return the setting with the start, the noise and the step size of agent 0 for all."""
    count = len(setting.rates)
    return replace(
        setting,
        start=np.repeat(setting.start[:, :1], count, axis=1),
        noise=np.repeat(setting.noise[:, :, :1], count, axis=2),
        rates=np.repeat(setting.rates[:1], count),
    )


@each_algorithm
@few
@given(drawn())
def test_agents_that_agree_go_on_agreeing(name, setting):
    found = agreeing(setting).run(CASES[name][0])["agents"]
    assert np.allclose(found, found[:, :1], rtol=0, atol=1e-12)


def uncoupled(name):
    algorithm = CASES[name][0]
    gains = {field.name for field in fields(algorithm)} & {"coupling", "velocity_coupling"}
    return replace(algorithm, **dict.fromkeys(gains, 0.0))


TO_THE_MEAN = {
    **{name: uncoupled(name) for name in ("SGD", "QSGD", "SDQSGD", "QSGDMomentum")},
    **{name: uncoupled(name) for name in ("StateDependentQSGD", "ContinuousMomentum")},
    "PeriodicAveraging": so.SGD(),
}
"""Algorithms whose signal is a mean of agents, and what is left of them without it."""


@pytest.mark.parametrize("name", TO_THE_MEAN)
@few
@given(drawn())
def test_agents_that_agree_are_not_pulled_by_their_mean(name, setting):
    setting = agreeing(setting)
    free = setting.run(TO_THE_MEAN[name])
    assert close(setting.run(CASES[name][0]), {"agents": free["agents"]}, 1e-11)


ALIKE = {
    "SGD": ["QSGD", "EASGD", "SDQSGD", "SingleAgentEASGD", "StateDependentQSGD", "ArbitraryQuorum"],
    "QSGDMomentum": ["EASGDMomentum", "SingleAgentEASGDMomentum"],
    "ContinuousMomentum": ["ContinuousMomentum filter"],
}
"""What is left of algorithms without coupling: one of them, and the others."""


@pytest.mark.parametrize(
    ("one", "other"), [(k, name) for k, names in ALIKE.items() for name in names]
)
@few
@given(drawn())
def test_without_coupling_algorithms_are_one(one, other, setting):
    wanted = setting.run(uncoupled(one))
    assert close(setting.run(uncoupled(other)), {"agents": wanted["agents"]}, 1e-11)


def exchanged_but_for_the_rates(setting):
    other = replace(setting, start=setting.start[:, ::-1], noise=setting.noise[:, :, ::-1])
    wanted = setting.run(so.QSGD(2.0))
    return close(other.run(so.QSGD(2.0)), wanted | {"agents": wanted["agents"][:, ::-1]})


def shifted_but_for_the_loss(setting):
    by = PERIOD
    wanted = {key: value + by for key, value in setting.run(so.QSGD(2.0)).items()}
    return close(replace(setting, start=setting.start + by).run(so.QSGD(2.0)), wanted)


def agreeing_but_for_the_noise(setting):
    found = replace(agreeing(setting), noise=setting.noise).run(so.QSGD(2.0))["agents"]
    return np.allclose(found, found[:, :1], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "kept", [exchanged_but_for_the_rates, shifted_but_for_the_loss, agreeing_but_for_the_noise]
)
def test_what_is_forgotten_is_found(kept):
    """Planted: one part of the setting is left as it was."""
    sought = settings(max_examples=50, phases=[Phase.generate], derandomize=True)
    find(drawn(), lambda setting: not kept(setting), settings=sought)
