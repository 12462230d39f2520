"""What an algorithm is: scalar rules, compiled into the kernel, and numbers that change in time.

A rule works on one coordinate of one agent. The most common is ``drift``, the right-hand side of the
coupled differential equation; both clocks can run it (the discrete iteration is its Euler step with
step size η). An algorithm that is an iteration of its own writes ``step`` instead. A rule takes, by
name, what it needs out of the numbers of a step (`sdeopt.kernels.rule_calls`) and the vectors that the
algorithm declares; to add an algorithm, write one file with its rules and a subclass.

A rule is a plain function or one that is compiled already, and may use any arithmetic. One that consists
of sums and products works on vectors of lanes, any other on one lane at a time.
"""

from abc import ABC
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sdeopt.arguments import finite_number, one_of
from sdeopt.configuration import Configured
from sdeopt.kernels.rule_calls import MEAN, POSITION, Declared, switches_of
from sdeopt.schedules import Constant, Schedule, ScheduleLike, as_schedule

Function = tuple[str, str]

STARTS = ("zero", "position")

PARAMETERS = "parameter units"


@dataclass(frozen=True)
class StateVector:
    """A vector that every agent, or every replica, has beside positions and their mean.

    Parameters
    ----------
    name : str
        Of the variable in results.
    meaning : str
        What it is, for the description of the variable.
    start : {"zero", "position"}
        Where it starts: at 0 or where the agent does, a replica's where the mean of its agents does.
    units : str
        Of its numbers, for the description of the variable.

    Examples
    --------
    >>> from sdeopt.algorithms import StateVector
    >>> StateVector("velocities", "velocities of the agents").start
    'zero'
    """

    name: str
    meaning: str
    start: str = "zero"
    units: str = PARAMETERS

    def __post_init__(self) -> None:
        one_of(self.start, "start of a StateVector called", STARTS)


@dataclass(frozen=True)
class Algorithm(Configured, ABC):
    """A coupled stochastic gradient method.

    Attributes
    ----------
    on : frozenset of str
        Switches of the driver (`sdeopt.kernels.bindings`) that do not follow from its rules.
    rules : mapping of str to (str, str)
        For each rule it brings: the module and name of the function. Agents without a rule of their own
        go down the gradient.
    agent_vectors : mapping of str to StateVector
        The vectors that every agent has, by the names that the rules have for them. Rules return the
        position and these, in this order.
    replica_vectors : mapping of str to StateVector
        The same for every replica, whose rules return these.
    signal : str
        What agents are pulled towards: ``"mean"``, or one of ``replica_vectors``.
    noisy : str
        What noise moves beside a ``drift``: ``"x"``, or one of ``agent_vectors``.
    clocks : tuple of str
        Names of the clocks it can run on.
    epoch, averages_every : int
        Steps between two choices of a champion, and between two averagings.
    """

    on: ClassVar[frozenset[str]] = frozenset()
    rules: ClassVar[dict[str, Function]] = {}
    agent_vectors: ClassVar[Mapping[str, StateVector]] = {}
    replica_vectors: ClassVar[Mapping[str, StateVector]] = {}
    signal: ClassVar[str] = MEAN
    noisy: ClassVar[str] = POSITION
    clocks: ClassVar[tuple[str, ...]] = ("Iteration", "SDE")

    def functions(self) -> dict[str, Function]:
        """Return the compiled rules by the driver's names for them."""
        return dict(self.rules)

    def switches(self) -> set[str]:
        """Return the driver's switches that the algorithm turns on."""
        return {*self.on, *switches_of(self.functions())}

    def declared(self) -> Declared:
        """Return the names of its vectors, in order."""
        return Declared(
            tuple(self.agent_vectors), tuple(self.replica_vectors), self.signal, self.noisy
        )

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
        bound holds for them. On the iteration clock a step pulls by the fraction ηk.
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
