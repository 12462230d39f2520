"""Periodic averaging: agents alone for a while, then all at their mean."""

from dataclasses import dataclass

from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.arguments import whole_number


@dataclass(frozen=True)
class PeriodicAveraging(Algorithm):
    """Independent SGD with the agents set to their mean after every `period` steps.

    With noise that enters the weights, ``so.noise.Uniform(w, enters="weights")``, this is Algorithm 1
    of Adilova et al.: f^i ← φ(f^i + εψ^i), and after every `period` steps f^i ← mean of f.

    Parameters
    ----------
    period : int
        Steps between two averagings, at least 1.

    Notes
    -----
    Adilova, Paul & Schlicht (2018), Algorithm 1.

    Examples
    --------
    >>> import sdeopt as so
    >>> run = so.simulate(so.losses.Quadratic(1.0), so.PeriodicAveraging(10),
    ...                   noise=so.noise.Uniform(0.5, enters="weights"), agents=3, steps=100,
    ...                   step_size=0.1, start=so.start.Point(1.0))
    >>> float(run.agents.std("agent").item())
    0.0
    """

    period: int

    on = frozenset({"AVERAGING"})
    clocks = ("Iteration",)

    def __post_init__(self) -> None:
        period = whole_number(self.period, "period of PeriodicAveraging", minimum=1)
        object.__setattr__(self, "period", period)

    @property
    def averages_every(self) -> int:
        """Steps between two averagings."""
        return self.period
