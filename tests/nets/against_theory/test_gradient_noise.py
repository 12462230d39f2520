"""tr Σ is estimated without bias, with an honest error, and minibatches have the noise it says."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from nets.against_theory.landscape import Landscape, subject_of
from nets.against_theory.sgd_noise import by_batch_size, estimated_trace, exact_trace
from tests.nets.against_theory.small_setting import SMALL

EXAMPLES, REPEATS = 8, 300


@pytest.fixture(scope="module")
def subject():
    return subject_of(SMALL)


@pytest.fixture(scope="module")
def start(subject):
    return subject.landscape().points(subject.ensemble(1).weights)[0]


@pytest.fixture(scope="module")
def estimates(subject, start):
    rng = np.random.default_rng(3)
    landscape = subject.landscape()
    found = [estimated_trace(landscape, start, EXAMPLES, rng) for _ in range(REPEATS)]
    return np.array([each.value for each in found]), np.array([each.error for each in found])


def off(values, expected):
    """Return the distance of an average from its expectation, in standard errors."""
    return abs(values.mean() - expected) / (values.std(ddof=1) / np.sqrt(len(values)))


def test_the_trace_of_two_examples():
    """f_j = (w ∓ 1)² at w = ½: gradients −1 and 3, so tr Σ = 4."""
    line = torch.nn.Linear(1, 1, bias=False)
    targets = torch.tensor([[1.0], [-1.0]])
    f = Landscape(line, torch.nn.functional.mse_loss, torch.ones(2, 1), targets)
    assert exact_trace(f, torch.tensor([0.5])) == 4.0


@pytest.mark.statistical
def test_the_estimate_has_no_bias(subject, start, estimates):
    """Null: the expectation is tr Σ over all examples. 4 standard errors; dividing by m is seen."""
    exact = exact_trace(subject.landscape(), start)
    values, _ = estimates
    assert off(values, exact) < 4
    assert off(values * (EXAMPLES - 1) / EXAMPLES, exact) > 4


@pytest.mark.statistical
def test_its_error_is_about_its_standard_deviation(estimates):
    """Of 8 examples the error is itself known to a third; averaged over 300 estimates, to 15%."""
    values, errors = estimates
    assert np.sqrt((errors**2).mean()) == pytest.approx(values.std(ddof=1), rel=0.15)


@pytest.mark.statistical
def test_batches_have_the_noise_of_theory(subject, start):
    """Null: b E‖ĝ − ∇f‖² = tr Σ, or (1 − b/N)N/(N − 1) of it without replacement; 4 errors each."""
    exact = exact_trace(subject.landscape(), start)
    found = by_batch_size(subject, start, (4, 150), 300, (1, 2))
    whole = SMALL.examples
    for b in (4, 150):
        drawn, dealt = (found[name].sel(batch=b).values * b for name in found.data_vars)
        share = (1 - b / whole) * whole / (whole - 1)
        assert off(drawn, exact) < 4
        assert off(dealt, share * exact) < 4
    assert off(dealt, exact) > 4  # at b = N/2 the wrong formula is seen
