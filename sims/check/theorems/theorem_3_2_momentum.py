"""Theorem 3.2 with momentum: the distortion that the mean feels."""

from sims.check.momentum import only_positions_coupled
from sims.check.theorem import Theorem

THEOREM = Theorem(
    result="theorem_3_2_momentum",
    quantity="E‖ε‖",
    algorithms=("ContinuousMomentum",),
    why_not=only_positions_coupled,
    measured=lambda laboratory, _: laboratory.stationary.quantity("distortion"),
    exact=lambda case, _: None if case.hessian is None else 0.0,
)
