import numpy as np
import pytest
from scipy import stats

from sdeopt.errors import InvalidArgumentError
from sdeopt.plot import style as plotting
from sdeopt.plot.densities import Landscape, kernel_density

X = np.linspace(-3, 3, 601)


def wells():
    smooth = (X**2 - 1) ** 2
    return Landscape(X, smooth - 0.3 * np.cos(20 * X), smooth)


def test_density_is_that_of_scipy():
    sample = np.random.default_rng(0).normal(size=500)
    mine = kernel_density(sample, X, bandwidth=0.3)
    theirs = stats.gaussian_kde(sample, bw_method=0.3 / sample.std(ddof=1))(X)
    # Binning moves a sample by up to 0.00125, 0.00072 in root mean square; the slope of the kernel
    # is at most 2.7, so the average over 500 has a standard error of 9e-5 at most.
    np.testing.assert_allclose(mine, theirs, atol=5 * 9e-5)


def test_default_bandwidth_finds_the_normal_density():
    sample = np.random.default_rng(1).normal(size=200_000)
    np.testing.assert_allclose(kernel_density(sample, X), stats.norm.pdf(X), atol=0.01)


def test_mass_outside_is_lost_not_folded():
    assert kernel_density(np.full(10, 50.0), X, bandwidth=0.1).max() == 0
    inside = kernel_density(np.array([0.0, 50.0]), X, bandwidth=0.1)
    assert np.isclose(inside.sum() * (X[1] - X[0]), 0.5)


def test_all_samples_in_one_place_have_a_density():
    assert np.isfinite(kernel_density(np.zeros(5), X)).all()


def test_uneven_positions_are_refused():
    with pytest.raises(InvalidArgumentError, match="even steps"):
        kernel_density([0.0], [0.0, 1.0, 3.0])


def test_losses_are_scaled_together_and_fill_the_panel():
    landscape = wells()
    rough, smooth = (landscape.normalized(f) for f in (landscape.loss, landscape.convolved))
    assert np.isclose(rough.min(), 0.03)
    inside = landscape.convolved <= 1.0
    assert np.isclose(max(rough[inside].max(), smooth[inside].max()), 0.92)
    ratio = (rough - smooth) / (landscape.loss - landscape.convolved)
    assert np.allclose(ratio, ratio[0])


def test_a_single_well_has_no_ridge_and_is_drawn():
    bowl = Landscape(X, X**2, X**2)
    assert np.isclose(bowl.normalized(bowl.loss).max(), 0.92)


def test_drawing_names_everything():
    _, panels = plotting.grid_of_panels(1, 1)
    generator = np.random.default_rng(0)
    wells().draw(panels[0, 0], *generator.normal(size=(3, 50)))
    labels = panels[0, 0].get_legend_handles_labels()[1]
    assert [label.split(" $")[0] for label in labels] == [
        "agents",
        "true loss",
        "loss convolved with noise",
        "mean",
        "mean",
    ]
    assert "peaks" in panels[0, 0].get_title("right")
