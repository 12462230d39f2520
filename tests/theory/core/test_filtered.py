"""A quantity and its filter in a loop: the rules refuse other loops."""

from typing import Any

import pytest
import sympy

from theory.core.filtered import filtered_flow, filtered_moments
from theory.core.flows import SOLVED, Flow, Part
from theory.core.moments import REGULAR, Diffusion, noiseless
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError
from theory.symbols import coupling as k
from theory.symbols import rate as r

x, y, z = (sympy.IndexedBase(letter, real=True) for letter in "xyz")
c = sympy.Symbol("c", positive=True)
a, b = sympy.symbols("a b", nonnegative=True)
ONE = sympy.Integer(1)
V, W = x[1, 1] ** 2, z[1, 1] ** 2
DISTURBANCE = y[1, 1] ** 2
APART = (x[1, 1] - z[1, 1]) ** 2


def loop(back: Any = k) -> Flow:
    """Return V' <= −(r + k) V + k W, W' <= c (V − W), for the squares V and W of x and z."""

    def own(i: Any, j: Any) -> Any:
        return back * z[i, j] - (r / 2 + k) * x[i, j]

    def other(i: Any, j: Any) -> Any:
        return c * (x[i, j] - z[i, j])

    return Flow((Part(x, own, ONE), Part(z, other, ONE)))


def filtered(proof: Proof, flow: Flow, gain: Any = k, **changed: Any) -> Any:
    growths = (
        proof.at_most(
            flow.derivative(V),
            a + DISTURBANCE - (r + k) * V + k * W,
            "leader",
            certificate=a + DISTURBANCE + k * APART,
        ),
        proof.at_most(flow.derivative(W), b + c * (V - W), "filter", certificate=b + c * APART),
    )
    given = {"signs": (proof.less(0, r, "rate"), proof.less(0, c, "speed")), "offsets": (a, b)}
    given.update(changed)
    return filtered_flow(proof, flow, (V, W), growths, gain=gain, disturbance=DISTURBANCE, **given)


def test_a_filter_adds_only_its_own_offset() -> None:
    own, follower, both = filtered(Proof([SOLVED]), loop())
    extra = sympy.cancel(follower.relation.right - own.relation.right - b / c)
    assert extra == 0
    assert sympy.expand(both.relation.right - own.relation.right - follower.relation.right) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        lambda proof: filtered(proof, loop(back=2 * k)),
        lambda proof: filtered(proof, loop(), gain=k / 2),
        lambda proof: filtered(proof, loop(), offsets=(a, sympy.S.Zero)),
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


def test_a_filter_needs_solutions_and_matching_growths() -> None:
    with pytest.raises(ProofError, match="solutions for all times"):
        filtered(Proof([]), loop())
    proof = Proof([REGULAR])
    growth, rate = proof.equal(1, 1, "nothing"), proof.less(0, r, "rate")
    system = Diffusion(x, lambda i, j: -x[i, j], noiseless, ONE)
    with pytest.raises(ProofError, match="is needed"):
        filtered_moments(proof, system, (V, W), (growth, growth), (rate, rate), gain=k, source=ONE)
