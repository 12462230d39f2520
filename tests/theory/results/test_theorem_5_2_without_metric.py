"""EASGD's bound without a metric is QSGD's, and below the paper's everywhere."""

from hypothesis import given, settings
from hypothesis import strategies as st

import theory

SIZES = st.floats(0.01, 100.0)


@settings(max_examples=60, deadline=None)
@given(p=st.integers(1, 10_000), k=SIZES, convexity=SIZES, bend=st.floats(0.0, 10.0), noise=SIZES)
def test_it_is_the_bound_of_qsgd(
    p: int, k: float, convexity: float, bend: float, noise: float
) -> None:
    at = {
        "agents": p,
        "coupling": k,
        "strong_convexity": convexity,
        "gradient_curvature": bend,
        "noise_bound": noise,
        "step_size": 0.1,
        "batch_size": 3,
        "dimension": 5,
    }
    new = theory.load("theorem_5_2_without_metric")
    paper = theory.load("theorem_5_2")
    assert new.bound(**at) == theory.load("theorem_5_1").bound(**at)
    assert new.evaluate("quorum", **at) == new.bound(**at)
    assert new.bound(**at) < paper.evaluate("mean", **at)
    # √p/λ_E > (p + 1)/(√p l) >= 2/l, and p/λ_E > (p + 1)/l >= 2/l; equal as p = 1 and k grows.
    assert new.evaluate("both", **at) < paper.evaluate("distance", **at)
