"""What an algorithm is: scalar rules, compiled into the kernel, and numbers that change in time.

A rule works on one coordinate of one agent. The most common is ``drift``, the right-hand side of the
coupled differential equation; both clocks can run it (the discrete iteration is its Euler step with
step η). An algorithm that is an iteration of its own writes ``step`` instead. The signatures are in
`sdeopt.kernels.defaults`; to add an algorithm, write one file with its rules and a subclass.
"""

from abc import ABC
from dataclasses import dataclass
from typing import ClassVar

from sdeopt.configuration import Configured
from sdeopt.schedules import Constant, Schedule, ScheduleLike, as_schedule

Function = tuple[str, str]


@dataclass(frozen=True)
class Algorithm(Configured, ABC):
    """A coupled stochastic gradient method.

    Attributes
    ----------
    on : frozenset of str
        Switches of the driver (`sdeopt.kernels.bindings`) that the algorithm needs.
    rules : mapping of str to (str, str)
        For each rule it brings: the module and name of the compiled function.
    clocks : tuple of str
        Names of the clocks it can run on.
    epoch, period : int
        Steps between two choices of a champion, and between two averagings.
    """

    on: ClassVar[frozenset[str]] = frozenset()
    rules: ClassVar[dict[str, Function]] = {}
    clocks: ClassVar[tuple[str, ...]] = ("Iteration", "SDE")

    def functions(self) -> dict[str, Function]:
        """Return the compiled rules by the driver's names for them."""
        return dict(self.rules)

    def switches(self) -> set[str]:
        """Return the driver's switches that the algorithm turns on."""
        return set(self.on)

    def check(self, dim: int) -> None:
        """Refuse an algorithm whose functions do not fit the dimension of the loss."""

    def gains(self, agents: int) -> list[Schedule]:
        """Return the coupling and up to three more scheduled numbers for the rules.

        Parameters
        ----------
        agents : int
            p.

        Returns
        -------
        list of Schedule
            The first is the coupling; the others reach a rule as ``gains``.
        """
        return [Constant(0.0)]

    @property
    def epoch(self) -> int:
        """Steps between two choices of a champion."""
        return 1

    @property
    def period(self) -> int:
        """Steps between two averagings."""
        return 1


@dataclass(frozen=True)
class Coupled(Algorithm):
    """An algorithm whose agents are pulled towards a signal with gain k.

    Parameters
    ----------
    coupling : float or Schedule
        k, in 1/time; on the discrete clock a step pulls by the fraction ηk.
    """

    coupling: ScheduleLike

    def __post_init__(self) -> None:
        object.__setattr__(self, "coupling", as_schedule(self.coupling, "coupling"))

    def gains(self, agents: int) -> list[Schedule]:
        """Return the coupling."""
        return [as_schedule(self.coupling, "coupling")]
