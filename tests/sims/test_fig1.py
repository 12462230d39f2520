"""The claims of Figure 1 hold on the real thing, and fail when the thing is wrong."""

import dataclasses

import numpy as np
import pytest

import sdeopt as so
from sdeopt import results
from sdeopt.errors import InvalidArgumentError
from sims.rugged import fig1
from sims.rugged.model import RECONSTRUCTED, final_states
from tests.experiments.quick_results import quick_result


@pytest.fixture(scope="module")
def result():
    return quick_result(fig1.experiment)


def failed(dataset):
    return [claim.claim for claim in fig1.claims(dataset) if not claim.holds]


def with_panel(result, coupling, **variables):
    """Return the result with the data of one panel replaced."""
    changed = result.copy(deep=True)
    for name, values in variables.items():
        changed[name].loc[{"coupling": coupling}] = values
    return changed


@pytest.mark.statistical
def test_all_claims_hold(result):
    """Two of them are tests of a true null at level 0.001; the others have margins of many
    standard errors, so that they hold for every seed tried (1 to 15)."""
    assert failed(result) == []
    words = " ".join(claim.claim for claim in fig1.claims(result))
    for k in ("k = 0", "k = 3", "k = 8", "k = 9", "k = 20", "k = 26"):
        assert k in words


def test_claims_are_the_same_from_the_file(result, tmp_path):
    results.save(result, tmp_path / "result.nc")
    assert fig1.claims(results.load(tmp_path / "result.nc")) == fig1.claims(result)


def test_paper_scale_is_as_large_as_asked():
    paper = fig1.PAPER
    assert (paper.replicas, paper.agents, paper.steps) >= (1000, 100, 10_000)
    assert len(paper.roles()) == 6
    assert dataclasses.replace(paper, replicas=200, steps=5000) == fig1.QUICK


def test_every_panel_starts_alike_and_work_is_counted(result):
    start = result["start"]
    assert (start == start.isel(coupling=0)).all()
    # the mean of 150 uniform draws on [-3, 3]
    assert abs(start.isel(coupling=0).std() - 3 / np.sqrt(3 * 150)) < 0.02
    size = fig1.QUICK
    assert result.attrs["agent_steps"] == 7 * size.replicas * size.agents * size.steps


def test_convolved_loss_is_the_symbolic_one(result):
    sympy = pytest.importorskip("sympy")
    x, z = sympy.symbols("x z", real=True)
    f = (x**4 - 4 * x**2 - 0.6 * x - 3 * sympy.cos(4.4 * x) - 4 * sympy.cos(22 * x)) / 10
    reach = sympy.Rational(28, 100)
    smooth = sympy.integrate(sympy.expand(f.subs(x, x - z)), (z, -reach, reach)) / (2 * reach)
    expected = sympy.lambdify(x, smooth)(result["position"].values)
    np.testing.assert_allclose(result["convolved"], expected, atol=1e-12)


def test_what_is_said_of_the_reconstruction(result):
    minima = [result[f].idxmin("position").item() for f in ("loss", "convolved")]
    assert abs(minima[0] - minima[1]) < 0.006  # a grid step more than the 0.003 of the text
    assert so.losses.RuggedWell().constants.negative_curvature == pytest.approx(200, rel=0.01)
    assert "0.003" in "".join(RECONSTRUCTED)
    assert "about 200" in "".join(RECONSTRUCTED)


class TestPlantedBugs:
    """Each is a way to get the simulation wrong; the claims must notice."""

    def test_coupling_with_the_wrong_sign(self):
        wrong = dataclasses.replace(fig1.QUICK, small_couplings=(-0.5,), middle_couplings=(-1.0,))
        bad = failed(fig1.simulate(dataclasses.replace(wrong, replicas=50)))
        assert any("k = -1: the mean is reliably at that minimum" in claim for claim in bad)
        assert any("k = -0.5: the agents gather" in claim for claim in bad)

    def test_a_mean_that_is_one_of_the_agents(self, result):
        wrong = result.copy(deep=True)
        wrong["mean"] = result["agents"].isel(agent=0, drop=True)
        bad = failed(wrong)
        assert "k = 0: the mean is sharp" in bad
        assert any("means are equal in law" in claim for claim in bad)
        assert "k = 8: the mean is sharp" in bad

    def test_no_coupling_at_all(self, result):
        uncoupled = result.sel(coupling=0.0)
        wrong = result.copy(deep=True)
        for name in ("agents", "mean"):
            wrong[name] = uncoupled[name].broadcast_like(result[name])
        bad = failed(wrong)
        for words in ("k = 3: the agents gather", "k = 3: the law of the mean is still wide"):
            assert any(words in claim for claim in bad)
        assert sum("k = 8" in claim or "k = 9" in claim for claim in bad) >= 6

    def test_noise_without_smoothing(self, result):
        """Agents that sit in the sharp minima of the true loss, as without noise."""
        ripple = 2 * np.pi / 22
        trapped = np.round(result.sel(coupling=8.0)["agents"] / ripple) * ripple
        assert "k = 8: they fill it, rather than the sharp minima of the true loss" in failed(
            with_panel(result, 8.0, agents=trapped)
        )

    def test_a_little_coupling_in_the_uncoupled_panel(self, result):
        """The two-sample test sees a coupling that the eye does not; at 0.05 it would not."""
        nearly = final_states(fig1.QUICK, so.QSGD(0.2), seed=1)
        bad = failed(with_panel(result, 0.0, agents=nearly["agents"]))
        assert any("agents are equal in law" in claim for claim in bad)

    def test_noise_of_the_wrong_width(self, result):
        """6 is just seen (p = 1e-4), 6.5 is not."""
        wrong = dataclasses.replace(fig1.QUICK, half_width=5.0)
        alone = final_states(wrong, so.SGD(), seed=2)
        bad = failed(result.assign(sgd_agents=alone["agents"]))
        assert any("agents are equal in law" in claim for claim in bad)

    def test_large_coupling_that_moves_away_from_its_start(self, result):
        best = result.sel(coupling=8.0)
        wrong = with_panel(result, 20.0, agents=best["agents"], mean=best["mean"])
        assert sum(claim.startswith("k = 20") for claim in failed(wrong)) == 2

    def test_a_gap_and_a_crowd(self, result):
        agents = result.sel(coupling=0.0)["agents"]
        halves = agents.where(abs(agents) > 0.6, np.sign(agents) * 1.4)
        bad = failed(with_panel(result, 0.0, agents=halves))
        assert any("without a gap" in claim for claim in bad)
        assert sum("slightly more agents" in claim for claim in bad) == 2

    def test_a_convolution_at_the_wrong_scale(self, result):
        wrong = result.assign(convolution_error=1e-3)
        assert failed(wrong) == ["the closed form of the convolved loss equals its quadrature"]


@pytest.mark.parametrize(
    "settings", [{"middle_couplings": ()}, {"half_width": 1.0}, {"half_width": 12.0}]
)
def test_other_settings_give_claims_too(settings):
    small = dataclasses.replace(fig1.QUICK, replicas=3, agents=4, steps=20, **settings)
    result = fig1.simulate(small)
    assert fig1.claims(result)
    assert len(fig1.experiment.draw(result).axes) == result.sizes["coupling"]


def test_one_replica_is_refused():
    with pytest.raises(InvalidArgumentError, match="give at least 2"):
        dataclasses.replace(fig1.QUICK, replicas=1)


@pytest.mark.parametrize("couplings", [(0.0,), (20.0,), (8.0, 8.0)])
def test_a_coupling_given_twice_is_refused(couplings):
    with pytest.raises(InvalidArgumentError, match=f"coupling {couplings[0]:g} is given twice"):
        dataclasses.replace(fig1.QUICK, middle_couplings=couplings)
