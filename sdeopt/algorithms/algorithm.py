"""What an algorithm is: scalar rules, compiled into the kernel, and numbers that change in time.

A rule works on one coordinate of one agent. The most common is ``drift``, the right-hand side of the
coupled differential equation; both clocks can run it (the discrete iteration is its Euler step with
step size η). An algorithm that is an iteration of its own writes ``step`` instead. The signatures are
in `sdeopt.kernels.bindings`; to add an algorithm, write one file with its rules and a subclass.

A rule is a plain function or one that is compiled already, and may use any arithmetic. One that consists
of sums and products works on vectors of lanes, any other on one lane at a time.
"""

from abc import ABC
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sdeopt.arguments import finite_number
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
    starts : mapping of str to str
        Where v and u of every agent start: at ``"zero"`` or where the agent does, ``"agent"``.
    clocks : tuple of str
        Names of the clocks it can run on.
    epoch, averages_every : int
        Steps between two choices of a champion, and between two averagings.
    """

    on: ClassVar[frozenset[str]] = frozenset()
    rules: ClassVar[dict[str, Function]] = {}
    starts: ClassVar[dict[str, str]] = {"v": "zero", "u": "agent"}
    clocks: ClassVar[tuple[str, ...]] = ("Iteration", "SDE")

    def functions(self) -> dict[str, Function]:
        """Return the compiled rules by the driver's names for them."""
        return dict(self.rules)

    def switches(self) -> set[str]:
        """Return the driver's switches that the algorithm turns on."""
        return set(self.on)

    def check(self, dim: int) -> None:
        """Refuse an algorithm whose functions do not fit the dimension of the loss."""

    def check_agents(self, agents: int) -> None:
        """Refuse a number of agents that the algorithm cannot have.

        Parameters
        ----------
        agents : int
            p.
        """

    def communicates(self, steps: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return at which steps there is coupling at all.

        Parameters
        ----------
        steps : array of int
            Numbers of steps, from 0.

        Returns
        -------
        numpy.ndarray
            bool, of the same shape.
        """
        return np.ones(steps.shape, bool)

    def schedules(self, agents: int) -> dict[str, Schedule]:
        """Return the numbers in the rules that may change in time, by name.

        Parameters
        ----------
        agents : int
            p.

        Returns
        -------
        dict of str to Schedule
            ``"coupling"`` where there is one, which a rule receives under this name; and at most
            three others, which it receives in this order as ``scheduled``.
        """
        return {}

    @property
    def epoch(self) -> int:
        """Steps between two choices of a champion."""
        return 1

    @property
    def averages_every(self) -> int:
        """Steps between two averagings."""
        return 1


@dataclass(frozen=True)
class Coupled(Algorithm):
    """An algorithm whose agents are pulled towards a signal with the coupling k.

    Parameters
    ----------
    coupling : float or Schedule
        k, in 1/time, at least 0 at all times: agents that repel each other are no method, and no
        bound holds for them. On the discrete clock a step pulls by the fraction ηk.
    """

    coupling: ScheduleLike

    def __post_init__(self) -> None:
        given = as_schedule(self.coupling, "coupling")
        if isinstance(given, Constant):
            finite_number(given.value, "coupling", 0.0)
        object.__setattr__(self, "coupling", given)

    def schedules(self, agents: int) -> dict[str, Schedule]:
        """Return the coupling."""
        return {"coupling": as_schedule(self.coupling, "coupling")}
