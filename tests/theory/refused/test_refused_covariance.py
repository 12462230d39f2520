"""Covariances that no noise has, or that are not known to be ones: each is refused."""

from collections.abc import Callable
from typing import Any

import pytest
import sympy

from theory.core.covariance import Covariance
from theory.core.moments import CommonNoise, Diffusion
from theory.proofs.fact import Assumption
from theory.proofs.relation import ProofError, at_most, less
from theory.proofs.satisfiable import instance_of
from theory.symbols import agents, coupling, dimension, negative_curvature, step_size, time

delta = sympy.KroneckerDelta
x, y = sympy.IndexedBase("x", real=True), sympy.IndexedBase("y", real=True)
root, free = sympy.IndexedBase("B", real=True), sympy.IndexedBase("C")
named, unreal = Covariance("S", real=True), Covariance("T")
i, m, a, c = sympy.symbols("i m a c", integer=True)
s, t = sympy.symbols("s t", real=True)


def gram(a: Any, c: Any, base: Any = root) -> Any:
    return sympy.Sum(base[a, m] * base[c, m], (m, 1, dimension))


REFUSED: dict[str, Callable[[Any, Any, Any], Any]] = {
    "a size of unknown sign": lambda i, a, c: s * delta(a, c),
    "a difference of unknown sign": lambda i, a, c: (coupling - step_size) * delta(a, c),
    "a curvature, which may be negative": lambda i, a, c: negative_curvature * delta(a, c),
    "any array": lambda i, a, c: x[i, a, c],
    "any array of the agents alone": lambda i, a, c: y[a, c],
    "a diagonal of unknown sign": lambda i, a, c: y[a] * delta(a, c),
    "a state": lambda i, a, c: x[i, a] * delta(a, c),
    "a covariance times what may be negative": lambda i, a, c: s * named[i, a, c],
    "less than a covariance": lambda i, a, c: named[i, a, c] - delta(a, c),
    "the difference of two": lambda i, a, c: named[1, a, c] - named[2, a, c],
    "the other places of one": lambda i, a, c: named[a, c, i],
    "an agent that is a coordinate": lambda i, a, c: named[a, a, c],
    "two numbers of one coordinate": lambda i, a, c: named[i, a, a],
    "of numbers that may be imaginary": lambda i, a, c: unreal[i, a, c],
    "a product of two directions": lambda i, a, c: x[i, a] * y[c],
    "a product that is turned": lambda i, a, c: x[i, a] * x[i, c] * s,
    "minus a Gram matrix": lambda i, a, c: -gram(a, c),
    "a Gram matrix with one root": lambda i, a, c: sympy.Sum(
        root[a, m] * root[m, c], (m, 1, dimension)
    ),
    "a Gram matrix of imaginary numbers": lambda i, a, c: gram(a, c, free),
    "a Gram matrix with signs": lambda i, a, c: sympy.Sum(
        (-1) ** m * root[a, m] * root[c, m], (m, 1, dimension)
    ),
    "a Gram matrix up to a coordinate": lambda i, a, c: sympy.Sum(
        root[a, m] * root[c, m], (m, 1, a)
    ),
    "less than a projection": lambda i, a, c: delta(a, c) - 2 / dimension,
    "a distance of coordinates": lambda i, a, c: sympy.Abs(a - c),
    "more far apart": lambda i, a, c: 1 + (a - c) ** 2,
    "a number that is not real": lambda i, a, c: sympy.sqrt(s) * delta(a, c),
}


@pytest.mark.parametrize("spread", REFUSED.values(), ids=REFUSED)
def test_a_covariance_of_unknown_sign(spread: Callable[..., Any]) -> None:
    for noise in (spread, CommonNoise(lambda a, c: spread(1, a, c))):
        with pytest.raises(ProofError, match="no covariance"):
            Diffusion(x, lambda i, a: -x[i, a], noise).generator(x[1, 1] ** 2)


TAKEN: dict[str, Callable[[Any, Any, Any], Any]] = {
    "none": lambda i, a, c: sympy.S.Zero,
    "a square": lambda i, a, c: s**2 * delta(a, c),
    "a square of the state": lambda i, a, c: x[i, a] ** 2 * delta(a, c),
    "a diagonal of squares": lambda i, a, c: x[i, a] * x[i, c] * delta(a, c),
    "of the first agent alone": lambda i, a, c: delta(1, i) * named[i, a, c],
    "one that is named, scaled": lambda i, a, c: step_size / agents * named[i, a, c],
    "its transpose": lambda i, a, c: named[i, c, a],
    "two of them": lambda i, a, c: named[1, a, c] + 2 * named[2, a, c],
    "entry by entry": lambda i, a, c: named[1, a, c] * named[2, a, c] * y[a] * y[c],
    "a Gram matrix": lambda i, a, c: gram(a, c),
    "one of sums": lambda i, a, c: sympy.Sum(
        sympy.Sum(y[a, i] * root[i, m], (i, 1, dimension))
        * sympy.Sum(y[c, i] * root[i, m], (i, 1, dimension)),
        (m, 1, dimension),
    ),
    "along a direction": lambda i, a, c: y[a] * y[c],
    "a projection": lambda i, a, c: delta(a, c) - 1 / dimension,
}


@pytest.mark.parametrize("spread", TAKEN.values(), ids=TAKEN)
def test_what_is_a_covariance_by_its_form_or_name(spread: Callable[..., Any]) -> None:
    Diffusion(x, lambda i, a: -x[i, a], spread).generator(x[1, 1] ** 2)


def test_a_covariance_has_no_negative_variance() -> None:
    """A hypothesis that a named covariance contradicts is none."""
    trace = sympy.Sum(named[1, a, a], (a, 1, dimension))
    instance_of((Assumption("some noise", "", at_most(1, trace)),))
    with pytest.raises(ProofError, match="contradict"):
        instance_of((Assumption("less than none", "", less(trace, 0)),))
    with pytest.raises(ProofError, match="contradict"):
        instance_of((Assumption("less than none", "", at_most(named[1, a, a], -1), over=(a,)),))
    assert time.is_nonnegative
