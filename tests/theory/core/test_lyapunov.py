"""Rules for second moments that obey linear equations refuse premises that do not fit."""

from typing import Any

import pytest
import sympy

from theory.core.filtered import filtered_flow, filtered_moments
from theory.core.flows import SOLVED, Flow, Part
from theory.core.lyapunov import hurwitz_conditions, second_moments_settle
from theory.core.moments import REGULAR, Diffusion, Stacked, noiseless
from theory.proofs.fact import Fact
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError
from theory.symbols import coupling as k
from theory.symbols import rate as r

x, z = sympy.IndexedBase("x", real=True), sympy.IndexedBase("z", real=True)
i, a = sympy.symbols("i a", integer=True)
h, mu, s, c = sympy.symbols("h mu s c", positive=True)
ONE = sympy.Integer(1)
V, W = x[1, 1] ** 2, z[1, 1] ** 2


def coupled(sign: int = 1) -> Stacked:
    """Return dx = (−h x + z) dt + √s dW, dz = −μ z dt ± x dt, one agent."""
    noise = lambda i, a, c: s * sympy.KroneckerDelta(a, c)  # noqa: E731
    return Stacked(
        (
            Diffusion(x, lambda i, a: -h * x[i, a] + z[i, a], noise, ONE),
            Diffusion(z, lambda i, a: -mu * z[i, a] - sign * x[i, a], noiseless, ONE),
        )
    )


PULL = sympy.Matrix([[-h, 1], [-1, -mu]])
STATE = sympy.Matrix([x[1, 1], z[1, 1]])
NOISE = sympy.diag(s, 0)


def signs(proof: Proof) -> list[Fact]:
    return [proof.less(0, condition, "stable") for condition in hurwitz_conditions(PULL)]


def settled(proof: Proof, **changed: Any) -> Any:
    given = {
        "model": coupled(),
        "moments": STATE * STATE.T,
        "pull": PULL,
        "noise": NOISE,
        "signs": signs(proof),
    }
    given.update(changed)
    return second_moments_settle(proof, **given)


def test_the_moments_solve_the_lyapunov_equation() -> None:
    facts = settled(Proof([REGULAR]))
    found = sympy.Matrix(2, 2, lambda row, column: facts[row][column].relation.right)
    assert (PULL * found + found * PULL.T + NOISE).applyfunc(sympy.cancel) == sympy.zeros(2, 2)
    assert {cited.name for cited in facts[0][0].cites} == {"Dynkin's formula", "Routh and Hurwitz"}


@pytest.mark.parametrize(
    "changed",
    [
        {"model": coupled(-1)},
        {"noise": 2 * NOISE},
        {"moments": STATE * STATE.T * 2},
        {"pull": sympy.Matrix([[-h, 1], [-1, -2 * mu]])},
        {"signs": []},
        {"noise": sympy.diag(s * x[1, 1], 0)},
    ],
    ids=["drift", "noise", "moments", "matrix", "stability", "random noise"],
)
def test_other_premises_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ProofError):
        settled(Proof([REGULAR]), **changed)


def test_regular_solutions_are_required() -> None:
    with pytest.raises(ProofError, match="regular solutions"):
        settled(Proof([]))


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_conditions_are_those_of_the_eigenvalues(size: int) -> None:
    import numpy as np

    rng = np.random.default_rng(size)
    for _ in range(60):
        matrix = rng.integers(-4, 3, size=(size, size))
        conditions = hurwitz_conditions(sympy.Matrix(matrix.tolist()))
        slowest = np.linalg.eigvals(matrix).real.max()
        if abs(slowest) > 1e-9:
            assert all(one > 0 for one in conditions) == (slowest < 0)


def test_four_rows_are_refused() -> None:
    with pytest.raises(ProofError, match="up to three rows"):
        hurwitz_conditions(-sympy.eye(4))


def loop(back: Any = k) -> Flow:
    """Return V' = a + y − (r + k) V + k W, W' = b + c (V − W), in the squares of x and z themselves."""
    y = sympy.IndexedBase("y", real=True)
    own = lambda i, a: (a1 + y[1, 1] ** 2 - (r + k) * V + back * W) / (2 * x[1, 1])  # noqa: E731
    other = lambda i, a: (b1 + c * (V - W)) / (2 * z[1, 1])  # noqa: E731
    return Flow((Part(x, own, ONE), Part(z, other, ONE)))


a1, b1 = sympy.symbols("a_1 b_1", nonnegative=True)
PUSH = sympy.IndexedBase("y", real=True)[1, 1] ** 2


def filtered(proof: Proof, flow: Flow, gain: Any = k, **changed: Any) -> Any:
    growths = (
        proof.at_most(flow.derivative(V), a1 + PUSH - (r + k) * V + k * W, "leader"),
        proof.at_most(flow.derivative(W), b1 + c * (V - W), "filter"),
    )
    given = {"signs": (proof.less(0, r, "rate"), proof.less(0, c, "speed")), "offsets": (a1, b1)}
    given.update(changed)
    return filtered_flow(proof, flow, (V, W), growths, gain=gain, push=PUSH, **given)


def test_a_filter_adds_only_its_own_offset() -> None:
    own, follower, both = filtered(Proof([SOLVED]), loop())
    extra = sympy.cancel(follower.relation.right - own.relation.right - b1 / c)
    assert extra == 0
    assert sympy.expand(both.relation.right - own.relation.right - follower.relation.right) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        lambda proof: filtered(proof, loop(back=2 * k)),
        lambda proof: filtered(proof, loop(), gain=k / 2),
        lambda proof: filtered(proof, loop(), offsets=(a1, sympy.S.Zero)),
        lambda proof: filtered(
            proof, loop(), signs=(proof.less(0, 2 * r, "twice"), proof.less(0, c, "speed"))
        ),
        lambda proof: filtered(
            proof, loop(), signs=(proof.at_most(0, r, "rate"), proof.less(0, c, "speed"))
        ),
    ],
    ids=["amplified", "gain", "offset", "rate", "no strict sign"],
)
def test_other_loops_are_refused(wrong: Any) -> None:
    with pytest.raises(ProofError):
        wrong(Proof([SOLVED]))


def test_a_filter_needs_solutions_and_plain_signs() -> None:
    with pytest.raises(ProofError, match="solutions for all times"):
        filtered(Proof([]), loop())
    proof = Proof([REGULAR])
    system = coupled()
    growth = proof.equal(1, 1, "nothing")
    with pytest.raises(ProofError):
        filtered_moments(
            proof, system, (V, W), (growth, growth), (growth, growth), gain=k, source=s
        )
