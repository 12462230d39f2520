"""The couplings that the iteration of EASGD allows on a quadratic."""

from sims.check.stability import stability_of

THEOREM = stability_of("EASGD", result="easgd_stability")
