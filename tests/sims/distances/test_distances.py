"""Bounds and their terms, the single agent on the same noise, velocities, the best metric."""

import numpy as np
import pytest

from sdeopt.experiments.measured import Measured
from sims.distances import easgd, measuring, momentum, qsgd
from sims.distances.measuring import factors, terms
from sims.distances.metric import best_shift, metric
from sims.distances.tightness import QUICK, experiment
from sims.shared.grids import part
from sims.shared.setting import EasgdSetting, MomentumSetting, Setting
from sims.shared.stationary import measure
from tests.experiments.quick_results import quick_result

METHODS = {
    "qsgd": (qsgd, Setting),
    "easgd": (easgd, EasgdSetting),
    "momentum": (momentum, MomentumSetting),
}
GIVEN = {"damping": 2.0, "strong_convexity": 1.0, "smoothness": 4.0}


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(("p", "k"), [(1, 3.0), (8, 3.0), (5, 2.0)])
def test_the_bound_is_the_sum_of_its_terms(name, p, k):
    module, kind = METHODS[name]
    found = module.bounds(kind("log-cosh", dim=3, agents=p, coupling=k, step_size=0.3))
    assert found["bound"] == pytest.approx(found["distortion_term"] + found["noise_term"])
    assert found["sharp"] <= found["bound"] * (1 + 1e-12)
    assert (found["distortion_term"] == 0) == (p == 1)


@pytest.mark.parametrize(
    ("name", "p", "k", "expected"),
    [
        ("qsgd", 4, 1.0, {"noise_term": np.sqrt(2 * 0.1 / 8)}),
        ("easgd", 32, 1.0, {"bound": 1.25, "sharp": 0.47, "free": 0.4}),
        ("momentum", 8, 3.0, {"bound": 2.02, "tight": 1.36, "sharp": 1.34}),
    ],
)
def test_bounds_in_numbers(name, p, k, expected):
    module, kind = METHODS[name]
    found = module.bounds(kind("log-cosh", dim=2, agents=p, coupling=k, step_size=0.1))
    assert {key: found[key] for key in expected} == pytest.approx(expected, abs=0.005)


def test_without_a_metric_x_obeys_the_bound_of_qsgd():
    given = {"family": "log-cosh", "dim": 2, "agents": 8, "coupling": 3.0, "step_size": 0.1}
    mean, plain = easgd.bounds(EasgdSetting(**given))["free_mean"], qsgd.bounds(Setting(**given))
    assert mean == pytest.approx(plain["bound"])


@pytest.mark.parametrize("p", [2, 32])
def test_time_steps_of_easgd_are_fine_enough(p):
    for k in (0.3, 9.0):
        one = EasgdSetting("log-cosh", dim=1, agents=p, coupling=k, step_size=0.1)
        assert 0 <= one.bias() < 0.0025


class TestSingleAgent:
    def split(self, setting):
        return measuring.split_distance(
            setting, distance=0.3, forget=0.5, window=0.5, replicas=3, seed=2
        )

    def test_on_a_quadratic_it_is_the_mean(self):
        """No distortion: both paths are one, up to rounding."""
        run = self.split(Setting("round quadratic", dim=2, agents=4, coupling=1.0, step_size=0.1))
        assert run["apart"].max() < 1e-12
        assert run["alone"].min() > 0.01

    def test_noise_paths_in_pieces(self, monkeypatch):
        """Replicas that do not fit into one piece have noise of their own."""
        setting = Setting("log-cosh", dim=1, agents=2, coupling=1.0, step_size=1.0)
        whole = self.split(setting)
        monkeypatch.setattr(measuring, "LARGEST", 1)
        pieces = self.split(setting)
        assert pieces["alone"].values[0] == whole["alone"].values[0]
        assert len(np.unique(pieces["alone"])) == 3


class TestMetric:
    def test_in_numbers(self):
        found = metric(1.0, **GIVEN)
        values = [float(found[name]) for name in ("rate", "metric_floor", "metric_condition")]
        assert values == pytest.approx([0.388, 0.5, np.sqrt(6)], abs=5e-4)

    def test_no_other_shift_does_better(self):
        """On a grid of β the least bound is that of the chosen one."""
        distortion, level = 0.3, 0.02

        def bound(constants):
            noise = np.sqrt(level / (constants["rate"] * constants["metric_floor"]))
            return constants["metric_condition"] * distortion / constants["rate"] + noise

        others = bound(metric(np.linspace(0.2, 1.8, 33), **GIVEN))
        assert bound(best_shift(distortion, level, **GIVEN)) <= others.min() * (1 + 1e-4)


@pytest.mark.statistical
def test_velocities_are_those_of_an_instant():
    """Null: E‖v•‖² is its exact value; within 4 errors and the bias of the time steps."""
    one = MomentumSetting("quadratic", dim=2, agents=4, coupling=3.0, step_size=0.2)
    run = measure(
        one, statistics=(), spread=0.05, forget=15.0, window=4.0, replicas=1500, seed=5, snapshots=2
    )
    speeds = (run["state"].sel(part="velocity") ** 2).sum("dim").mean("step")
    found, exact = Measured.of(speeds.values), float(one.moments().mean_velocity)
    assert abs(found.value - exact) < 4 * found.error + one.bias() * exact


@pytest.mark.statistical
def test_lengths_and_squares_agree():
    """Jensen: (E‖x‖)² ≤ E‖x‖², and for a normal x in two dimensions at most 4/π of it."""
    result = quick_result(qsgd.experiment)
    two = result.isel(setting=(result["dim"] == 2).values)
    length, square = Measured.read(two, "distance"), Measured.read(two, "square")
    assert (length.value**2 < square.value).all()
    assert (square.value < 1.5 * length.value**2).all()


def test_terms_are_those_of_one_loss():
    result = quick_result(experiment)
    found = factors(part(result, "qsgd"))
    assert terms(found)["agents"].values.tolist() == list(QUICK.agents)
    assert terms(found, "slanted").sizes["setting"] == len(QUICK.agents)
    assert terms(factors(part(result, "easgd")), "slanted").sizes["setting"] == 0
