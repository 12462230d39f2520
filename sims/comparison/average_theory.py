"""What the theory says of time averages: ends of windows, and preconditioners of the agents' own."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

import theory

__all__ = ["ends", "excess"]

Array = NDArray[np.float64]


def ends(drift: Array, covariance: Array, time: float, dt: float) -> Array:
    """Return what the ends of a window add to t times the covariance of its average, exactly.

    Parameters
    ----------
    drift : numpy.ndarray
        A of dx = −A x dt + B dW, with eigenvalues of positive real parts.
    covariance : numpy.ndarray
        BBᵀ.
    time, dt : float
        The length t of the window, so long that e^{−At} is nothing, and of its steps.

    Returns
    -------
    numpy.ndarray
        A⁻¹ (2V − A⁻¹BBᵀ − BBᵀA⁻ᵀ) A⁻ᵀ/t, V the stationary covariance of the steps: from
        A·(average)·t = noise + x_start − x_end. Without ends there is A⁻¹BBᵀA⁻ᵀ.

    Examples
    --------
    >>> import numpy as np
    >>> from sims.comparison.average_theory import ends
    >>> ends(np.eye(1), np.eye(1), time=50.0, dt=1e-9).round(6)
    array([[-0.02]])
    """
    from scipy import linalg

    inverse = np.linalg.inv(drift)
    settled = linalg.solve_discrete_lyapunov(np.eye(len(drift)) - drift * dt, covariance * dt)
    crossed = inverse @ covariance
    return np.asarray(inverse @ (2 * settled - crossed - crossed.T) @ inverse.T / time)


def excess(curvature: float, preconditioners: Array, coupling: ArrayLike) -> Array:
    """Return by what share two agents with preconditioners of their own miss the closed form.

    Parameters
    ----------
    curvature : float
        h.
    preconditioners : numpy.ndarray
        P₁ and P₂.
    coupling : array_like
        k > 0.

    Returns
    -------
    numpy.ndarray
        Shaped like the coupling.

    Examples
    --------
    >>> import numpy as np
    >>> from sims.comparison.average_theory import excess
    >>> round(float(excess(1.0, np.array([4.0, 1.0]), 30.0)), 4)
    0.3245
    """
    first, second = preconditioners
    found = theory.load("lemma_5_5_unlike_preconditioners").evaluate(
        "excess",
        coupling=coupling,
        first_preconditioner=first,
        second_preconditioner=second,
        hessian_eigenvalue=curvature,
    )
    return np.asarray(found)
