"""Itô's generator for any number of agents and coordinates, and the moments that it bounds."""

import dataclasses
from collections.abc import Callable
from typing import Any, Protocol

import sympy
from sympy.core.function import AppliedUndef

from theory.core.cited import COMPARISON, DYNKIN
from theory.core.covariance import demand_covariance
from theory.core.expectation import (
    Constant,
    Expectation,
    OfSolutions,
    RealFunction,
    UpperLimit,
    demand_always,
    positive_rate,
)
from theory.proofs.domains import demand_constant, demand_law
from theory.proofs.dynamics import (
    PLACES,
    Dynamics,
    Motion,
    StatedSystem,
    law_at_places,
    stacked,
)
from theory.proofs.fact import Assumption, Fact
from theory.proofs.failing import rule
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, at_most, equal
from theory.proofs.signs import is_positive
from theory.proofs.sums import normal_sums
from theory.symbols import TIMES, agents, dimension, time

REGULAR = Assumption(
    "regular solutions",
    "the stochastic differential equation has a solution for all times, with finite second moments, "
    "and the stochastic integrals in Itô's formula for the quantities that the result speaks of are "
    "martingales, as they are where noise grows at most in proportion to the state",
)


SMOOTH = (
    sympy.exp, sympy.log, sympy.sin, sympy.cos, sympy.sinh, sympy.cosh, sympy.tanh, sympy.atan,
    sympy.asinh, sympy.erf, sympy.erfc, sympy.Abs, sympy.sign, sympy.Piecewise, sympy.KroneckerDelta,
)  # fmt: skip
"""Functions whose derivative is known where it exists."""


ROUGH = (
    sympy.Abs, sympy.Max, sympy.Min, sympy.sign, sympy.Piecewise, sympy.KroneckerDelta,
    sympy.Heaviside, sympy.floor, sympy.ceiling,
)  # fmt: skip
"""Functions that are not differentiable everywhere."""


class Generated(Protocol):
    """A stochastic differential equation, given by its generator."""

    def generator(self, value: Any) -> Any:
        """Return Itô's generator applied to a function of the state."""

    def dynamics(self) -> Dynamics:
        """Return the motion of each array."""


@dataclasses.dataclass(frozen=True)
class CommonNoise:
    """The covariance of a noise that is the same for all agents: (a, c) to its entry."""

    covariance: Callable[[Any, Any], Any]


@dataclasses.dataclass(frozen=True)
class Diffusion:
    """Coupled agents as a stochastic differential equation."""

    state: Any
    drift: Callable[[Any, Any], Any]
    covariance: Callable[[Any, Any, Any], Any] | CommonNoise
    count: Any = agents

    def generator(self, value: Any) -> Any:
        """Return Itô's generator applied to a function of the state."""
        return Stacked((self,)).generator(value)

    def dynamics(self) -> Dynamics:
        """Return the motion of the agents, whose noises are independent or the same."""
        drift = law_at_places(self.drift, 2)
        if isinstance(self.covariance, CommonNoise):
            kind, which = "equation with common noise", PLACES[:2]
            spread = law_at_places(self.covariance.covariance, 2)
        else:
            kind, which = "equation", PLACES[1:3]
            spread = law_at_places(self.covariance, 3)
        demand_covariance(spread, *which)
        demand_law(self.state, drift, spread)
        return {self.state: Motion(kind, (drift, spread, sympy.sympify(self.count)))}

    def applied(self, value: Any) -> Any:
        """Return what these agents add to the generator: Σ drift ∂V + ½ Σ covariance ∂∂V."""
        i, j, a, c = fresh = [sympy.Dummy(index.name, integer=True) for index in INDICES]
        slope = sympy.diff(value, self.state[i, a])
        each = [(i, 1, self.count), (a, 1, dimension)]
        transport = sympy.Sum(self.drift(i, a) * slope, *each)
        if isinstance(self.covariance, CommonNoise):
            bend = self.covariance.covariance(a, c) * sympy.diff(slope, self.state[j, c])
            each.append((j, 1, self.count))
        else:
            bend = self.covariance(i, a, c) * sympy.diff(slope, self.state[i, c])
        spread = sympy.Sum(bend, *each, (c, 1, dimension))
        total = transport + spread / 2
        # no name that the value or the system has is caught by a sum
        if not total.has(*INDICES):
            total = total.xreplace(dict(zip(fresh, INDICES, strict=True)))
        return normal_sums(total)


INDICES = tuple(sympy.Dummy(letter, integer=True) for letter in "ijac")
"""The indices of the sums of every generator: what is worked out for one proof serves in the next."""


def noiseless(i: Any, a: Any, c: Any) -> Any:
    """Return zero, the covariance of a family without noise."""
    return sympy.S.Zero


@dataclasses.dataclass(frozen=True)
class Stacked:
    """A stochastic differential equation of several families, with independent noise."""

    parts: tuple[Diffusion, ...]

    def generator(self, value: Any) -> Any:
        """Return Itô's generator applied to a function of the state."""
        demand_function_of(value, {*self.dynamics()})
        return sympy.Add(*[part.applied(value) for part in self.parts])

    def dynamics(self) -> Dynamics:
        """Return the motion of each family."""
        return stacked(*(part.dynamics() for part in self.parts))


def demand_function_of(value: Any, states: set[Any]) -> None:
    """Raise ProofError unless a value is a smooth function of moving arrays and constants alone."""
    value = sympy.sympify(value)
    for entry in value.atoms(sympy.Indexed):
        if entry.base in states and len(entry.indices) != 2:
            raise ProofError(f"{entry} is no coordinate of an agent: it needs two indices.")
    for array in value.atoms(sympy.IndexedBase) - states:
        if not isinstance(array, Constant):
            raise ProofError(
                f"{value} depends on {array}, which is neither in the system nor constant: its rate of "
                "change is not known."
            )
    if value.has(*TIMES, AppliedUndef, sympy.Derivative):
        raise ProofError(
            f"{value} depends on more than the state: its rate of change is not known."
        )
    hidden = [
        call
        for call in value.atoms(sympy.Function)
        if isinstance(call, RealFunction)
        or (not isinstance(call, SMOOTH) and call.atoms(sympy.IndexedBase) & states)
    ]
    if hidden:
        raise ProofError(f"the rate of change of {hidden[0]} is not known.")
    rough = [part for part in value.atoms(*ROUGH) if part.atoms(sympy.IndexedBase) & states]
    rough += [
        part
        for part in value.atoms(sympy.Integral)
        if any(end.atoms(sympy.IndexedBase) & states for _, *ends in part.limits for end in ends)
    ]
    rough += [
        part
        for part in value.atoms(sympy.Pow)
        if part.base.atoms(sympy.IndexedBase) & states
        if not (part.exp.is_Integer and part.exp.is_nonnegative) and not is_positive(part.base)
    ]
    if rough:
        raise ProofError(f"{rough[0]} is not known to be differentiable at all states.")


def demand_second_degree(model: StatedSystem, *values: Any) -> None:
    """Raise ProofError unless values are of second degree at most: their moments exist."""
    states, scale = {*model.dynamics()}, sympy.Dummy("scale", real=True)
    for value in values:
        scaled = sympy.sympify(value).replace(
            lambda part: isinstance(part, sympy.Indexed) and part.base in states,
            lambda part: scale * part,
        )
        scaled = sympy.expand(normal_sums(scaled))
        if not scaled.is_polynomial(scale) or sympy.degree(scaled, scale) > 2:
            raise ProofError(f"{value} is not of second degree in the state.")


@rule
def moment_limit(
    proof: Proof, model: Generated, value: Any, growth: Fact, rate: Fact, source: Any
) -> Fact:
    """Conclude lim sup E V <= s / r from LV <= s − r V at all states and 0 < r."""
    speed = _tested(proof, model, value, growth, rate, source)
    solution, t, r, s, _ = relaxation(proof)
    proof.equal(sympy.limit(solution, t, sympy.oo), s / r, "its limit")
    bound = at_most(UpperLimit(Expectation(value)), source / speed)
    return _compared(proof, model, bound, growth, rate)


@rule
def moment_at(
    proof: Proof, model: Generated, value: Any, growth: Fact, rate: Fact, source: Any
) -> Fact:
    """Conclude E V(t) <= s / r + (E V(0) − s / r) e^{−rt}; the arguments are those of `moment_limit`."""
    speed = _tested(proof, model, value, growth, rate, source)
    solution, t, r, s, start = relaxation(proof)
    here = {t: time, r: speed, s: source, start: Expectation(value, 0)}
    bound = solution.subs(here, simultaneous=True)
    return _compared(proof, model, at_most(Expectation(value, time), bound), growth, rate)


def _tested(
    proof: Proof, model: Generated, value: Any, growth: Fact, rate: Fact, source: Any
) -> Any:
    """Check all premises and return the rate."""
    speed = positive_rate(proof, rate)
    demand_constant(source)
    demand_second_degree(model, value)
    proof.demand(growth, at_most(model.generator(value), source - speed * value))
    demand_always(proof, growth)
    return speed


def _compared(proof: Proof, model: Generated, bound: Relation, growth: Fact, rate: Fact) -> Fact:
    return proof.take(
        bound,
        "the moment stays below the solution of the linear equation",
        (growth, rate),
        cited=(DYNKIN, COMPARISON),
        required=(REGULAR,),
        dynamics=model.dynamics(),
    )


@rule
def relaxation(proof: Proof) -> tuple[Any, ...]:
    """Check the solution of v' = s − r v, and return it with t, r, s and v(0)."""
    t, r = sympy.symbols("t r", positive=True)
    s, start = sympy.symbols("s v_0", real=True)
    solution = s / r + (start - s / r) * sympy.exp(-r * t)
    proof.equal(sympy.diff(solution, t), s - r * solution, "solution of the linear equation")
    proof.equal(solution.subs(t, 0), start, "its start")
    return solution, t, r, s, start


class DriftOf(OfSolutions):
    """The dt part of the differential of a function of the state; left unevaluated."""

    nargs = 1

    def _latex(self, printer: Any) -> str:
        return rf"\frac{{\mathbb{{E}}\,d\left[{printer.doprint(self.args[0])}\right]}}{{dt}}"


class VarianceOf(OfSolutions):
    """The variance per unit time of the dW part of the differential; left unevaluated."""

    nargs = 1

    def _latex(self, printer: Any) -> str:
        return rf"\frac{{\mathrm{{Var}}\,d\left[{printer.doprint(self.args[0])}\right]}}{{dt}}"


@rule
def drift_of(proof: Proof, system: Generated, value: Any, drift: Any) -> Fact:
    """Show the drift of a function of the state: the generator applied to it."""
    worked = proof.equal(system.generator(value), drift, "Itô's formula")
    relation = equal(DriftOf(value), drift)
    return proof.take(relation, "the drift", (worked,), dynamics=system.dynamics())


@rule
def variance_of(proof: Proof, system: Generated, value: Any, variance: Any) -> Fact:
    """Show the variance per unit time of a function V of the state: L(V²) − 2 V LV."""
    noise = system.generator(value**2) - 2 * value * system.generator(value)
    worked = proof.equal(noise, variance, "Itô's formula for the square")
    relation = equal(VarianceOf(value), variance)
    return proof.take(relation, "the noise", (worked,), dynamics=system.dynamics())
