"""No coupling."""

from dataclasses import dataclass

from nets.couplings.rule import Coupling


@dataclass(eq=False)
class Uncoupled(Coupling):
    """x^i ← x^i − (the optimizer's step): every agent trains alone, and nothing is ever sent.

    Examples
    --------
    >>> from nets.couplings import Uncoupled
    >>> any(Uncoupled().needs_mean(step) for step in range(100))
    False
    """

    name = "none"
