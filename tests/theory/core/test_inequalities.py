"""Rules of order: products, extremes, roots, small numbers; each refuses premises that do not fit."""

from typing import Any

import pytest
import sympy

from theory.core.inequalities import (
    above_smallest,
    absolute_at_most,
    arbitrarily_small,
    below_largest,
    cancelled,
    decayed,
    exponentials,
    largest_at_most,
    length_at_most,
    ordered_squares,
    powers,
    root_above,
    root_at_least,
    root_at_most,
    root_below,
    roots,
    smoothed_root,
    twice_product,
    without_small,
)
from theory.core.norms import norm
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, less
from theory.symbols import dimension

a, b, r, d = sympy.symbols("a b r d", positive=True)
c = sympy.Symbol("c", nonnegative=True)
h, y, z = sympy.symbols("h y z", real=True)
k = sympy.Symbol("k", integer=True)
u, w = sympy.IndexedBase("u", real=True), sympy.IndexedBase("w", real=True)
COMPONENTS = (
    Assumption("most", "", at_most(u[k], c), over=(k,)),
    Assumption("least", "", at_most(-c, u[k]), over=(k,)),
    Assumption("each most", "", at_most(u[k], w[k]), over=(k,)),
    Assumption("each least", "", at_most(-w[k], u[k]), over=(k,)),
)


def granted(*relations: tuple[Any, Any]) -> tuple[Proof, list[Fact]]:
    proof = Proof([Assumption(str(i), "", at_most(*sides)) for i, sides in enumerate(relations)])
    return proof, [proof.assume(str(i)) for i in range(len(relations))]


def test_a_positive_factor_is_cancelled() -> None:
    proof = Proof([])
    factor, product = proof.less(0, a, "positive"), proof.less(a, a + a * b, "multiplied")
    assert cancelled(proof, factor, 1, 1 + b, product, "by a").relation == less(1, 1 + b)
    with pytest.raises(ProofError, match="is needed"):
        cancelled(proof, proof.at_most(0, a, "weak"), 1, 1 + b, product, "by a")
    with pytest.raises(ProofError, match="is needed"):
        cancelled(proof, factor, 1, 2 + b, product, "by a")


def test_exponentials_keep_the_order() -> None:
    proof, (below,) = granted((y, z))
    assert exponentials(proof, below).relation == at_most(sympy.exp(y), sympy.exp(z))
    assert decayed(proof, 2 * c).relation == at_most(sympy.exp(-2 * c), 1)
    with pytest.raises(ProofError, match="is open"):
        decayed(proof, y)


def test_largest_values() -> None:
    proof, (one, other, negative) = granted((y, c), (z, c), (-y, c))
    assert largest_at_most(proof, [one, other]).relation == at_most(sympy.Max(y, z), c)
    assert absolute_at_most(proof, one, negative).relation == at_most(sympy.Abs(y), c)
    with pytest.raises(ProofError, match="is needed"):
        absolute_at_most(proof, one, other)
    with pytest.raises(ProofError, match="is needed"):
        largest_at_most(proof, [one, proof.at_most(z, z + 1, "another bound")])
    with pytest.raises(ProofError, match="not among the values"):
        below_largest(proof, h, sympy.Max(y, z))


def test_smallest_values() -> None:
    proof = Proof([])
    assert above_smallest(proof, y, sympy.Min(y, z)).relation == at_most(sympy.Min(y, z), y)
    with pytest.raises(ProofError, match="not among the values"):
        above_smallest(proof, h, sympy.Min(y, z))


def test_twice_a_product_needs_a_known_sign() -> None:
    proof = Proof([Assumption("sign", "", less(0, y))])
    fact = twice_product(proof, proof.assume("sign"), r, d)
    assert fact.rests_on == {"sign"}
    with pytest.raises(ProofError, match="is needed"):
        twice_product(proof, proof.at_most(0, y**2, "weak"), r, d)
    with pytest.raises(ProofError, match="must be real"):
        twice_product(proof, proof.assume("sign"), r, sympy.Symbol("z"))


def test_roots() -> None:
    proof = Proof([])
    root_above(proof, -a, a**2 + b, "negative sides too")
    root_below(proof, a**2 + b**2, a + b, "below")
    root_at_most(proof, a**2, a, "equal")
    with pytest.raises(ProofError, match="squared"):
        root_above(proof, a, a**2, "equal is not above")
    with pytest.raises(ProofError, match="no negative side"):
        root_below(proof, a**2, -2 * a, "squares forget the sign")
    with pytest.raises(ProofError, match="root is real"):
        root_at_most(proof, a - b, a + b + 1, "no real root")


def test_squares_do_not_determine_the_sign() -> None:
    proof, (squares, sign) = granted((y**2, z**2), (0, z))
    assert ordered_squares(proof, y, z, squares, sign, "").relation == at_most(y, z)
    with pytest.raises(ProofError, match="is needed"):
        ordered_squares(proof, y, -z, squares, sign, "z may be positive")
    root_at_least(proof, y, y**2 + c, "of any sign")
    with pytest.raises(ProofError, match="is open"):
        root_at_least(proof, y, y**2 - c, "too small")


def test_roots_need_a_known_sign() -> None:
    proof = Proof([Assumption("below", "", less(y, a)), Assumption("square", "", less(y**2, a))])
    with pytest.raises(ProofError, match="root is real"):
        roots(proof, proof.assume("below"), "of any number")
    assert roots(proof, proof.assume("square"), "of a square").relation.sign == "<"


def test_small_numbers_vanish() -> None:
    small = arbitrarily_small()
    proof = Proof([])
    near = proof.less(b, b + a * small, "near")
    assert without_small(proof, near, small).relation == at_most(b, b)
    with pytest.raises(ProofError, match="not arbitrarily small"):
        without_small(proof, near, a)
    with pytest.raises(ProofError, match="does not tend"):
        without_small(proof, proof.at_most(small, 2 * small, "on both sides"), small)
    with pytest.raises(ProofError, match="does not tend"):
        without_small(proof, proof.at_most(0, 1 / small, "a pole"), small)


def test_a_number_in_an_assumption_is_not_arbitrarily_small() -> None:
    small = arbitrarily_small()
    proof = Proof([Assumption("large", "", at_most(y, small))])
    with pytest.raises(ProofError, match="one value"):
        without_small(proof, proof.assume("large"), small)


def test_a_smoothed_root_is_above_the_root_and_the_small_number() -> None:
    small = arbitrarily_small()
    root, longer, above = smoothed_root(Proof([]), y**2, small)
    assert longer.relation == at_most(sympy.sqrt(y**2), root)
    assert above.relation == at_most(small, root)


def test_the_length() -> None:
    proof = Proof(COMPONENTS)
    fact = length_at_most(proof, proof.assume("most"), proof.assume("least"), k)
    assert proof.holds(fact, at_most(norm(lambda k: u[k]), sympy.sqrt(dimension) * c))
    assert fact.rests_on == {"most", "least"}


def test_a_length_needs_both_signs_and_one_bound_for_all_components() -> None:
    proof = Proof(COMPONENTS)
    with pytest.raises(ProofError, match="is needed"):
        length_at_most(proof, proof.assume("most"), proof.assume("most"), k)
    with pytest.raises(ProofError, match="same for every"):
        length_at_most(proof, proof.assume("each most"), proof.assume("each least"), k)


def test_one_component_is_not_all() -> None:
    proof = Proof(COMPONENTS, fixed=[k])
    with pytest.raises(ProofError, match="one value of it"):
        length_at_most(proof, proof.assume("most"), proof.assume("least"), k)


def test_powers_keep_the_order_of_positive_numbers() -> None:
    proof = Proof([])
    fact = proof.at_most(a, a + b, "more")
    assert powers(proof, fact, 2 * c, "raised").relation == at_most(
        a ** (2 * c), (a + b) ** (2 * c)
    )
    with pytest.raises(ProofError, match="non-negative"):
        powers(proof, fact, -c, "raised")
    with pytest.raises(ProofError):
        powers(proof, proof.at_most(c, c + a, "perhaps 0"), a, "raised")
    with pytest.raises(ProofError):
        powers(proof, proof.at_most(y, y + a, "any sign"), c, "raised")
