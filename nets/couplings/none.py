"""No coupling: agents that ignore each other."""

from dataclasses import dataclass

from nets.couplings.rule import Coupling


@dataclass(eq=False)
class Uncoupled(Coupling):
    """Every agent trains alone; nothing is ever sent.

    Examples
    --------
    >>> from nets.couplings import Uncoupled
    >>> any(Uncoupled().needs_mean(step) for step in range(100))
    False
    """
