"""What optimizers keep whatever the numbers: a shift, no noise, and twice the noise."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

import sdeopt as so
from nets.optimizers import EASGD, GradientNoise, WeightNoise


@dataclass(frozen=True)
class Setting:
    """Numbers of an optimizer and of the quadratic or bent loss that it descends."""

    start: tuple
    rate: float
    k: float
    momentum: float
    nesterov: bool
    level: float
    seed: int
    steps: int
    bend: float = 1.0
    origin: float = 0.0

    def inner(self, params):
        """Return SGD or EASGD, with or without momentum."""
        nesterov = self.nesterov and self.momentum > 0
        if self.k == 0:
            momentum = {"momentum": self.momentum, "nesterov": nesterov}
            return torch.optim.SGD(params, lr=self.rate, **momentum)
        return EASGD(params, self.rate, self.k, self.momentum, nesterov=nesterov)

    def law(self, enters):
        # the level falls with time, and is a factor of the number that is drawn
        level = so.schedules.PowerDecay(self.level, exponent=0.55)
        return so.noise.Gaussian(0.3, level=level, enters=enters)

    def run(self, make):
        weight = torch.nn.Parameter(torch.tensor(self.start, dtype=torch.float64) + self.origin)
        optimizer = make(self, [weight])
        for _ in range(self.steps):
            if isinstance(optimizer, (GradientNoise, WeightNoise)):
                optimizer.inject()
            at = weight.detach() - self.origin
            weight.grad = 0.7 * at + self.bend * torch.sin(at)
            optimizer.step()
        return weight.detach().numpy()


MAKERS = {
    "none": lambda setting, params: setting.inner(params),
    "gradient": lambda setting, params: GradientNoise(
        setting.inner(params), setting.law("gradient"), seed=setting.seed
    ),
    "update": lambda setting, params: GradientNoise(
        setting.inner(params), setting.law("update"), seed=setting.seed
    ),
    "weights": lambda setting, params: WeightNoise(
        setting.inner(params), setting.law("weights"), seed=setting.seed
    ),
    "both": lambda setting, params: GradientNoise(
        WeightNoise(setting.inner(params), setting.law("weights"), seed=setting.seed),
        setting.law("gradient"),
        seed=setting.seed + 1,
    ),
}
NOISY = [name for name in MAKERS if name != "none"]

drawn = st.builds(
    Setting,
    start=st.lists(st.floats(-2.0, 2.0), min_size=1, max_size=4).map(tuple),
    rate=st.floats(0.01, 0.2),
    k=st.sampled_from([0.0, 0.5, 2.0]),
    momentum=st.sampled_from([0.0, 0.5, 0.9]),
    nesterov=st.booleans(),
    level=st.floats(0.1, 3.0),
    seed=st.integers(0, 2**32),
    steps=st.integers(1, 25),
)


@pytest.mark.parametrize("name", MAKERS)
@settings(max_examples=20)
@given(drawn, st.floats(-3.0, 3.0))
def test_a_shift_of_everything_is_a_shift_of_the_run(name, setting, by):
    moved = replace(setting, origin=by).run(MAKERS[name])
    np.testing.assert_allclose(moved, setting.run(MAKERS[name]) + by, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", NOISY)
@settings(max_examples=20)
@given(drawn)
def test_noise_of_level_zero_is_none(name, setting):
    silent = replace(setting, level=0.0)
    np.testing.assert_array_equal(silent.run(MAKERS[name]), setting.run(MAKERS["none"]))


def doubled(name, setting):
    """Return what noise adds to the end of a run, and what noise of twice the level does."""
    still = setting.run(MAKERS["none"])
    once, twice = (replace(setting, level=n * setting.level).run(MAKERS[name]) for n in (1, 2))
    return once - still, twice - still


@pytest.mark.parametrize("name", NOISY)
@settings(max_examples=20)
@given(drawn)
def test_twice_the_noise_does_twice_as_much_on_a_quadratic(name, setting):
    once, twice = doubled(name, replace(setting, bend=0.0))
    assert np.abs(once).max() > 0
    np.testing.assert_allclose(twice, 2 * once, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", NOISY)
def test_what_is_no_quadratic_is_found(name):
    """Planted: the bent loss."""

    def is_found(setting):
        once, twice = doubled(name, setting)
        return np.abs(twice - 2 * once).max() > 1e-6

    sought = settings(max_examples=50, phases=[Phase.generate], derandomize=True)
    find(drawn, is_found, settings=sought)
