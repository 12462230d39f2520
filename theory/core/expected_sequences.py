"""The mean of a sequence whose steps are affine in what is random."""

from collections.abc import Iterable
from typing import Any

from theory.core.equalities import combined, rewritten
from theory.core.expectation import Expectation
from theory.core.induction import Recursion, by_induction, stepped
from theory.core.random_arrays import averaged
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import equal

__all__ = ["mean_follows"]


def mean_follows(
    proof: Proof,
    random: Recursion,
    fixed: Recursion,
    time: Any,
    *indices: Any,
    start: Fact,
    moments: Iterable[Fact],
) -> Fact:
    """Conclude E f_t = g_t for all t, by induction, where one step keeps it.

    Parameters
    ----------
    proof : Proof
        Where the fact is made.
    random, fixed : Recursion
        The sequences f and g.
    time : sympy.Symbol
        t.
    *indices : sympy.Symbol
        The other indices.
    start : Fact
        f_1 = g_1.
    moments : iterable of Fact
        What is known of the expectations of the noise.

    Returns
    -------
    Fact
        Expectation(f[t, ...]) = g[t, ...].
    """
    claim = equal(Expectation(random.state[(time, *indices)]), fixed.state[(time, *indices)])
    base = averaged(proof, start, "the first models")

    def step(inner: Proof, known: Fact) -> Fact:
        after = stepped(inner, random, time, *indices)
        mean = averaged(inner, after, "the expectation passes through the step")
        mean = rewritten(inner, mean, [known, *moments], "with what is known of the noise")
        other = stepped(inner, fixed, time, *indices)
        ends = mean.relation.left, other.relation.left
        return combined(inner, *ends, {mean: 1, other: -1}, "the same step without chance")

    return by_induction(proof, claim, time, base, step)
