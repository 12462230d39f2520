"""The check of a gradient against its value."""

import numpy as np
import pytest

import sdeopt as so
from sdeopt.errors import InvalidArgumentError


def test_a_wrong_coordinate_is_named_with_both_numbers():
    loss = so.losses.from_functions(
        lambda x: x[0] ** 2 + x[1] ** 2, lambda x: np.array([2.0 * x[0], 3.0 * x[1]]), dim=2
    )
    with pytest.raises(InvalidArgumentError, match=r"\[0.5, 2.0\], coordinate 1, it is 6 .* 4\.$"):
        so.losses.gradient_check(loss, points=[[0.5, 2.0]])


def test_a_gradient_of_nan_is_wrong():
    loss = so.losses.from_functions(lambda x: x * x, lambda x: x * np.nan)
    with pytest.raises(InvalidArgumentError, match="nan"):
        so.losses.gradient_check(loss)


def test_the_same_seed_draws_the_same_points():
    wrong = so.losses.from_functions(lambda x: x * x, lambda x: x)
    messages = []
    for seed in (1, 1, 2):
        with pytest.raises(InvalidArgumentError) as caught:
            so.losses.gradient_check(wrong, seed=seed)
        messages.append(str(caught.value))
    assert messages[0] == messages[1] != messages[2]


@pytest.mark.parametrize("size", [1e-8, 1.0, 1e8])
def test_right_gradients_pass_at_any_scale(size):
    loss = so.losses.Quadratic(size * np.eye(2), minimum=[3.0, 1.0], constant=size)
    so.losses.gradient_check(loss, points=[[1e-3, 1.0], [1e4, -5.0]])


def test_a_small_mistake_is_seen():
    # a planted error of one part in a thousand
    loss = so.losses.from_functions(lambda x: so.math.sin(x), lambda x: 1.001 * so.math.cos(x))
    with pytest.raises(InvalidArgumentError):
        so.losses.gradient_check(loss)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"loss": 3.0}, "loss is 3.0, but must be a loss"),
        ({"loss": so.losses.RuggedWell}, "loss is <class .* must be a loss"),
        *(({"seed": seed}, "seed is") for seed in ("a", np.nan, -1, np.inf, None, True)),
        *(({"tolerance": bad}, "tolerance is") for bad in ("a", np.inf, True, 1j, [], -1.0)),
    ],
)
def test_arguments_that_are_something_else_are_refused(arguments, words):
    with pytest.raises(InvalidArgumentError, match=words):
        so.losses.gradient_check(**({"loss": so.losses.Quadratic(1.0)} | arguments))
