"""What only Figure 1 has; the rest is in `tests.experiments`."""

import dataclasses

import numpy as np
import pytest

import sdeopt as so
from sdeopt.experiments.overrides import overridden
from sims.rugged import fig1
from sims.rugged.model import RECONSTRUCTED
from tests.experiments.quick_results import quick_result


@pytest.fixture(scope="module")
def result():
    return quick_result(fig1.experiment)


def test_every_panel_has_its_claims(result):
    words = " ".join(claim.claim for claim in fig1.claims(result))
    for k in (0, 3, 8, 9, 20, 26):
        assert f"k = {k}: " in words


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
    panels = 7 * size.agents * size.steps
    # 20 units of time in steps of 0.04 / 16, with p agents and with one; two walks, longer by 512
    fine = (size.agents + 1) * 8000
    walks = 2 * size.agents * (size.steps + 512)
    assert result.attrs["agent_steps"] == size.replicas * (panels + fine + walks)


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


@pytest.mark.parametrize(
    "settings", [{"coupling": (0.0, 3.0, 20.0)}, {"half_width": 1.0}, {"half_width": 12.0}]
)
def test_other_settings_give_claims_too(settings):
    small = dataclasses.replace(fig1.QUICK, replicas=3, agents=4, steps=20, **settings)
    result = fig1.simulate(small)
    assert fig1.claims(result)
    assert len(fig1.experiment.draw(result).axes) == result.sizes["coupling"]


def test_couplings_are_set_by_one_name():
    """Every one of them is a panel, and the range of the middle says which part it plays."""
    chosen = overridden(fig1.QUICK, ["coupling=0,7,20"])
    assert chosen.roles() == {0.0: "none", 7.0: "middle", 20.0: "large"}
    wider = overridden(chosen, ["middle=[8, 30]"])
    assert wider.roles() == {0.0: "none", 7.0: "small", 20.0: "middle"}
