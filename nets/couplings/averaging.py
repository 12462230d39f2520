"""Periodic averaging: agents alone for a while, then all at their mean."""

from dataclasses import dataclass

from nets.couplings.rule import Coupling
from sdeopt.arguments import whole_number


@dataclass(eq=False)
class PeriodicAveraging(Coupling):
    """The weights are set to their mean after every `period` steps of the optimizer.

    With weights that are disturbed before each step it is Algorithm 1 of Adilova et al., and
    `sdeopt.PeriodicAveraging`. What the optimizer keeps of an agent (its momentum) stays the agent's
    own, and so do running statistics of batch normalization.

    Parameters
    ----------
    period : int
        Steps between two averagings, at least 1; the first is after step number period − 1.

    Notes
    -----
    Adilova, Paul & Schlicht (2018), Algorithm 1.

    Examples
    --------
    >>> from nets.couplings import PeriodicAveraging
    >>> [step for step in range(10) if PeriodicAveraging(4).averages(step)]
    [3, 7]
    """

    name = "averaging"
    period: int

    def __post_init__(self) -> None:
        self.period = whole_number(self.period, "period of PeriodicAveraging", minimum=1)

    def averages(self, step: int) -> bool:
        """Return whether the period divides the number of steps made by then."""
        return (step + 1) % self.period == 0
