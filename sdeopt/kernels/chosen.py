"""What a run chose: its functions, its switches, and which rule of its algorithm each pass calls."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sdeopt.kernels import bindings, rule_calls
from sdeopt.kernels.rule_calls import NOTHING_DECLARED, Declared, rule_of, taken_by

CALLED_BY: Mapping[str, tuple[str, ...]] = {
    "update": rule_calls.OF_AGENTS,
    "rates": ("drift",),
    "look_ahead": ("look_ahead",),
    "weigh": ("weights",),
    "relax": (*rule_calls.OF_REPLICAS, rule_calls.WHOLE),
}
"""The rules of an algorithm that they call, one of each."""


@dataclass(frozen=True)
class Bindings:
    """The functions that the names of a run are bound to, and the switches that are on.

    `dimensions` are those of the arrays that functions of the loss and of the law take.
    """

    functions: Mapping[str, tuple[str, str]]
    switches: frozenset[str]
    dimensions: Mapping[str, tuple[int, ...]]
    strong: bool = False
    observed: frozenset[str] = frozenset()
    regions: tuple[tuple[str, str], ...] = ()
    declared: Declared = NOTHING_DECLARED

    def rule(self, passing: str) -> str:
        """Return which rule a pass calls; agents without one go down the gradient."""
        return rule_of(CALLED_BY[passing], self.functions) or "drift"

    def place(self, rule: str) -> tuple[str, str]:
        """Return where a rule is."""
        return self.functions.get(rule, (bindings.__name__, rule))

    def taken(self, rule: str) -> tuple[str, ...]:
        """Return what a rule takes."""
        return taken_by(rule, function_at(self.place(rule)), self.declared)

    def with_signal(self) -> "Bindings":
        """Turn on the signal where the rule that moves agents takes it."""
        taken = self.taken(self.moving)
        return replace(self, switches=self.switches | {"SIGNAL"}) if "signal" in taken else self

    @property
    def moving(self) -> str:
        """The rule that moves agents."""
        return self.rule("rates" if self.strong else "update")

    @property
    def shown(self) -> tuple[str, ...]:
        """What is written to every lane for the rule that moves agents."""
        return self.declared.shown(self.taken(self.moving))


def function_at(place: tuple[str, str]) -> Any:
    """Return the function in a module."""
    return getattr(importlib.import_module(place[0]), place[1])
