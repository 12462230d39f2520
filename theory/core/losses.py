"""Losses: linear models, losses without a formula at points that may be random, smoothed losses."""

from collections.abc import Callable
from typing import Any

import sympy

from theory.core.cited import DIFFERENTIATION
from theory.core.expectation import Expectation
from theory.core.random_arrays import RandomArray
from theory.proofs.fact import Assumption, Fact
from theory.proofs.failing import rule
from theory.proofs.proof import Proof
from theory.proofs.relation import ProofError, equal
from theory.proofs.sums import called_once, moved, normal_sums, own_names
from theory.symbols import batch_size, dimension, step_size

weights = sympy.IndexedBase("w", real=True)
"""The parameters of a linear model: w[a]."""
COORDINATE = sympy.Dummy("c", integer=True, positive=True)
"""The bound index of every point."""
SMOOTH = Assumption(
    "smooth loss",
    "f is continuously differentiable; ∇f at the noisy points is locally dominated by an "
    "integrable variable",
    through=(DIFFERENTIATION,),
)
FIXED_LAW = Assumption(
    "fixed law of the noise", "the law of the noise does not depend on the positions of the agents"
)


def gradient(loss: Any, entry: Any) -> Any:
    """Return the derivative of a loss by an array entry."""
    return normal_sums(sympy.diff(own_names(loss), entry))


def squared_loss(inputs: Callable[..., Any], targets: Callable[..., Any]) -> Any:
    """Return ½ Σ_j (⟨w, x_j⟩ − y_j)² of a linear model w on a batch; summed, not averaged."""
    j, a = (sympy.Dummy(letter, integer=True) for letter in "ja")
    output = sympy.Sum(weights[a] * inputs(j, a), (a, 1, dimension))
    return sympy.Sum((output - targets(j)) ** 2, (j, 1, batch_size)) / 2


def descended(
    model: Callable[..., Any], inputs: Callable[..., Any], targets: Callable[..., Any]
) -> Callable[..., Any]:
    """Return one step of gradient descent on the squared loss of a linear model."""
    loss = squared_loss(inputs, targets)

    def after(a: Any) -> Any:
        return moved(weights[a] - step_size * gradient(loss, weights[a]), weights, model)

    return after


class GradientArray(sympy.IndexedBase):  # type: ignore[misc]
    """An array of ∇f: its entries are the derivatives of the one loss, each at one place."""

    of_loss = True


class Loss(sympy.Function):  # type: ignore[misc]
    """The loss at a point; left unevaluated."""

    is_real = True
    nargs = 1

    def _latex(self, printer: Any) -> str:
        return rf"f\left({_place(self.args[0], printer)}\right)"


class Slope(sympy.Function):  # type: ignore[misc]
    """The derivative of the loss along coordinate a, at a point; left unevaluated."""

    is_real = True
    nargs = 2

    def _latex(self, printer: Any) -> str:
        index, place = self.args
        return rf"\partial_{{{printer.doprint(index)}}} f\left({_place(place, printer)}\right)"


class Bend(sympy.Function):  # type: ignore[misc]
    """The second derivative of the loss along coordinates a and c, at a point; left unevaluated."""

    is_real = True
    nargs = 3

    def _latex(self, printer: Any) -> str:
        indices = " ".join(printer.doprint(index) for index in self.args[:2])
        return rf"\partial_{{{indices}}} f\left({_place(self.args[2], printer)}\right)"


class GradientOf(sympy.Function):  # type: ignore[misc]
    """The derivative of an expression by an array entry; left unevaluated."""

    is_real = True
    is_closed = True
    nargs = 2

    def _latex(self, printer: Any) -> str:
        value, entry = (printer.doprint(part) for part in self.args)
        return rf"\frac{{\partial}}{{\partial {entry}}} {value}"


def point(coordinates: Callable[[Any], Any]) -> Any:
    """Return a point given coordinate by coordinate."""
    return sympy.Lambda(COORDINATE, sympy.expand(coordinates(COORDINATE)))


@rule
def smoothed_gradient(proof: Proof, centre: Any, shift: Callable[[Any], Any], index: Any) -> Fact:
    """Show that the gradient of the smoothed loss is the expected gradient."""
    shift = called_once(shift)
    given = _given_by(proof, shift(COORDINATE))
    if centre in given:
        raise ProofError(f"the shift {shift(COORDINATE)} must not depend on {centre}.")
    laws = set[Any]().union(*(fact.dynamics for fact in proof.facts))
    if given & proof.declared - laws:
        raise ProofError(f"the shift {shift(COORDINATE)} has a law; write it down before.")
    if isinstance(centre, RandomArray):
        raise ProofError(f"{centre} is random: its expectation is taken, too.")
    place = point(lambda c: centre[c] + shift(c))
    smoothed = GradientOf(Expectation(Loss(place)), centre[index])
    return proof.take(
        equal(smoothed, Expectation(Slope(index, place))),
        "the gradient of the smoothed loss",
        (),
        cited=(DIFFERENTIATION,),
        required=(SMOOTH, FIXED_LAW),
    )


def _given_by(proof: Proof, value: Any) -> set[Any]:
    """Return the arrays of a value, and those with which laws or equations connect them."""
    every = [one.relation for one in proof.assumptions if one.relation is not None]
    stated = [one for one in every if one.sign == "="]
    laws = {array: law.parts for fact in proof.facts for array, law in fact.dynamics.items()}
    found, new = set[Any](), value.atoms(sympy.IndexedBase)
    while new:
        found |= new
        parts = [part for array in new for part in laws.get(array, ())]
        parts += [
            sympy.Tuple(one.left, one.right)
            for one in stated
            if any(one.contains(array) for array in new)
        ]
        new = set[Any]().union(*(part.atoms(sympy.IndexedBase) for part in parts)) - found
    return found


def _place(place: Any, printer: Any) -> str:
    return str(printer.doprint(place.expr))
