"""Who receives from whom, and when: what algorithms with a graph, delays and pauses have in common."""

from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.algorithms.algorithm import Coupled
from sdeopt.arguments import finite_number, flag, real_array, whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.graphs import AgentGraph, Complete

Delay: TypeAlias = int | tuple[int, ...]


@dataclass(frozen=True)
class Communicating(Coupled):
    """An algorithm in which agents can receive from some of the others only, late, and now and then.

    At step t agent i is pulled by ηk b^i_t (s^i − x^i), where b^i_t is 1 if it communicates and else 0,
    and s^i is the signal as it was τ_i steps ago; before the first step it was what it is there. In
    `EASGD` the centre, too, is moved by the agents that communicate only, by what they are now:
    x~ ← x~ + ηk Σ_i b^i_t (x^i − x~). By default every agent receives the mean of all, or the centre, at
    once and at every step.

    Parameters
    ----------
    coupling : float or Schedule
        k, in 1/time.
    graph : AgentGraph, optional
        From `sdeopt.graphs`: who is pulled towards whom. The complete graph by default.
    delay : int or array_like of shape (agents,)
        τ, in steps.
    participation : float
        The probability that an agent communicates, drawn anew at every step and for every agent.
    period : int
        Instead: agents communicate at every so many steps, for the first time at the end of the first
        period.
    staggered : bool
        With a period: agent i communicates at steps s for which s + 1 − i is a multiple of it. With
        ``period=agents`` one agent at a time does.
    """

    graph: AgentGraph | None = field(default=None, kw_only=True)
    delay: Delay | ArrayLike = field(default=0, kw_only=True)
    participation: float = field(default=1.0, kw_only=True)
    period: int = field(default=1, kw_only=True)
    staggered: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        check_communication(self)

    def configuration(self) -> dict[str, Any]:
        """Return the name and the fields; of graph, delay and pauses only what is not the default.

        Returns
        -------
        dict
            As `Configured.configuration`.
        """
        ordinary = {
            each.name
            for each in fields(Communicating)
            if each.kw_only and _equal(getattr(self, each.name), each.default)
        }
        full = super().configuration()
        return {name: value for name, value in full.items() if name not in ordinary}

    def check_agents(self, agents: int) -> None:
        """Refuse a number of agents that does not fit the graph or the delays.

        Parameters
        ----------
        agents : int
            p.
        """
        check_number_of_agents(self, agents)

    def communicates(self, steps: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return which steps end a period; where agents take turns, all do something."""
        if self.staggered or self.period == 1:
            return np.ones(steps.shape, bool)
        return np.asarray((steps + 1) % self.period == 0)

    def switches(self) -> set[str]:
        """Return the driver's switches that the algorithm turns on."""
        on = super().switches()
        if self.has_graph or self.is_late or self.pauses:
            on |= {"RECEIVES"}
        return on | ({"SOMETIMES"} if self.pauses else set())

    @property
    def has_graph(self) -> bool:
        """Whether not all agents receive from all."""
        return not (self.graph is None or isinstance(self.graph, Complete))

    @property
    def is_late(self) -> bool:
        """Whether an agent has a delay."""
        return bool(np.any(np.asarray(self.delay) > 0))

    @property
    def pauses(self) -> bool:
        """Whether there are steps at which some agents communicate and others do not."""
        return self.participation < 1.0 or self.staggered

    @property
    def ordinary(self) -> bool:
        """Whether all agents receive the whole signal, at once and always."""
        return not (self.has_graph or self.is_late or self.pauses or self.period > 1)


def check_communication(given: Any) -> None:
    """Give graph, delay, participation, period and staggered of a dataclass one form, or refuse them."""
    name = type(given).__name__
    graph = given.graph
    if not (graph is None or isinstance(graph, AgentGraph)):
        kind = graph if isinstance(graph, type) else type(graph)
        hint = " with parentheses" if isinstance(graph, type) else ""
        raise InvalidArgumentError(
            f"graph of {name} is {kind.__name__}, but must be one of sdeopt.graphs{hint}, as in "
            "so.graphs.Ring(); for a matrix give so.graphs.Weights(matrix)."
        )
    for key, value in (
        ("delay", _delays(given.delay, name)),
        ("participation", finite_number(given.participation, f"participation of {name}", 0.0)),
        ("period", whole_number(given.period, f"period of {name}", minimum=1)),
        ("staggered", flag(given.staggered, f"staggered of {name}")),
    ):
        object.__setattr__(given, key, value)
    if given.participation > 1.0:
        raise InvalidArgumentError(
            f"participation of {name} is {given.participation:g}, but is a probability, at most 1."
        )
    if given.period > 1 and given.participation < 1.0:
        raise InvalidArgumentError(
            f"{name} was given participation = {given.participation:g} and period = {given.period}; "
            "give one of them."
        )
    if given.staggered and given.period == 1:
        raise InvalidArgumentError(
            f"{name} was given staggered=True without a period; give period=agents for one agent "
            "at a time."
        )


def check_number_of_agents(given: Any, agents: int) -> None:
    """Refuse a number of agents that does not fit the graph or the delays of a dataclass."""
    if given.graph is not None:
        given.graph.check(agents)
    if isinstance(given.delay, tuple) and len(given.delay) != agents:
        raise InvalidArgumentError(
            f"delay of {type(given).__name__} has {len(given.delay)} entries for {agents} agents; "
            "give one number, or one per agent."
        )


def refuse_graph(name: str, graph: AgentGraph | None) -> None:
    """Refuse a graph for an algorithm with a centre."""
    if graph is not None:
        raise InvalidArgumentError(
            f"{name} takes no graph, as its centre decides who receives from whom; leave graph out, or "
            "use QSGD."
        )


def _delays(given: Any, name: str) -> Delay:
    """Return one whole number, or one per agent; one number where all are the same."""
    if not isinstance(given, list | tuple) and np.ndim(given) == 0:
        return whole_number(given, f"delay of {name}")
    numbers = real_array(given, f"delay of {name}")
    if numbers.ndim != 1 or numbers.size == 0:
        raise InvalidArgumentError(
            f"delay of {name} has shape {numbers.shape}, but must be one number or one per agent."
        )
    return tuple(
        whole_number(float(each), f"delay[{i}] of {name}") for i, each in enumerate(numbers)
    )


def _equal(value: Any, default: Any) -> bool:
    return type(value) is type(default) and bool(value == default)
