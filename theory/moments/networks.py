"""Coupled methods on graphs, with delays and pauses, as one linear iteration of all agents.

On f = ½ h (x − x*)² a step of all agents is z ← A_t z + noise, where z holds the positions, what was
there before as far as a delay reaches, velocities, and the centre of EASGD. A_t is random where agents
communicate at random or meet in random pairs; its first two moments are known, so those of z obey
linear recursions without any approximation. Unlike in `theory.moments.methods` agents need not be
alike, so the cost grows with their number.
"""

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sdeopt.arguments import finite_number, flag, real_array, whole_number
from sdeopt.errors import InvalidArgumentError
from theory.moments.checked import LARGEST, LONGEST, per_agent
from theory.moments.methods import QUORUMS, Array
from theory.moments.pairings import check_pairs, paired_mean, paired_square


@dataclasses.dataclass(frozen=True, eq=False)
class Network:
    """A coupled method of p agents on a graph, on a quadratic loss; made by `network`.

    A step is z ← (B + F D_t K_t) z + noise. The rows of K_t are the differences that pull the agents,
    D_t is zero where an agent does not communicate and one elsewhere, and F puts the pulls in place.

    Parameters
    ----------
    agents : int
        p; the first p numbers of z are the positions.
    centre : int or None
        The place of EASGD's centre in z.
    steady : numpy.ndarray
        B without the gradient, shape (m, m).
    slope : numpy.ndarray
        What h is multiplied with in B.
    gain : numpy.ndarray
        F, shape (m, rows).
    differences : numpy.ndarray
        The mean of K_t, shape (rows, m).
    owner : numpy.ndarray
        Which agent a row belongs to.
    noisy : numpy.ndarray
        Where an agent's noise enters, shape (m, p).
    chances : numpy.ndarray
        The probability that an agent communicates, shape (period, p).
    met : numpy.ndarray or None
        With random pairs: where the partner's position is read, shape (p, m).

    Examples
    --------
    >>> from theory.moments import network
    >>> late = network(coupling=2.0, step_size=0.1, agents=4, delay=1)
    >>> late.agents, late.size  # positions now and one step ago
    (4, 8)
    """

    agents: int
    centre: int | None
    steady: Array
    slope: Array
    gain: Array
    differences: Array
    owner: Any
    noisy: Array
    chances: Array
    met: Array | None = None

    @property
    def size(self) -> int:
        """m, the length of z."""
        return len(self.steady)

    @property
    def period(self) -> int:
        """The number of steps after which the probabilities repeat."""
        return len(self.chances)

    def base(self, curvature: float) -> Array:
        """Return B."""
        return self.steady + curvature * self.slope

    def mean_matrix(self, curvature: float, step: int) -> Array:
        """Return E A_t.

        Parameters
        ----------
        curvature : float
            h.
        step : int
            t.

        Returns
        -------
        numpy.ndarray
            Shape (m, m).
        """
        chance = self.chances[step % self.period][self.owner]
        return np.asarray(self.base(curvature) + (self.gain * chance) @ self.differences)

    def second_moment(self, moment: Array, curvature: float, step: int) -> Array:
        """Return E A_t S A_tᵀ.

        Parameters
        ----------
        moment : numpy.ndarray
            S, shape (m, m).
        curvature : float
            h.
        step : int
            t.

        Returns
        -------
        numpy.ndarray
            Shape (m, m).
        """
        chance = self.chances[step % self.period][self.owner]
        both = np.outer(chance, chance)
        same = self.owner[:, None] == self.owner
        both[same] = np.broadcast_to(chance, both.shape)[same]
        square = self.differences @ moment @ self.differences.T
        if self.met is not None:
            read = self.met @ moment @ self.met.T
            square = (
                square
                + paired_square(read)
                - paired_mean(self.agents) @ read @ paired_mean(self.agents)
            )
        base = self.base(curvature)
        pulled = (self.gain * chance) @ self.differences
        # also of an S that is not symmetric: a search for the largest factor comes upon such
        crossed = pulled @ moment @ base.T + base @ moment @ pulled.T
        return np.asarray(
            base @ moment @ base.T + crossed + self.gain @ (both * square) @ self.gain.T
        )


def network(
    *,
    coupling: float,
    step_size: ArrayLike,
    weights: Any = None,
    agents: int | None = None,
    pairs: bool = False,
    delay: ArrayLike = 0,
    participation: float = 1.0,
    period: int = 1,
    staggered: bool = False,
    momentum: float = 0.0,
    quorum: str = "mean",
) -> Network:
    """Return the iteration of agents that receive from each other through a graph.

    x^i ← x^i + v^i + η_i k b^i_t (s^i − x^i), v^i ← δ v^i − η_i ∇f(x^i + δ v^i) + noise, where b^i_t is
    1 if agent i communicates at step t and else 0. What it receives is s^i = (W x)_i, or the centre,
    as it was τ_i steps ago (before the first step: at the start). The centre moves by
    x~ ← x~ + η̄ k Σ_i b^i_t (x^i − x~), η̄ the mean of η_i. Without momentum v^i is the gradient step.

    Parameters
    ----------
    coupling : float
        k.
    step_size : float or array_like of shape (p,)
        η.
    weights : array_like or scipy.sparse array, optional
        W, shape (p, p); by default all entries are 1/p.
    agents : int, optional
        p, where `weights` does not give it.
    pairs : bool
        Whether agents meet in random pairs instead, all of them at every step: W has rows with 1/2
        for the agent and 1/2 for its partner.
    delay : int or array_like of shape (p,)
        τ, in steps.
    participation : float
        The probability that an agent communicates in a step, independently of all else.
    period : int
        Every so many steps agents communicate, first at the end of the first period.
    staggered : bool
        Whether agent i does so i steps later than agent 0: with ``period=p`` one at a time.
    momentum : float
        δ.
    quorum : {"mean", "filter"}
        Whether s^i is that of the graph or the centre x~ of EASGD.

    Returns
    -------
    Network
        The iteration.

    Raises
    ------
    InvalidArgumentError
        An argument is not what is stated above, a step size is negative, or the state is too large.

    Notes
    -----
    The centre that one agent at a time updates is asynchronous EASGD (Zhang, Choromanska & LeCun 2015,
    Algorithm 1), with α = ηk.

    Examples
    --------
    The complete graph is `theory.moments.qsgd`:

    >>> from theory.moments import long_run, network, qsgd, stationary_moments
    >>> found = long_run(network(coupling=2.0, step_size=0.1, agents=4), curvature=1.0, noise=0.1)
    >>> plain = stationary_moments(qsgd(agents=4, coupling=2.0).discretized(0.1), 1.0, 1.0)
    >>> bool(np.isclose(found.mean, plain.mean)), bool(np.isclose(found.spread, plain.spread))
    (True, True)
    """
    coupling, momentum = finite_number(coupling, "coupling"), finite_number(momentum, "momentum")
    pairs, staggered = flag(pairs, "pairs"), flag(staggered, "staggered")
    matrix = _matrix(weights, agents)
    p = len(matrix)
    if not isinstance(quorum, str) or quorum not in QUORUMS:
        raise InvalidArgumentError(f"quorum is {quorum!r}, but must be one of {QUORUMS}.")
    if pairs or quorum == "filter":
        _only_complete(weights, pairs, quorum)
    late = _delays(delay, p)
    if pairs:
        check_pairs(p, delay)
    eta = per_agent(step_size, "step_size", p, least=0.0)
    reach, filtered, moving = int(late.max()), quorum == "filter", momentum != 0.0
    # the places of z: positions, their past, velocities, centre and its past
    past = 0 if filtered else reach
    velocity = p * (1 + past)
    centre = velocity + p * moving if filtered else None
    size = velocity + p * moving + (1 + reach) * filtered
    if size > LARGEST:
        raise InvalidArgumentError(
            f"with {p} agents and a delay of {reach} the state has {size} numbers, but may have at most "
            f"{LARGEST}; take fewer agents or a shorter delay."
        )
    with np.errstate(over="ignore"):
        fits = np.isfinite([eta * coupling * p, eta * momentum]).all()
    if not fits:
        raise InvalidArgumentError(
            f"coupling is {coupling:g} and momentum {momentum:g}, with which a step is too large for "
            "floats; take smaller ones."
        )
    here = np.eye(p, size)
    steady, slope = np.zeros((size, size)), np.zeros((size, size))
    agent = np.arange(p)
    steady[agent, agent], slope[agent, agent] = 1.0, -eta
    steady[p:velocity, : velocity - p] = np.eye(velocity - p)
    noisy = here.T.copy()
    if moving:
        fast = velocity + agent
        for rows in (agent, fast):
            steady[rows, fast] = momentum
            slope[rows, agent], slope[rows, fast] = -eta, -eta * momentum
        noisy[fast, agent] = 1.0
    gain, owner, met = (eta * coupling) * here.T, agent, None
    if centre is not None:
        read = np.zeros((p, size))
        read[agent, centre + late] = 1.0
        differences = read - here
        steady[centre, centre] = 1.0
        steady[centre + 1 :, centre : centre + reach] = np.eye(reach)
        away = here.copy()
        away[:, centre] -= 1.0
        moved = np.zeros((size, p))
        moved[centre] = eta.mean() * coupling
        gain, differences, owner = (
            np.hstack([gain, moved]),
            np.vstack([differences, away]),
            np.tile(agent, 2),
        )
    else:
        read = np.zeros((p, size))
        for i in range(p):
            begin = p * late[i]
            read[i, begin : begin + p] = matrix[i]
        if pairs:
            met = np.eye(p, size, k=p * reach)
            read = paired_mean(p) @ met
        differences = read - here
    chances = _chances(p, participation, period, staggered)
    return Network(p, centre, steady, slope, gain, differences, owner, noisy, chances, met)


def _matrix(weights: Any, agents: int | None) -> Array:
    if weights is None:
        if agents is None:
            raise InvalidArgumentError(
                "agents is None, but without weights it must be at least 1; give one of them."
            )
        many = whole_number(agents, "agents", 1, LARGEST)
        return np.full((many, many), 1.0 / many)
    dense = weights.toarray() if hasattr(weights, "toarray") else weights
    matrix = real_array(dense, "weights")
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1] and matrix.size > 0
    if not square or not np.isfinite(matrix).all():
        raise InvalidArgumentError(
            f"weights must be a square matrix of finite numbers, but have shape {matrix.shape}."
        )
    if np.abs(matrix.sum(axis=1) - 1.0).max() > 1e-9:
        raise InvalidArgumentError("the rows of weights must sum to 1; divide each by its sum.")
    if agents is not None and whole_number(agents, "agents", 1) != len(matrix):
        raise InvalidArgumentError(
            f"agents is {agents}, but weights have {len(matrix)} rows; leave agents out."
        )
    return matrix


def _only_complete(weights: Any, pairs: bool, quorum: str) -> None:
    if weights is not None or (pairs and quorum == "filter"):
        what = "random pairs" if pairs else "the centre of quorum='filter'"
        raise InvalidArgumentError(
            f"{what} already decide who receives from whom; give agents, and nothing else of the kind."
        )


def _delays(delay: ArrayLike, agents: int) -> Any:
    late = real_array(delay, "delay")
    whole = (late >= 0.0) & (late <= LARGEST) & (late == np.rint(late))
    if late.shape not in ((), (agents,)) or not whole.all():
        raise InvalidArgumentError(
            f"delay is {delay!r}, but must be a whole number of steps from 0 to {LARGEST}, or one per "
            "agent."
        )
    return np.broadcast_to(late.astype(np.int64), agents)


def _chances(agents: int, participation: float, period: int, staggered: bool) -> Array:
    period = whole_number(period, "period", 1, LONGEST)
    participation = finite_number(participation, "participation")
    if not 0.0 <= participation <= 1.0 or (period > 1 and participation != 1.0):
        raise InvalidArgumentError(
            f"participation is {participation} and period {period}; give a probability or a period "
            "of at least 1, not both."
        )
    if period == 1:
        return np.full((1, agents), participation)
    shift = np.arange(agents) if staggered else np.zeros(agents, np.int64)
    return np.asarray((np.arange(period)[:, None] + 1 - shift) % period == 0, np.float64)
