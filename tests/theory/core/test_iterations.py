"""The rule for iterations with noise refuses premises that do not fit."""

from typing import Any

import pytest
import sympy

from theory.core.iterations import (
    FRESH_NOISE,
    Iteration,
    Step,
    second_moments_settle_in_steps,
)
from theory.core.jury import conditions
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError
from theory.symbols import agents as p

x, z = sympy.IndexedBase("x", real=True), sympy.IndexedBase("z", real=True)
i, j = sympy.symbols("i j", integer=True)
s = sympy.Symbol("s", positive=True)
HALF = sympy.Rational(1, 2)


def halved(extra: Any = 0) -> Iteration:
    """Return x ← x/2 + noise, z ← z/2 + x/2."""
    return Iteration(
        (
            Step(x, lambda i, a: x[i, a] * HALF + extra, noisy=True, count=sympy.S.One),
            Step(z, lambda i, a: (z[i, a] + x[i, a]) * HALF, count=sympy.S.One),
        ),
        s,
    )


MAP = sympy.Matrix([[HALF, 0], [HALF, HALF]])
STATE = sympy.Matrix([x[1, 1], z[1, 1]])


def settled(proof: Proof, **changed: Any) -> Any:
    given = {
        "model": halved(),
        "moments": STATE * STATE.T,
        "map_": MAP,
        "noise": sympy.diag(s, 0),
        "signs": [proof.less(0, one, "inside") for one in conditions(MAP)],
    }
    given.update(changed)
    return second_moments_settle_in_steps(proof, **given)


def test_a_mean_feels_one_part_in_p_of_the_noise() -> None:
    iteration = Iteration((Step(x, lambda i, a: x[i, a], noisy=True),), s)
    mean = sympy.Sum(x[j, 1], (j, 1, p)) / p
    proof = Proof([])
    proof.equal(iteration.after(mean**2), mean**2 + s / p, "averaged")
    spread = sympy.Sum((x[i, 1] - mean) ** 2, (i, 1, p))
    proof.equal(iteration.after(spread), spread + (p - 1) * s, "the rest")


def test_the_moments_solve_the_equation() -> None:
    facts = settled(Proof([FRESH_NOISE]))
    found = sympy.Matrix(2, 2, lambda row, column: facts[row][column].relation.right)
    assert MAP * found * MAP.T + sympy.diag(s, 0) == found
    assert found[0, 0] == sympy.Rational(4, 3) * s


@pytest.mark.parametrize(
    "changed",
    [
        {"model": halved(sympy.S.One)},
        {"noise": sympy.diag(2 * s, 0)},
        {"map_": MAP.T},
        {"signs": []},
        {"moments": STATE * STATE.T * x[1, 1]},
        {"noise": sympy.diag(s * x[1, 1], 0)},
    ],
    ids=["drift", "noise", "matrix", "stability", "third moments", "random noise"],
)
def test_other_premises_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ProofError):
        settled(Proof([FRESH_NOISE]), **changed)


def test_fresh_noise_is_required() -> None:
    with pytest.raises(ProofError, match="fresh noise"):
        settled(Proof([]))
