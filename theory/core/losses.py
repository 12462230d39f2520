"""Losses written in array entries: their gradients, taken by sympy, at any point."""

from collections.abc import Callable
from typing import Any

import sympy

from theory.core.equalities import own_names
from theory.proofs.sums import normal_sums
from theory.symbols import batch_size, dimension, step_size

__all__ = ["descended", "gradient", "moved", "squared_loss"]

weights = sympy.IndexedBase("w", real=True)
"""The parameters of a linear model: w[a]."""


def gradient(loss: Any, entry: Any) -> Any:
    """Return the derivative of a loss by an array entry.

    Parameters
    ----------
    loss : sympy.Expr
        A polynomial in array entries, with finite sums.
    entry : sympy.Indexed
        What it is differentiated by.

    Returns
    -------
    sympy.Expr
        The derivative, in normal form.

    Examples
    --------
    >>> import sympy
    >>> a, c, n = sympy.symbols("a c n", integer=True, positive=True)
    >>> w = sympy.IndexedBase("w", real=True)
    >>> gradient(sympy.Sum(w[c] ** 2, (c, 1, n)), w[a])
    2*w[a]
    """
    return normal_sums(sympy.diff(own_names(loss), entry))


def moved(expression: Any, array: Any, place: Callable[..., Any]) -> Any:
    """Put other values for all entries of an array.

    Parameters
    ----------
    expression : sympy.Expr
        In which the entries occur.
    array : sympy.IndexedBase
        Whose entries.
    place : callable
        The indices of an entry to its new value.

    Returns
    -------
    sympy.Expr
        The expression at the new point.
    """
    expression = own_names(expression)
    entries = [entry for entry in expression.atoms(sympy.Indexed) if entry.base == array]
    return expression.xreplace({entry: place(*entry.indices) for entry in entries})


def squared_loss(inputs: Callable[..., Any], targets: Callable[..., Any]) -> Any:
    """Return ½ Σ_j (⟨w, x_j⟩ − y_j)² of a linear model w on a batch; summed, not averaged.

    Parameters
    ----------
    inputs : callable
        (j, a) to coordinate a of example j.
    targets : callable
        j to the label of example j.

    Returns
    -------
    sympy.Expr
        The loss, in w[a].
    """
    j, a = (sympy.Dummy(letter, integer=True) for letter in "ja")
    output = sympy.Sum(weights[a] * inputs(j, a), (a, 1, dimension))
    return sympy.Sum((output - targets(j)) ** 2, (j, 1, batch_size)) / 2


def descended(
    model: Callable[..., Any], inputs: Callable[..., Any], targets: Callable[..., Any]
) -> Callable[..., Any]:
    """Return one step of gradient descent on the squared loss of a linear model.

    Parameters
    ----------
    model : callable
        a to coordinate a of the model.
    inputs, targets : callable
        The batch, as `squared_loss` takes it.

    Returns
    -------
    callable
        a to coordinate a of the model after the step.
    """
    loss = squared_loss(inputs, targets)

    def after(a: Any) -> Any:
        return moved(weights[a] - step_size * gradient(loss, weights[a]), weights, model)

    return after
