"""Verdicts, exact values and the rule for transients, each against what is known of it."""

import numpy as np
import pytest
from scipy import stats

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiments.measured import Measured
from sims.shared.families import FAMILIES, family
from sims.shared.grids import columns, of_family, shown, varied, with_measured
from sims.shared.linear import (
    mean_length,
    scheme_covariance,
    time_step_bias,
)
from sims.shared.setting import PULL, Setting
from sims.shared.stationary import forgetting_time, measure
from sims.shared.verdicts import bound_broken, bound_holds, column_bounded, equal

USUAL = Setting("log-cosh", dim=2, agents=4, coupling=1.0, step_size=0.1)


def measured(value, error, replicas=400):
    return Measured(
        np.atleast_1d(value), np.atleast_1d(error), np.atleast_1d(np.asarray(replicas, float))
    )


class TestVerdicts:
    def test_a_bound_needs_the_limit_below_it(self):
        found = measured([1.0, 2.0], [0.01, 0.02])
        assert bound_holds("w", found, [1.04, 2.1]).holds
        assert not bound_holds("w", found, [1.02, 3.0]).holds
        assert not bound_holds("w", found, [1.04, 2.1], bias=-0.01).holds

    def test_one_setting_decides(self):
        claim = bound_holds("w", measured([1.0, 1.0], [0.01, 0.3]), 1.5)
        assert not claim.holds
        assert "each of 2 settings" in claim.claim

    def test_a_control_needs_every_limit_above(self):
        found = measured([1.0, 1.0], [0.01, 0.01])
        assert bound_broken("w", found, [0.5, 0.9]).holds
        assert not bound_broken("w", found, [0.5, 0.98]).holds

    def test_equality_fails_when_off_or_not_known_well(self):
        assert equal("w", measured(1.0, 0.003), 1.0, 0.02).holds
        assert not equal("w", measured(1.015, 0.003), 1.0, 0.02).holds
        assert not equal("w", measured(0.985, 0.003), 1.0, 0.02).holds
        assert not equal("w", measured(1.0, 0.01), 1.0, 0.02).holds

    def test_the_opposite_must_be_shown(self):
        """What is neither shown nor refuted is undecided; the worst setting decides."""
        found = measured([1.0, 1.0], [0.01, 0.01])
        for bound, verdict in ((1.1, "holds"), (1.02, "undecided"), (0.9, "contradicted")):
            assert bound_holds("w", found, [2.0, bound]).verdict == verdict
        for bound, verdict in ((0.9, "holds"), (0.98, "undecided"), (1.1, "contradicted")):
            assert bound_broken("w", found, [0.5, bound]).verdict == verdict
        for error, verdict in ((0.003, "undecided"), (0.001, "contradicted")):
            assert equal("w", measured(1.024, error), 1.0, 0.02).verdict == verdict

    def test_the_worst_setting_has_an_interval(self):
        found = measured([1.0, 3.0], [0.01, 0.01])
        claim = bound_holds("w", found, [2.0, 4.0])
        low, high = claim.interval
        assert claim.estimate == 0.75
        assert low < 0.75 < high == claim.value

    @pytest.mark.statistical
    def test_many_settings_at_their_bound_are_seldom_contradicted(self):
        """Null: all of 50 expectations are their bounds. Said wrongly at most once in 1000."""
        draws = np.random.default_rng(2).normal(1.0, 0.01, (4000, 50))
        wrong = [bound_holds("w", measured(row, np.full(50, 0.01)), 1.0) for row in draws]
        contradicted = sum(claim.holds is False for claim in wrong)
        assert contradicted <= 13  # expected at most 4; 13 or more by chance in 1 of 10,000
        # planted: limits that are right for a single setting
        limits = draws - 3.09 * 0.01
        assert (limits > 1.0).any(axis=1).sum() > 100

    def test_columns_of_a_table(self):
        """Rows whose bound is 0 are left out; a column `bias` counts."""
        one = Measured(np.array(1.0), np.array(0.01), np.array(400.0))
        table = with_measured(columns([USUAL, USUAL]), "spread", [one, one])
        table = table.assign(bound=("setting", [1.04, 0.0]))
        claim = column_bounded(table, "w", "spread", "bound")
        assert claim.holds
        assert claim.claim == "w; bound / measured 1.04 (one setting)"
        assert not column_bounded(table.assign(bias=0.01), "w", "spread", "bound").holds


class TestLinear:
    @pytest.mark.parametrize("dim", [1, 2, 5])
    def test_mean_length_of_equal_coordinates(self, dim):
        expected = 0.3 * stats.chi.mean(dim)
        assert mean_length(0.09 * np.eye(dim)) == pytest.approx(expected, rel=1e-9)

    @pytest.mark.statistical
    def test_mean_length_of_unequal_coordinates(self):
        covariance = np.array([[2.0, 0.5], [0.5, 0.3]])
        draws = np.random.default_rng(1).multivariate_normal([0, 0], covariance, 200_000)
        found = Measured.of(np.linalg.norm(draws, axis=1))
        assert abs(mean_length(covariance) - found.value) < 4 * found.error

    def test_a_vanishing_direction(self):
        assert mean_length(np.diag([1.0, 0.0])) == pytest.approx(np.sqrt(2 / np.pi), rel=1e-9)

    @pytest.mark.statistical
    def test_bias_of_coarse_steps(self):
        """One linear agent with a·dt = 0.8, where the scheme misses the variance by a tenth."""
        run = so.simulate(
            so.losses.Quadratic(1.0),
            so.QSGD(coupling=0.0),
            steps=15,
            step_size=1.0,
            noise=so.noise.Gaussian(1.0),
            start=so.start.Gaussian(0.0, np.sqrt(0.5)),
            replicas=100_000,
            seed=4,
            clock=so.clock.SDE(dt=0.8, scheme="strong_order_1.5"),
        )
        found = Measured.of(run["mean"].values[:, 0] ** 2)
        expected = 0.5 * (1 + float(time_step_bias(0.8)))
        assert abs(found.value - expected) < 4 * found.error
        assert abs(found.value - 0.5) > 4 * found.error

    def test_bias_is_that_of_the_covariance_of_the_scheme(self):
        found = scheme_covariance([[-2.0]], [[1.0]], 0.1)
        assert found[0, 0] / 0.25 - 1 == pytest.approx(float(time_step_bias(0.2)), abs=1e-12)


class TestTransients:
    def test_what_is_left_is_the_share(self):
        t = forgetting_time(start=5.0, level=0.2, rate=3.0, share=1e-3)
        assert 5.0 * np.exp(-3.0 * t) == pytest.approx(1e-3 * 0.2)

    def test_nothing_to_forget(self):
        assert forgetting_time(start=1e-9, level=1.0, rate=1.0) == 0.0


class TestSettings:
    def test_columns_come_back(self):
        draws = np.random.default_rng(1).normal(size=(2, 50))
        found = [Measured.of(draws[0]), Measured.of(draws[1, :40])]
        table = with_measured(columns([USUAL, USUAL]), "spread", found)
        again = Measured.read(table, "spread").upper()
        np.testing.assert_array_equal(again, [one.upper() for one in found])

    @pytest.mark.parametrize("name", FAMILIES)
    def test_constants_belong_to_the_noise_that_is_drawn(self, name):
        law = family(name, 3)
        given = law.noise.covariance
        drawn = law.noise.scale**2 * np.eye(3) if given is None else given
        np.testing.assert_array_equal(law.covariance, drawn)
        assert law.loss.dim == 3

    def test_the_long_bowl_does_not_commute(self):
        law = family("quadratic", 2)
        h, c = law.loss.matrix, law.covariance
        assert np.abs(h @ c - c @ h).max() > 0.1
        np.testing.assert_allclose(law.loss.eigenvalues, [1.0, 4.0])

    def test_the_slanted_loss_has_its_constants(self):
        """By differences of the gradient: 1 < f″ < 4, and f‴ is Q at the minimum and nowhere larger."""
        law = family("slanted", 1)
        x = np.linspace(-20.0, 20.0, 40_001)
        curvature = np.gradient(law.loss.gradient(x[:, None])[:, 0], x)
        third = np.gradient(curvature, x)
        assert 1.0 < curvature.min() < curvature.max() < 4.0
        assert third.max() == pytest.approx(law.loss.constants.gradient_curvature, rel=1e-4)
        assert abs(x[third.argmax()]) < 0.01
        assert law.loss.gradient([0.0]) == 0.0

    def test_an_unknown_family_is_named(self):
        with pytest.raises(InvalidArgumentError, match="log-cos'; did you mean 'log-cosh'"):
            family("log-cos", 1)

    def test_settings_are_found_again(self):
        grid = varied(USUAL, "coupling", family=["log-cosh", "quadratic"], coupling=[0.0, 2.0])
        table = columns([*grid, *varied(USUAL, "agents", agents=[2, 16])])
        assert shown(table, "agents")["agents"].values.tolist() == [2, 16]
        assert shown(table, "coupling", "quadratic")["coupling"].values.tolist() == [0.0, 2.0]
        assert of_family(table, "log-cosh").sizes["setting"] == 4

    def test_steps_are_fine_and_the_transient_is_left_out(self):
        assert USUAL.dt() == pytest.approx(PULL / 5.0)
        run = measure(
            USUAL, statistics=["synchronization"], spread=4.0, forget=1.0, window=2.0,
            replicas=30, seed=1,
        )  # fmt: skip
        assert run.attrs["agent_steps"] == 30 * 4 * 150
        # started 40 times too far apart, and forgotten at the rate 2·(1 + 1) or more
        assert run["synchronization"].mean() < 1.0
