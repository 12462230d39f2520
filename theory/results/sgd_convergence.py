"""SGD alone near a minimizer (Boffi & Slotine 2020, the comparison after Theorem 5.1).

dx = −∇f(x) dt + √(η/b) B(x) dW with f l-strongly convex and tr(BᵀB) <= C: after transients of rate
l,

    E ‖x − x*‖ <= √( C η / (2 b l) ).

This is Corollary 2.1 with the equilibrium x* as the noise-free trajectory: Itô's differential of
‖x − x*‖², where the gradient contracts at the rate l, then Jensen's inequality.
"""

from typing import Any

import sympy

from theory.core.cited import BOFFI_SLOTINE, MEAN_VALUE
from theory.core.covariance import Covariance
from theory.core.expectation import Constant, Expectation, UpperLimit
from theory.core.moments import REGULAR, Diffusion, moment_limit
from theory.core.norms import norm, root_mean_square
from theory.proofs.fact import Assumption, Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import Relation, at_most
from theory.proofs.result import Planted, Result, Statement
from theory.symbols import batch_size as b
from theory.symbols import dimension as n
from theory.symbols import noise_bound, step_size
from theory.symbols import strong_convexity as l

i, a, c = sympy.symbols("i a c", integer=True)
x = sympy.IndexedBase("x", real=True)
"""The parameters: x[1, a]."""
gradient = sympy.IndexedBase("g", real=True)
"""∇f at the parameters: g[1, a]."""
minimizer = Constant("s", real=True)
"""x*: s[a]."""
covariance = Covariance("S", real=True)
"""B(x) B(x)ᵀ: S[1, a, c]."""


def distance(a: Any) -> Any:
    """Return coordinate a of x − x*."""
    return x[1, a] - minimizer[a]


def drift(i: Any, a: Any) -> Any:
    """Return −∇f."""
    return -gradient[i, a]


def noise(i: Any, a: Any, c: Any) -> Any:
    """Return (η/b) B Bᵀ."""
    return step_size / b * covariance[i, a, c]


SQUARE = sympy.Sum(distance(a) ** 2, (a, 1, n))
PULL = sympy.Sum(distance(a) * gradient[1, a], (a, 1, n))
LEVEL = noise_bound * step_size / (2 * b * l)


def stated(level: Any) -> Relation:
    """Return that the distance is at most the root of a level."""
    return at_most(UpperLimit(Expectation(norm(distance))), sympy.sqrt(level))


def prove(proof: Proof, model: Any) -> dict[str, Fact]:
    """Bound the generator of the squared distance, then the distance."""
    system = Diffusion(x, model.drift, model.noise, count=sympy.Integer(1))
    source = step_size / b * noise_bound
    rate = proof.less(0, 2 * l, "the rate")
    growth = proof.at_most(
        system.generator(SQUARE),
        source - 2 * l * SQUARE,
        "strong convexity against the noise",
        using={proof.assume("strong convexity"): 2, proof.assume("noise bound"): step_size / b},
    )
    mean_square = moment_limit(proof, system, SQUARE, growth, rate, source)
    return {"distance": root_mean_square(proof, SQUARE, mean_square), "mean square": mean_square}


RESULT = Result(
    name="sgd_convergence",
    number="Sec. 5.1, SGD",
    source=BOFFI_SLOTINE,
    title="distance of a single agent from the minimizer",
    statements={
        "distance": Statement(
            "after transients, the expected distance from the minimizer", stated(LEVEL)
        ),
        "mean square": Statement(
            "after transients, the expected squared distance from the minimizer",
            at_most(UpperLimit(Expectation(SQUARE)), LEVEL),
        ),
    },
    assumptions=(
        Assumption(
            "strong convexity",
            "f is l-strongly convex and ∇f(x*) = 0",
            at_most(l * SQUARE, PULL),
            through=(MEAN_VALUE,),
        ),
        Assumption(
            "noise bound",
            "tr(BᵀB) <= C at every point",
            at_most(sympy.Sum(covariance[1, c, c], (c, 1, n)), noise_bound),
        ),
        REGULAR,
    ),
    setting={"drift": drift, "noise": noise},
    system=lambda model: Diffusion(x, model.drift, model.noise, sympy.Integer(1)),
    prove=prove,
    planted=(
        Planted(
            "the noise is twice as strong", setting={"noise": lambda i, a, c: 2 * noise(i, a, c)}
        ),
        Planted("half the noise", statements={"distance": stated(LEVEL / 2)}),
        Planted("l not under the root", statements={"distance": stated(LEVEL / l)}),
        Planted("the gradient has the wrong sign", setting={"drift": lambda i, a: gradient[i, a]}),
        Planted(
            "noise η/√b instead of η/b",
            setting={"noise": lambda i, a, c: noise(i, a, c) * sympy.sqrt(b)},
        ),
        Planted("the loss is not convex", without=("strong convexity",)),
    ),
    remarks="The mean square is attained by f = l ‖x − x*‖²/2 with noise of the same trace everywhere.",
)
