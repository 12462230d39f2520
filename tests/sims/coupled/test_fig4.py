"""What only Figure 4 has; the rest is in `tests.experiments`."""

import dataclasses

import numpy as np
import pytest

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sims.coupled import fig4
from sims.coupled.fig4 import count_minima
from sims.coupled.model import RECONSTRUCTED, cross_section, uncorrupted_minima
from tests.experiments.quick_results import quick_result


@pytest.fixture(scope="module")
def result():
    return quick_result(fig4.experiment)


def test_every_part_has_its_claims(result):
    words = " ".join(claim.claim for claim in fig4.claims(result))
    for part in ("best coupling, k = 4, is inside", "the U is not strict", "k = 0 fails"):
        assert part in words


def test_paper_scale_is_as_large_as_asked():
    paper = fig4.PAPER
    assert (paper.dim, paper.agents, paper.steps) == (30, 50, 5000)
    assert paper.replicas >= 200
    assert len(paper.coupling) == 12
    assert dataclasses.replace(paper, replicas=fig4.QUICK.replicas) == fig4.QUICK


def test_every_curve_starts_alike_and_work_is_counted(result):
    start = result["loss_of_mean"].isel(step=0)
    assert (start == start.isel(coupling=0)).all()
    size, replicas = fig4.QUICK, result.sizes["replica"]
    assert result.attrs["agent_steps"] == 12 * replicas * size.agents * size.steps
    assert result["step"].values.tolist() == list(range(0, 5001, 100))


def test_the_curve_is_the_loss_of_the_recorded_mean():
    """With an interval of one step, nothing is averaged."""
    small = dataclasses.replace(
        fig4.QUICK, replicas=2, agents=3, steps=4, interval=1, coupling=(0.0, 2.0)
    )
    run = so.simulate(
        small.loss(),
        so.QSGD(2.0),
        noise=small.noise(),
        agents=3,
        replicas=2,
        steps=4,
        step_size=small.step_size,
        start=so.start.Uniform(-3.0, 3.0),
        seed=small.seed,
        record=so.record.Every(1),
    )
    curve = fig4.simulate(small)["loss_of_mean"].sel(coupling=2.0)
    expected = small.loss().value(run["mean"])
    np.testing.assert_allclose(curve.transpose("step", "replica"), expected, rtol=1e-12)


def test_the_cross_section_is_eq_44(result):
    x = np.array([0.4, -0.9, *[-1.4] * 28])
    waves = 0.0
    for i in range(30):
        for j in range(i):
            turn = 2 * np.pi / 1.4 * (x[i] + x[j])
            waves += 5 * np.cos(turn) + np.cos(5 * turn)
    expected = 0.05 * (np.sum(x**4 - 4 * x**2 + 0.4 * x) - waves / 30)
    found = result["loss"].sel(x1=0.4, x2=-0.9, method="nearest")
    assert float(found) == pytest.approx(expected, rel=1e-12)


def test_what_is_said_of_the_reconstruction(result):
    assert fig4.QUICK.loss().constants.negative_curvature == pytest.approx(59, abs=0.5)
    assert "is 59 here, above every coupling" in "".join(RECONSTRUCTED)
    # the cosines at their least and every polynomial at its least, at once
    bound = 30 * 0.05 * (1.43891**4 - 4 * 1.43891**2 - 0.4 * 1.43891) - 0.05 * 6 * 29 / 2
    assert bound < float(result["lowest"]) < bound + 0.02


@pytest.mark.parametrize("points", [fig4.FINE_POINTS, 701])
def test_the_number_of_minima_does_not_hang_on_the_grid(result, points):
    fine = cross_section(fig4.QUICK.loss(), fig4.QUICK.noise(), fig4.QUICK.step_size, points)
    found = count_minima(fine["loss"].values)
    assert found == pytest.approx(int(result["loss_minima"]), rel=0.01)
    assert count_minima(fine["convolved"].values) == result["convolved_minima"] == 9


def test_other_settings_give_claims_and_a_picture_too():
    small = dataclasses.replace(
        fig4.QUICK, replicas=2, agents=2, steps=3, dim=4, coupling=(0.0, 1.0, 2.0), half_width=3.0
    )
    result = fig4.simulate(small)
    assert fig4.claims(result)
    assert len(fig4.experiment.draw(result).axes) == 5


def test_minima_of_a_grid_are_counted():
    x = np.linspace(-2, 2, 41)
    assert count_minima((x**2 - 1) ** 2 + (x[:, None] ** 2 - 1) ** 2) == 4
    assert count_minima(x + x[:, None]) == 0


def test_the_minima_of_the_polynomial():
    loss = so.losses.CoupledWells(2, quartic=1.0, quadratic=-2.0, tilt=0.0)
    assert uncorrupted_minima(loss) == pytest.approx([-1.0, 1.0])


def test_a_loss_without_two_wells_is_refused():
    with pytest.raises(InvalidArgumentError, match="one minimum only"):
        fig4.simulate(dataclasses.replace(fig4.QUICK, replicas=2, steps=1, quadratic=0.1))
