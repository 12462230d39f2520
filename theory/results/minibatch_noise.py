"""The noise of a minibatch, drawn with replacement or without (Boffi & Slotine 2020, Sec. 2.2).

N examples with gradients g_m have the full gradient ∇f = (1/N) Σ_m g_m and the covariance
Σ = (1/N) Σ_m (g_m − ∇f)(g_m − ∇f)ᵀ. The mean ĝ of b of them, drawn at random, has E ĝ = ∇f and

    Cov ĝ = Σ / b                              drawn with replacement,
    Cov ĝ = (1/b − 1/N) · N/(N − 1) · Σ        drawn without replacement.

Without replacement two draws are negatively correlated; the whole set, b = N, has no noise. The proof
sums over all pairs of draws and of examples.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE
from theory.core.equalities import combined, instance, rewritten
from theory.core.expectation import Expectation
from theory.core.induction import Definition, defined
from theory.core.random_arrays import RandomArray, averaged, covariance, covaried
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, equal, less
from theory.proofs.result import Planted, Result, Statement
from theory.symbols import batch_size as b
from theory.symbols import examples

a, c, i, j, k, m = sympy.symbols("a c i j k m", integer=True, positive=True)
gradient = sympy.IndexedBase("g", real=True)
"""The gradient of each example: g[m, a]."""
replaced, kept = RandomArray("d", real=True), RandomArray("e", real=True)
"""The gradients drawn with replacement, d[k, a], and without, e[k, a]."""
with_replacement = RandomArray("G", real=True)
without_replacement = RandomArray("H", real=True)
"""The gradient of the minibatch: G[a] and H[a]."""


def full(a: Any) -> Any:
    """Return ∂_a f."""
    return sympy.Sum(gradient[m, a], (m, 1, examples)) / examples


def spread(a: Any, c: Any) -> Any:
    """Return Σ_ac."""
    return (
        sympy.Sum((gradient[m, a] - full(a)) * (gradient[m, c] - full(c)), (m, 1, examples))
        / examples
    )


def batch(draws: Any, a: Any) -> Any:
    """Return the mean of the gradients drawn."""
    return sympy.Sum(draws[k, a], (k, 1, b)) / b


SCALE = (1 / b - 1 / examples) * examples / (examples - 1)
SAME = sympy.KroneckerDelta(i, j)
PRODUCTS = sympy.Sum(gradient[m, a] * gradient[m, c], (m, 1, examples))
PAIRS = sympy.Sum(
    (1 - sympy.KroneckerDelta(k, m)) * gradient[k, a] * gradient[m, c],
    (k, 1, examples),
    (m, 1, examples),
)

PART = Assumption("no more than all", "no more than all are drawn: b <= N", at_most(b, examples))


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Sum over pairs of draws, then over pairs of examples."""
    uniform = [proof.assume("uniform draws"), proof.assume("uniform draws, kept")]
    joint = [proof.assume("independent draws"), proof.assume("distinct draws")]
    reached = {}
    for name, array, draws, factor in (
        ("without replacement", without_replacement, kept, SCALE),
        ("with replacement", with_replacement, replaced, 1 / b),
    ):
        one = defined(proof, array[a], model.batch(draws, a))
        mean = averaged(proof, one, "mean of the minibatch")
        mean = rewritten(proof, mean, uniform, "every example with the same probability")
        fact = covaried(proof, one, instance(proof, one, {a: c}, "another coordinate"))
        fact = rewritten(proof, fact, [*uniform, *joint], "the law of two draws")
        reached[f"mean, {name}"] = combined(
            proof, mean.relation.left, full(a), {mean: 1}, "unbiased"
        )
        reached[name] = combined(
            proof, fact.relation.left, factor * spread(a, c), {fact: 1}, "collected"
        )
    several, at_least = proof.assume("two examples"), proof.assume("no more than all")
    reached["less noise"] = proof.at_most(
        SCALE, 1 / b, "two draws are negatively correlated", given={several: examples}
    )
    reached["some noise"] = proof.at_most(
        0,
        SCALE,
        "the batch is a part of the set",
        using={at_least: 1 / (b * (examples - 1))},
        given={several: examples},
    )
    return reached


RESULT = Result(
    name="minibatch_noise",
    number="Sec. 2.2",
    source=BOFFI_SLOTINE,
    title="noise of a minibatch",
    statements={
        "without replacement": Statement(
            "the covariance of the gradient of a minibatch drawn without replacement",
            equal(
                covariance(without_replacement[a], without_replacement[c]),
                sympy.Mul(SCALE, spread(a, c), evaluate=False),
            ),
            value=SCALE,
        ),
        "with replacement": Statement(
            "the covariance of the gradient of a minibatch drawn with replacement",
            equal(
                covariance(with_replacement[a], with_replacement[c]),
                sympy.Mul(1 / b, spread(a, c), evaluate=False),
            ),
            value=1 / b,
        ),
        "mean, without replacement": Statement(
            "the expected gradient, drawn without replacement",
            equal(Expectation(without_replacement[a]), full(a)),
        ),
        "mean, with replacement": Statement(
            "the expected gradient, drawn with replacement",
            equal(Expectation(with_replacement[a]), full(a)),
        ),
        "less noise": Statement(
            "drawing without replacement gives no more noise", at_most(SCALE, 1 / b)
        ),
        "some noise": Statement("the factor is not negative", at_most(0, SCALE)),
    },
    assumptions=(
        Assumption("two examples", "there are at least two examples: N > 1", less(1, examples)),
        PART,
        Assumption(
            "uniform draws",
            "with replacement: each draw takes every example with the same probability",
            equal(Expectation(replaced[i, a]), full(a)),
            over=(i, a),
        ),
        Assumption(
            "independent draws",
            "with replacement: draws are independent",
            equal(
                Expectation(replaced[i, a] * replaced[j, c]),
                SAME * PRODUCTS / examples + (1 - SAME) * full(a) * full(c),
            ),
            over=(i, j, a, c),
        ),
        Assumption(
            "uniform draws, kept",
            "without replacement: each draw takes every example with the same probability",
            equal(Expectation(kept[i, a]), full(a)),
            over=(i, a),
        ),
        Assumption(
            "distinct draws",
            "without replacement: two draws take every pair of different examples with the same "
            "probability",
            equal(
                Expectation(kept[i, a] * kept[j, c]),
                SAME * PRODUCTS / examples + (1 - SAME) * PAIRS / (examples * (examples - 1)),
            ),
            over=(i, j, a, c),
        ),
    ),
    setting={"batch": batch},
    system=(
        Definition(without_replacement[a], batch(kept, a)),
        Definition(with_replacement[a], batch(replaced, a)),
    ),
    prove=prove,
    planted=(
        Planted(
            "the covariance with replacement",
            statements={
                "without replacement": equal(
                    covariance(without_replacement[a], without_replacement[c]), spread(a, c) / b
                )
            },
        ),
        Planted(
            "the factor of the finite population has N for N − 1",
            statements={
                "without replacement": equal(
                    covariance(without_replacement[a], without_replacement[c]),
                    (1 / b - 1 / examples) * spread(a, c),
                )
            },
        ),
        Planted(
            "gradients are summed over the batch, not averaged",
            setting={"batch": lambda draws, a: b * batch(draws, a)},
        ),
        Planted(
            "the batch may be larger than the set",
            without=("no more than all",),
        ),
    ),
    remarks=(
        "The paper writes the noise as √(η/b) B with BBᵀ = Σ, which is drawing with replacement; "
        "without it, the usual epochs, the factor is smaller by (N − b)/(N − 1), and successive "
        "batches of one epoch are dependent, which this does not describe."
    ),
)
