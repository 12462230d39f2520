"""The least coupling with growth, found by simulation."""

import pytest

import sdeopt as so
from sims.communication.measuring import CURVATURE, Size, simulated_border


@pytest.mark.parametrize("steps", [3_000, 20_000])
def test_what_decays_until_nothing_is_left_is_stable(steps):
    """Agents differ by a factor 1 − ηh − ηk a step, which leaves the unit circle at ηk = 2 − ηh."""
    size = Size(agents=3, step_size=0.1, steps=steps, forget=0, replicas=1, seed=1)
    found = simulated_border(so.QSGD(1.0), size, halvings=12)
    assert found == pytest.approx(2.0 - 0.1 * CURVATURE, rel=1e-3)
