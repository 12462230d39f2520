"""The law of the best coupling is found where it is known."""

import dataclasses

import numpy as np
import pytest
import xarray as xr

import sdeopt as so
from sims.phase import experiment as phase
from sims.phase.diagram import FACTORS, Diagram, fit, freeing_spread, gain, window
from tests.sims.phase.diagrams import bump, expected_law, synthetic

TINY = dataclasses.replace(
    phase.QUICK,
    replicas=4,
    horizon=2.0,
    half_width=(6.4, 9.0),
    step_size=(0.05, 0.1),
    coupling=(0.0, 2.5, 5.0, 10.0, 20.0),
    agents=(5, 8),
)


def heights_of(law, seed=0, replicas=30):
    """Curves of 40 cells on a grid of k, with noise, whose best κ follows a law."""
    random = np.random.default_rng(seed)
    levels = [random.uniform(5, 20, 40), random.choice([0.005, 0.01, 0.02], 40)]
    levels.append(random.choice([10, 30, 100], 40))
    couplings = np.geomspace(0.02, 50, 46)
    best = law(*levels)
    curves = bump(couplings, levels[1][:, None], best[:, None])
    curves[couplings * levels[1][:, None] > 1] = np.nan
    noisy = curves[..., None] + 0.05 * random.normal(size=(*curves.shape, replicas))
    coordinates = dict(zip(FACTORS, (("cell", level) for level in levels), strict=True))
    return xr.DataArray(
        noisy, dims=("cell", "coupling", "replica"), coords={"coupling": couplings, **coordinates}
    )


@pytest.mark.statistical
@pytest.mark.parametrize("powers", [(2.0, 1.0, 0.0), (1.0, 0.5, -0.3)])
def test_a_known_law_is_found(powers):
    """The null is the law the curves were made with: 95% intervals, the seed fixed."""

    def law(width, step, agents):
        return 0.5 * width ** powers[0] * step ** powers[1] * agents ** powers[2]

    found = fit(heights_of(law))
    for name, power in zip(FACTORS, powers, strict=True):
        estimate = found.powers[name]
        assert estimate.low < power < estimate.high
        assert estimate.high - estimate.low < 0.3
    assert found.constant.low < 0.5 < found.constant.high
    assert found.anisotropy.low < powers[0] - 2 * powers[1] < found.anisotropy.high
    k = found.coupling(10.0, 0.01, 30.0)
    assert gain(k, 0.01) == pytest.approx(law(10.0, 0.01, 30.0), rel=0.1)
    assert found.cells == 40


@pytest.mark.statistical
def test_noise_that_does_not_act_through_its_temperature_is_seen():
    found = fit(heights_of(lambda width, step, agents: 2.0 * width * step**0.8))
    assert found.anisotropy.high < -0.3


def test_a_law_out_of_reach_has_no_coupling():
    found = fit(heights_of(lambda width, step, agents: 0.5 * width**2 * step))
    assert np.isnan(found.coupling(1000.0, 0.05, 30))


def test_too_few_cells_for_a_law():
    few = heights_of(lambda width, step, agents: 0.5 * width**2 * step).isel(cell=slice(5))
    assert np.isnan(fit(few).constant.value)
    assert fit(few).cells == 5


def test_window_by_hand():
    log_k = np.arange(6.0)
    heights = np.array(
        [
            [0.0, 0.5, 0.85, 1.0, 0.5, 0.99],  # good again beyond a gap: not part of the window
            [1.0, 0.85, 0.2, 0.1, 0.0, 0.0],
            [-np.inf, 0.0, 0.0, 0.1, 0.85, 1.0],
        ]
    )
    low, high = window(heights, log_k)
    assert low.tolist() == [1.5, -np.inf, 3.5]
    assert high.tolist() == [3.5, 1.5, np.inf]
    inner = window(heights, log_k, place=np.zeros((2, 3)))
    assert inner[:, 0].tolist() == [2.0, 3.0]


def test_a_steeper_loss_is_the_same_problem():
    """Loss and noise twice as large, steps half as long, coupling doubled: the same bits."""
    well = so.losses.RuggedWell.robust()
    steep = so.losses.RuggedWell(
        0.2, -0.8, 2 * well.tilt, 0.0, 2 * well.amplitudes, well.frequencies
    )
    shared = {"agents": 9, "replicas": 3, "steps": 200, "start": so.start.Uniform(-3, 3), "seed": 5}
    one = so.simulate(well, so.QSGD(5.0), noise=so.noise.Uniform(8.0), step_size=0.05, **shared)
    other = so.simulate(
        steep, so.QSGD(10.0), noise=so.noise.Uniform(16.0), step_size=0.025, **shared
    )
    assert (one["agents"] == other["agents"]).all()


@pytest.fixture(scope="module")
def tiny():
    return phase.simulate(TINY)


def test_shape_and_work(tiny):
    assert tiny["loss"].dims == phase.DIMS
    assert tiny["loss"].shape == (2, 2, 2, 5, 4)
    assert tiny["coupling"].values.tolist() == [0.0, 2.5, 5.0, 10.0, 20.0]
    # 40 and 20 steps; 5 couplings of 5 + 8 agents, and 5 agents once more for their memory
    # and at η = 0.05 80, 40 and 20 steps with 60 agents for prefactors of ½, 1 and 2
    prefactors = (80 + 40 + 20) * (5 * 60 + 5)
    assert tiny.attrs["agent_steps"] == 2 * 4 * ((40 + 20) * (5 * 13 + 5) + prefactors)
    # an η of 0.1 and a k of 20 are at the limit of stability, beyond which runs diverge
    assert tiny["loss"].sel(step_size=0.05).notnull().all()


def test_a_cell_is_the_simulation_it_says(tiny):
    run = so.simulate(
        so.losses.RuggedWell.robust(),
        so.QSGD(5.0),
        noise=so.noise.Uniform(9.0),
        agents=8,
        replicas=4,
        steps=40,
        step_size=0.05,
        start=so.start.Uniform(-3, 3),
        seed=TINY.seed,
        record=so.record.At([32, 40]),
        statistics=["loss_of_mean"],
        statistics_every=phase.INTERVAL,
    )
    cell = tiny["loss"].sel(coupling=5.0, half_width=9.0, agent_count=8, step_size=0.05)
    assert (cell == run["loss_of_mean"].isel(step=-1)).all()


def test_a_diagram_as_theory_has_it_bears_the_claims_out():
    # the power is decided within the steps of the grid of couplings only
    made = phase.claims(synthetic(expected_law))
    assert [claim for claim in made if claim.holds is False or not claim.seems] == []
    assert sum(claim.holds is None for claim in made) <= 1


def test_coupling_beyond_the_step_limit_is_not_called_best():
    wrong = synthetic(expected_law)
    wrong["loss"].loc[{"step_size": 0.1, "coupling": wrong["coupling"] > 10.1}] = -0.73
    assert (Diagram(wrong).best.sel(step_size=0.1) <= 10.1).all()


def test_a_cloud_that_frees_the_mean_has_smoothed_every_rise_away():
    """By its own definition: a little less leaves a rise between the start and the minimum."""
    assert freeing_spread() == pytest.approx(0.414, abs=5e-4)
