"""A simulation has the moments that the Lyapunov equations give."""

from typing import Any

import numpy as np
import pytest

import sdeopt as so
from theory.moments import Method, easgd, nesterov, stationary_moments

SIMULATED = {
    "EASGD": (so.EASGD(coupling=1.5), easgd(agents=4, coupling=1.5).discretized(0.1), 0.1 * 2.0),
    "Nesterov": (
        so.QSGDMomentum(coupling=1.5, momentum=0.6),
        nesterov(agents=4, coupling=1.5, momentum=0.6, step_size=0.1),
        0.1**2 * 2.0,
    ),
}


@pytest.mark.statistical
@pytest.mark.parametrize(("algorithm", "method", "noise"), SIMULATED.values(), ids=SIMULATED)
def test_a_simulation_has_these_moments(algorithm: Any, method: Method, noise: float) -> None:
    """Null: the mean squares over 4000 replicas at step 400 are normal around the moments.

    A replica forgets its start by a tenth a step or faster; 4.5 standard errors for five numbers leave
    a true null 4 chances in 100 000.
    """
    run = so.simulate(
        so.losses.Quadratic(1.0),
        algorithm,
        noise=so.noise.Gaussian(np.sqrt(2.0)),
        agents=4,
        steps=400,
        step_size=0.1,
        replicas=4000,
        start=so.start.Point(0.0),
        seed=11,
    )
    expected = stationary_moments(method, 1.0, noise)
    agents, mean = run["agents"].values[..., 0], run["mean"].values[..., 0]
    drawn = {"mean": mean**2, "spread": ((agents - mean[:, None]) ** 2).sum(axis=1)}
    if "quorum" in method.state:
        drawn["quorum"] = run["quorum"].values[..., 0] ** 2
    for name, sample in drawn.items():
        error = sample.std(ddof=1) / np.sqrt(len(sample))
        away = abs(sample.mean() - float(getattr(expected, name))) / error
        assert away < 4.5, f"{name} is {away:.1f} standard errors off"
