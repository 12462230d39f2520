"""Second moments for Lemma 1 and Corollary 1: the covariance of linear models under weight noise.

Learners as in Corollary 1 (Adilova, Paul and Schlicht 2018) take noisy steps u^k_t = φ^k_t(f^k_t +
ε_t ψ^k_t) on linear models and mix them, f^i_{t+1} = Σ_k W_ik u^k_t: W = I in a round without
averaging, W_ik = 1/p in a round with it. The noise is fresh in each round and independent between
learners. Then the covariances S^{ij}_t = Cov(f^i_t, f^j_t) obey, with M^k_t = I − η Σ_j x_j x_jᵀ
over the batch of learner k,

    S^{ij}_{t+1} = Σ_{k,l} W_ik W_jl M^k_t ( S^{kl}_t + δ_kl ε_t² Cov Ψ_t ) M^l_tᵀ.

One model alone has S' = M (S + ε² Cov Ψ) Mᵀ. Nothing is assumed of the mean of the noise.
"""

from typing import Any

import sympy

from theory.core.cited import ADILOVA
from theory.core.equalities import combined, rewritten
from theory.core.expectation import Expectation
from theory.core.induction import Recurrent, Recursion, stepped
from theory.core.random_arrays import Independence, RandomArray, covariance, covaried, factorised
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import equal
from theory.proofs.result import Planted, Result, Statement
from theory.results.adilova_corollary_1 import a, f, i, inputs, psi, t, updated
from theory.results.adilova_lemma_1 import level
from theory.symbols import agents as p
from theory.symbols import batch_size, dimension, step_size

j, c, k, m = sympy.symbols("j c k m", integer=True, positive=True)
law = RandomArray("Psi", real=True)
"""A variable of the law of the noise in each round: Psi[t, a]."""


weight = sympy.IndexedBase("W", real=True)
"""The weight of learner k's model in that of learner i: W[t, i, k]."""


def contraction(k: Any, a: Any, c: Any) -> Any:
    """Return entry a, c of M^k_t = I − η Σ_j x_j x_jᵀ."""
    j = sympy.Dummy("j", integer=True)
    outer = sympy.Sum(inputs[t, k, j, a] * inputs[t, k, j, c], (j, 1, batch_size))
    return sympy.KroneckerDelta(a, c) - step_size * outer


def mixed(t: Any, i: Any, a: Any) -> Any:
    """Return the averaged models after the steps of round t."""
    k = sympy.Dummy("k", integer=True)
    after = updated(t, k, lambda c: f[t, k, c] + level[t] * psi[t, k, c])
    return sympy.Sum(weight[t, i, k] * after(a), (k, 1, p))


def spread(k: Any, a: Any, m: Any, c: Any) -> Any:
    """Return entry a, c of S^{kl}_t + δ_kl ε_t² Cov Ψ_t."""
    added = level[t] ** 2 * covariance(law[t, a], law[t, c])
    return covariance(f[t, k, a], f[t, m, c]) + sympy.KroneckerDelta(k, m) * added


def propagated(k: Any, m: Any) -> Any:
    """Return entry a, c of M^k_t ( S^{kl}_t + δ_kl ε_t² Cov Ψ_t ) M^l_tᵀ."""
    d, e = (sympy.Dummy(letter, integer=True) for letter in "de")
    entries = contraction(k, a, d) * spread(k, d, m, e) * contraction(m, c, e)
    return sympy.Sum(entries, (d, 1, dimension), (e, 1, dimension))


AFTER = sympy.Sum(weight[t, i, k] * weight[t, j, m] * propagated(k, m), (k, 1, p), (m, 1, p))


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Multiply two models after a step, take expectations, subtract the product of the means."""
    recursion = Recursion(f, model.noisy)
    one, other = stepped(proof, recursion, t, i, a), stepped(proof, recursion, t, j, c)
    fact = covaried(proof, one, other)
    fact = factorised(proof, fact, "fresh noise", "the noise is independent of the models")
    fact = rewritten(
        proof,
        fact,
        [proof.assume("independent learners")],
        "the noises of different learners are independent",
    )
    return {"covariance": combined(proof, fact.relation.left, AFTER, {fact: 1}, "collected")}


RESULT = Result(
    name="adilova_covariance",
    number="Lemma 1 and Corollary 1, second moments",
    source=ADILOVA,
    title="covariance of linear models under weight noise",
    statements={
        "covariance": Statement(
            "the covariance of two learners' models after a round",
            equal(covariance(f[t + 1, i, a], f[t + 1, j, c]), AFTER),
        )
    },
    assumptions=(
        Independence(
            "fresh noise",
            "given the data, the noise of a round is independent of the models at its start; "
            "second moments are finite",
            families=((f[t, i, a],), (psi[t, i, a],)),
            shared=(t,),
        ),
        Assumption(
            "independent learners",
            "the noise of different learners is independent, and that of each has the law of Ψ_t",
            equal(
                Expectation(psi[t, k, a] * psi[t, m, c]),
                Expectation(psi[t, k, a]) * Expectation(psi[t, m, c])
                + sympy.KroneckerDelta(k, m) * covariance(law[t, a], law[t, c]),
            ),
            over=(t, k, m, a, c),
        ),
    ),
    setting={"noisy": mixed},
    system=Recurrent(Recursion(f, mixed), (t, i, a)),
    prove=prove,
    planted=(
        Planted("the noise depends on the models", without=("fresh noise",)),
        Planted("the learners share their noise", without=("independent learners",)),
        Planted(
            "the noise is added after the step",
            setting={
                "noisy": lambda t, i, a: mixed(t, i, a) + level[t] * psi[t, i, a],
            },
        ),
        Planted(
            "the noise level counts once",
            statements={
                "covariance": equal(
                    covariance(f[t + 1, i, a], f[t + 1, j, c]),
                    AFTER.subs(level[t], sympy.sqrt(level[t])),
                )
            },
        ),
        Planted(
            "the learners do not average",
            statements={
                "covariance": equal(covariance(f[t + 1, i, a], f[t + 1, j, c]), propagated(i, j))
            },
        ),
    ),
    remarks=(
        "Beyond the paper. W may be any matrix, also one of gossip between neighbours. After a "
        "round with averaging all S^{ij} are equal, and p equal, independent models have 1/p of "
        "the covariance. The noise of one round is multiplied by M_t, as it is added before the "
        "step. The mean of the noise is arbitrary."
    ),
)
