"""How much noise gives a large batch the noise of a small one (the large-batch paper, eq. (1)).

Noise α ξ of unit covariance, added to the gradient of a minibatch of b examples, gives SGD the
covariance (η/b) Σ + η α² I per unit of time. Its trace is that of minibatches of b₀ examples when

    α² = (tr Σ / n) (1/b₀ − 1/b),

and the remaining difference is η (1/b₀ − 1/b)(Σ − (tr Σ/n) I), which vanishes only for Σ ∝ I.
"""

from typing import Any

import sympy

from theory.core.cited import LARGE_BATCH
from theory.core.equalities import combined, instance
from theory.proofs.fact import Assumption, Fact
from theory.proofs.lemma import lemma
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, equal
from theory.proofs.result import Planted, Result, Statement
from theory.results import large_batch_noise_scale
from theory.results.large_batch_noise_scale import SAME, gradient_noised, per_time
from theory.results.minibatch_noise import a, c, spread
from theory.symbols import added_noise, dimension, noise_trace, step_size
from theory.symbols import batch_size as b
from theory.symbols import wanted_batch_size as b_0

ADDED = noise_trace / dimension * (1 / b_0 - 1 / b)
LEFT_OVER = per_time(gradient_noised) - step_size / b_0 * spread(a, c)
MISSED = step_size * (1 / b_0 - 1 / b) * (noise_trace / dimension * SAME - spread(a, c))
NEEDED = (
    "uniform draws",
    "independent draws",
    "independent noise",
    "centred noise",
    "unit noise",
)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Take the trace, solve it for α², and substitute that."""
    both = lemma(proof, large_batch_noise_scale.RESULT, model.added_to)
    each = instance(proof, both, {c: a}, "on the diagonal")
    each = proof.sum_over(each, a, dimension, "the trace")
    trace, wanted = proof.assume("trace of the covariance"), proof.assume("restored trace")
    using = {each: -1, trace: -step_size / b, wanted: 1}
    using = {fact: factor / (step_size * dimension) for fact, factor in using.items()}
    added = combined(proof, added_noise**2, ADDED, using, "solved for α²")
    missing = combined(proof, LEFT_OVER, MISSED, {both: 1, added: step_size * SAME}, "substituted")
    return {
        "added noise": added,
        "what it misses": missing,
        "a variance": proof.at_most(0, ADDED, "α² is not negative", using={added: 1}),
    }


RESULT = Result(
    name="large_batch_restored_noise",
    number="Eq. (1), solved for α",
    source=LARGE_BATCH,
    title="noise that restores a smaller batch",
    statements={
        "added noise": Statement(
            "the variance α² of the noise added to the gradient that restores the trace of the noise "
            "of batch size b₀",
            equal(added_noise**2, ADDED),
        ),
        "what it misses": Statement(
            "the covariance per unit of time less that of batch size b₀",
            equal(LEFT_OVER, MISSED),
        ),
        "a variance": Statement(
            "no noise restores a larger batch: α² = (tr Σ/n)(1/b₀ − 1/b) is not negative",
            at_most(0, ADDED),
        ),
    },
    assumptions=(
        *(one for one in large_batch_noise_scale.RESULT.assumptions if one.name in NEEDED),
        Assumption(
            "trace of the covariance",
            "the trace of Σ",
            equal(sympy.Sum(spread(a, a), (a, 1, dimension)), noise_trace),
        ),
        Assumption(
            "restored trace",
            "α is such that the trace of the covariance per unit of time is that of batches of b₀",
            equal(
                sympy.Sum(per_time(gradient_noised).subs(c, a), (a, 1, dimension)),
                step_size / b_0 * noise_trace,
            ),
        ),
    ),
    domain=(
        Assumption(
            "a larger batch",
            "as α² is not negative, the batch is at least as large: b₀ <= b, but for tr Σ = 0",
            at_most(0, ADDED),
        ),
    ),
    setting={"added_to": "added to the gradient"},
    system=large_batch_noise_scale.RESULT.system,
    prove=prove,
    planted=(
        Planted(
            "the batch sizes are exchanged",
            statements={
                "added noise": equal(added_noise**2, noise_trace / dimension * (1 / b - 1 / b_0))
            },
        ),
        Planted(
            "the trace is taken for an eigenvalue",
            statements={"added noise": equal(added_noise**2, noise_trace * (1 / b_0 - 1 / b))},
        ),
        Planted("the noise is added to the update", setting={"added_to": "added to the update"}),
        Planted("α is arbitrary", without=("restored trace",)),
    ),
    remarks=(
        "Beyond the paper, which tunes α. Examples are drawn with replacement. The noise added is "
        "isotropic, that of minibatches is not: directions with little gradient noise have more "
        "noise than in small batches, the others less."
    ),
)
