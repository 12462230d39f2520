"""The couplings that the iteration of QSGD allows on a quadratic."""

from sims.check.border import BAND
from sims.check.stability import largest_step, on_quadratics, tried
from sims.check.theorem import EQUAL, Theorem

__all__ = ["THEOREM"]

THEOREM = Theorem(
    result="qsgd_stability",
    quantity="largest stable ηk",
    relation=EQUAL,
    algorithms=("QSGD",),
    constants=("smoothness",),
    why_not=on_quadratics,
    own=largest_step,
    measured=tried,
    of_iteration=True,
    tolerance=BAND,
)
