"""False theorems on limits, expectations and times: each is refused, for the reason that is named."""

from collections.abc import Callable
from typing import Any

import pytest
import sympy

from theory.core.equalities import combined, instance
from theory.core.expectation import UpperLimit, each_path, expected, in_the_limit
from theory.core.flows import SOLVED, Flow, Part, decays, settles
from theory.core.induction import defined
from theory.core.long_run import ClosedMoment, average_limit, moment_exactly
from theory.core.lyapunov import Iteration, Step
from theory.core.moments import REGULAR, Diffusion, moment_at, moment_limit
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, at_most, equal
from theory.proofs.satisfiable import instance_of
from theory.proofs.sums import at_places, normal_sums
from theory.symbols import agents as p
from theory.symbols import coupling as k
from theory.symbols import moving_rate as pull
from theory.symbols import noise_size, relaxation, time
from theory.symbols import rate as r
from theory.symbols import relative_step as q

a, i = sympy.symbols("a i", integer=True, positive=True)
x, w = (sympy.IndexedBase(name, real=True) for name in "xw")
X = x[1, 1]
V = X**2
NAMED = sympy.Function("f", real=True)(1)
FALLING = Flow((Part(x, lambda i, a: -sympy.S.One, sympy.S.One),))
FADING = k * sympy.exp(-time / relaxation)
"""A gain that vanishes."""
FADED = Diffusion(
    x,
    lambda i, a: -FADING * x[i, a],
    lambda i, a, c: noise_size**2 * sympy.KroneckerDelta(a, c),
    sympy.S.One,
)
STRONG = Assumption("strong", "the gain is at least r", at_most(r, FADING))
EXACT = Assumption("exact", "the gain is r", equal(FADING, r))
LATE = Assumption("late", "t >= 1", at_most(1, time))
HIDDEN = Assumption("named", "f(1) stands for the first coordinate", equal(NAMED, X))
HYPOTHESES = (SOLVED, REGULAR, STRONG, EXACT, LATE, HIDDEN)


def by_a_name(proof: Proof) -> Fact:
    """With ẋ = −1, x falls without end, and w is another name for r x: 1 <= 0, from two true limits."""
    name = instance(proof, defined(proof, w[a], r * x[1, a]), {a: sympy.S.One}, "")
    growth = proof.at_most(FALLING.derivative(X), -1 + w[1] - r * X, "", using={name: -1})
    one = settles(proof, FALLING, X, growth, proof.less(0, r, ""), w[1], offset=-1)
    below = proof.at_most(w[1], r * X, "", using={name: 1})
    two = in_the_limit(proof, w[1], r, X, below, average=each_path)
    return proof.at_most(1, 0, "", using={one: r, two: 1})


def in_a_circle(proof: Proof) -> Fact:
    """From A <= B − 1 and B <= A, both infinite, 1 <= 0."""
    one = in_the_limit(proof, V, sympy.S.One, 2 * V, proof.at_most(V, 2 * V, ""))
    other = in_the_limit(proof, 2 * V, sympy.S(2), V, proof.at_most(2 * V, 2 * V, ""))
    less_one = proof.at_most(one.relation.left, one.relation.right, "", using={one: 1})
    return proof.at_most(
        one.relation.left, 2 * one.relation.left, "", using={less_one: 1, other: 1}
    )


def in_a_chain(proof: Proof) -> Fact:
    """The same in two steps: A <= B − 1 and B − 1 <= A − 1 would make A <= A − 1."""
    one = proof.take(at_most(UpperLimit(V), UpperLimit(2 * V) - 1), "planted", ())
    other = proof.take(at_most(UpperLimit(2 * V) - 1, UpperLimit(V) - 1), "planted", ())
    return proof.at_most(1, 0, "", using={proof.chain(one, other): 1})


def below_itself(proof: Proof) -> Fact:
    return proof.take(at_most(UpperLimit(V), UpperLimit(V) - 1), "planted", ())


def in_sums(proof: Proof) -> Fact:
    """The same over all agents, with an index of another name in each of the two."""
    square = sympy.IndexedBase("square", real=True)
    facts = []
    for name in sympy.symbols("i j", integer=True, positive=True):
        one, other = (UpperLimit(square[place, name]) for place in (1, 2))
        sides = (one, other - 1) if not facts else (other, one)
        planted = proof.take(at_most(*sides), "planted", ())
        facts.append(proof.sum_over(planted, name, p, ""))
    return proof.at_most(p, 0, "", using=dict.fromkeys(facts, 1))


def multiplied(proof: Proof) -> Fact:
    bound = in_the_limit(proof, V, sympy.S.One, V + 1, proof.at_most(V, V + 1, ""))
    return proof.product(bound, bound, "")


def expanding(proof: Proof) -> Fact:
    """ẋ = −(t − 1) x expands before t = 1."""
    flow = Flow((Part(x, lambda i, a: -(time - 1) * x[i, a], sympy.S.One),))
    late = {proof.assume("late"): 2 * V}
    return decays(
        proof, flow, V, sympy.S.Zero, proof.at_most(flow.derivative(V), 0, "", using=late)
    )


def growth_now(proof: Proof) -> tuple[Fact, Fact]:
    bound = noise_size**2 - 2 * r * V
    strong = {proof.assume("strong"): 2 * V}
    growth = proof.at_most(FADED.generator(V), bound, "", using=strong)
    return growth, proof.less(0, 2 * r, "")


def closed_now(proof: Proof) -> Fact:
    right = noise_size**2 - 2 * r * V
    exact = combined(proof, FADED.generator(V), right, {proof.assume("exact"): -2 * V}, "")
    moment = ClosedMoment(V, exact, proof.less(0, 2 * r, ""), noise_size**2)
    return moment_exactly(proof, FADED, moment)


FALSE: dict[str, tuple[Callable[[Proof], Any], str]] = {
    "what falls without end, by another name": (by_a_name, "bounded by each other"),
    "limits that bound each other": (in_a_circle, "bounded by each other"),
    "limits that bound each other, in a chain": (in_a_chain, "bounded by each other"),
    "a limit below itself": (below_itself, "is on both sides"),
    "limits that bound each other, in sums": (in_sums, "bounded by each other"),
    "a product of limits": (multiplied, "may be infinite, as the other factor may be"),
    "decay by a hypothesis on one time": (expanding, "known at one time alone"),
    "a limit by a hypothesis on one time": (
        lambda proof: moment_limit(proof, FADED, V, *growth_now(proof), noise_size**2),
        "known at one time alone",
    ),
    "a moment by a hypothesis on one time": (
        lambda proof: moment_at(proof, FADED, V, *growth_now(proof), noise_size**2),
        "known at one time alone",
    ),
    "an average by a hypothesis on one time": (
        lambda proof: average_limit(proof, FADED, V, V, *growth_now(proof), noise_size**2),
        "known at one time alone",
    ),
    "a closed moment by a hypothesis on one time": (closed_now, "known at one time alone"),
}


@pytest.mark.parametrize("case", FALSE)
def test_it_is_refused(case: str) -> None:
    steps, reason = FALSE[case]
    with pytest.raises(ProofError, match=reason):
        steps(Proof(HYPOTHESES, declared=[w]))


def test_limits_may_be_put_into_one_another() -> None:
    proof = Proof(())
    one = in_the_limit(proof, V, sympy.S.One, V + 1, proof.at_most(V, V + 1, ""), average=each_path)
    two = in_the_limit(
        proof, V + 1, sympy.S(2), V + 3, proof.at_most(V + 1, 2 * V + 6, ""), average=each_path
    )
    joint = proof.at_most(UpperLimit(V), 2 * UpperLimit(V + 3), "", using={one: 1, two: 1})
    assert joint.relation == at_most(UpperLimit(V), 2 * UpperLimit(V + 3))


def test_a_function_that_may_be_one_of_the_state_stays_in_the_expectation() -> None:
    proof = Proof(HYPOTHESES)
    named = proof.assume("named")
    mean = expected(proof, proof.at_most(NAMED * X, V, "", using={named: X}), time, "")
    assert mean.relation.left.atoms(sympy.Function) >= {NAMED}
    assert not mean.relation.left.is_Mul


def test_the_sum_of_a_law_does_not_take_the_index_of_what_moves() -> None:
    """Without care Σ_i (x_i − x_k) at k = i were 0, and agents not coupled."""

    def law(place: Any, coordinate: Any) -> Any:
        apart = sympy.Sum(x[i, coordinate] - x[place, coordinate], (i, 1, p))
        return x[place, coordinate] - q * x[place, coordinate] + pull / p * apart

    mean = sympy.Sum(x[i, 1], (i, 1, p)) / p
    spread = sympy.Sum(x[i, 1] ** 2, (i, 1, p)) - p * mean**2
    model = Iteration((Step(x, law, noisy=True),), noise_size**2)
    after = (1 - q - pull) ** 2 * spread + (p - 1) * noise_size**2
    assert Proof(()).equal(model.after(spread), after, "")


def test_a_law_is_written_at_its_places() -> None:
    def law(place: Any) -> Any:
        return sympy.Sum(w[place] * w[i], (i, 1, p))

    written = normal_sums(at_places(law, i))
    assert written.free_symbols >= {i}
    assert at_places(law, a) == law(a)


@pytest.mark.parametrize(
    "hypothesis",
    [equal(X, sympy.Symbol("c", real=True)), equal(V, k)],
    ids=["a number", "a parameter"],
)
def test_no_number_equals_a_coordinate_that_moves(hypothesis: Any) -> None:
    one = Assumption("one number", "the first coordinate is a number", hypothesis)
    assert instance_of((one,))
    with pytest.raises(ProofError, match="may contradict each other, or what moves"):
        instance_of((one,), frozenset([x]))


def test_a_signal_may_be_another_at_every_state() -> None:
    one = Assumption("signal", "w is the first coordinate", equal(w[1], X))
    assert instance_of((one,), frozenset([x]))
