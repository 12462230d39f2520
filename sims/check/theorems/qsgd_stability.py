"""The couplings that the iteration of QSGD allows on a quadratic."""

from sims.check.stability import stability_of

THEOREM = stability_of("QSGD", result="qsgd_stability")
