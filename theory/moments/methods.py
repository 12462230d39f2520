"""QSGD, EASGD and their forms with momentum as `Method`."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.errors import InvalidArgumentError, unknown_name
from theory.moments.method import Method, Pencil, table

QUORUMS = ("mean", "filter")


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

    Examples
    --------
    >>> from theory.moments import stationary_moments
    >>> found = stationary_moments(qsgd(agents=5, coupling=3.0), curvature=1.0, noise=2.0)
    >>> float(found.mean), float(found.spread)
    (0.2, 1.0)
    """
    p, k = _agents(agents), _numbers("coupling", coupling)
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

    Examples
    --------
    >>> from theory.moments import stationary_moments
    >>> found = stationary_moments(easgd(agents=4, coupling=1.0), curvature=1.0, noise=1.0)
    >>> bool(found.quorum < found.mean)
    True
    """
    p, k = _agents(agents), _numbers("coupling", coupling)
    return Method(
        name="EASGD",
        state=("position", "quorum"),
        together=Pencil(table([[-k, k], [k * p, -k * p]]), table([[-1.0, 0.0], [0.0, 0.0]])),
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

    Examples
    --------
    >>> from theory.moments import stationary_moments
    >>> flow = momentum(agents=4, coupling=1.0, damping=2.0)
    >>> float(stationary_moments(flow, curvature=1.0, noise=1.0).mean)
    0.0625
    """
    p, k, mu, k2 = (
        _agents(agents),
        _numbers("coupling", coupling),
        _numbers("damping", damping),
        _numbers("velocity_coupling", velocity_coupling),
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
    p, k, delta, eta = (
        _agents(agents),
        _numbers("coupling", coupling),
        _numbers("momentum", momentum),
        _numbers("step_size", step_size),
    )
    slope = table([[-eta, -eta * delta], [-eta, -eta * delta]])
    return _with_quorum(
        quorum,
        Method(
            name="QSGD with Nesterov's momentum",
            state=("position", "velocity"),
            together=Pencil(table([[1.0, delta], [0.0, delta]]), slope),
            apart=Pencil(table([[1.0 - eta * k, delta], [0.0, delta]]), slope),
            noisy=(1.0, 1.0),
            agents=p,
            discrete=True,
        ),
        eta * k,
    )


FORCE = table([[0.0, 0.0], [-1.0, 0.0]])
"""How the Hessian drives the velocity."""


def _with_quorum(quorum: str, method: Method, pull: NDArray[np.float64]) -> Method:
    """Return the method with x~ in the place of x•, moved by p times the pull on an agent."""
    if quorum not in QUORUMS:
        raise unknown_name("kind of quorum called", quorum, QUORUMS)
    if quorum == "mean":
        return method
    p, one = method.agents, float(method.discrete)
    grown = table([[-pull, 0.0, pull], [0.0, 0.0, 0.0], [p * pull, 0.0, one - p * pull]])
    together = Pencil(grown + _bordered(method.together.constant), _bordered(method.together.slope))
    return Method(
        name=method.name.replace("QSGD", "EASGD"),
        state=(*method.state, "quorum"),
        together=together,
        apart=method.apart,
        noisy=method.noisy,
        agents=p,
        discrete=method.discrete,
    )


def _bordered(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Add a row and a column of zeros at the end."""
    width = [(0, 0)] * (matrices.ndim - 2) + [(0, 1), (0, 1)]
    return np.pad(matrices, width)


def _agents(given: ArrayLike) -> NDArray[np.float64]:
    agents = _numbers("agents", given)
    if not ((agents >= 1.0) & (agents == np.rint(agents))).all():
        raise InvalidArgumentError(f"agents must be a positive integer, but agents = {given!r}.")
    return agents


def _numbers(name: str, given: Any) -> NDArray[np.float64]:
    numbers = np.asarray(given, dtype=np.float64)
    if not np.isfinite(numbers).all():
        raise InvalidArgumentError(f"{name} must be finite, but {name} = {given!r}.")
    return numbers
