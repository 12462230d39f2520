"""Expectations of sympy expressions under noise, in closed form."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import sympy
from sympy.core.parameters import distribute

from sdeopt.errors import InvalidArgumentError

if TYPE_CHECKING:
    from sdeopt.noise import NoiseLaw

Rates = dict[sympy.Symbol, sympy.Expr]
Powers = dict[sympy.Symbol, int]
Moment = Callable[[int, sympy.Expr], sympy.Expr]

MOST_FACTORS = 40
"""Of a sum whose power is multiplied out."""

WAVES = (sympy.sin, sympy.cos, sympy.sinh, sympy.cosh)


class NoClosedFormError(Exception):
    """The expression is not a sum of monomials times exponentials of linear forms."""


def expectation(
    expression: sympy.Expr, symbols: tuple[sympy.Symbol, ...], noise: "NoiseLaw", scale: float
) -> sympy.Expr | None:
    """Return E of an expression at x − scale·ζ, or None where there is no closed form.

    Trigonometric and hyperbolic functions become exponentials, products are expanded, and each
    term K Π x_j^m exp(b_j x_j) is averaged coordinate by coordinate:

    E (x − sζ)^m e^{b(x − sζ)} = e^{bx} Σ_k C(m, k) x^{m−k} (−s)^k E[ζ^k e^{−bsζ}],

    where E[ζ^k e^{iaζ}] = (−i)^k φ^{(k)}(a) with φ the characteristic function of ζ.
    """
    if scale == 0.0 or _is_still(noise):
        return expression
    moment = moments(noise)
    try:
        terms = [
            _mean_of_part(part, symbols, scale, moment) for part in sympy.Add.make_args(expression)
        ]
    except NoClosedFormError:
        return None
    # a number in front of a shifted coordinate stays there
    with distribute(False):
        mean: sympy.Expr = sympy.Add(*terms)
    return mean


def _is_still(noise: "NoiseLaw") -> bool:
    try:
        return noise.raw_moment(2) == 0.0
    except InvalidArgumentError:  # an infinite variance
        return False


def _mean_of_part(
    part: sympy.Expr, symbols: tuple[sympy.Symbol, ...], scale: float, moment: Moment
) -> sympy.Expr:
    """Return the mean of one term of the expression, written in the coordinates that it is shifted to.

    (x − 1000)⁴ is averaged as u⁴: multiplied out it would lose its digits.
    """
    shifted = {symbol: _shifted(part, symbol) for symbol in symbols}
    real = {form: sympy.Dummy(symbol.name, real=True) for symbol, form in shifted.items()}
    plain = part.xreplace(real).replace(
        lambda part: isinstance(part, WAVES) and part.free_symbols,
        lambda part: part.rewrite(sympy.exp),
    )
    for power in plain.atoms(sympy.Pow):
        if power.base.is_Add and power.exp.is_Integer and power.exp > MOST_FACTORS:
            raise NoClosedFormError
    dummies = tuple(real.values())
    terms = [
        averaged(term, dummies, scale, moment)
        for term in sympy.Add.make_args(sympy.expand(plain, power_exp=False))
    ]
    with distribute(False):
        mean: sympy.Expr = sympy.Add(*terms).xreplace({u: form for form, u in real.items()})
    return mean


def _shifted(part: sympy.Expr, symbol: sympy.Symbol) -> sympy.Expr:
    """Return the form, x or x + c, in which alone a coordinate stands in a term."""
    forms = {
        form
        for form in part.atoms(sympy.Add)
        if form.has(symbol) and (form - symbol).is_number and form != symbol
    }
    if len(forms) == 1:
        (form,) = forms
        if not part.xreplace({form: sympy.Dummy()}).has(symbol):
            return form
    return symbol


def moments(noise: "NoiseLaw") -> Moment:
    """Return the function (k, a) ↦ E ζ^k exp(iaζ)."""
    known: dict[tuple[int, sympy.Expr], sympy.Expr] = {}
    argument = sympy.Dummy("a", real=True)

    def moment(order: int, at: sympy.Expr) -> sympy.Expr:
        if at == 0:
            return sympy.Float(noise.raw_moment(order)) if order else sympy.Integer(1)
        if (order, at) not in known:
            try:
                characteristic = noise.characteristic(argument)
            except InvalidArgumentError:
                raise NoClosedFormError from None
            derivative = sympy.diff(characteristic, argument, order)
            known[order, at] = ((-sympy.I) ** order * derivative).subs(argument, at)
        return known[order, at]

    return moment


def averaged(
    term: sympy.Expr, symbols: tuple[sympy.Symbol, ...], scale: float, moment: Moment
) -> sympy.Expr:
    """Return the real part of the mean of one term; the imaginary parts of all terms cancel."""
    coefficient, powers, rates, constant = factors(term, symbols)
    for symbol in symbols:
        power, rate = powers.get(symbol, 0), rates.get(symbol, sympy.Integer(0))
        coefficient *= sympy.Add(
            *[
                sympy.binomial(power, k)
                * symbol ** (power - k)
                * sympy.Float(-scale) ** k
                * moment(k, sympy.I * rate * scale)
                for k in range(power + 1)
            ]
        )
    growth, phase = constant.as_real_imag()
    for symbol, rate in rates.items():
        growth_rate, frequency = rate.as_real_imag()
        growth += growth_rate * symbol
        phase += frequency * symbol
    real, imaginary = sympy.expand(coefficient).as_real_imag()
    return sympy.exp(growth) * (real * sympy.cos(phase) - imaginary * sympy.sin(phase))


def factors(
    term: sympy.Expr, symbols: tuple[sympy.Symbol, ...]
) -> tuple[sympy.Expr, Powers, Rates, sympy.Expr]:
    """Return K, m, b and c of the term K Π x_j^m_j exp(b_j x_j) exp(c)."""
    coefficient: sympy.Expr = sympy.Integer(1)
    powers: Powers = {}
    exponent: sympy.Expr = sympy.Integer(0)
    for factor in sympy.Mul.make_args(term):
        base, power = factor.as_base_exp()
        if not factor.has(*symbols):
            coefficient *= factor
        elif isinstance(factor, sympy.exp):
            exponent += factor.exp
        elif base in symbols and power.is_Integer and power > 0:
            powers[base] = powers.get(base, 0) + int(power)
        else:
            raise NoClosedFormError
    rates = {symbol: sympy.diff(exponent, symbol) for symbol in symbols if exponent.has(symbol)}
    if any(rate.has(*symbols) for rate in rates.values()):
        raise NoClosedFormError
    return coefficient, powers, rates, exponent.subs(dict.fromkeys(symbols, 0))
