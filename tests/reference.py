"""Every algorithm written once more, slowly and plainly, for one replica: x is (agents, dim)."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Gradient = Callable[[Array], Array]


def sgd(x, gradient, zeta, eta, steps):
    for t in range(steps):
        x = x - eta[:, None] * (gradient(x) + zeta[t])
    return x, x.mean(axis=0)


def qsgd(x, gradient, zeta, eta, steps, k):
    for t in range(steps):
        h = eta[:, None]
        x = x - h * (gradient(x) + zeta[t]) + h * k(t) * (x.mean(axis=0) - x)
    return x, x.mean(axis=0)


def easgd(x, gradient, zeta, eta, steps, k):
    centre, p = x.mean(axis=0), len(x)
    for t in range(steps):
        h = eta[:, None]
        new = x - h * (gradient(x) + zeta[t]) + h * k(t) * (centre - x)
        centre = centre + eta.mean() * k(t) * p * (x.mean(axis=0) - centre)
        x = new
    return x, centre


def arbitrary_quorum(x, gradient, zeta, eta, steps, k, g):
    quorum = x.mean(axis=0)
    for t in range(steps):
        h = eta[:, None]
        new = x - h * (gradient(x) + zeta[t]) + h * k(t) * (quorum - x)
        quorum = quorum + eta.mean() * g(quorum, x.mean(axis=0), t)
        x = new
    return x, quorum


def nesterov(x, gradient, zeta, eta, steps, k, delta, elastic):
    v, centre, p = np.zeros_like(x), x.mean(axis=0), len(x)
    for t in range(steps):
        h = eta[:, None]
        signal = centre if elastic else x.mean(axis=0)
        v = delta * v - h * (gradient(x + delta * v) + zeta[t])
        new = x + v + h * k(t) * (signal - x)
        centre = centre + eta.mean() * k(t) * p * (x.mean(axis=0) - centre)
        x = new
    return x, centre if elastic else x.mean(axis=0)


def continuous_momentum(x, gradient, zeta, eta, steps, k1, k2, damping, elastic):
    v, centre, p = np.zeros_like(x), x.mean(axis=0), len(x)
    for t in range(steps):
        h = eta[:, None]
        signal = centre if elastic else x.mean(axis=0)
        pull = k2 * (v.mean(axis=0) - v)
        new_v = v + h * (-gradient(x) - damping(t) * v + pull) - h * zeta[t]
        new = x + h * (v + k1(t) * (signal - x))
        centre = centre + eta.mean() * k1(t) * p * (x.mean(axis=0) - centre)
        x, v = new, new_v
    return x, centre if elastic else x.mean(axis=0)


def periodic_averaging(x, gradient, zeta, eta, steps, period):
    for t in range(steps):
        x = x - eta[:, None] * (gradient(x) + zeta[t])
        if (t + 1) % period == 0:
            x = np.broadcast_to(x.mean(axis=0), x.shape)
    return x, x.mean(axis=0)


def single_agent_easgd(x, gradient, zeta, eta, steps, k, delta=None):
    own, v = x.copy(), np.zeros_like(x)
    for t in range(steps):
        h = eta[:, None]
        elastic = h * k(t) * (own - x)
        if delta is None:
            x = x - h * (gradient(x) + zeta[t]) + elastic
        else:
            v = delta * v - h * (gradient(x + delta * v) + zeta[t])
            x = x + v + elastic
        own = own - elastic
    return x, x.mean(axis=0)


def weighted(x, gradient, zeta, eta, steps, gain):
    """General state-dependent coupling; gain(t, x) is (agents,)."""
    for t in range(steps):
        k = gain(t, x)
        quorum = (k[:, None] * x).sum(axis=0) / k.sum()
        h = eta[:, None]
        x = x - h * (gradient(x) + zeta[t]) + h * k.mean() * (quorum - x)
    k = gain(steps, x)
    return x, (k[:, None] * x).sum(axis=0) / k.sum()


def sd_qsgd_gain(loss, k, epoch, magnification, relaxation):
    champion = [0]

    def gain(t, x):
        p, since = len(x), t % epoch
        if since == 0 and t < gain.steps:
            champion[0] = int(np.argmin(loss(x)))
        if since + 1 == epoch or (t == gain.steps and since == 0):
            return np.full(p, k)
        left = np.exp(-since / relaxation)
        out = np.full(p, k * (1.0 - left))
        out[champion[0]] += magnification * p * k * left
        return out

    gain.steps = 10**9
    return gain


def communicating(
    x, gradient, zeta, eta, steps, k, receives, talks, late, delta=0.0, elastic=False
):
    """Agents that receive late and now and then: receives(t, x) (agents, dim), talks(t) (agents,)."""
    v, centre, signals = np.zeros_like(x), x.mean(axis=0), []
    for t in range(steps):
        h = eta[:, None]
        signals.append(np.broadcast_to(centre, x.shape) if elastic else receives(t, x))
        received = np.array([signals[max(t - ago, 0)][i] for i, ago in enumerate(late)])
        pull = k(t) * talks(t)[:, None]
        v = delta * v - h * (gradient(x + delta * v) + zeta[t])
        new = x + v + h * pull * (received - x)
        centre = centre + eta.mean() * (pull * (x - centre)).sum(axis=0)
        x = new
    return x, centre if elastic else x.mean(axis=0)
