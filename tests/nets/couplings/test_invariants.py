"""What rules keep whatever the numbers: exchanged agents, a shift, agreement, the mean."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from nets import couplings
from tests.nets.couplings.agents import Training, as_points
from tests.nets.couplings.test_contract import PULLING, RULES

MOMENTA = [{}, {"momentum": 0.8}, {"momentum": 0.9, "nesterov": True}]


@dataclass(frozen=True)
class Setting:
    """Starts (agent, dim), noise (step, agent, dim), rates (agent,), an origin, and the optimizer."""

    start: np.ndarray
    noise: np.ndarray
    rates: np.ndarray
    k: float
    momentum: dict
    origin: float = 0.0

    def run(self, make):
        """Return the weights, and the quorum variable where there is one."""
        training = Training(
            make(k=self.k),
            self.start,
            self.rates,
            lambda points: 0.3 * (points - self.origin) + np.sin(points - self.origin),
            losses=lambda points: ((points - self.origin) ** 2).sum(axis=1),
            **self.momentum,
        )
        for zeta in self.noise:
            training.take(zeta)
        quorum = training.rule.quorum
        stacked = None if quorum is None else {name: value[None] for name, value in quorum.items()}
        return as_points(training.weights), None if stacked is None else as_points(stacked)[0]


@st.composite
def drawn(draw):
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    agents, dim, steps = (draw(st.integers(*ends)) for ends in [(2, 6), (1, 5), (1, 15)])
    return Setting(
        random.normal(size=(agents, dim)),
        random.normal(size=(steps, agents, dim)),
        random.uniform(0.01, 0.1, agents),
        draw(st.floats(0.1, 1.2)),
        draw(st.sampled_from(MOMENTA)),
    )


def changed(setting, **parts):
    return Setting(**(vars(setting) | parts))


def exchanged(setting, order):
    parts = {"start": setting.start[order], "noise": setting.noise[:, order]}
    return changed(setting, **parts, rates=setting.rates[order])


def agreeing(setting):
    parts = {"start": setting.start, "noise": setting.noise, "rates": setting.rates}
    axes = {"start": 0, "noise": 1, "rates": 0}
    return changed(
        setting,
        **{
            name: np.repeat(part.take([0], axes[name]), len(setting.rates), axes[name])
            for name, part in parts.items()
        },
    )


def close(found, wanted):
    return all(
        (one is None and other is None) or np.allclose(one, other, rtol=0, atol=1e-10)
        for one, other in zip(found, wanted, strict=True)
    )


each_rule = pytest.mark.parametrize("name", RULES)
few = settings(max_examples=10)


@each_rule
@few
@given(drawn(), st.randoms(use_true_random=False))
def test_agents_can_be_exchanged(name, setting, random):
    order = random.sample(range(len(setting.rates)), len(setting.rates))
    weights, quorum = setting.run(RULES[name])
    assert close(exchanged(setting, order).run(RULES[name]), (weights[order], quorum))


@each_rule
@few
@given(drawn(), st.floats(-3.0, 3.0))
def test_a_shift_of_everything_is_a_shift_of_the_run(name, setting, by):
    weights, quorum = setting.run(RULES[name])
    moved = changed(setting, start=setting.start + by, origin=by)
    wanted = weights + by, None if quorum is None else quorum + by
    assert close(moved.run(RULES[name]), wanted)


@each_rule
@few
@given(drawn())
def test_agents_that_agree_go_on_agreeing(name, setting):
    weights, _ = agreeing(setting).run(RULES[name])
    assert np.allclose(weights, weights[:1], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", PULLING)
@few
@given(drawn())
def test_without_coupling_agents_are_alone(name, setting):
    setting = changed(setting, k=0.0)
    free, _ = setting.run(lambda k: couplings.Uncoupled())
    found, _ = setting.run(RULES[name])
    np.testing.assert_array_equal(found, free)


@few
@given(drawn())
def test_qsgd_leaves_the_mean_alone_at_equal_rates(setting):
    """One step: the pulls add up to nothing."""
    rates = np.full_like(setting.rates, setting.rates[0])
    setting = changed(setting, rates=rates, noise=setting.noise[:1])
    pulled, _ = setting.run(RULES["QSGD"])
    free, _ = setting.run(lambda k: couplings.Uncoupled())
    np.testing.assert_allclose(pulled.mean(axis=0), free.mean(axis=0), rtol=0, atol=1e-14)


def exchanged_but_for_the_rates(setting):
    order = np.arange(len(setting.rates))[::-1]
    weights, quorum = setting.run(RULES["QSGD"])
    other = changed(exchanged(setting, order), rates=setting.rates)
    return close(other.run(RULES["QSGD"]), (weights[order], quorum))


def shifted_but_for_the_loss(setting):
    weights, _ = setting.run(RULES["EASGD"])
    other, _ = changed(setting, start=setting.start + 1.0).run(RULES["EASGD"])
    return np.allclose(other, weights + 1.0, rtol=0, atol=1e-10)


def agreeing_but_for_the_noise(setting):
    weights, _ = changed(agreeing(setting), noise=setting.noise).run(RULES["QSGD"])
    return np.allclose(weights, weights[:1], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "kept", [exchanged_but_for_the_rates, shifted_but_for_the_loss, agreeing_but_for_the_noise]
)
def test_what_is_forgotten_is_found(kept):
    """Planted: one part of the setting is left as it was."""
    sought = settings(max_examples=50, phases=[Phase.generate], derandomize=True)
    find(drawn(), lambda setting: not kept(setting), settings=sought)
