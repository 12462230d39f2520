"""Corollary 1: noise and periodic averaging of linear models (Adilova, Paul and Schlicht 2018).

p learners, each with its own data, take noisy steps u^i_t = φ^i_t(f^i_t + ε_t ψ^i_t) of
minibatch SGD on the squared loss (their Algorithm 1). In some rounds the models are averaged,
f^i_{t+1} = (1/p) Σ_k u^k_t, in the others f^i_{t+1} = u^i_t. With the same start, the same data
and the same rounds without noise,

    E f^i_t = g^i_t    for all learners and rounds, hence for the averaged model too.

Averaging is linear, as the step is affine; the induction is that of Lemma 1 for all learners at
once.
"""

from collections.abc import Callable
from typing import Any

import sympy

from theory.core.cited import ADILOVA
from theory.core.expectation import Expectation
from theory.core.induction import Recurrent, Recursion, mean_follows
from theory.core.losses import descended
from theory.core.random_arrays import RandomArray
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import equal
from theory.proofs.result import Planted, Result, Statement
from theory.results.adilova_lemma_1 import level
from theory.symbols import agents as p

t, i, a = sympy.symbols("t i a", integer=True, positive=True)
f = RandomArray("f", real=True)
"""The models trained with noise: f[t, i, a]."""
g = sympy.IndexedBase("g", real=True)
"""The models trained without: g[t, i, a]."""
psi = RandomArray("psi", real=True)
"""The noise: psi[t, i, a]."""
inputs = sympy.IndexedBase("x", real=True)
"""The examples of each round and learner: x[t, i, j, a], j = 1..b."""
targets = sympy.IndexedBase("y", real=True)
"""Their labels: y[t, i, j]."""
averaging = sympy.IndexedBase("s", real=True)
"""Which rounds average: s[t] is 1 in these and 0 in the others."""


def updated(t: Any, i: Any, model: Any) -> Any:
    """Return the step of learner i in round t: a to coordinate a of φ^i_t(model)."""
    return descended(model, lambda j, a: inputs[t, i, j, a], lambda j: targets[t, i, j])


def shared(t: Any, i: Any, a: Any, step: Callable[[Any, Any], Any]) -> Any:
    """Return the model after the round: the mean of all learners' where s[t] is 1."""
    k = sympy.Dummy("k", integer=True)
    mean = sympy.Sum(step(k, a), (k, 1, p)) / p
    return (1 - averaging[t]) * step(i, a) + averaging[t] * mean


def noisy(t: Any, i: Any, a: Any) -> Any:
    """Return the update of the noisy models in Algorithm 1."""
    return shared(
        t, i, a, lambda k, a: updated(t, k, lambda c: f[t, k, c] + level[t] * psi[t, k, c])(a)
    )


def plain(t: Any, i: Any, a: Any) -> Any:
    """Return the update of the models without noise."""
    return shared(t, i, a, lambda k, a: updated(t, k, lambda c: g[t, k, c])(a))


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Take the expectation of each round, for all learners at once."""
    fact = mean_follows(
        proof,
        Recursion(f, model.noisy),
        Recursion(g, model.plain),
        t,
        i,
        a,
        start=proof.assume("identical initialization"),
        moments=[proof.assume("zero-mean noise")],
    )
    return {"each": fact}


RESULT = Result(
    name="adilova_corollary_1",
    number="Corollary 1",
    source=ADILOVA,
    title="weight noise and periodic averaging of linear models",
    statements={
        "each": Statement(
            "the expected model of every learner is its model without noise, in every round",
            equal(Expectation(f[t, i, a]), g[t, i, a]),
        ),
    },
    assumptions=(
        Assumption(
            "identical initialization",
            "each learner starts from the same point with noise and without",
            equal(f[1, i, a], g[1, i, a]),
            over=(i, a),
        ),
        Assumption(
            "zero-mean noise",
            "given the data, the noise of every learner and round has mean zero; any law, with any "
            "dependence between learners, coordinates and rounds",
            equal(Expectation(psi[t, i, a]), 0),
            over=(t, i, a),
        ),
    ),
    setting={"noisy": noisy, "plain": plain},
    system=(
        Recurrent(Recursion(f, noisy), (t, i, a)),
        Recurrent(Recursion(g, plain), (t, i, a)),
    ),
    prove=prove,
    planted=(
        Planted("the noise has a mean", without=("zero-mean noise",)),
        Planted("the models start from different points", without=("identical initialization",)),
        Planted(
            "only the noisy learners average",
            setting={"plain": lambda t, i, a: updated(t, i, lambda c: g[t, i, c])(a)},
        ),
        Planted(
            "the noisy learners average before their step, the others after it",
            setting={
                "noisy": lambda t, i, a: updated(
                    t, i, lambda c: shared(t, i, c, lambda k, c: f[t, k, c] + psi[t, k, c])
                )(a)
            },
        ),
        Planted(
            "the noise enters by its square",
            setting={"noisy": lambda t, i, a: noisy(t, i, a) + psi[t, i, a] ** 2},
        ),
        Planted(
            "the mean is over p − 1 learners",
            statements={"each": equal(Expectation(f[t, i, a]), g[t, i, a] * p / (p - 1))},
        ),
    ),
    remarks=(
        "Any averaging period: s[t] is any sequence, for the period b it is 1 where b divides t; for "
        "a sequence of numbers between 0 and 1 the models are averaged in part. The learners "
        "need not start from one point, nor have noise of one law, nor noise independent of each "
        "other's. All expectations are conditional on the data."
    ),
)
