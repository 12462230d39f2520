"""Corollary 2.1: a noisy trajectory against a noise-free one (Boffi & Slotine 2020).

As Theorem 2.1 without the noise of one trajectory: C/λ becomes C/(2λ).
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.moments import Diffusion
from theory.core.planting import noise_errors
from theory.proofs.result import Planted, Result, Statement
from theory.results.theorem_2_1 import ASSUMPTIONS, covariance, drift, limit, prove, transient, x


def first_alone(i: Any, a: Any, c: Any) -> Any:
    """Return σσᵀ at the first trajectory, 0 at the second."""
    return sympy.KroneckerDelta(i, 1) * covariance(i, a, c)


RESULT = Result(
    name="corollary_2_1",
    number="Corollary 2.1",
    source=BOFFI_SLOTINE,
    title="stochastic contraction towards a noise-free trajectory",
    statements={
        "limit": Statement(
            "after transients, the expected squared distance of the trajectories", limit(1)
        ),
        "transient": Statement(
            "at time t, the expected squared distance of the trajectories", transient(1)
        ),
    },
    assumptions=ASSUMPTIONS,
    setting={"drift": drift, "covariance": first_alone, "noisy": 1},
    system=Diffusion(x, drift, first_alone, sympy.Integer(2)),
    prove=prove,
    planted=(
        *noise_errors("covariance", first_alone),
        Planted("the constant of two noisy trajectories", statements={"limit": limit(2)}),
        Planted("the second trajectory is noisy too", setting={"covariance": covariance}),
        Planted("the flow expands", setting={"drift": lambda i, a: -drift(i, a)}),
    ),
)
