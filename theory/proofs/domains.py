"""Whether values are defined and lie in the domain of a symbol, by sympy and by the facts of a proof."""

import functools
from collections.abc import Iterable, Mapping
from typing import Any

import sympy
from sympy.core.function import AppliedUndef
from sympy.matrices.expressions.matexpr import MatrixElement

from theory.proofs.comparison import solved
from theory.proofs.dynamics import PLACES, symbols_of
from theory.proofs.fact import Assumption, Fact
from theory.proofs.indices import demand_bound
from theory.proofs.relation import ProofError, Relation, bound_symbols
from theory.proofs.signs import as_real, is_nonnegative, is_positive, is_zero
from theory.proofs.sums import normal_sums, ranges_within
from theory.symbols import TIMES

ELEMENTARY = (sympy.exp, sympy.log, sympy.Abs)
"""Functions of numbers, which are constant where these are."""
UNDEFINED = (sympy.zoo, sympy.nan, sympy.oo, -sympy.oo)
UNBOUNDED = (sympy.Product, sympy.Limit, sympy.Subs)
"""Terms with bound symbols of their own that no rule knows."""
EVERYWHERE = (
    *ELEMENTARY, sympy.sin, sympy.cos, sympy.sinh, sympy.cosh, sympy.tanh, sympy.atan, sympy.asinh,
    sympy.erf, sympy.erfc, sympy.sign, sympy.Heaviside, sympy.Piecewise, sympy.KroneckerDelta,
    sympy.re, sympy.im, sympy.conjugate, sympy.floor, sympy.ceiling, sympy.Max, sympy.Min,
)  # fmt: skip
"""Functions of sympy without poles or branches at real numbers; that of `log` is looked at."""


class KnownSigns:
    """The signs of expressions, shown by sympy, by facts or by hypotheses of a proof."""

    def __init__(
        self,
        facts: Iterable[Fact],
        assumptions: Iterable[Assumption] = (),
        given: Mapping[Fact, Any] | None = None,
        shown: dict[Any, list[Any]] | None = None,
    ) -> None:
        facts, assumptions = tuple(facts), tuple(assumptions)
        self._given, self._shown = dict(given or {}), {} if shown is None else shown
        self._known: list[tuple[Relation, Any]] = [(fact.relation, fact) for fact in facts]
        self._known += [(one.relation, one.name) for one in assumptions if one.relation is not None]
        self._stated = {one.name: one for one in assumptions}
        self._bound = frozenset[Any]()
        self.used: list[Any] = []

    def demand_defined(self, *expressions: Any) -> None:
        """Raise ProofError where an expression divides by what is not shown to be nonzero."""
        for expression in map(sympy.sympify, expressions):
            if not isinstance(expression, sympy.Expr | sympy.MatrixBase):
                raise ProofError(f"{expression} is not a number.")
            if expression.has(*UNDEFINED):
                raise ProofError(f"{expression} is not a number.")
            if expression.has(sympy.Float):
                raise ProofError(f"{expression} has rounded numbers; give fractions of integers.")
            if expression.has(*UNBOUNDED):
                raise ProofError(f"{expression}: no step of a proof is about such a term.")
            demand_bound(expression)
            self._bound |= bound_symbols(expression)
            for entry in expression.atoms(sympy.Indexed):
                if not all(index.is_integer for index in entry.indices):
                    raise ProofError(
                        f"{entry}: an index must be an integer, the same at all states."
                    )
            for symbol in expression.atoms(sympy.Symbol):
                if symbol.is_infinite or (symbol.is_extended_real and not symbol.is_real):
                    raise ProofError(f"{symbol} may be infinite; declare it real.")
            for delta in expression.atoms(sympy.KroneckerDelta):
                if len(delta.args) > 2:
                    raise ProofError(f"{delta} is zero outside of a range; leave its range out.")
            for power in sorted(expression.atoms(sympy.Pow), key=sympy.default_sort_key):
                if not is_nonnegative(power.exp):
                    self._demand_nonzero(power.base)
            for logarithm in expression.atoms(sympy.log):
                self.demand_positive(logarithm.args[0])
            for cases in expression.atoms(sympy.Piecewise):
                if cases.args[-1].cond != sympy.true:
                    raise ProofError(f"{cases} is not defined in all cases.")
            for call in expression.atoms(sympy.Function):
                known = isinstance(call, (AppliedUndef, *EVERYWHERE))
                if not known and type(call).__module__.startswith("sympy."):
                    raise ProofError(f"{call} may have poles or branches.")

    def demand_positive(self, value: Any) -> None:
        """Raise ProofError unless a value is shown to be positive."""
        self._bound |= bound_symbols(value)
        if not (is_positive(value) or self._finds(value, ("<",))):
            raise ProofError(f"0 < {value} is needed among the signs.")

    def demand_nonnegative(self, value: Any) -> None:
        """Raise ProofError unless a value is shown to be zero or positive."""
        self._bound |= bound_symbols(value)
        if not self._is_nonnegative(value):
            raise ProofError(f"0 <= {value} is needed among the signs.")

    def shows_nonnegative(self, value: Any) -> bool:
        """Return whether a value is shown to be zero or positive."""
        return self._is_nonnegative(sympy.sympify(value))

    def demand_real(self, value: Any) -> None:
        """Raise ProofError unless a value is shown to be real."""
        value = sympy.sympify(value)
        self._bound |= bound_symbols(value)
        names = {
            power: sympy.Dummy("root", nonnegative=True)
            for power in value.atoms(sympy.Pow)
            if not power.exp.is_Integer
            if self._is_nonnegative(power.base)
        }
        if not is_real(value.xreplace(names)):
            raise ProofError(f"{value} is not known to be real.")

    def demand_ordered(self, side: Any) -> None:
        """Raise ProofError where a side of an inequality has a part that is not shown to be real."""
        side = sympy.sympify(side)
        self._bound |= bound_symbols(side)
        demand_real_names(side)
        for power in sorted(side.atoms(sympy.Pow), key=sympy.default_sort_key):
            known = power.exp.is_integer or is_nonnegative(power.base)
            if not (known or self._has_known_sign(power)):
                self.demand_nonnegative(power.base)

    def _is_nonnegative(self, value: Any) -> bool:
        """Return whether a value, or each of its parts, is shown to be zero or positive."""
        if is_nonnegative(value) or self._finds(value, ("<", "<=")):
            return True
        roots = [power for power in value.atoms(sympy.Pow) if not power.exp.is_integer]
        known = {
            root: sympy.Dummy(nonnegative=True) for root in roots if self._has_known_sign(root)
        }
        if known and is_nonnegative(value.xreplace(known)):
            return True
        if value.is_Mul or value.is_Add:
            return all(map(self._is_nonnegative, value.args))
        return bool(value.is_Pow and value.exp.is_real and self._is_nonnegative(value.base))

    def _has_known_sign(self, root: Any) -> bool:
        """Return whether a relation says that a root is not negative, so that it is real."""
        for relation, source in self._known:
            says = relation.sign != "=" and relation.left == 0 and relation.right == root
            if says and self._holds_under_sums(source, root):
                self.used.append(source)
                return True
        return False

    def _holds_under_sums(self, source: Any, value: Any) -> bool:
        """Return whether a relation is known for all values that sums give the symbols of a part."""
        summed = self._bound & value.free_symbols
        known = self._stated[source] if isinstance(source, str) else source
        return not (summed and summed & _one_value(known))

    def _demand_nonzero(self, value: Any) -> None:
        place = value, self._bound & value.free_symbols
        if place not in self._shown:
            before = len(self.used)
            if not self._is_nonzero(value):
                raise ProofError(f"{value} is a divisor, and not shown to be different from zero.")
            self._shown[place] = self.used[before:]
        else:
            self.used += self._shown[place]

    def _is_nonzero(self, value: Any) -> bool:
        if value.is_Mul:
            return all(map(self._is_nonzero, value.args))
        if value.is_Pow:
            return self._is_nonzero(value.base)
        if value.is_number:
            return bool(value.is_zero is False)
        if is_positive(value) or is_positive(-value):
            return True
        if self._given and all(self._holds_under_sums(fact, value) for fact in self._given):
            reduced = solved(self._given, value)
            if is_positive(reduced) or is_positive(-reduced):
                self.used += self._given
                return True
        return self._finds(value, ("<",)) or self._finds(-value, ("<",))

    def _finds(self, value: Any, signs: tuple[str, ...]) -> bool:
        """Look for a relation 0 < c X with a positive c, and remember where it comes from."""
        value = normal_sums(value)
        for relation, source in self._known:
            if relation.sign not in signs or not _alike(value, relation.slack):
                continue
            if not self._holds_under_sums(source, value):
                continue
            if _is_positive_multiple(value, normal_sums(relation.slack)):
                self.used.append(source)
                return True
        return False


def _one_value(known: Fact | Assumption) -> frozenset[Any]:
    """Return the symbols of what is not known for all values of them."""
    if isinstance(known, Fact):
        return known.fixed.union((name for name, _ in known.ranges), symbols_of(known.dynamics))
    assert known.relation is not None
    return known.fixed.union(name for name, _ in ranges_within(known.relation))


@functools.lru_cache(maxsize=4096)
def _is_positive_multiple(value: Any, slack: Any) -> bool:
    if is_zero(slack):
        return False
    ratio = as_real(sympy.cancel(value / slack))
    return bool(ratio.is_positive or sympy.factor(ratio).is_positive)


def _alike(value: Any, slack: Any) -> bool:
    """Return whether one can be a positive multiple of the other: the same arrays occur in both."""
    arrays = value.atoms(sympy.IndexedBase) == slack.atoms(sympy.IndexedBase)
    return bool(arrays and value.free_symbols & slack.free_symbols)


NARROWER = ("zero", "positive", "negative", "nonnegative", "nonpositive", "integer", "rational")
"""Properties that what moves does not keep."""


def demand_real_sides(relation: Relation) -> None:
    """Raise ProofError where an inequality is one of what is not real."""
    if relation.sign != "=":
        demand_real_names(relation.left)
        demand_real_names(relation.right)


def demand_real_names(side: Any) -> None:
    """Raise ProofError where a side of an inequality has a symbol or an entry that is not real."""
    side = sympy.sympify(side)
    entries = side.atoms(sympy.Indexed)
    written = side.xreplace({entry: sympy.Dummy(real=entry.is_real) for entry in entries})
    parts = written.atoms(sympy.Symbol, AppliedUndef, MatrixElement) - bound_symbols(written)
    parts |= {
        call
        for call in side.atoms(sympy.Function)
        if not str(type(call).__module__).startswith("sympy.")
    }
    if side.has(sympy.I) or not all(part.is_real for part in parts):
        raise ProofError(f"{side} is not known to be real, so it has no order.")


@functools.lru_cache(maxsize=4096)
def demand_law(state: Any, *values: Any) -> None:
    """Raise ProofError unless an array is real, and so is what moves it, at all states."""
    entry = state[PLACES[:2]]
    kinds = ("of_loss", "constant", "random", "semidefinite")
    if not entry.is_real or any(getattr(state, kind, False) for kind in kinds):
        raise ProofError(
            f"the array {state} that moves must be declared real, and be no gradient, constant, "
            "covariance or random array."
        )
    if any(getattr(entry, f"is_{name}") is not None for name in NARROWER):
        raise ProofError(f"the array {state} moves, so it may not be declared more than real.")
    KnownSigns(()).demand_defined(*values)
    for value in values:
        if not is_real(value):
            raise ProofError(f"{value} moves {state}, and is not known to be real at all states.")


def is_real(value: Any) -> bool:
    """Return whether a value is real, and sums of what is."""
    value = sympy.sympify(value)
    sums = {total: sympy.Dummy(real=True) for total in value.atoms(sympy.Sum)}
    inner = all(is_real(total.function) for total in sums)
    return bool(inner and value.xreplace(sums).is_real)


def is_random(expression: Any) -> bool:
    """Return whether an expression depends on the state: it has indexed symbols or sums."""
    return bool(sympy.sympify(expression).has(sympy.Indexed, sympy.Sum))


def demand_constant(*values: Any) -> None:
    """Raise ProofError unless the values are the same at all states and at all times."""
    for value in map(sympy.sympify, values):
        if not is_constant(value):
            raise ProofError(f"{value} must be the same at all states and at all times.")


def is_constant(value: Any) -> bool:
    """Return whether a value is shown to be the same at all states and at all times."""
    value = sympy.sympify(value)
    calls = value.atoms(sympy.Function, sympy.Derivative, sympy.Integral)
    moves = is_random(value) or value.has(*TIMES)
    return not (moves or calls - value.atoms(*ELEMENTARY))
