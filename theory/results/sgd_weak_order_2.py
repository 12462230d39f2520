"""SGD and its second-order model (Boffi & Slotine 2020, eq. (1)).

One step of SGD is Δ = −η∇f − (η/√b) ζ with E ζ = 0 and Cov ζ = Σ(x); the model is

    dx = −∇( f + (η/4) ‖∇f‖² ) dt + √(η/b) B dW,    BBᵀ = Σ.

Its first and second moments over the time η agree with those of SGD to O(η³), so it is of weak
order 2. The added drift −(η/2) ∇²f ∇f corrects the difference of the flow and the step: x(η) of the
flow along −∇f is x − η∇f + (η²/2) ∇²f ∇f. The proof applies Itô's generator twice, with the
remainders in η³ in closed form.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE, SCHWARZ
from theory.core.equalities import combined
from theory.core.weak_order import INDICES, along, gap, model_order, order_at_least
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import at_most, equal
from theory.proofs.result import Planted, Result, Statement
from theory.results import sgd_weak_order_1
from theory.results.sgd_weak_order_1 import (
    FIELDS,
    covariance,
    equation,
    gradient,
    moments,
    sgd,
    spread,
    step,
    total,
)
from theory.symbols import batch_size, dimension, step_size

a, c, d = INDICES
e = sympy.Symbol("e", integer=True, positive=True)


def slowed(a: Any) -> Any:
    """Return ½ ∂_a ‖∇f‖² = (∇²f ∇f)_a."""
    return along(total(gradient[c] ** 2, c), a, FIELDS) / 2


def drift(a: Any) -> Any:
    """Return −∂_a ( f + (η/4) ‖∇f‖² )."""
    return -gradient[a] - step_size / 2 * slowed(a)


def spread_of(value: Any) -> Any:
    """Return Σ_de Σ_de ∂_d ∂_e of a function."""
    return total(covariance(d, e) * along(along(value, d, FIELDS), e, FIELDS), d, e)


def transported(vector: Any, value: Any) -> Any:
    """Return Σ_d v_d ∂_d of a function."""
    return total(vector(d) * along(value, d, FIELDS), d)


def pull(a: Any) -> Any:
    """Return minus the drift."""
    return gradient[a] + step_size / 2 * slowed(a)


LOWER = transported(slowed, gradient[a]) + transported(lambda d: gradient[d], slowed(a))
HIGHER = transported(slowed, slowed(a)) - spread_of(slowed(a)) / batch_size
FIRST = -(step_size**3) / 4 * (LOWER - spread_of(gradient[a]) / batch_size + step_size / 2 * HIGHER)
TURNED = transported(lambda d: covariance(d, c), pull(a)) + transported(
    lambda d: covariance(d, a), pull(c)
)
CHANGED = transported(pull, covariance(a, c)) - step_size / (2 * batch_size) * spread_of(
    covariance(a, c)
)
SECOND = -(step_size**2) * (pull(a) * pull(c) - gradient[a] * gradient[c]) + step_size**3 / (
    2 * batch_size
) * (TURNED + CHANGED)


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Compare two moments of SGD with the generator's expansion."""
    system = equation(model.drift, model.spread)
    meaning, first, second = moments(proof, model.step)
    symmetric = proof.assume("symmetric Hessian")
    sides = (gradient[c] * gradient[a, c], gradient[c] * gradient[c, a])
    symmetric = combined(proof, *sides, {symmetric: gradient[c]}, "times the gradient")
    symmetric = proof.sum_over(symmetric, c, dimension, "∇²f ∇f, by rows or by columns")
    using = {first: 1, symmetric: -(step_size**2) / 2}
    gaps = [
        combined(proof, gap(system, sgd, 1, 2), FIRST, using, "first moments to O(η³)"),
        combined(proof, gap(system, sgd, 2, 2), SECOND, {second: 1}, "second moments to O(η³)"),
    ]
    return {
        "weak order": order_at_least(proof, system, meaning, gaps, 2),
        "first moments": gaps[0],
        "second moments": gaps[1],
    }


EQUATION = equation(drift, spread)
RESULT = Result(
    name="sgd_weak_order_2",
    number="Eq. (1)",
    source=BOFFI_SLOTINE,
    title="SGD and its second-order model",
    statements={
        "weak order": Statement(
            "the equation dx = −∇(f + (η/4)‖∇f‖²) dt + √(η/b) B dW is a model of SGD of weak order 2 "
            "at least",
            at_most(2, model_order(EQUATION, step)),
        ),
        "first moments": Statement(
            "the mean of one step of SGD less that of the equation, expanded to O(η³)",
            equal(gap(EQUATION, sgd, 1, 2), FIRST),
        ),
        "second moments": Statement(
            "the second moments of one step of SGD less those of the equation, expanded to O(η³)",
            equal(gap(EQUATION, sgd, 2, 2), SECOND),
        ),
    },
    assumptions=(
        *sgd_weak_order_1.RESULT.assumptions,
        Assumption(
            "symmetric Hessian",
            "f is twice continuously differentiable",
            equal(gradient[a, c], gradient[c, a]),
            over=(a, c),
            through=(SCHWARZ,),
        ),
    ),
    setting={"step": step, "drift": drift, "spread": spread},
    system=sgd_weak_order_1.RESULT.system,
    prove=prove,
    planted=(
        Planted(
            "the added drift has the other sign",
            setting={"drift": lambda a: -gradient[a] + step_size / 2 * slowed(a)},
        ),
        Planted(
            "the added drift is twice as large",
            setting={"drift": lambda a: -gradient[a] - step_size * slowed(a)},
        ),
        Planted("there is no added drift", setting={"drift": lambda a: -gradient[a]}),
        Planted(
            "the noise has half the covariance",
            setting={"spread": lambda a, c: spread(a, c) / 2},
        ),
        Planted("there is no noise", setting={"spread": lambda a, c: sympy.S.Zero}),
        Planted("the noise of SGD has a mean", without=("zero-mean noise",)),
    ),
    remarks=(
        "The paper cites the order; its η/4 is confirmed. The theorem that leads from one step to all "
        "steps is cited, with the smoothness it needs; minibatch noise of least squares grows with x "
        "and is Lipschitz only in its root."
    ),
)
