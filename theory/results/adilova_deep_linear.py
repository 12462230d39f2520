"""Weight noise changes the expected weights of deep linear networks, outside the scope of Lemma 1.

A network without activations, as trained in Sec. 4.1 of Adilova, Paul and Schlicht (2018), is
linear in its input but not in its weights. One step of minibatch SGD on the squared loss, taken at
weights with independent noise of variance σ² on each, has the expectation of the step without
noise plus, for A = Σ_j x_j x_jᵀ,

    two layers w·Ux:     −ησ² U A for U,      −ησ² tr(A) w for w;
    three layers w·VUx:  −η ( σ² (VᵀV + ‖w‖² I) + σ⁴ h₂ I ) U A for U,
                         −ησ² ( V B + tr(A) (w wᵀ + σ² I) V ) for V, with B = U A Uᵀ,
                         −ησ² ( tr(A) V Vᵀ + (tr(B) + σ² h₁ tr(A)) I ) w for w.

sympy takes the gradient, a polynomial in the noise; its moments are substituted.
"""

import functools
from typing import Any

import sympy

from theory.core.cited import ADILOVA
from theory.core.equalities import combined, rewritten
from theory.core.expectation import Expectation
from theory.core.induction import Definition, defined
from theory.core.losses import gradient
from theory.core.random_arrays import Independence, RandomArray, averaged, factorised
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import equal
from theory.proofs.result import Planted, Result, Statement
from theory.proofs.sums import moved
from theory.symbols import batch_size, dimension, first_width, second_width, step_size, weight_noise

a, c, d, g, h, j, k, m = sympy.symbols("a c d g h j k m", integer=True, positive=True)
first, middle, last = (sympy.IndexedBase(letter, real=True) for letter in "UVw")
"""The layers: U[h, a], V[k, h] and w[k], or w[h] where there are two."""
noises = {
    first: RandomArray("P", real=True),
    middle: RandomArray("Q", real=True),
    last: RandomArray("r", real=True),
}
"""The noise on each layer."""
inputs, targets = sympy.IndexedBase("x", real=True), sympy.IndexedBase("y", real=True)
"""The batch: x[j, a] and y[j]."""
VARIANCE = weight_noise**2


def loss(output: Any) -> Any:
    """Return the squared loss of a network whose output for example j is given."""
    return sympy.Sum((output - targets[j]) ** 2, (j, 1, batch_size)) / 2


def hidden(h: Any) -> Any:
    """Return neuron h of the first layer for example j."""
    return sympy.Sum(first[h, a] * inputs[j, a], (a, 1, dimension))


def deep(k: Any) -> Any:
    """Return neuron k of the second layer for example j."""
    return sympy.Sum(middle[k, h] * hidden(h), (h, 1, first_width))


TWO = loss(sympy.Sum(last[h] * hidden(h), (h, 1, first_width)))
THREE = loss(sympy.Sum(last[k] * deep(k), (k, 1, second_width)))


def gram(a: Any, c: Any) -> Any:
    """Return entry a, c of A = Σ_j x_j x_jᵀ."""
    return sympy.Sum(inputs[j, a] * inputs[j, c], (j, 1, batch_size))


def hidden_gram(h: Any, g: Any) -> Any:
    """Return entry h, g of B = U A Uᵀ."""
    entries = first[h, c] * gram(c, d) * first[g, d]
    return sympy.Sum(entries, (c, 1, dimension), (d, 1, dimension))


def filtered(h: Any, a: Any) -> Any:
    """Return entry h, a of U A."""
    return sympy.Sum(first[h, c] * gram(c, a), (c, 1, dimension))


TRACE = sympy.Sum(gram(c, c), (c, 1, dimension))
HIDDEN_TRACE = sympy.Sum(hidden_gram(g, g), (g, 1, first_width))
LENGTH = sympy.Sum(last[k] ** 2, (k, 1, second_width))
ALIKE = sympy.Sum(middle[k, h] * middle[k, g], (k, 1, second_width))
DRIFTS = {
    "two layers, first": (TWO, first[h, a], VARIANCE * filtered(h, a)),
    "two layers, last": (TWO, last[h], VARIANCE * TRACE * last[h]),
    "three layers, first": (
        THREE,
        first[h, a],
        VARIANCE * sympy.Sum(ALIKE * filtered(g, a), (g, 1, first_width))
        + (VARIANCE * LENGTH + VARIANCE**2 * second_width) * filtered(h, a),
    ),
    "three layers, middle": (
        THREE,
        middle[k, h],
        VARIANCE * sympy.Sum(middle[k, g] * hidden_gram(g, h), (g, 1, first_width))
        + VARIANCE * TRACE * last[k] * sympy.Sum(last[m] * middle[m, h], (m, 1, second_width))
        + VARIANCE**2 * TRACE * middle[k, h],
    ),
    "three layers, last": (
        THREE,
        last[k],
        VARIANCE
        * TRACE
        * sympy.Sum(
            middle[k, g] * middle[m, g] * last[m], (g, 1, first_width), (m, 1, second_width)
        )
        + (VARIANCE * HIDDEN_TRACE + VARIANCE**2 * first_width * TRACE) * last[k],
    ),
}
"""For each statement the loss, the weight, and the term that noise adds to the expected gradient."""


def noisy(layer: Any, *indices: Any) -> Any:
    """Return a weight with its noise."""
    return layer[indices] + noises[layer][indices]


def after(name: str, weight: Any) -> Any:
    """Return the weight after the step taken with noise, as a new array."""
    layers = 3 if DRIFTS[name][0] is THREE else 2
    return RandomArray(f"{weight.base}_{layers}^+", real=True)[weight.indices]


def stepped(name: str, noisy: Any, direction: Any) -> Definition:
    """Return the definition of the weight after the step, taken at noisy weights."""
    loss, weight, _ = DRIFTS[name]
    value = weight - direction * gradient(loss, weight)
    for layer in noises:
        value = moved(value, layer, functools.partial(noisy, layer))
    return Definition(after(name, weight), value)


def drift(name: str) -> Any:
    """Return the expected weight after the step less the weight after it without noise."""
    loss, weight, _ = DRIFTS[name]
    return Expectation(after(name, weight)) - (weight - step_size * gradient(loss, weight))


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Substitute the moments of the noise into the gradient at the noisy weights."""
    moments = [proof.assume(name) for name in MOMENTS]
    reached = {}
    for name, (_, _, added) in DRIFTS.items():
        meaning = stepped(name, model.noisy, model.direction)
        one = defined(proof, meaning.entry, meaning.value)
        mean = averaged(proof, one, "the mean of the step")
        mean = factorised(proof, mean, "independent layers", "layer by layer")
        mean = rewritten(proof, mean, moments, "the moments of the noise")
        reached[name] = combined(proof, drift(name), -step_size * added, {mean: 1}, name)
    return reached


def _moments(layer: Any, indices: tuple[Any, ...], others: tuple[Any, ...]) -> list[Assumption]:
    noise = noises[layer]
    same = sympy.Mul(*[sympy.KroneckerDelta(*pair) for pair in zip(indices, others, strict=True)])
    return [
        Assumption(
            f"zero-mean noise on {layer}",
            f"the noise on {layer} has mean zero",
            equal(Expectation(noise[indices]), 0),
            over=indices,
        ),
        Assumption(
            f"uncorrelated noise on {layer}",
            f"the noises on the weights of {layer} are uncorrelated, each of variance σ²",
            equal(Expectation(noise[indices] * noise[others]), VARIANCE * same),
            over=(*indices, *others),
        ),
    ]


MOMENT_ASSUMPTIONS = [
    *_moments(first, (h, a), (g, c)),
    *_moments(middle, (k, h), (m, g)),
    *_moments(last, (k,), (m,)),
]
MOMENTS = [assumption.name for assumption in MOMENT_ASSUMPTIONS]
RESULT = Result(
    name="adilova_deep_linear",
    number="Sec. 4.1, expectation",
    source=ADILOVA,
    title="weight noise and deep linear networks",
    statements={
        name: Statement(
            f"the change of the expected weights by noise in one step: {name} layer",
            equal(drift(name), -step_size * added),
        )
        for name, (_, _, added) in DRIFTS.items()
    },
    assumptions=(
        Independence(
            "independent layers",
            "the noises on different layers are independent; second moments are finite",
            families=((noises[first][h, a],), (noises[middle][k, h],), (noises[last][k],)),
        ),
        *MOMENT_ASSUMPTIONS,
    ),
    setting={"noisy": noisy, "direction": step_size},
    system=tuple(stepped(name, noisy, step_size) for name in DRIFTS),
    prove=prove,
    planted=(
        Planted(
            "the expected weights do not change, as for linear models",
            statements={"two layers, first": equal(drift("two layers, first"), 0)},
        ),
        Planted("the step has the wrong sign", setting={"direction": -step_size}),
        Planted(
            "the last layer has no noise",
            setting={
                "noisy": lambda layer, *indices: (
                    layer[indices] if layer == last else noisy(layer, *indices)
                )
            },
        ),
        Planted(
            "the width of the wrong layer",
            statements={
                "three layers, first": equal(
                    drift("three layers, first"),
                    -step_size * DRIFTS["three layers, first"][2].subs(second_width, first_width),
                )
            },
        ),
        Planted("the layers share their noise", without=("independent layers",)),
    ),
    remarks=(
        "Beyond the paper, whose three-layer linear network is outside its Lemma 1: the expected "
        "weights drift as if each layer had weight decay, in the metric of the data. This is one "
        "step from given weights, conditional on the batch; over many steps the covariance of the "
        "weights has an effect too. The drift is towards zero: UA has a negative semidefinite "
        "factor in every case for the first layer. σ² is ε_t² Var Ψ of the paper's Algorithm 1."
    ),
)
