"""The best constant metric for momentum: against the family of Lemma 5.3 and between the regimes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import theory
from theory.proofs.relation import AssumptionError

quick = settings(deadline=None, max_examples=25)
FAMILY, LIGHT, HEAVY = (
    theory.load(name)
    for name in ("lemma_5_3", "lemma_5_3_light_damping", "lemma_5_3_heavy_damping")
)
least = st.floats(0.1, 5.0)
ratios = st.floats(1.1, 20.0)


def best(flat: float, steep: float, mu: float) -> float:
    result = LIGHT if mu**2 <= steep + 3 * flat else HEAVY
    value = result.evaluate("attained", damping=mu, smoothness=steep, strong_convexity=flat)
    return float(value)


def rates(flat: float, steep: float, mu: float) -> tuple[np.ndarray, float]:
    """Return the rates of Lemma 5.3 over all β that it allows, and the greatest."""
    inner = np.linspace(0.0, min(mu**2 / 4, (flat + steep) / 2), 4001)[1:-1]
    shift = mu / 2 - np.sqrt(mu**2 / 4 - inner)
    found = FAMILY.bound(damping=mu, metric_shift=shift, smoothness=steep, strong_convexity=flat)
    return found, float(found.max())


@quick
@given(least, ratios, st.floats(0.2, 3.0))
def test_no_metric_of_the_family_is_faster_and_one_is_as_fast(
    flat: float, ratio: float, share: float
) -> None:
    steep, mu = flat * ratio, share * np.sqrt(flat * (ratio + 3.0))
    _, greatest = rates(flat, steep, mu)
    assert greatest <= best(flat, steep, mu) + 1e-9
    assert greatest == pytest.approx(best(flat, steep, mu), abs=2e-2 * mu)


@quick
@given(least, ratios)
def test_the_regimes_meet(flat: float, ratio: float) -> None:
    mu = np.sqrt(flat * ratio + 3 * flat)
    below, above = (best(flat, flat * ratio, mu * (1 + shift)) for shift in (-1e-9, 1e-9))
    assert below == pytest.approx(above, rel=1e-3, abs=1e-6)


@quick
@given(least, ratios, st.floats(0.5, 0.99))
def test_below_the_critical_damping_no_metric_contracts(
    flat: float, ratio: float, share: float
) -> None:
    critical = np.sqrt(flat * ratio) - np.sqrt(flat)
    if critical**2 * 1.03 < flat * ratio + 3 * flat:
        assert best(flat, flat * ratio, share * critical) < 0.0
        assert best(flat, flat * ratio, 1.01 * critical) > 0.0


@quick
@given(least, ratios, st.floats(0.1, 0.99))
def test_the_best_rate_solves_its_equation(flat: float, ratio: float, share: float) -> None:
    steep, mu = flat * ratio, share * np.sqrt(flat * (ratio + 3.0))
    fast = best(flat, steep, mu)
    shift = fast * (mu - fast)
    assert mu - 2 * fast == pytest.approx(np.sqrt(steep - shift) - np.sqrt(flat - shift), rel=1e-5)


def test_steep_and_flat_must_fit() -> None:
    with pytest.raises(AssumptionError, match="order"):
        FAMILY.bound(damping=1.0, metric_shift=0.5, smoothness=1.0, strong_convexity=2.0)
