"""The weak order of a stochastic differential equation as a model of an iteration.

The coefficients of the equation are fields: ``g[a]`` is a function of the state, ``g[a, c]`` its
derivative along coordinate c, ``g[a, c, d]`` the next, and so on.
"""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from theory.core.cited import ITO_TAYLOR, WEAK_ERROR
from theory.core.covariance import demand_covariance
from theory.core.expectation import Expectation
from theory.core.random_arrays import RandomArray
from theory.proofs.fact import Assumption, Fact
from theory.proofs.failing import rule
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal
from theory.proofs.signs import is_zero
from theory.proofs.sums import at_places, moved, normal_sums, own_names
from theory.symbols import TIMES, dimension, step_size

increment = sympy.IndexedBase("Delta", real=True)
"""The state less its value at the start of the step: Delta[a]."""
INDICES = sympy.symbols("a c d", integer=True, positive=True)
"""The coordinates of one-step moments: Δ_a, Δ_a Δ_c, Δ_a Δ_c Δ_d."""
SMOOTH_COEFFICIENTS = Assumption(
    "smooth coefficients",
    "f and Σ are smooth with derivatives of polynomial growth, ∇f and √Σ satisfy a Lipschitz condition, "
    "the noise has all moments, of polynomial growth in x; test functions are smooth, with derivatives "
    "of polynomial growth; the learning rate is bounded",
    through=(ITO_TAYLOR, WEAK_ERROR),
)


def along(value: Any, index: Any, fields: tuple[Any, ...]) -> Any:
    """Return the derivative of an expression along coordinate c."""
    return _derivative(own_names(sympy.sympify(value)), index, fields)


def _derivative(value: Any, index: Any, fields: tuple[Any, ...]) -> Any:
    if value.is_Add:
        return sympy.Add(*[_derivative(part, index, fields) for part in value.args])
    if value.is_Mul:
        parts = value.args
        return sympy.Add(
            *[
                sympy.Mul(*parts[:k], _derivative(parts[k], index, fields), *parts[k + 1 :])
                for k in range(len(parts))
            ]
        )
    if value.is_Pow and value.exp.is_Integer:
        inner = _derivative(value.base, index, fields)
        return value.exp * value.base ** (value.exp - 1) * inner
    if isinstance(value, sympy.Sum):
        return sympy.Sum(_derivative(value.function, index, fields), *value.limits)
    if isinstance(value, sympy.Indexed):
        return _entry(value, index, fields)
    if value.has(sympy.Indexed):
        raise ProofError(f"the derivative of {value} is not known.")
    return sympy.S.Zero


def _entry(entry: Any, index: Any, fields: tuple[Any, ...]) -> Any:
    if entry.base in fields:
        return entry.base[(*entry.indices, index)]
    if entry.base == increment:
        return sympy.KroneckerDelta(entry.indices[0], index)
    raise ProofError(f"{entry.base} is no known function of the state.")


@dataclasses.dataclass(frozen=True)
class FieldDiffusion:
    """A stochastic differential equation whose coefficients are fields."""

    drift: Callable[[Any], Any]
    covariance: Callable[[Any, Any], Any]
    fields: tuple[Any, ...]

    def generator(self, value: Any) -> Any:
        """Return Itô's generator applied to a function: Σ drift ∂ + ½ Σ covariance ∂∂."""
        a, c = (sympy.Dummy(letter, integer=True, positive=True) for letter in "ac")
        slope = along(value, a, self.fields)
        bend = along(slope, c, self.fields)
        transport = sympy.Sum(self.drift(a) * slope, (a, 1, dimension))
        spread = sympy.Sum(self.covariance(a, c) * bend, (a, 1, dimension), (c, 1, dimension))
        return normal_sums(transport + spread / 2)

    def expansion(self, value: Any, step: Any, order: int) -> Any:
        """Return Σ_{k <= order} (h^k/k!) L^k of a function, at the start of the step."""
        total, term = sympy.S.Zero, sympy.sympify(value)
        for k in range(order + 1):
            here = moved(term, increment, lambda *_: sympy.S.Zero)
            total += step**k / sympy.factorial(k) * here
            term = self.generator(term) if k < order else term
        return sympy.expand(normal_sums(sympy.expand(total)))


class WeakOrder(sympy.Function):  # type: ignore[misc]
    """The weak order of SGD's step against the equation with a drift and a covariance; unevaluated."""

    is_real = True
    is_closed = True
    nargs = 3

    def _latex(self, printer: Any) -> str:
        step, drift, spread = (printer.doprint(part) for part in self.args)
        return rf"\mathrm{{order}}\left({step};\; {drift},\; {spread}\right)"


def model_order(model: FieldDiffusion, step: Any) -> Any:
    """Return the weak order of an equation as a model of a step, unevaluated."""
    return WeakOrder(at_places(step, INDICES[0]), *_coefficients(model))


def _coefficients(model: FieldDiffusion) -> tuple[Any, Any]:
    """Return the drift and the covariance at `INDICES`."""
    return at_places(model.drift, INDICES[0]), at_places(model.covariance, *INDICES[:2])


def gap(model: FieldDiffusion, scheme: RandomArray, moment: int, order: int) -> Any:
    """Return a one-step moment of a scheme less its Itô–Taylor polynomial for the equation."""
    entries = INDICES[:moment]
    product = sympy.Mul(*[increment[index] for index in entries])
    expected = Expectation(sympy.Mul(*[scheme[index] for index in entries]))
    return expected - model.expansion(product, step_size, order)


@rule
def order_at_least(
    proof: Proof, model: FieldDiffusion, meaning: Fact, gaps: Sequence[Fact], order: int
) -> Fact:
    """Conclude weak order m from one-step moments of orders 1 to m that differ by O(η^{m+1})."""
    scheme, step = meaning.relation.left.base, meaning.relation.right
    proof.demand(meaning, equal(scheme[INDICES[0]], step))
    proof.demand_free(meaning, INDICES[0])
    if not isinstance(scheme, RandomArray) or not _divides(step_size, step):
        raise ProofError(f"{step} is no random step of order η.")
    drift, spread = _coefficients(model)
    if any(sympy.sympify(value).has(*TIMES, AppliedUndef) for value in (step, drift, spread)):
        raise ProofError("the equation and the step must not depend on the time.")
    demand_covariance(spread, *INDICES[:2])
    if not _divides(step_size, spread):
        raise ProofError("the covariance of the equation must be of order η, as that of SGD is.")
    if not _divides(sympy.S.One, drift):
        raise ProofError("the drift of the equation must be a polynomial in η.")
    if len(gaps) != order:
        raise ProofError(f"order {order} needs the moments of orders 1 to {order}.")
    for moment, fact in enumerate(gaps, start=1):
        rest = fact.relation.right
        proof.demand(fact, equal(gap(model, scheme, moment, order), rest))
        proof.demand_free(fact, *INDICES[:moment])
        for index in INDICES[:moment]:
            proof.demand_range(fact, index, dimension)
        if not _divides(step_size ** (order + 1), rest):
            raise ProofError(f"{rest} is not of order η^{order + 1}.")
    spoken = (step, drift, spread, *(fact.relation.right for fact in gaps))
    _demand_no_hidden_step(scheme, spoken, (meaning, *gaps))
    number = WeakOrder(step, drift, spread)
    return proof.take(
        at_most(order, number),
        "one-step moments agree",
        (meaning, *gaps),
        cited=(ITO_TAYLOR, WEAK_ERROR),
        required=(SMOOTH_COEFFICIENTS,),
    )


def _demand_no_hidden_step(scheme: Any, spoken: Iterable[Any], facts: Iterable[Fact]) -> None:
    """Refuse arrays that η is hidden in by their definitions."""
    laws = {array: law.parts for fact in facts for array, law in fact.dynamics.items()}
    arrays = set[Any]().union(*(sympy.sympify(one).atoms(sympy.IndexedBase) for one in spoken))
    new = arrays - {scheme}
    while new:
        parts = [sympy.sympify(part) for array in new for part in laws.get(array, ())]
        if any(part.has(step_size) for part in parts):
            names = ", ".join(sorted(map(str, new)))
            raise ProofError(
                f"the law of one of {names} depends on η, so that orders are not seen."
            )
        found = set[Any]().union(*(part.atoms(sympy.IndexedBase) for part in parts))
        new, arrays = found - arrays, arrays | found


def _divides(power: Any, value: Any) -> bool:
    """Return whether a value is a power of η times a polynomial in η."""
    if is_zero(value):
        return True
    quotient = sympy.expand(normal_sums(sympy.expand(value)) / power)
    return bool(quotient.is_polynomial(step_size))
