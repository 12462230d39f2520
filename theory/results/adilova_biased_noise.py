"""Lemma 1 without its hypothesis: what weight noise with a mean does to linear models.

Minibatch SGD on the squared loss of a linear model as in Lemma 1 (Adilova, Paul and Schlicht
2018), but with noise of mean m_t. The expected model deviates from the one without noise by

    E f_{t+1} − g_{t+1} = M_t ( E f_t − g_t + ε_t m_t ),    M_t = I − η Σ_j x_j x_jᵀ,

and is exactly the model h_{t+1} = φ_t(h_t + ε_t m_t) that is trained with m_t for the noise. Along
a direction v that is an eigenvector of all batches, Σ_j x_j x_jᵀ v = λ v, with the same bias β =
ε_t ⟨v, m_t⟩ in all rounds,

    ⟨v, E f_T − g_T⟩ = β ( (1 − ηλ) − (1 − ηλ)^T ) / (ηλ).
"""

from typing import Any

import sympy

from theory.core.cited import ADILOVA
from theory.core.equalities import combined, instance, rewritten
from theory.core.expectation import Expectation
from theory.core.induction import Recurrent, Recursion, by_induction, mean_follows, stepped
from theory.core.random_arrays import averaged
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import equal
from theory.proofs.result import Planted, Result, Statement
from theory.results.adilova_lemma_1 import a, f, g, inputs, level, noisy, plain, psi, t, updated
from theory.symbols import batch_size, data_curvature, dimension, noise_bias, rounds, step_size

j, c = sympy.symbols("j c", integer=True, positive=True)
offset = sympy.IndexedBase("m", real=True)
"""The mean of the noise: m[t, a]."""
shifted = sympy.IndexedBase("h", real=True)
"""The model trained with the mean of the noise: h[t, a]."""
direction = sympy.IndexedBase("v", real=True)
"""An eigenvector of the batches."""

FACTOR = 1 - step_size * data_curvature


def distance(t: Any) -> Any:
    """Return β ((1 − ηλ) − (1 − ηλ)^t) / (ηλ)."""
    return noise_bias * (FACTOR - FACTOR**t) / (step_size * data_curvature)


def gram(a: Any, c: Any) -> Any:
    """Return entry a, c of Σ_j x_j x_jᵀ in round t."""
    return sympy.Sum(inputs[t, j, a] * inputs[t, j, c], (j, 1, batch_size))


def deviation(t: Any, a: Any) -> Any:
    """Return coordinate a of E f_t − g_t."""
    return Expectation(f[t, a]) - g[t, a]


def added(a: Any) -> Any:
    """Return coordinate a of E f_t − g_t + ε_t m_t."""
    return deviation(t, a) + level[t] * offset[t, a]


def along(t: Any) -> Any:
    """Return ⟨v, E f_t − g_t⟩."""
    return sympy.Sum(direction[a] * deviation(t, a), (a, 1, dimension))


def shifted_step(t: Any, a: Any) -> Any:
    """Return φ_t(h_t + ε_t m_t)."""
    return updated(t, lambda c: shifted[t, c] + level[t] * offset[t, c])(a)


AFTER = sympy.Sum(
    (sympy.KroneckerDelta(a, c) - step_size * gram(a, c)) * added(c), (c, 1, dimension)
)
BIAS = sympy.Sum(direction[a] * level[t] * offset[t, a], (a, 1, dimension))


def one_round(proof: Proof, random: Recursion, fixed: Recursion) -> Fact:
    """Show E f_{t+1} − g_{t+1} = M_t (E f_t − g_t + ε_t m_t)."""
    mean = averaged(proof, stepped(proof, random, t, a), "the expectation of one round")
    mean = rewritten(proof, mean, [proof.assume("mean of the noise")], "the mean of the noise")
    rest = {mean: 1, stepped(proof, fixed, t, a): -1}
    return combined(proof, deviation(t + 1, a), AFTER, rest, "less the round without noise")


def projected(proof: Proof, each: Fact) -> Fact:
    """Project one round on the eigenvector, and add up the projections by induction."""
    base = averaged(proof, proof.assume("identical initialization"), "the initial models are equal")
    base = combined(proof, direction[a] * deviation(1, a), 0, {base: direction[a]}, "along v")
    base = proof.sum_over(base, a, dimension, "the projection")
    base = combined(proof, along(1), distance(1), {base: 1}, "in the first round")
    bias, eigen = proof.assume("steady bias"), proof.assume("eigenvector")
    left, right = (side * added(a) for side in (eigen.relation.left, eigen.relation.right))
    turned = combined(proof, left, right, {eigen: added(a)}, "at a coordinate")
    turned = proof.sum_over(turned, a, dimension, "the batch acts on v")
    left, right = (direction[a] * side for side in (each.relation.left, each.relation.right))
    moved = combined(proof, left, right, {each: direction[a]}, "along v")
    moved = proof.sum_over(moved, a, dimension, "the projection of one round")

    def step(inner: Proof, known: Fact) -> Fact:
        using = {moved: 1, turned: -step_size, known: FACTOR, bias: FACTOR}
        return combined(inner, along(t + 1), distance(t + 1), using, "the next round")

    always = by_induction(proof, equal(along(t), distance(t)), t, base, step)
    return instance(proof, always, {t: rounds}, "in round T")


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Take the mean of one round; project it; compare with the model that is trained with m."""
    random = Recursion(f, model.noisy)
    each = one_round(proof, random, Recursion(g, model.plain))
    with_mean = mean_follows(
        proof,
        random,
        Recursion(shifted, shifted_step),
        t,
        a,
        start=proof.assume("start of the model with the mean"),
        moments=[proof.assume("mean of the noise")],
    )
    return {
        "along an eigenvector": projected(proof, each),
        "one round": each,
        "model": with_mean,
    }


EIGEN = equal(
    sympy.Sum(direction[c] * gram(c, a), (c, 1, dimension)), data_curvature * direction[a]
)
RESULT = Result(
    name="adilova_biased_noise",
    number="Lemma 1 without zero mean",
    source=ADILOVA,
    title="weight noise with a mean and linear models",
    statements={
        "along an eigenvector": Statement(
            "the difference of the expected model and the model without noise, along an eigenvector",
            equal(along(rounds), distance(rounds)),
        ),
        "one round": Statement(
            "the difference after a round, for any data", equal(deviation(t + 1, a), AFTER)
        ),
        "model": Statement(
            "the expected model is the model trained with the mean of the noise",
            equal(Expectation(f[t, a]), shifted[t, a]),
        ),
    },
    assumptions=(
        Assumption(
            "identical initialization",
            "the models with noise and without start from the same point",
            equal(f[1, a], g[1, a]),
            over=(a,),
        ),
        Assumption(
            "start of the model with the mean",
            "the model trained with the mean of the noise starts there too",
            equal(f[1, a], shifted[1, a]),
            over=(a,),
        ),
        Assumption(
            "mean of the noise",
            "given the data, the noise of round t has the mean m_t; any law, with any dependence",
            equal(Expectation(psi[t, a]), offset[t, a]),
            over=(t, a),
        ),
        Assumption(
            "eigenvector",
            "v is an eigenvector of Σ_j x_j x_jᵀ with the same eigenvalue in all rounds",
            EIGEN,
            over=(t, a),
        ),
        Assumption(
            "steady bias",
            "ε_t ⟨v, m_t⟩ is the same in all rounds",
            equal(BIAS, noise_bias),
            over=(t,),
        ),
    ),
    setting={"noisy": noisy, "plain": plain},
    system=(
        Recurrent(Recursion(f, noisy), (t, a)),
        Recurrent(Recursion(g, plain), (t, a)),
        Recurrent(Recursion(shifted, shifted_step), (t, a)),
    ),
    prove=prove,
    planted=(
        Planted(
            "the noise has no mean", statements={"along an eigenvector": equal(along(rounds), 0)}
        ),
        Planted(
            "the bias of every round stays in full",
            statements={"along an eigenvector": equal(along(rounds), noise_bias * (rounds - 1))},
        ),
        Planted(
            "the step is not taken at the noisy weights",
            setting={"noisy": lambda t, a: updated(t, lambda c: f[t, c])(a) + level[t] * psi[t, a]},
        ),
        Planted("v is not an eigenvector", without=("eigenvector",)),
        Planted(
            "the noise has the opposite sign",
            setting={"noisy": lambda t, a: updated(t, lambda c: f[t, c] - level[t] * psi[t, c])(a)},
        ),
    ),
    remarks=(
        "Beyond the paper: its Lemma 1 is the case m = 0, and fails for every other m that some M_t "
        "does not annihilate. Along an eigenvector with 0 < ηλ < 2 the distance tends to "
        "β (1 − ηλ)/(ηλ): it is largest in flat directions of the data, those of small ηλ."
    ),
)
