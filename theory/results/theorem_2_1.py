"""Theorem 2.1: stochastic contraction (Boffi & Slotine 2020, eq. (13); Pham, Tabareau & Slotine 2009).

dx = F dt + σ dW with F contracting at the rate λ in the metric M = ΘᵀΘ, M >= m I and tr(σᵀMσ) <= C. Two
trajectories with independent noise, from any law π of their starts:

    E‖a − c‖² <= (1/m) ( C/λ + e^{−2λt} E_π[ ‖Θ (ξ₁ − ξ₂)‖² − C/λ ]⁺ ).
"""

from theory.core.cited import BOFFI_SLOTINE
from theory.core.stochastic_contraction import (
    ASSUMPTIONS,
    covariance,
    drift,
    limit,
    prove,
    transient,
)
from theory.proofs.result import Planted, Result, Statement

RESULT = Result(
    name="theorem_2_1",
    number="Theorem 2.1",
    source=BOFFI_SLOTINE,
    title="stochastic contraction of two noisy trajectories",
    statements={
        "limit": Statement("after transients, their expected squared distance", limit(2)),
        "transient": Statement("at time t, their expected squared distance", transient(2)),
    },
    assumptions=ASSUMPTIONS,
    setting={"drift": drift, "covariance": covariance, "noisy": 2},
    prove=prove,
    planted=(
        Planted("the constant of a noise-free partner", statements={"limit": limit(1)}),
        Planted("noise of one trajectory alone is counted", setting={"noisy": 1}),
        Planted("the flow expands", setting={"drift": lambda i, a: -drift(i, a)}),
        Planted("the metric may vanish", without=("metric bounded below",)),
    ),
)
