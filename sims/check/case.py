"""A problem with its constants: the values of parameters, by the names that bounds use."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import theory
from sdeopt.errors import InvalidArgumentError
from sims.check.constants import LETTERS, Constants
from sims.check.estimation import constant_covariance, constant_hessian
from sims.check.problem import Problem

if TYPE_CHECKING:
    from theory.moments import Method, SecondMoments

Array = NDArray[np.float64]

COUPLED = ("coupling", "damping", "velocity_coupling")


class InapplicableError(Exception):
    """A theorem says nothing here, for the reason in the message."""


@dataclass(frozen=True, eq=False)
class Case:
    """A problem with its constants."""

    problem: Problem
    constants: Constants

    def parameter(self, name: str) -> float:
        """Return a parameter of bounds; raise `InapplicableError` for a constant that is not known."""
        problem = self.problem
        if name in LETTERS:
            value = self.constants.value(name)
            if value is None:
                unknown = self.constants.entries[name]
                raise InapplicableError(f"{unknown.letter} is not known: {unknown.words}")
            return value
        if name in COUPLED:
            return problem.number(name)
        known = {
            "agents": problem.agents,
            "dimension": problem.loss.dim,
            "step_size": problem.step_size,
            "batch_size": problem.batch_size,
        }
        return known[name]

    def evaluate(self, result: str, statement: str = "", **own: Any) -> Array:
        """Return the number of a statement of the theory here."""
        found = theory.load(result)
        names = needed(result, statement)
        values = {name: own[name] if name in own else self.parameter(name) for name in names}
        try:
            return found.evaluate(statement or next(iter(found.statements)), **values)
        except InvalidArgumentError as problem:
            raise InapplicableError(str(problem)) from None

    @cached_property
    def hessian(self) -> Array | None:
        """H of a quadratic loss."""
        return constant_hessian(self.problem.loss)

    @cached_property
    def covariance(self) -> Array | None:
        """Of an agent's noise per unit of time, (η/b) BBᵀ, where it is constant."""
        found = constant_covariance(self.problem)
        return None if found is None else self.problem.step_size / self.problem.batch_size * found

    @cached_property
    def method(self) -> "Method | None":
        """The linear system that the algorithm is on quadratics, for those that have one."""
        from theory.moments import easgd, momentum, qsgd

        p, k = self.problem.agents, self.problem.number("coupling")
        if self.problem.kind in ("SGD", "QSGD"):
            return qsgd(agents=p, coupling=k)
        if self.problem.kind == "EASGD":
            return easgd(agents=p, coupling=k)
        if self.problem.kind == "ContinuousMomentum":
            return momentum(
                agents=p,
                coupling=k,
                damping=self.problem.number("damping"),
                velocity_coupling=self.problem.number("velocity_coupling"),
                quorum=getattr(self.problem.algorithm, "quorum", "mean"),
            )
        return None

    @cached_property
    def moments(self) -> "SecondMoments | None":
        """The exact second moments in the long run: on quadratics with constant noise."""
        from theory.moments import stationary_covariance

        method, noise = self.method, self.covariance
        if self.hessian is None or method is None or noise is None:
            return None
        if self.problem.discrete:
            method = method.discretized(self.problem.step_size)
        try:
            return stationary_covariance(method, self.hessian, noise)
        except InvalidArgumentError:
            return None  # it is not stable, or not convex


def needed(result: str, statement: str = "") -> Iterable[str]:
    """Return the names of the parameters that a statement of the theory takes."""
    from theory.proofs.evaluation import parameter_symbols
    from theory.symbols import PARAMETERS

    found = theory.load(result)
    chosen = found.statements[statement] if statement else found.main
    symbols = parameter_symbols(chosen.number, found.conditions)
    return [PARAMETERS[symbol].name for symbol in symbols]
