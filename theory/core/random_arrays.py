"""Random variables with indices: expectations are linear, and factorise under independence.

Everything except the entries of a `RandomArray` is fixed, such as the data in a conditional expectation.
The expectations are of polynomials in the entries; that they exist is an assumption of the theorem.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import sympy

from theory.core.cited import INDEPENDENT_PRODUCT
from theory.core.dependence import common
from theory.core.equalities import combined, instances, multiplied
from theory.core.expectation import Expectation
from theory.proofs.fact import Assumption, Fact
from theory.proofs.failing import rule
from theory.proofs.indices import runs
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, Relation, bound_symbols
from theory.proofs.sums import normal_sums


class RandomArray(sympy.IndexedBase):  # type: ignore[misc]
    """An array whose entries are random variables."""

    random = True


@dataclasses.dataclass(frozen=True)
class Independence(Assumption):
    """The hypothesis that families of random variables are independent of each other."""

    families: tuple[tuple[Any, ...], ...] = ()
    shared: tuple[Any, ...] = ()

    def split(self, mean: Any) -> Any:
        """Return the product of the expectations of what belongs to different families."""
        return _split(mean.args[0], self)

    def contradicts(self, laws: Sequence[Relation], stated: Sequence[Relation]) -> Any:
        """Return an entry of which arrays are functions that it makes independent, or None."""
        return common(self.families, self.shared, laws, stated)


def mean_of(expression: Any) -> Any:
    """Return the expectation of an expression, constants and finite sums factored out."""
    opened = sympy.expand(normal_sums(sympy.sympify(expression)))
    means = [_mean_of_term(term) for term in sympy.Add.make_args(opened)]
    return normal_sums(sympy.Add(*means))


def covariance(one: Any, other: Any) -> Any:
    """Return E[u v] − E[u] E[v]."""
    return Expectation(one * other) - Expectation(one) * Expectation(other)


@rule
def averaged(proof: Proof, fact: Fact, words: str) -> Fact:
    """Take the expectation of both sides of a relation that holds almost surely."""
    left, right = mean_of(fact.relation.left), mean_of(fact.relation.right)
    return proof.take(Relation(left, fact.relation.sign, right), words, (fact,))


@rule
def factorised(proof: Proof, fact: Fact, name: str, words: str) -> Fact:
    """Split expectations of products of independent random variables."""
    assumption = proof.assumption(name)
    if not isinstance(assumption, Independence):
        raise ProofError(f'the assumption "{name}" is not one of independence.')
    arrays = [
        {base for entry in family for base in entry.atoms(sympy.IndexedBase)}
        for family in assumption.families
    ]
    if len(set().union(*arrays)) < sum(map(len, arrays)):
        raise ProofError(f'"{name}": an array of two families may be independent of itself.')
    left, right = fact.relation.left, fact.relation.right
    changes = {
        node: _split(node.args[0], assumption)
        for node in left.atoms(Expectation) | right.atoms(Expectation)
        if len(node.args) == 1  # at a given time there is another law
    }
    changes = {node: value for node, value in changes.items() if node != value}
    if not changes:
        return fact
    return proof.take(
        Relation(left.xreplace(changes), fact.relation.sign, right.xreplace(changes)),
        words,
        (fact,),
        cited=(INDEPENDENT_PRODUCT,),
        required=(assumption,),
    )


def _is_random(expression: Any) -> bool:
    known = expression.xreplace({value: sympy.Dummy() for value in expression.atoms(Expectation)})
    return any(isinstance(base, RandomArray) for base in known.atoms(sympy.IndexedBase))


def _mean_of_term(term: Any) -> Any:
    """Merge the sums of a product into one and take fixed factors out of the expectation."""
    fixed, chance, limits = [], [], []
    for factor in _factors(term):
        if not _is_random(factor):
            fixed.append(factor)
        elif isinstance(factor, sympy.Sum):
            names = {name: sympy.Dummy(name.name, integer=True) for name in factor.variables}
            limits += [(names[name], lower, upper) for name, lower, upper in factor.limits]
            chance += _factors(factor.function.xreplace(names))
        else:
            chance.append(factor)
    weight = sympy.Mul(*[factor for factor in chance if not _is_random(factor)])
    random = sympy.Mul(*[factor for factor in chance if _is_random(factor)])
    if random == 1:
        return sympy.Mul(*fixed)
    mean = weight * Expectation(random)
    return sympy.Mul(*fixed) * (sympy.Sum(mean, *limits) if limits else mean)


def _factors(term: Any) -> list[Any]:
    """Return the factors; a power of a sum counts as that many sums."""
    factors = []
    for factor in sympy.Mul.make_args(term):
        power = factor.is_Pow and factor.base.has(sympy.Sum) and factor.exp.is_Integer
        if power and factor.exp.is_positive:
            factors += [factor.base] * int(factor.exp)
        else:
            factors.append(factor)
    return factors


def _split(product: Any, assumption: Independence) -> Any:
    """Return the product of the expectations of the parts that belong to different families."""
    parts: dict[int, Any] = {}
    common: dict[Any, Any] = {}
    for factor in sympy.Mul.make_args(product):
        family = _family(factor, assumption, common)
        if family is None:
            return Expectation(product)
        parts[family] = parts.get(family, sympy.S.One) * factor
    return sympy.Mul(*[Expectation(part) for part in parts.values()])


def _family(factor: Any, assumption: Independence, common: dict[Any, Any]) -> int | None:
    """Return which family all random entries of a factor belong to, at the shared indices."""
    entries = [entry for entry in factor.atoms(sympy.Indexed) if _is_random(entry)]
    if assumption.shared and any(e.free_symbols & bound_symbols(factor) for e in entries):
        return None  # two sums over an index do not share its value
    for number, family in enumerate(assumption.families):
        if all(_belongs(entry, family, assumption.shared, common) for entry in entries):
            return number
    return None


def _belongs(
    entry: Any, family: tuple[Any, ...], shared: tuple[Any, ...], common: dict[Any, Any]
) -> bool:
    """Return whether an entry belongs to the family; the first one sets the shared indices."""
    for pattern in family:
        names = frozenset(filter(runs, pattern.free_symbols))
        for values in instances(pattern, entry, names):
            here = {name: value for name, value in values.items() if name in shared}
            if all(common.get(name, value) == value for name, value in here.items()):
                common.update(here)
                return True
    return False


@rule
def covaried(proof: Proof, one: Fact, other: Fact) -> Fact:
    """Conclude Cov(u, v) = E[U V] − E[U] E[V] from u = U and v = V, sums and constants factored out."""
    square = averaged(proof, multiplied(proof, one, other, "their product"), "its mean")
    means = averaged(proof, one, "the mean"), averaged(proof, other, "the mean of the other")
    product = multiplied(proof, *means, words="product of the means")
    left = covariance(one.relation.left, other.relation.left)
    right = square.relation.right - product.relation.right
    return combined(proof, left, right, {square: 1, product: -1}, "the covariance")
