"""Noise scales of large minibatches with noise added (the large-batch paper, eq. (1), Secs. 1, 3).

A step θ' = θ − η ĝ of SGD with batches of b out of N examples has a covariance per unit of time, η
a step, of η Cov ĝ. Drawn without replacement this is g Σ/(N − 1) with the noise scale of the
paper,

    g = η (N/b − 1).

Noise α ξ of unit covariance, added to the gradient or to the update, gives (drawn with replacement)

    θ' = θ − η (ĝ + α ξ):   (η/b) Σ + η α² I,
    θ' = θ − η ĝ + α ξ:     (η/b) Σ + (α²/η) I.
"""

from typing import Any

import sympy

from theory.core.cited import LARGE_BATCH
from theory.core.equalities import combined, instance, rewritten
from theory.core.expectation import Expectation
from theory.core.induction import Definition, defined
from theory.core.random_arrays import Independence, RandomArray, covariance, covaried, factorised
from theory.proofs.fact import Assumption, Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import equal
from theory.proofs.result import Planted, Result, Statement
from theory.results import minibatch_noise
from theory.results.minibatch_noise import PART, a, c, spread, with_replacement, without_replacement
from theory.symbols import added_noise, examples, step_size
from theory.symbols import batch_size as b

noise = RandomArray("xi", real=True)
"""The noise added: xi[a]."""
plain = RandomArray("D", real=True)
"""The step of SGD without noise added, batches drawn without replacement: D[a]."""
gradient_noised, update_noised = RandomArray("A", real=True), RandomArray("B", real=True)
"""The steps with noise added to the gradient, A[a], and to the update, B[a]."""

SCALE = step_size * (examples / b - 1)
SAME = sympy.KroneckerDelta(a, c)


def added_to_gradient(a: Any) -> Any:
    """Return −η (ĝ + α ξ)."""
    return -step_size * (with_replacement[a] + added_noise * noise[a])


def added_to_update(a: Any) -> Any:
    """Return −η ĝ + α ξ."""
    return -step_size * with_replacement[a] + added_noise * noise[a]


def per_time(step: Any) -> Any:
    """Return the covariance of a step per unit of time."""
    return covariance(step[a], step[c]) / step_size


def scattered(proof: Proof, step: Any, value: Any, of_batch: Fact, after: Any) -> Fact:
    """Show the covariance per unit of time of a step with noise added."""
    one = defined(proof, step[a], value(a))
    fact = covaried(proof, one, instance(proof, one, {a: c}, "another coordinate"))
    fact = factorised(proof, fact, "independent noise", "the noise is independent of the batch")
    moments = [proof.assume("centred noise"), proof.assume("unit noise")]
    fact = rewritten(proof, fact, moments, "the moments of the noise")
    using = {fact: 1 / step_size, of_batch: step_size}
    return combined(proof, per_time(step), after, using, "per unit of time")


def scale_of_sgd(proof: Proof) -> Fact:
    """Show the meaning of the noise scale of the paper: η Cov ĝ = g Σ / (N − 1)."""
    of_batch = lemma(proof, minibatch_noise.RESULT, "without replacement")
    one = defined(proof, plain[a], -step_size * without_replacement[a])
    fact = covaried(proof, one, instance(proof, one, {a: c}, "another coordinate"))
    using = {fact: 1 / step_size, of_batch: step_size}
    return combined(proof, per_time(plain), BARE, using, "per unit of time")


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Take the covariance of each step."""
    of_batch = lemma(proof, minibatch_noise.RESULT, "with replacement")
    return {
        "noise scale": scale_of_sgd(proof),
        "added to the gradient": scattered(
            proof, gradient_noised, model.added_to_gradient, of_batch, TO_GRADIENT
        ),
        "added to the update": scattered(
            proof, update_noised, model.added_to_update, of_batch, TO_UPDATE
        ),
    }


BARE = sympy.Mul(SCALE, spread(a, c) / (examples - 1), evaluate=False)
TO_GRADIENT = step_size / b * spread(a, c) + step_size * added_noise**2 * SAME
TO_UPDATE = step_size / b * spread(a, c) + added_noise**2 / step_size * SAME
RESULT = Result(
    name="large_batch_noise_scale",
    number="Sec. 1, eq. (1) and Sec. 3",
    source=LARGE_BATCH,
    title="noise scales of large minibatches with noise added",
    statements={
        "noise scale": Statement(
            "the covariance per unit of time of SGD drawn without replacement is g Σ/(N − 1), with "
            "the noise scale g = η (N/b − 1)",
            equal(per_time(plain), BARE),
            value=SCALE,
        ),
        "added to the gradient": Statement(
            "the covariance per unit of time with noise added to the gradient",
            equal(per_time(gradient_noised), TO_GRADIENT),
        ),
        "added to the update": Statement(
            "the covariance per unit of time with noise added to the update",
            equal(per_time(update_noised), TO_UPDATE),
        ),
    },
    assumptions=(
        *(one for one in minibatch_noise.RESULT.assumptions if one is not PART),
        Independence(
            "independent noise",
            "the noise added is independent of the batch; second moments are finite",
            families=((with_replacement[a],), (noise[a],)),
        ),
        Assumption(
            "centred noise", "the noise added has mean zero", equal(Expectation(noise[a]), 0), (a,)
        ),
        Assumption(
            "unit noise",
            "the noise added has the unit covariance",
            equal(Expectation(noise[a] * noise[c]), SAME),
            (a, c),
        ),
    ),
    domain=(PART,),
    setting={"added_to_gradient": added_to_gradient, "added_to_update": added_to_update},
    system=(
        *minibatch_noise.RESULT.system,
        Definition(plain[a], -step_size * without_replacement[a]),
        Definition(gradient_noised[a], added_to_gradient(a)),
        Definition(update_noised[a], added_to_update(a)),
    ),
    prove=prove,
    planted=(
        Planted(
            "the gradient is not scaled by the learning rate",
            setting={"added_to_gradient": lambda a: added_to_gradient(a) / step_size},
        ),
        Planted(
            "noise added to the update counts as noise added to the gradient",
            statements={"added to the update": equal(per_time(update_noised), TO_GRADIENT)},
        ),
        Planted(
            "the noise scale has N for N − 1",
            statements={
                "noise scale": equal(per_time(plain), SCALE / examples * spread(a, c)),
            },
        ),
        Planted("the noise added depends on the batch", without=("independent noise",)),
    ),
    remarks=(
        "The paper does not define its noise scale g = η (N/b − 1) as a covariance: for examples drawn "
        "without replacement the covariance of SGD per unit of time is exactly g Σ/(N − 1). Its "
        "eq. (1) adds the noise to the gradient, its Sec. 3 to the update, without the learning "
        "rate: these are different by η² in the covariance."
    ),
)
