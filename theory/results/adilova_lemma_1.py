"""Lemma 1: zero-mean weight noise and linear models (Adilova, Paul and Schlicht 2018).

Minibatch SGD on the squared loss of a linear model, φ_t(f) = f − η Σ_j (⟨f, x_tj⟩ − y_tj) x_tj,
once with noise on the weights at which the step is taken and once without, from the same start:

    f_{t+1} = φ_t(f_t + ε_t ψ_t),    g_{t+1} = φ_t(g_t)    =>    E f_t = g_t    for all t.

The data are fixed and may differ from round to round. The step φ_t is affine, because the gradient
that sympy takes of the loss is, so the expectation commutes with it and the noise drops out with its
mean. The proof is by induction over t.
"""

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

t, a = sympy.symbols("t a", integer=True, positive=True)
f = RandomArray("f", real=True)
"""The model trained with noise: f[t, a]."""
g = sympy.IndexedBase("g", real=True)
"""The model trained without: g[t, a]."""
psi = RandomArray("psi", real=True)
"""The noise: psi[t, a]."""
level = sympy.IndexedBase("epsilon", real=True)
"""The noise level of each round: epsilon[t]."""
inputs = sympy.IndexedBase("x", real=True)
"""The examples of each round: x[t, j, a], j = 1..b."""
targets = sympy.IndexedBase("y", real=True)
"""Their labels: y[t, j]."""


def updated(t: Any, model: Any) -> Any:
    """Return the step of minibatch SGD in round t: a to coordinate a of φ_t(model)."""
    return descended(model, lambda j, a: inputs[t, j, a], lambda j: targets[t, j])


def noisy(t: Any, a: Any) -> Any:
    """Return φ_t(f_t + ε_t ψ_t)."""
    return updated(t, lambda c: f[t, c] + level[t] * psi[t, c])(a)


def plain(t: Any, a: Any) -> Any:
    """Return φ_t(g_t)."""
    return updated(t, lambda c: g[t, c])(a)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Take the expectation of each step, by induction."""
    fact = mean_follows(
        proof,
        Recursion(f, model.noisy),
        Recursion(g, model.plain),
        t,
        a,
        start=proof.assume("identical initialization"),
        moments=[proof.assume("zero-mean noise")],
    )
    return {"mean": fact}


RESULT = Result(
    name="adilova_lemma_1",
    number="Lemma 1",
    source=ADILOVA,
    title="weight noise and linear models",
    statements={
        "mean": Statement(
            "the expected model under weight noise is the model without noise, in every round",
            equal(Expectation(f[t, a]), g[t, a]),
        )
    },
    assumptions=(
        Assumption(
            "identical initialization",
            "both models start from the same point",
            equal(f[1, a], g[1, a]),
            over=(a,),
        ),
        Assumption(
            "zero-mean noise",
            "given the data, the noise of every round has mean zero; any law, with any dependence "
            "between coordinates and rounds",
            equal(Expectation(psi[t, a]), 0),
            over=(t, a),
        ),
    ),
    setting={"noisy": noisy, "plain": plain},
    system=(Recurrent(Recursion(f, noisy), (t, a)), Recurrent(Recursion(g, plain), (t, a))),
    prove=prove,
    planted=(
        Planted(
            "the mean grows with t", statements={"mean": equal(Expectation(f[t, a]), t * g[t, a])}
        ),
        Planted("the noise has a mean", without=("zero-mean noise",)),
        Planted("the models start from different points", without=("identical initialization",)),
        Planted(
            "the noise is multiplied by the weights",
            setting={"noisy": lambda t, a: updated(t, lambda c: f[t, c] * (1 + psi[t, c]))(a)},
        ),
        Planted(
            "the step of the model with noise has the wrong sign",
            setting={"noisy": lambda t, a: 2 * (f[t, a] + level[t] * psi[t, a]) - noisy(t, a)},
        ),
        Planted(
            "the loss is of fourth order",
            setting={"noisy": lambda t, a: f[t, a] - (f[t, a] + psi[t, a]) ** 3},
        ),
    ),
    remarks=(
        "The paper's proof takes the data as given without saying so: all expectations here are "
        "conditional on the data, and the noise must be centred given the data. The mean requires "
        "no independence of the noise between rounds. The gradient is summed over the batch, as in "
        "the paper's eq. (1); the mean over the batch is η/b for η. The paper indexes the noise "
        "level once by t and once by t + 1."
    ),
)
