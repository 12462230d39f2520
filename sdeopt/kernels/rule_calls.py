"""How passes (`sdeopt.kernels.rules`) call the rules of an algorithm: by the names of what they take.

A rule receives what it asks for: numbers of the step, listed in `NUMBERS`, and the vectors that the
algorithm declares, each as one number, by their own names. `calls_of` writes the lines between a pass,
which has all vectors in one tuple, and a rule.
"""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from sdeopt.errors import InvalidArgumentError, unknown_name
from sdeopt.kernels.rule_reading import plain_rule

POSITION, MEAN = "x", "mean"
"""The first vector of every agent, and the first of every replica."""

OF_AGENTS = ("drift", "step")
OF_REPLICAS = ("replica_drift", "replica_step")
"""Rules that move an agent's vectors and a replica's; an algorithm has at most one of each pair."""

WHOLE = "replica_vector_drift"
"""Instead: a rule for all coordinates of a replica's vectors, which takes arrays."""

NUMBERS: Mapping[str, tuple[str, ...]] = {
    "drift": ("gradient", "signal", "coupling", "scheduled"),
    "step": ("gradient", "increment", "signal", "step_size", "coupling", "scheduled"),
    "look_ahead": ("scheduled",),
    "replica_drift": ("time", "agents", "coupling", "scheduled"),
    "replica_step": ("time", "agents", "step_size", "coupling", "scheduled"),
}
"""What a rule for one coordinate may take besides the vectors."""

AVERAGE = "mean_"
"""Before the name of an agents' vector: its mean over the agents."""


@dataclass(frozen=True)
class Declared:
    """The vectors of an algorithm by the names that its rules have for them, in order.

    Positions and their means come first and are declared by nobody. Agents are pulled towards `signal`,
    a vector of a replica; `noisy` is the vector of an agent that noise moves beside a drift.
    """

    agents: tuple[str, ...] = ()
    replicas: tuple[str, ...] = ()
    signal: str = MEAN
    noisy: str = POSITION

    def check(self, owner: str) -> None:
        """Refuse names that a rule could not tell apart, or that are not declared."""
        names = (*self.of_agents, *self.of_replicas, *(f"{AVERAGE}{name}" for name in self.agents))
        taken = {number for numbers in NUMBERS.values() for number in numbers}
        for name in (*self.agents, *self.replicas):
            if not name.isidentifier() or name in taken or names.count(name) > 1:
                raise InvalidArgumentError(
                    f"{owner} declares a vector called {name!r}, which a rule cannot take; give it a "
                    f"name of its own, out of letters, that is none of {', '.join(sorted(taken))}, x, "
                    "mean."
                )
        for given, known in ((self.signal, self.of_replicas), (self.noisy, self.of_agents)):
            if given not in known:
                raise unknown_name(f"vector of {owner} called", given, known)

    @property
    def of_agents(self) -> tuple[str, ...]:
        """All vectors of an agent."""
        return (POSITION, *self.agents)

    @property
    def of_replicas(self) -> tuple[str, ...]:
        """All vectors of a replica."""
        return (MEAN, *self.replicas)

    def known(self, rule: str) -> tuple[str, ...]:
        """Return what a rule may take."""
        averages = tuple(f"{AVERAGE}{name}" for name in self.agents)
        vectors = {
            "look_ahead": self.of_agents,
            **dict.fromkeys(OF_AGENTS, (*self.of_agents, *self.of_replicas, *averages)),
            **dict.fromkeys(OF_REPLICAS, self.of_replicas),
        }
        return (*vectors[rule], *NUMBERS[rule])

    def shown(self, taken: tuple[str, ...]) -> tuple[str, ...]:
        """Return what is written to every lane of an agent for a rule that takes these."""
        wide = self.known("drift")[len(self.of_agents) :]
        numbers = {name for rule in OF_AGENTS for name in NUMBERS[rule]}
        return tuple(name for name in wide if name in taken and name not in numbers)

    def source(self, shown: str) -> int:
        """Return where it comes from: an agents' vector, or minus the number of a replica's."""
        if shown in self.of_replicas:
            return -self.of_replicas.index(shown)
        return self.of_agents.index(shown.removeprefix(AVERAGE))


NOTHING_DECLARED = Declared()


def switches_of(functions: Mapping[str, Any]) -> set[str]:
    """Return the driver's switches that follow from which rules there are."""
    switches = {
        "FILTER": (*OF_REPLICAS, WHOLE),
        "ITERATES": ("replica_step",),
        "WEIGHTED": ("weights",),
        "LOOKS_AHEAD": ("look_ahead",),
    }
    return {name for name, rules in switches.items() if rule_of(rules, functions)}


def rule_of(kinds: tuple[str, ...], functions: Mapping[str, Any]) -> str | None:
    """Return which rule out of some an algorithm brings."""
    return next((name for name in reversed(kinds) if name in functions), None)


def taken_by(name: str, rule: Any, declared: Declared) -> tuple[str, ...]:
    """Return what a rule takes, in order; refuse what there is not."""
    function = plain_rule(rule)
    if function is None:
        raise InvalidArgumentError(
            f"the rule {name} is {rule!r:.60}, but must be a function made by def."
        )
    known, taken = declared.known(name), []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name in known:
            taken.append(parameter.name)
        elif parameter.default is parameter.empty:
            raise InvalidArgumentError(
                f"the rule {name}, {_place(function)}, takes {parameter.name}, which there is not; it "
                f"may take {', '.join(known)}; declare further vectors in agent_vectors or "
                "replica_vectors."
            )
    return tuple(taken)


def _place(function: FunctionType) -> str:
    code = function.__code__
    return f"line {code.co_firstlineno} of {code.co_filename.rpartition('/')[2]}"


def returned_by(name: str, declared: Declared) -> str:
    """Return in words what a rule must return."""
    which = declared.replicas if name in OF_REPLICAS else declared.of_agents
    if name not in NUMBERS:
        return "nothing, and write to its last argument"
    if name == "look_ahead":
        return "one number"
    kind = "the rate of change of" if name.endswith("drift") else "the new"
    return f"{kind} {', '.join(which)}"


PASSES: Mapping[str, tuple[str, str]] = {
    "update": (
        "moved", "gradient, increment, noise, signal, shown, step_size, coupling, scheduled",
    ),
    "rates": ("rates_of", "gradient, signal, shown, coupling, scheduled"),
    "look_ahead": ("point_ahead", "scheduled"),
    "relax": ("relaxed", "mean, time, agents, step_size, coupling, scheduled"),
}  # fmt: skip
"""By pass: what it calls, and the numbers that it hands over besides the vectors."""

CALL = """
@compiled_into_loops
def {name}(old, {numbers}):
    {new} = {rule}({arguments})
    return ({results},)
"""


def call_of(
    passing: str, rule: str, taken: tuple[str, ...], declared: Declared, switches: frozenset[str]
) -> str:
    """Return the text of the function by which a pass calls a rule."""
    vectors, shown = declared.of_agents, declared.shown(taken)
    places = {name: f"old[{i}]" for i, name in enumerate(vectors)}
    places |= {name: f"shown[{i}]" for i, name in enumerate(shown)}
    new = [f"new_{i}" for i in range(len(vectors))]
    if rule == "look_ahead":
        new = ["ahead"]
    elif rule in OF_REPLICAS:
        places = {name: f"old[{i}]" for i, name in enumerate(declared.replicas)}
        new = [f"new_{i}" for i in range(len(declared.replicas))]
    results = list(new)
    if passing == "update" and rule == "drift":
        results = [f"fma(step_size, {each}, old[{i}])" for i, each in enumerate(new)]
        # adding 0 makes -0 to 0, as adding noise does
        results[0] += " + 0.0" if declared.noisy != POSITION else ""
        results[vectors.index(declared.noisy)] += " + increment"
    if passing == "update" and "NOISE_ON_UPDATE" in switches:
        results[0] += " + noise"
    name, numbers = PASSES[passing]
    arguments = ", ".join(f"{each}={places.get(each, each)}" for each in taken)
    return CALL.format(
        name=name, numbers=numbers, new=", ".join(new), rule=rule, arguments=arguments,
        results=", ".join(results),
    )  # fmt: skip
