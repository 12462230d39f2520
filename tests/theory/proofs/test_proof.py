"""The kernel of the proofs lets nothing false through."""

import pytest
import sympy

from theory.proofs.fact import Assumption, Cited
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal, less

a, b = sympy.symbols("a b", positive=True)
x, y, z = sympy.symbols("x y z", real=True)
n = sympy.Symbol("n", integer=True, positive=True)
i = sympy.Symbol("i", integer=True)
BIGGER = Assumption("y is bigger", "x < y", less(x, y))
WORDS = Assumption("calm", "all is calm")


def test_equalities_are_exact() -> None:
    proof = Proof([])
    proof.equal((x + y) ** 2, x**2 + 2 * x * y + y**2, "square")
    proof.equal(sympy.sin(x) ** 2 + sympy.cos(x) ** 2, 1, "circle")
    rational = (1 / (sympy.sqrt(a) + sympy.sqrt(b)), (sympy.sqrt(a) - sympy.sqrt(b)) / (a - b))
    with pytest.raises(ProofError, match="is a divisor"):
        proof.equal(*rational, "where a is not b")
    apart = Proof([Assumption("apart", "", less(b, a))])
    assert apart.equal(*rational, "a is not b").rests_on == {"apart"}
    proof.equal(sympy.Matrix([[x, 0]]) * 2, sympy.Matrix([[2 * x, 0]]), "matrices")
    with pytest.raises(ProofError, match="is not zero"):
        proof.equal((x + y) ** 2, x**2 + x * y + y**2, "square")
    with pytest.raises(ProofError, match="is not zero"):
        proof.equal(sympy.sqrt(x**2), x, "x can be negative")
    with pytest.raises(ProofError, match="is not zero"):
        proof.equal(sympy.Matrix([[x, 0]]), sympy.Matrix([[x, y]]), "one entry differs")


def test_roots_inside_functions_are_told_from_those_outside() -> None:
    proof, f = Proof([]), sympy.Function("f", real=True)
    root = sympy.sqrt(a)
    proof.equal(root * (f(root) + root), a + root * f(root), "multiplied out")
    for left, right in ((f(root), root), (f(root), f(a)), (root * f(root), a)):
        with pytest.raises(ProofError, match="is not zero"):
            proof.equal(left, right, "wrong")


def test_a_difference_below_all_digits_is_seen() -> None:
    with pytest.raises(ProofError):
        Proof([]).equal(x, x * (1 + sympy.Rational(1, 10**60)), "nearly")


def test_inequalities_need_a_sign() -> None:
    proof = Proof([])
    proof.at_most(2 * x * y, x**2 + y**2, "a square")
    proof.less(0, a + b, "positive")
    proof.less(n - 1, n, "counts")
    proof.at_most(1, n, "counts begin at one")
    for left, right in ((x, y), (2 * x * y + 1, x**2 + y**2), (2, n), (0, a - b)):
        with pytest.raises(ProofError, match="is open"):
            proof.at_most(left, right, "wrong")
    with pytest.raises(ProofError, match="is open"):
        proof.less(2 * x * y, x**2 + y**2, "equal at x = y")


def test_known_relations_carry_inequalities() -> None:
    proof = Proof([BIGGER])
    known = proof.assume("y is bigger")
    shown = proof.less(3 * x, 3 * y, "scaled", using={known: 3})
    assert shown.rests_on == {"y is bigger"}
    proof.less(1 / (1 + y - x), 1, "rational", given={known: y})
    with pytest.raises(ProofError, match="multiplier"):
        proof.less(-x, -y, "turned round", using={known: -1})
    with pytest.raises(ProofError, match="multiplier"):
        proof.less(z * x, z * y, "scaled by anything", using={known: z})
    with pytest.raises(ProofError, match="is open"):
        proof.less(x, y, "from nothing")
    with pytest.raises(ProofError, match="cannot be solved"):
        proof.less(x, y, "for a stranger", given={known: z})


def test_strictness_is_not_made_up() -> None:
    proof = Proof([Assumption("at least", "x <= y", at_most(x, y))])
    known = proof.assume("at least")
    proof.at_most(x, y + a, "room", using={known: 1})
    with pytest.raises(ProofError):
        proof.less(x, y, "strict from weak", using={known: 1})
    with pytest.raises(ProofError):
        proof.less(x, y, "strict from weak", given={known: y})


def test_relations_for_show_are_not_counted() -> None:
    proof = Proof([BIGGER])
    known = proof.assume("y is bigger")
    assert not proof.less(0, a, "plain", given={known: y}).rests_on


def test_certificates_must_fit() -> None:
    proof = Proof([])
    square = (x - y) ** 2 + z**2
    proof.at_most(2 * x * y, x**2 + y**2 + z**2, "squares", certificate=square)
    with pytest.raises(ProofError, match="certificate misses"):
        proof.at_most(2 * x * y, x**2 + y**2, "squares", certificate=square)
    with pytest.raises(ProofError, match="is open"):
        proof.at_most(x, y, "no sign", certificate=y - x)


def test_chains_connect() -> None:
    proof = Proof([])
    first = proof.at_most(2 * x * y, x**2 + y**2, "a square")
    second = proof.less(y**2 + x**2, x**2 + y**2 + a, "room")
    joined = proof.chain(first, second)
    assert str(joined.relation) == "2*x*y < a + x**2 + y**2"
    with pytest.raises(ProofError, match="does not connect"):
        proof.chain(second, first)


def test_assumptions_must_be_made() -> None:
    proof = Proof([BIGGER, WORDS])
    with pytest.raises(ProofError, match="needs the assumption"):
        proof.assume("y is smaller")
    with pytest.raises(ProofError, match="has no relation"):
        proof.assume("calm")
    with pytest.raises(ProofError, match="not stated for all"):
        proof.assume("y is bigger", at={x: z})
    with pytest.raises(ProofError, match="needs the assumption"):
        Proof([]).take(less(0, a), "rule", (), required=(WORDS,))


def test_an_assumption_for_all_is_taken_up_anywhere() -> None:
    everywhere = Assumption("square", "0 <= x² for all x", at_most(0, x**2), over=(x,))
    fact = Proof([everywhere]).assume("square", at={x: y + 1})
    assert fact.relation == at_most(0, (y + 1) ** 2)


def test_a_sum_catches_no_foreign_index() -> None:
    j = sympy.Symbol("j", integer=True)
    v = sympy.IndexedBase("v", real=True)
    total = sympy.Sum(v[i] * v[j], (j, 1, n))
    everywhere = Assumption("bounded", "for all i", at_most(total, 1), over=(i,))
    with pytest.raises(ProofError, match="captured by a sum"):
        Proof([everywhere]).assume("bounded", at={i: j})


def test_facts_stay_in_their_proof() -> None:
    foreign = Proof([BIGGER]).assume("y is bigger")
    with pytest.raises(ProofError, match="another proof"):
        Proof([]).less(x, y, "borrowed", using={foreign: 1})


def test_what_a_fact_rests_on_goes_through_every_step() -> None:
    fact = Cited("law", "it is so", "a book")
    proof = Proof([BIGGER, WORDS])
    known = proof.assume("y is bigger")
    plain = proof.less(0, a, "positive")
    taken = proof.take(less(x, y + a), "rule", (known, plain), cited=(fact,), required=(WORDS,))
    joined = proof.chain(proof.equal(x, x, "same"), taken)
    assert joined.rests_on == {"y is bigger", "calm"}
    assert joined.cites == {fact}
    assert taken.kind == "cited"


def test_products_and_sums_of_relations() -> None:
    proof = Proof([BIGGER])
    known = proof.assume("y is bigger")
    assert str(proof.product(known, known, "square").relation) == "0 < (-x + y)**2"
    entries = sympy.IndexedBase("v", real=True)
    each = proof.at_most(0, entries[i] ** 2, "a square")
    total = proof.sum_over(each, i, n, "over all")
    assert proof.holds(total, at_most(0, sympy.Sum(entries[i] ** 2, (i, 1, n))))
    with pytest.raises(ProofError, match="cannot run"):
        proof.sum_over(each, x, n, "no index")
    assert not proof.holds(total, equal(0, sympy.Sum(entries[i] ** 2, (i, 1, n))))


def test_nothing_is_added_up_over_a_fixed_index() -> None:
    entries = sympy.IndexedBase("v", real=True)
    proof = Proof([], fixed=[i])
    each = proof.at_most(0, entries[i] ** 2, "a square")
    with pytest.raises(ProofError, match="does not run"):
        proof.sum_over(each, i, n, "over all")
