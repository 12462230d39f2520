"""Delayed coupling along the eigenvectors of a graph, where agents are decoupled.

Where W has an eigenvector with eigenvalue λ, and all agents the same delay of τ steps, the part of the
agents along it obeys a scalar iteration of its own: without momentum

    x_{t+1} = (1 − q − a) x_t + a λ x_{t−τ} + noise,    q = ηh, a = ηk.

The mean has λ = 1; on the complete graph all differences have λ = 0, so the delay does not touch them.
"""

from typing import Any

import numpy as np
import scipy.linalg
import scipy.optimize
from numpy.typing import ArrayLike

from sdeopt.arguments import finite_number, whole_number
from sdeopt.errors import InvalidArgumentError
from theory.moments.checked import LARGEST, complex_number, complex_numbers, demand_finite
from theory.moments.evolution import SLOWEST

ON_CIRCLE = 1e-6
VANISHING = 1e-13
"""What is left by rounding of a sum that is zero, relative to its terms."""
DIRECT = 50
"""The largest matrix whose Lyapunov equation is solved as a system for all entries at once."""


def characteristic_polynomial(
    eigenvalue: complex, pull: float, relative_step: float, delay: int = 0, momentum: float = 0.0
) -> Any:
    """Return the polynomial whose roots are the factors of a mode in one step.

    (z − d)((z − 1 + a) z^τ − aλ) + q z^{τ+1} with d = δ(1 − q).

    Parameters
    ----------
    eigenvalue : complex
        λ of the matrix W of weights.
    pull : float
        a = ηk.
    relative_step : float
        q = ηh.
    delay : int
        τ, in steps.
    momentum : float
        δ.

    Returns
    -------
    numpy.ndarray
        Coefficients, that of the highest power first, as `numpy.roots` takes them.

    Raises
    ------
    InvalidArgumentError
        If a parameter is not finite or out of its range.

    Examples
    --------
    Without delay and momentum its one root besides 0 is 1 − q − a (1 − λ):

    >>> from theory.moments import characteristic_polynomial
    >>> np.roots(characteristic_polynomial(0.5, pull=0.4, relative_step=0.1)).round(6)
    array([0.7, 0. ])
    """
    lag, q, delta = _checked(delay, relative_step, momentum)
    steady, coupled = _parts(complex_number(eigenvalue, "eigenvalue"), q, lag, delta)
    return np.polyadd(steady, finite_number(pull, "pull") * coupled)


def coupling_border(
    eigenvalues: ArrayLike, relative_step: float, delay: int = 0, momentum: float = 0.0
) -> float:
    """Return the least pull ηk at which a mode no longer decays.

    At a border a root lies on the unit circle: there U/V of the polynomial U + aV is real, which is a
    polynomial equation for the root.

    Parameters
    ----------
    eigenvalues : array_like
        Those of W; complex ones count too.
    relative_step : float
        q = ηh.
    delay : int
        τ, in steps.
    momentum : float
        δ.

    Returns
    -------
    float
        The least a = ηk > 0 at which a mode has a factor of modulus 1.

    Raises
    ------
    InvalidArgumentError
        The iteration is not stable without coupling.

    Examples
    --------
    Agents that receive their mean one step late bear half the coupling:

    >>> from theory.moments import coupling_border
    >>> [round(coupling_border([1.0, 0.0], relative_step=0.1, delay=d), 6) for d in (0, 1, 2)]
    [1.9, 0.95, 0.967041]
    """
    given = np.ravel(complex_numbers(eigenvalues, "eigenvalues"))
    lag, q, delta = _checked(delay, relative_step, momentum)
    free = np.abs(np.roots(_parts(0.0, q, 0, delta)[0])).max()
    if not free < 1.0:
        raise InvalidArgumentError(
            f"without coupling a step multiplies by {free:g}, 1 or more; take a smaller step."
        )
    return min(_border(each, q, lag, delta) for each in given)


def mode_variance(
    eigenvalue: float, pull: float, relative_step: float, delay: int = 0, momentum: float = 0.0
) -> float:
    """Return the long-run variance of a mode whose noise has variance one per step.

    Parameters
    ----------
    eigenvalue : float
        λ, a real eigenvalue of W.
    pull, relative_step, delay, momentum
        As for `characteristic_polynomial`.

    Returns
    -------
    float
        E x².

    Raises
    ------
    InvalidArgumentError
        The mode is not stable, settles too slowly for floats, or λ is not real.

    Examples
    --------
    Through a delay the mean of all agents is coupled to its own past, and moves less:

    >>> from theory.moments import mode_variance
    >>> [round(mode_variance(1.0, pull=0.2, relative_step=0.1, delay=d), 3) for d in (0, 5)]
    [5.263, 3.155]
    """
    lag, q, delta = _checked(delay, relative_step, momentum)
    own, pull = finite_number(eigenvalue, "eigenvalue"), finite_number(pull, "pull")
    p = 1 + int(delta != 0.0)
    size = lag + p
    matrix, enters = np.zeros((size, size)), np.zeros(size)
    matrix[0, 0] = 1.0 - q - pull
    matrix[0, lag] += pull * own
    matrix[np.arange(1, lag + 1), np.arange(lag)] = 1.0
    enters[0] = 1.0
    if p == 2:
        matrix[0, -1] = delta * (1.0 - q)
        matrix[-1, 0], matrix[-1, -1] = -q, delta * (1.0 - q)
        enters[-1] = 1.0
    demand_finite(matrix)
    growth = float(np.abs(np.linalg.eigvals(matrix)).max())
    if not growth < 1.0:
        raise InvalidArgumentError(
            f"the mode is not stable here: it is multiplied by {growth:g} in a step."
        )
    if growth > 1.0 - SLOWEST:
        raise InvalidArgumentError(
            f"the mode settles too slowly here for its variance to be found to six digits: a step "
            f"multiplies it by 1 - {1.0 - growth:.1g}; take larger steps."
        )
    found = scipy.linalg.solve_discrete_lyapunov(
        matrix, np.outer(enters, enters), method="direct" if size <= DIRECT else "bilinear"
    )
    return float(found[0, 0])


def _checked(delay: int, relative_step: float, momentum: float) -> tuple[int, float, float]:
    """Return τ, q and δ."""
    return (
        whole_number(delay, "delay", 0, LARGEST),
        finite_number(relative_step, "relative_step"),
        finite_number(momentum, "momentum"),
    )


def _parts(eigenvalue: complex, relative_step: float, delay: int, momentum: float) -> Any:
    """Return U and V of the polynomial U + aV."""
    slow = np.array([1.0, -momentum * (1.0 - relative_step)])
    shifted = np.zeros(delay + 1)
    shifted[0] = 1.0
    steady = np.polymul(np.polymul(slow, [1.0, -1.0]), shifted)
    steady = np.polyadd(steady, relative_step * np.append(shifted, 0.0))
    own = shifted.astype(np.complex128 if np.imag(eigenvalue) else np.float64)
    own[-1] -= eigenvalue if np.imag(eigenvalue) else np.real(eigenvalue)
    return steady, np.polymul(slow, own)


def _border(eigenvalue: complex, relative_step: float, delay: int, momentum: float) -> float:
    steady, coupled = _parts(eigenvalue, relative_step, delay, momentum)
    coupled = np.concatenate([np.zeros(len(steady) - len(coupled)), coupled])
    # on the circle the conjugate of a polynomial is the one with reversed conjugate coefficients
    real = np.polysub(
        np.polymul(steady, np.conj(coupled[::-1])), np.polymul(np.conj(steady[::-1]), coupled)
    )
    # numbers next to 0 in front would belong to roots next to infinity
    real[np.abs(real) < VANISHING**2 * np.abs(real).max()] = 0.0
    roots = np.roots(np.trim_zeros(real, "f"))
    roots = np.concatenate([roots[np.abs(np.abs(roots) - 1.0) < ON_CIRCLE**0.5], [1.0, -1.0]])
    roots = roots / np.abs(roots)
    above, below = -np.polyval(steady, roots), np.polyval(coupled, roots)
    # where the coupling hardly moves a mode all of V is small
    usable = np.abs(below) > VANISHING * np.abs(coupled).sum()
    pulls = above[usable] / below[usable]
    pulls = pulls[
        (np.abs(pulls.imag) < ON_CIRCLE**0.5 * (1.0 + np.abs(pulls))) & (pulls.real > 0.0)
    ]

    def beyond(pull: float) -> float:
        found = np.roots(np.polyadd(steady, pull * coupled))
        return float(np.abs(found).max()) - 1.0

    for pull in np.sort(pulls.real):
        low, high = pull * (1.0 - 1e-3), pull * (1.0 + 1e-3)
        if beyond(low) < 0.0 < beyond(high):
            return float(scipy.optimize.brentq(beyond, low, high, xtol=1e-14, rtol=1e-14))
    return float("inf")
