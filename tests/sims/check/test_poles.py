"""Poles in the box are refused by place; what is steep, kinked or cusped is not."""

import numpy as np
import pytest
import sympy

import sdeopt as so
from sdeopt.errors import InvalidArgumentError
from sims.check import check
from sims.check.poles import check_finite

x, y = SYMBOLS = sympy.symbols("x y", real=True)
ENDS = (-1.5, 1.5)


def looked_at(expression, symbols):
    loss = so.losses.from_sympy(expression, symbols)
    check_finite(loss, (ENDS,) * len(symbols))


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize(
    ("expression", "place"),
    [
        (x**2 + 1 / x / 4, "0"),
        (x**2 + 1 / (x - 0.3), "0.3"),
        (x**2 + 1e-6 / (x - 0.3) ** 2, "0.3"),
        (x**2 + sympy.log(sympy.Abs(x - 0.3)), "0.3"),
        (x**2 + sympy.sqrt(1 + x), "-1"),
        (x**2 + 1 / (x + 1.5), "-1.5"),
        (x**2 + y**2 + 1 / ((x - 0.3) ** 2 + (y + 0.2) ** 2), r"\(0.3, -0.2\)"),
    ],
)
def test_a_place_where_the_loss_is_not_finite_is_named(expression, place):
    symbols = SYMBOLS if expression.has(y) else [x]
    with pytest.raises(InvalidArgumentError, match=rf"not finite at x = {place}\S* in the box; ch"):
        looked_at(expression, symbols)


@pytest.mark.parametrize(
    "expression",
    [
        sympy.cosh(100 * x),
        sympy.Abs(x - 0.3),
        x**2 + sympy.sqrt(sympy.Abs(x - 0.3)),
        sympy.sqrt((x - 0.3) ** 2 + 1e-8),
        x**2 + sympy.exp(-((1000 * (x - 0.3)) ** 2)),
    ],
)
def test_a_finite_loss_is_not_refused(expression):
    looked_at(expression, [x])


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("pole", [0, 0.3])
def test_a_check_names_the_pole_and_does_not_warn(pole):
    loss = so.losses.from_sympy(x**2 + 1 / (x - pole) / 4 + y**2 + x * y / 2, SYMBOLS)
    noise = so.noise.Gaussian(1.0)
    with pytest.raises(InvalidArgumentError, match=rf"not finite at x = \({pole}"):
        check(loss, so.QSGD(1.0), noise=noise, step_size=0.05, agents=4, box=ENDS, progress=False)


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_curvature_that_is_not_a_number_is_no_matter_of_units():
    # at the edge of the box differences of the gradient reach where the loss has no value
    loss = so.losses.from_sympy(x**2 - sympy.sqrt(x + 1) ** 3, [x])
    noise = so.noise.Gaussian(1.0)
    box = (np.nextafter(-1, 0), 1.5)
    with pytest.raises(InvalidArgumentError, match="the curvature of the loss is not a number"):
        check(loss, so.QSGD(1.0), noise=noise, step_size=0.05, agents=4, box=box, progress=False)
