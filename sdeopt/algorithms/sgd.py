"""SGD: agents that ignore each other."""

from dataclasses import dataclass

from sdeopt.algorithms.algorithm import Algorithm


@dataclass(frozen=True)
class SGD(Algorithm):
    """Stochastic gradient descent: x ← x − η(∇f(x) + ζ/√b), or dx = −∇f dt + √(η/b) B dW.

    With several agents it is that many independent runs; their mean is reported all the same.

    Notes
    -----
    Boffi & Slotine (2020), eq. (2).

    Examples
    --------
    >>> import sdeopt as so
    >>> run = so.simulate(so.losses.Quadratic(1.0), so.SGD(), steps=100, step_size=0.1,
    ...                   start=so.start.Point(1.0))
    >>> round(run.agents.item() / 0.9**100, 12)
    1.0
    """
