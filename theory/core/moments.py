"""Itô's generator for any number of agents and coordinates, and the moments that it bounds."""

import dataclasses
from collections.abc import Callable
from typing import Any, Protocol

import sympy

from theory.core.cited import COMPARISON, DYNKIN
from theory.core.expectation import Expectation, UpperLimit, demand_constant, positive_rate
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most, equal
from theory.proofs.sums import normal_sums
from theory.symbols import agents, dimension, time

REGULAR = Assumption(
    "regular solutions",
    "the stochastic differential equation has a solution for all times, with finite second moments",
)


class Generated(Protocol):
    """A stochastic differential equation, given by its generator."""

    def generator(self, value: Any) -> Any:
        """Return Itô's generator applied to a function of the state."""


@dataclasses.dataclass(frozen=True)
class Diffusion:
    """Coupled agents as a stochastic differential equation."""

    state: Any
    drift: Callable[[Any, Any], Any]
    covariance: Callable[[Any, Any, Any], Any]
    count: Any = agents

    def generator(self, value: Any) -> Any:
        """Return Itô's generator applied to V: Σ drift ∂V + ½ Σ covariance ∂∂V."""
        i = sympy.Dummy("i", integer=True)
        a, c = (sympy.Dummy(letter, integer=True) for letter in "ac")
        slope = sympy.diff(value, self.state[i, a])
        bend = sympy.diff(slope, self.state[i, c])
        each = [(i, 1, self.count), (a, 1, dimension)]
        transport = sympy.Sum(self.drift(i, a) * slope, *each)
        spread = sympy.Sum(self.covariance(i, a, c) * bend, *each, (c, 1, dimension))
        return normal_sums(transport + spread / 2)


def noiseless(i: Any, a: Any, c: Any) -> Any:
    """Return zero, the covariance of a family without noise."""
    return sympy.S.Zero


@dataclasses.dataclass(frozen=True)
class Stacked:
    """A stochastic differential equation of several families, with independent noise."""

    parts: tuple[Diffusion, ...]

    def generator(self, value: Any) -> Any:
        """Return Itô's generator applied to a function of the state."""
        return sympy.Add(*[part.generator(value) for part in self.parts])


def moment_limit(
    proof: Proof, model: Generated, value: Any, growth: Fact, rate: Fact, source: Any
) -> Fact:
    """Conclude lim sup E V <= s / r from LV <= s − r V at all states and 0 < r."""
    speed = _tested(proof, model, value, growth, rate, source)
    solution, t, r, s, _ = relaxation(proof)
    proof.equal(sympy.limit(solution, t, sympy.oo), s / r, "its limit")
    return _compared(proof, at_most(UpperLimit(Expectation(value)), source / speed), growth, rate)


def moment_at(
    proof: Proof, model: Generated, value: Any, growth: Fact, rate: Fact, source: Any
) -> Fact:
    """Conclude E V(t) <= s / r + (E V(0) − s / r) e^{−rt}; the arguments are those of `moment_limit`."""
    speed = _tested(proof, model, value, growth, rate, source)
    solution, t, r, s, start = relaxation(proof)
    here = {t: time, r: speed, s: source, start: Expectation(value, 0)}
    bound = solution.subs(here, simultaneous=True)
    return _compared(proof, at_most(Expectation(value, time), bound), growth, rate)


def _tested(
    proof: Proof, model: Generated, value: Any, growth: Fact, rate: Fact, source: Any
) -> Any:
    """Check all premises and return the rate."""
    speed = positive_rate(proof, rate)
    demand_constant(source)
    proof.demand(growth, at_most(model.generator(value), source - speed * value))
    return speed


def _compared(proof: Proof, bound: Relation, growth: Fact, rate: Fact) -> Fact:
    return proof.take(
        bound,
        "the moment stays below the solution of the linear equation",
        (growth, rate),
        cited=(DYNKIN, COMPARISON),
        required=(REGULAR,),
    )


def relaxation(proof: Proof) -> tuple[Any, ...]:
    """Check the solution of v' = s − r v, and return it with t, r, s and v(0)."""
    t, r = sympy.symbols("t r", positive=True)
    s, start = sympy.symbols("s v_0", real=True)
    solution = s / r + (start - s / r) * sympy.exp(-r * t)
    proof.equal(sympy.diff(solution, t), s - r * solution, "solution of the linear equation")
    proof.equal(solution.subs(t, 0), start, "its start")
    return solution, t, r, s, start


class DriftOf(sympy.Function):  # type: ignore[misc]
    """The dt part of the differential of a function of the state; left unevaluated."""

    is_real = True
    nargs = 1

    def _latex(self, printer: Any) -> str:
        return rf"\frac{{\mathbb{{E}}\,d\left[{printer.doprint(self.args[0])}\right]}}{{dt}}"


class VarianceOf(sympy.Function):  # type: ignore[misc]
    """The variance per unit time of the dW part of the differential; left unevaluated."""

    is_real = True
    nargs = 1

    def _latex(self, printer: Any) -> str:
        return rf"\frac{{\mathrm{{Var}}\,d\left[{printer.doprint(self.args[0])}\right]}}{{dt}}"


def drift_of(proof: Proof, system: Generated, value: Any, drift: Any) -> Fact:
    """Show the drift of a function of the state: the generator applied to it."""
    worked = proof.equal(system.generator(value), drift, "Itô's formula")
    return proof.take(equal(DriftOf(value), drift), "the drift", (worked,))


def variance_of(proof: Proof, system: Generated, value: Any, variance: Any) -> Fact:
    """Show the variance per unit time of a function V of the state: L(V²) − 2 V LV."""
    noise = system.generator(value**2) - 2 * value * system.generator(value)
    worked = proof.equal(noise, variance, "Itô's formula for the square")
    return proof.take(equal(VarianceOf(value), variance), "the noise", (worked,))
