"""The claims of Figure 4 hold on the real thing, and fail when the thing is wrong."""

import dataclasses

import numpy as np
import pytest

import sdeopt as so
from sdeopt import results
from sdeopt.errors import InvalidArgumentError
from sims.coupled import fig4
from sims.coupled.fig4 import count_minima
from sims.coupled.model import RECONSTRUCTED, cross_section
from tests.experiments.quick_results import quick_result

SMALL = dataclasses.replace(fig4.QUICK, replicas=16)
"""All claims but one have margins of many standard errors even so."""


@pytest.fixture(scope="module")
def result():
    return quick_result(fig4.experiment, SMALL)


def failed(dataset):
    return [claim.claim for claim in fig4.claims(dataset) if not claim.holds]


def lifted(result, coupling, height):
    """Return the result with the loss of the mean at one coupling moved up."""
    changed = result.copy(deep=True)
    changed["loss_of_mean"].loc[{"coupling": coupling}] += height
    return changed


@pytest.mark.statistical
def test_all_claims_hold(result):
    """No test of a null among them but one-sided ones at three standard errors, of steps of the
    coupling; all others have margins of many."""
    assert failed(result) == []
    words = " ".join(claim.claim for claim in fig4.claims(result))
    for part in ("best coupling, k = 4, is inside", "the U is not strict", "k = 0 fails"):
        assert part in words


def test_claims_are_the_same_from_the_file(result, tmp_path):
    results.save(result, tmp_path / "result.nc")
    assert fig4.claims(results.load(tmp_path / "result.nc")) == fig4.claims(result)


def test_paper_scale_is_as_large_as_asked():
    paper = fig4.PAPER
    assert (paper.dim, paper.agents, paper.steps) == (30, 50, 5000)
    assert paper.replicas >= 200
    assert len(paper.all_couplings()) == 12
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
        fig4.QUICK, replicas=2, agents=3, steps=4, interval=1, couplings=(2.0,)
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


class TestPlantedBugs:
    """Each is a way to get the figure wrong; the claims must notice."""

    def test_no_coupling_at_all(self, result):
        alike = result["loss_of_mean"].sel(coupling=0.0).broadcast_like(result["loss_of_mean"])
        bad = failed(result.assign(loss_of_mean=alike))
        assert any("is inside" in claim for claim in bad)
        assert any("minimizes" in claim for claim in bad)

    def test_the_best_coupling_at_the_end(self, result):
        cut = result.sel(coupling=slice(0.0, 4.0))
        assert any("is inside" in claim for claim in failed(cut))

    @pytest.mark.parametrize(
        ("coupling", "height", "words"),
        [(2.0, 4.0, "raises"), (0.5, 3.0, "raises"), (8.0, 3.0, "lowers"), (14.0, -1.0, "lowers")],
    )
    def test_a_bump_in_the_curve(self, result, coupling, height, words):
        bad = failed(lifted(result, coupling, height))
        assert any(f"{words} the loss" in claim for claim in bad)

    def test_a_large_rise_at_the_smallest_coupling(self, result):
        bad = failed(lifted(result, 0.25, 1.0))
        assert len(bad) == 1
        assert "the U is not strict" in bad[0]

    def test_a_loss_that_no_coupling_solves(self, result):
        bad = failed(result.assign(lowest=result["lowest"] - 20.0))
        assert any("k = 4 minimizes" in claim for claim in bad)

    def test_a_mean_at_the_minimum_without_coupling(self, result):
        bad = failed(lifted(result, 0.0, -8.0))
        assert any("k = 0 fails" in claim for claim in bad) is False
        end = result.copy(deep=True)
        end["loss_of_mean"].loc[{"coupling": 0.0, "step": 5000}] -= 6.0
        assert any("k = 0 fails" in claim for claim in failed(end))

    def test_almost_no_noise(self, result):
        quiet = dataclasses.replace(fig4.QUICK, replicas=8, steps=400, half_width=0.5)
        bad = failed(fig4.simulate(quiet))
        assert any("much simpler" in claim for claim in bad)
        assert any("minimizes" in claim for claim in bad)

    def test_a_convolution_with_the_wrong_power_of_sinc(self, monkeypatch):
        """A term in x_i + x_j is smoothed twice; once is the formula of one dimension."""
        small = dataclasses.replace(fig4.QUICK, replicas=2, steps=2)
        convolved = so.losses.CoupledWells.convolved

        def once(self, noise, scale=1.0):
            smooth = convolved(self, noise, scale)
            smooth.amplitudes = np.sign(self.amplitudes) * np.sqrt(
                np.abs(self.amplitudes * smooth.amplitudes)
            )
            return smooth

        monkeypatch.setattr(so.losses.CoupledWells, "convolved", once)
        assert any("closed form" in claim for claim in failed(fig4.simulate(small)))


def test_other_settings_give_claims_and_a_picture_too():
    small = dataclasses.replace(
        fig4.QUICK, replicas=2, agents=2, steps=3, dim=4, couplings=(1.0, 2.0), half_width=3.0
    )
    result = fig4.simulate(small)
    assert fig4.claims(result)
    assert len(fig4.experiment.draw(result).axes) == 5


@pytest.mark.parametrize("couplings", [(), (2.0, 1.0), (-1.0, 1.0)])
def test_couplings_out_of_order_are_refused(couplings):
    with pytest.raises(InvalidArgumentError, match="positive and rising"):
        dataclasses.replace(fig4.QUICK, couplings=couplings)


def test_a_coupling_given_twice_is_refused():
    with pytest.raises(InvalidArgumentError, match="coupling 2 is given twice"):
        dataclasses.replace(fig4.QUICK, couplings=(2.0, 2.0))


def test_a_loss_without_two_wells_is_refused():
    with pytest.raises(InvalidArgumentError, match="one minimum only"):
        fig4.simulate(dataclasses.replace(fig4.QUICK, replicas=2, steps=1, quadratic=0.1))
