"""Coupled methods on quadratic losses, as linear systems of the mean and of the differences.

All agents are alike, so on f = ½ (x − x*)ᵀH(x − x*) a change of coordinates decouples the p agents: the
mean, with the quorum variable if there is one, has noise of 1/p of the covariance; each of the p − 1
differences obeys the same system with the full noise. The cost does not grow with p.
"""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.arguments import finite_number, one_of
from sdeopt.errors import InvalidArgumentError
from theory.moments.checked import common_shape, numbers

Array = NDArray[np.float64]
QUORUMS = ("mean", "filter")


@dataclasses.dataclass(frozen=True, eq=False)
class Pencil:
    """A matrix that is affine in the Hessian: A = constant ⊗ I + slope ⊗ H, I more for iterations.

    The identity is kept apart, as 1 − ηk has lost the digits of a small ηk.
    """

    constant: Array
    slope: Array
    steps: bool = False

    def change(self, curvature: ArrayLike) -> Array:
        """Return A without the identity, along eigenvectors of H; eigenvalues broadcast."""
        values = np.asarray(curvature, dtype=np.float64)[..., None, None]
        return self.constant + self.slope * values

    def at(self, curvature: ArrayLike) -> Array:
        """Return A along eigenvectors of H, for eigenvalues that broadcast with the parameters."""
        change = self.change(curvature)
        return np.eye(change.shape[-1]) + change if self.steps else change

    def full_change(self, hessian: Array) -> Array:
        """Return A without the identity as one matrix of m n rows; the parameters must be numbers."""
        return np.kron(self.constant, np.eye(len(hessian))) + np.kron(self.slope, hessian)

    def full(self, hessian: Array) -> Array:
        """Return A as one matrix of m n rows; the parameters must be numbers."""
        change = self.full_change(hessian)
        return np.eye(len(change)) + change if self.steps else change


@dataclasses.dataclass(frozen=True, eq=False)
class Method:
    """A coupled method on a quadratic loss.

    Parameters
    ----------
    name : str
        Its name in error messages.
    state : tuple of str
        The parts of the joint state: ``"position"``, then ``"velocity"`` and ``"quorum"`` if the method
        has them. Differences have the same without ``"quorum"``.
    together : Pencil
        The system of the mean and the quorum variable.
    apart : Pencil
        The system of every difference of agents.
    noisy : tuple of float
        How strongly the noise enters each part of an agent's state.
    agents : numpy.ndarray
        p.
    discrete : bool
        Whether the state is multiplied by A at each step, or flows with ẋ = A x.
    time_step : float
        The factor of the covariance of the noise in each step; 1 unless a flow was
        `discretized`.

    Examples
    --------
    >>> from theory.moments import qsgd
    >>> flow = qsgd(agents=4, coupling=2.0)
    >>> flow.state, flow.discretized(0.1).discrete
    (('position',), True)
    """

    name: str
    state: tuple[str, ...]
    together: Pencil
    apart: Pencil
    noisy: tuple[float, ...]
    agents: Array
    discrete: bool = False
    time_step: float = 1.0

    def discretized(self, time_step: float) -> "Method":
        """Return the Euler–Maruyama scheme of a flow: A becomes I + dt A, noise of variance dt.

        With dt = η and noise (η/b) Σ per unit time it is the iteration itself, each step of which adds
        noise of the covariance (η²/b) Σ (all right sides are taken at the old time).

        Parameters
        ----------
        time_step : float
            dt.

        Returns
        -------
        Method
            The scheme.

        Raises
        ------
        InvalidArgumentError
            The time step is not a number above 0, or the method is an iteration already.

        Examples
        --------
        >>> from theory.moments import qsgd, stationary_moments
        >>> flow = qsgd(agents=4, coupling=1.0)
        >>> steps = [stationary_moments(flow.discretized(dt), 1.0, 1.0).mean for dt in (0.1, 0.001)]
        >>> [round(float(mean), 4) for mean in (*steps, stationary_moments(flow, 1.0, 1.0).mean)]
        [0.1316, 0.1251, 0.125]
        """
        if self.discrete:
            raise InvalidArgumentError(f"{self.name} is an iteration already; discretize a flow.")
        time_step = finite_number(time_step, "the time step", 0.0, open_end=True)
        together, apart = (
            Pencil(
                _held(_times(time_step, part.constant)),
                _held(_times(time_step, part.slope)),
                steps=True,
            )
            for part in (self.together, self.apart)
        )
        return dataclasses.replace(
            self, together=together, apart=apart, discrete=True, time_step=time_step
        )


def table(rows: list[list[Any]]) -> Array:
    """Return matrices whose entries are numbers or arrays that broadcast, on the last two axes."""
    entries = np.broadcast_arrays(
        *(np.asarray(entry, dtype=np.float64) for row in rows for entry in row)
    )
    size = len(rows)
    return _held(np.stack(entries, axis=-1).reshape(*entries[0].shape, size, size))


def _held(matrices: Array) -> Array:
    if not np.isfinite(matrices).all():
        raise InvalidArgumentError(
            "a product of the parameters of the method is too large for floats; take smaller ones."
        )
    return matrices


def _times(one: ArrayLike, other: ArrayLike) -> Array:
    """Return a product, infinite where it is too large, which `table` refuses."""
    with np.errstate(over="ignore"):
        return np.asarray(np.multiply(one, other))


FORCE = table([[0.0, 0.0], [-1.0, 0.0]])
"""The Hessian in the equation of the velocity."""


def qsgd(*, agents: ArrayLike, coupling: ArrayLike) -> Method:
    """Return dx^i = (−∇f(x^i) + k (x• − x^i)) dt + noise (Boffi & Slotine 2020, eq. (6)).

    Parameters
    ----------
    agents, coupling : array_like
        p and k; arrays broadcast.

    Returns
    -------
    Method
        The flow; its ``discretized(step_size)`` is the iteration.

    Raises
    ------
    InvalidArgumentError
        If a parameter is not finite or out of its range, or the arrays do not broadcast.

    Examples
    --------
    >>> from theory.moments import stationary_moments
    >>> found = stationary_moments(qsgd(agents=5, coupling=3.0), curvature=1.0, noise=2.0)
    >>> float(found.mean), float(found.spread)
    (0.2, 1.0)
    """
    p, k = _parameters(agents, coupling=coupling)
    return Method(
        name="QSGD",
        state=("position",),
        together=Pencil(table([[0.0 * k]]), table([[-1.0]])),
        apart=Pencil(table([[-k]]), table([[-1.0]])),
        noisy=(1.0,),
        agents=p,
    )


def easgd(*, agents: ArrayLike, coupling: ArrayLike) -> Method:
    """Return EASGD, QSGD with x~ for x•, dx~ = k p (x• − x~) dt (Boffi & Slotine 2020, eqs. (4)-(5)).

    Parameters
    ----------
    agents, coupling : array_like
        p and k; arrays broadcast.

    Returns
    -------
    Method
        The flow; its ``discretized(step_size)`` is the iteration with all right sides at the old time.

    Raises
    ------
    InvalidArgumentError
        If a parameter is not finite or out of its range, or the arrays do not broadcast.

    Examples
    --------
    >>> from theory.moments import stationary_moments
    >>> found = stationary_moments(easgd(agents=4, coupling=1.0), curvature=1.0, noise=1.0)
    >>> bool(found.quorum < found.mean)
    True
    """
    p, k = _parameters(agents, coupling=coupling)
    filtered = _times(k, p)
    return Method(
        name="EASGD",
        state=("position", "quorum"),
        together=Pencil(table([[-k, k], [filtered, -filtered]]), table([[-1.0, 0.0], [0.0, 0.0]])),
        apart=Pencil(table([[-k]]), table([[-1.0]])),
        noisy=(1.0,),
        agents=p,
    )


def momentum(
    *,
    agents: ArrayLike,
    coupling: ArrayLike,
    damping: ArrayLike,
    velocity_coupling: ArrayLike = 0.0,
    quorum: str = "mean",
) -> Method:
    """Return the flow with momentum, noise in the velocities (Boffi & Slotine 2020, eqs. (33)-(34)).

    dx^i = (v^i + k (s − x^i)) dt, dv^i = (−∇f(x^i) − μ v^i + k₂ (v• − v^i)) dt + noise, with s = x•, or
    s = x~ and dx~ = k p (x• − x~) dt.

    Parameters
    ----------
    agents, coupling, damping, velocity_coupling : array_like
        p, k, μ and k₂; arrays broadcast.
    quorum : {"mean", "filter"}
        Whether s is x• or x~.

    Returns
    -------
    Method
        The flow.

    Raises
    ------
    InvalidArgumentError
        If a parameter is not finite or out of its range, or the arrays do not broadcast.

    Examples
    --------
    >>> from theory.moments import stationary_moments
    >>> flow = momentum(agents=4, coupling=1.0, damping=2.0)
    >>> float(stationary_moments(flow, curvature=1.0, noise=1.0).mean)
    0.0625
    """
    p, k, mu, k2 = _parameters(
        agents, coupling=coupling, damping=damping, velocity_coupling=velocity_coupling
    )
    return _with_quorum(
        quorum,
        Method(
            name="QSGD with momentum",
            state=("position", "velocity"),
            together=Pencil(table([[0.0, 1.0], [0.0, -mu]]), FORCE),
            apart=Pencil(table([[-k, 1.0], [0.0, -mu - k2]]), FORCE),
            noisy=(0.0, 1.0),
            agents=p,
        ),
        k,
    )


def nesterov(
    *,
    agents: ArrayLike,
    coupling: ArrayLike,
    momentum: ArrayLike,
    step_size: ArrayLike,
    quorum: str = "mean",
) -> Method:
    """Return the iteration with Nesterov's momentum (Boffi & Slotine 2020, Sec. 4.3).

    v^i ← δ v^i − η ∇f(x^i + δ v^i) + noise, x^i ← x^i + v^i + ηk (s − x^i), with s = x•, or s = x~ and
    x~ ← x~ + ηkp (x• − x~). The noise is that of a step: its covariance is (η²/b) Σ when Σ is that of a
    one-example gradient.

    Parameters
    ----------
    agents, coupling, momentum, step_size : array_like
        p, k, δ and η; arrays broadcast.
    quorum : {"mean", "filter"}
        Whether s is x• or x~.

    Returns
    -------
    Method
        The iteration.

    Raises
    ------
    InvalidArgumentError
        If a parameter is not finite or out of its range, or the arrays do not broadcast.

    Examples
    --------
    Without momentum it is QSGD:

    >>> from theory.moments import qsgd, stationary_moments
    >>> still = nesterov(agents=4, coupling=1.0, momentum=0.0, step_size=0.1)
    >>> plain = qsgd(agents=4, coupling=1.0).discretized(0.1)
    >>> one = stationary_moments(still, curvature=1.0, noise=0.1)
    >>> other = stationary_moments(plain, curvature=1.0, noise=1.0)
    >>> bool(np.isclose(one.mean, other.mean))
    True
    """
    p, k, delta, eta = _parameters(
        agents, coupling=coupling, momentum=momentum, step_size=step_size
    )
    pull, ahead = _times(eta, k), _times(eta, delta)
    slope = table([[-eta, -ahead], [-eta, -ahead]])
    return _with_quorum(
        quorum,
        Method(
            name="QSGD with Nesterov's momentum",
            state=("position", "velocity"),
            together=Pencil(table([[0.0, delta], [0.0, delta - 1.0]]), slope, steps=True),
            apart=Pencil(table([[-pull, delta], [0.0, delta - 1.0]]), slope, steps=True),
            noisy=(1.0, 1.0),
            agents=p,
            discrete=True,
        ),
        pull,
    )


def _with_quorum(quorum: str, method: Method, pull: Array) -> Method:
    """Return the method with x~ for x•, where x~ moves with p times the coupling of an agent."""
    one_of(quorum, "kind of quorum called", QUORUMS)
    if quorum == "mean":
        return method
    p = method.agents
    filtered = _times(p, pull)
    grown = table([[-pull, 0.0, pull], [0.0, 0.0, 0.0], [filtered, 0.0, -filtered]])
    together = Pencil(
        grown + _bordered(method.together.constant),
        _bordered(method.together.slope),
        steps=method.discrete,
    )
    return Method(
        name=method.name.replace("QSGD", "EASGD"),
        state=(*method.state, "quorum"),
        together=together,
        apart=method.apart,
        noisy=method.noisy,
        agents=p,
        discrete=method.discrete,
    )


def _bordered(matrices: Array) -> Array:
    """Add a row and a column of zeros at the end."""
    width = [(0, 0)] * (matrices.ndim - 2) + [(0, 1), (0, 1)]
    return np.pad(matrices, width)


def _parameters(agents: ArrayLike, **others: ArrayLike) -> tuple[Array, ...]:
    """Return p and the other parameters as arrays that broadcast."""
    found = {"agents": numbers(agents, "agents")}
    if not ((found["agents"] >= 1.0) & (found["agents"] == np.rint(found["agents"]))).all():
        raise InvalidArgumentError(f"agents must be a positive integer, but agents = {agents!r}.")
    found |= {name: numbers(value, name) for name, value in others.items()}
    common_shape(**{name: value.shape for name, value in found.items()})
    return tuple(found.values())
