"""Where the polynomials of sdeopt/benchmark/limit/functions.hpp come from.

Prints minimax fits by Remez' exchange in 60-digit arithmetic, rounded to doubles, with the largest
error before rounding. Run it with `python benchmarks/coefficients.py` (needs sympy, for mpmath).
"""

from collections.abc import Callable

import mpmath  # type: ignore[import-untyped]

Function = Callable[[mpmath.mpf], mpmath.mpf]

mpmath.mp.dps = 60
TINY = mpmath.mpf(10) ** -30
ROUNDS = 12
GRID = 400


def chebyshev_points(low: mpmath.mpf, high: mpmath.mpf, count: int) -> list[mpmath.mpf]:
    centre, radius = (low + high) / 2, (high - low) / 2
    return [centre - radius * mpmath.cos(mpmath.pi * i / (count - 1)) for i in range(count)]


def extremes(errors: list[mpmath.mpf]) -> list[int]:
    """Return the place of the largest error in every run of one sign."""
    places = [0]
    for i, error in enumerate(errors):
        if (error > 0) != (errors[places[-1]] > 0):
            places.append(i)
        elif abs(error) > abs(errors[places[-1]]):
            places[-1] = i
    return places


def minimax(
    function: Function, weight: Function, high: mpmath.mpf, count: int
) -> tuple[list[mpmath.mpf], mpmath.mpf]:
    """Return `count` coefficients on [0, high] and the largest weighted error."""
    points = chebyshev_points(mpmath.mpf(0), high, count + 1)
    grid = chebyshev_points(mpmath.mpf(0), high, GRID + 1)
    for _ in range(ROUNDS):
        system = mpmath.matrix(count + 1, count + 1)
        for i, x in enumerate(points):
            for j in range(count):
                system[i, j] = x**j
            system[i, count] = (-1) ** i / weight(x)
        solution = mpmath.lu_solve(system, mpmath.matrix([function(x) for x in points]))
        coefficients = list(solution)[:count]
        errors = [weight(x) * (mpmath.polyval(coefficients[::-1], x) - function(x)) for x in grid]
        places = extremes(errors)
        if len(places) < count + 1:
            break
        while len(places) > count + 1:
            places.pop(0 if abs(errors[places[0]]) < abs(errors[places[-1]]) else -1)
        points = [grid[place] for place in places]
    return coefficients, max(abs(error) for error in errors)


def sine_over_r(scale: mpmath.mpf) -> Function:
    def function(s: mpmath.mpf) -> mpmath.mpf:
        r = mpmath.sqrt(s)
        return mpmath.sin(scale * r) / r if s > TINY else scale

    return function


def atanh_rest(z: mpmath.mpf) -> mpmath.mpf:
    s = mpmath.sqrt(z)
    return (2 * mpmath.atanh(s) / s - 2) / z if z > TINY else mpmath.mpf(2) / 3


def main() -> None:
    root = mpmath.sqrt(2)
    quarter, largest_s = mpmath.mpf(1) / 4, (root - 1) / (root + 1)
    half_turns, quarter_turns = sine_over_r(mpmath.pi), sine_over_r(mpmath.pi / 2)
    fits = {
        # Wave: absolute error of the sine
        "sin(pi r) / r": (half_turns, lambda s: mpmath.sqrt(s) + TINY, quarter, 8),
        # rotate: relative error of the sine, absolute error of the cosine
        "sin(pi r / 2) / r": (quarter_turns, lambda s: 1 / quarter_turns(s), quarter, 7),
        "cos(pi r / 2)": (
            lambda s: mpmath.cos(mpmath.pi / 2 * mpmath.sqrt(s)),
            lambda s: mpmath.mpf(1),
            quarter,
            7,
        ),
        # minus_two_log: absolute error of the logarithm
        "(2 atanh(s) / s - 2) / s^2": (
            atanh_rest,
            lambda z: z * mpmath.sqrt(z) + mpmath.mpf(10) ** -6,
            largest_s**2,
            6,
        ),
    }
    for name, fit in fits.items():
        coefficients, error = minimax(*fit)
        print(f"{name}, largest error {mpmath.nstr(error, 3)}")
        print("   ", ", ".join(repr(float(value)) for value in coefficients))


if __name__ == "__main__":
    main()
