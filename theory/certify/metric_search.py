"""The search for a constant metric in which a system contracts on a box.

The Jacobians at some points give linear matrix inequalities, whose solution is proposed as the metric.
It counts only when it is then proved on the whole box, in interval arithmetic; a point where that fails
joins the others.
"""

import dataclasses
import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import sympy
from flint import acb_mat

from theory.certify.balls import down, float_above
from theory.certify.certificate import Certificate
from theory.certify.expressions import OutOfTimeError
from theory.certify.question import Question
from theory.certify.rate import Matrix, middles
from theory.metrics.best import good_metric
from theory.metrics.lmi import seconds_of_step

MOST_CORNERS = 16
FASTEST, ENOUGH = 0.99, 0.5
"""The share of the largest rate that is sought: nearly all, or what is beyond a rate asked for."""
MOST_ROUNDS = 50
"""Proposals after which the search ends."""


def searched(question: Question) -> Certificate:
    """Return what is found in the best metric of a search."""
    identity = sympy.eye(question.size)
    if question.size == 1:
        return question.answer(identity)
    try:
        found = _found(question)
    except OutOfTimeError as error:
        where = f"while a metric was searched for{error}"
        return question.undecided(question.time_is_over(where))
    if found.status == "undecided":
        # In a metric that is rounded an equality is never reached, in the identity it may be.
        plain = question.answer(identity)
        return plain if plain.status == "proved" else found
    return found


def _found(question: Question) -> Certificate:
    system = question.system(sympy.eye(question.size))
    points = _first_points(question)
    jacobians: list[Any] = []
    boxes, seen = 0, set(points)
    for _ in range(MOST_ROUNDS):
        question.limits.deadline.check()
        for point in points:
            question.limits.deadline.check()
            jacobian = system.jacobian(point)
            if jacobian is None:
                continue
            if (most := _rate_at_most(jacobian)) is not None and _fails(question, most):
                return Certificate(
                    "disproved", None, float_above(most + (question.rate or 0)),
                    question.named(point), boxes, asked=question.asked,
                )  # fmt: skip
            jacobians.append(middles(jacobian).tolist())
        if not jacobians:
            return question.undecided("the derivative may be undefined at all points examined.")
        share = FASTEST if question.rate is None else ENOUGH
        step = seconds_of_step(question.size, len(jacobians))

        def left(step: float = step) -> float:
            return question.limits.deadline.left - step

        proposed = good_metric(jacobians, share, left)
        if left() <= 0.0:  # what was found until then has no meaning
            raise OutOfTimeError(f" (a step of its solver takes about {step:.2g} s)")
        if proposed is None:
            return question.undecided(
                f"no constant metric was found in which the system contracts at {len(seen)} points "
                "of the box; try a smaller box or rate."
            )
        largest = max(proposed.metric[place][place] for place in range(question.size))
        metric = sympy.Matrix(proposed.metric) / 2 ** math.frexp(float(largest))[1]
        answer = question.answer(metric)
        boxes += answer.boxes
        answer = dataclasses.replace(answer, boxes=boxes)
        where = tuple(_fraction(value) for value in (answer.point or {}).values())
        if answer.status != "disproved" or where in seen:
            return answer
        points = [where]
        seen.add(where)
    return question.undecided(f"{MOST_ROUNDS} metrics were tried, and none holds on the whole box.")


def _first_points(question: Question) -> list[tuple[Fraction, ...]]:
    """Return the middle of the box and corners, all if they are few."""
    middle = tuple((low + high) / 2 for low, high in question.ends)
    corners = itertools.product(*(dict.fromkeys(ends) for ends in question.ends))
    if 2 ** len(question.ends) <= MOST_CORNERS:
        return list(dict.fromkeys([middle, *corners]))
    # without an order among the coordinates: half of them are high at each of these corners
    draws = np.random.default_rng(1).integers(0, 2, (MOST_CORNERS, len(question.ends)))
    chosen = [
        tuple(ends[side] for ends, side in zip(question.ends, row, strict=True)) for row in draws
    ]
    return list(dict.fromkeys([middle, *chosen]))


def _rate_at_most(jacobian: Matrix) -> Fraction | None:
    """Return a number that no rate exceeds in any metric: an eigenvalue's real part, or their mean."""
    size = len(jacobian)
    total = jacobian[0][0]
    for place in range(1, size):
        total = total + jacobian[place][place]
    bounds = [down(total / size)]
    try:
        values = acb_mat(jacobian).eig(multiple=True)
    except ValueError:  # they cannot be told apart
        values = []
    bounds += [down(value.real) for value in values if value.real.is_finite()]
    return min((-bound for bound in bounds if bound is not None), default=None)


def _fails(question: Question, most: Fraction) -> bool:
    return most <= 0 if question.rate is None else most < 0


def _fraction(number: Any) -> Fraction:
    return Fraction(int(number.p), int(number.q))
