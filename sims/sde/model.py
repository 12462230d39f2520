"""The methods, each as an iteration and as a differential equation, on the losses of Figs 1 to 6.

A *tick* is the time for which one iteration stands: η, and √η with momentum. The differential
equation has the noise strength of its tick, √(tick/b) B dW, and is solved in steps of tick/m.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.algorithms.algorithm import Algorithm
from sdeopt.losses.loss import Loss
from sims.coupled.model import CoupledConfiguration
from sims.rugged import fig1, fig3
from sims.shared.wells import WellsConfiguration

Array = NDArray[np.float64]


def gain(x: Array, t: float) -> float:
    """Return 2/(1 + h) with h the mean over coordinates of (x² − 2)².

    (x² − 2)² is the double well of both losses, without its factor, its tilt and the ripples: an
    agent whose loss is low without ripples has a gain near 2, one between the wells 0.4.
    """
    height = 0.0
    for d in range(x.shape[0]):
        height += (x[d] * x[d] - 2.0) ** 2
    return float(2.0 / (1.0 + height / x.shape[0]))


@dataclass(frozen=True)
class NoisyLoss:
    """A loss with its noise, learning rates, and a number of agents.

    Parameters
    ----------
    given : WellsConfiguration
        The figure whose loss, noise, learning rate and start these are.
    momentum_step_size : float
        η with momentum.
    agents : int
        p.
    momentum : float
        δ.
    """

    given: WellsConfiguration
    momentum_step_size: float
    agents: int
    momentum: float = fig3.PAPER.momentum

    @property
    def loss(self) -> Loss:
        """The loss f."""
        return self.given.loss()

    @property
    def ripples(self) -> tuple[float, float]:
        """The amplitude and the frequency of the fastest wave."""
        amplitude, frequency = self.given.amplitudes[-1], self.given.frequencies[-1]
        return abs(amplitude), frequency

    @property
    def curvature(self) -> float:
        """The curvature that ripples have along a coordinate: Aw² of one wave −A cos(wx).

        In n dimensions a coordinate has n − 1 waves of amplitude A/n. Their phases are unrelated,
        so that they add like the steps of a random walk.
        """
        amplitude, frequency = self.ripples
        n = self.loss.dim
        share = 1.0 if n == 1 else float(np.sqrt(n - 1)) / n
        return share * amplitude * frequency**2

    def with_ripples(self, amplitude: float, frequency: float) -> "NoisyLoss":
        """Return the same with another fastest wave −A cos(wx)."""
        amplitudes = (*self.given.amplitudes[:-1], -amplitude)
        frequencies = (*self.given.frequencies[:-1], frequency)
        changed = replace(self.given, amplitudes=amplitudes, frequencies=frequencies)
        return replace(self, given=changed)

    def with_step_size(self, step_size: float) -> "NoisyLoss":
        """Return the same with another η and the same D, so with the same differential equation."""
        width = self.given.half_width * float(np.sqrt(self.given.step_size / step_size))
        return replace(self, given=replace(self.given, step_size=step_size, half_width=width))

    @property
    def deviation(self) -> float:
        """The standard deviation of one coordinate of the uniform noise."""
        return self.given.half_width / float(np.sqrt(3.0))

    @property
    def diffusion(self) -> float:
        """D = ηW²/6, with which dx = −∇f dt + √(2D) dW is eq. (2)."""
        return self.given.step_size * self.given.half_width**2 / 6.0


def rugged(agents: int) -> NoisyLoss:
    """Return the loss, noise and step sizes of Figs 1 and 3."""
    return NoisyLoss(fig1.PAPER, fig3.PAPER.step_size, agents)


def coupled(agents: int, dim: int) -> NoisyLoss:
    """Return the loss, noise and step size of Figs 4 to 6.

    They show no momentum: its step size is smaller by the ratio of Figs 3 and 1.
    """
    given = CoupledConfiguration(replicas=2, coupling=(0.0,), dim=dim)
    ratio = fig3.PAPER.step_size / fig1.PAPER.step_size
    return NoisyLoss(given, ratio * given.step_size, agents)


@dataclass(frozen=True)
class Method:
    """One method: what it is as an iteration, and what as a differential equation.

    Parameters
    ----------
    name : str
        As the report calls it.
    iteration : callable
        (k, δ) -> the algorithm of the iteration.
    equation : callable
        (coupling in 1/time, damping) -> the algorithm of the differential equation.
    momentum : bool
        Whether it has velocities.
    """

    name: str
    iteration: Callable[[float, float], Algorithm]
    equation: Callable[[float, float], Algorithm]
    momentum: bool = False

    def step_size(self, problem: NoisyLoss) -> float:
        """Return η."""
        return problem.momentum_step_size if self.momentum else problem.given.step_size

    def tick(self, problem: NoisyLoss) -> float:
        """Return the time that an iteration takes."""
        eta = self.step_size(problem)
        return float(np.sqrt(eta)) if self.momentum else eta

    def damping(self, problem: NoisyLoss) -> float:
        """Return μ = (1 − δ)/√η."""
        return (1.0 - problem.momentum) / self.tick(problem)

    def iterated(self, problem: NoisyLoss, coupling: float) -> Algorithm:
        """Return the iteration with a coupling."""
        return self.iteration(coupling, problem.momentum)

    def solved(self, problem: NoisyLoss, coupling: float) -> Algorithm:
        """Return the differential equation, whose coupling pulls by ηk in a tick too."""
        pull = self.step_size(problem) * coupling
        return self.equation(pull / self.tick(problem), self.damping(problem))

    def stiffness(self, problem: NoisyLoss) -> float:
        """Return the rate for which a step of Euler-Maruyama must be short, in 1/time.

        With the curvature λ an explicit step multiplies deviations from a minimum by 1 − λ dt, and
        with momentum a squared oscillation by 1 − μ dt + λ dt².
        """
        return problem.curvature / (self.damping(problem) if self.momentum else 1.0)


METHODS = {
    method.name: method
    for method in (
        # QSGD without coupling is SGD, step by step, and is compiled anyway.
        Method("SGD", lambda k, delta: so.QSGD(0.0), lambda k, mu: so.QSGD(0.0)),
        Method("QSGD", lambda k, delta: so.QSGD(k), lambda k, mu: so.QSGD(k)),
        Method("EASGD", lambda k, delta: so.EASGD(k), lambda k, mu: so.EASGD(k)),
        Method(
            "SD-QSGD",
            lambda k, delta: so.StateDependentQSGD(k, gain),
            lambda k, mu: so.StateDependentQSGD(k, gain),
        ),
        Method(
            "QSGD with momentum",
            lambda k, delta: so.QSGDMomentum(k, delta),
            lambda k, mu: so.ContinuousMomentum(k, mu),
            momentum=True,
        ),
        Method(
            "EASGD with momentum",
            lambda k, delta: so.EASGDMomentum(k, delta),
            lambda k, mu: so.ContinuousMomentum(k, mu, quorum="filter"),
            momentum=True,
        ),
    )
}
"""All methods by name."""
