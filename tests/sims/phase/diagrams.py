"""Phase diagrams with a known best coupling, made without simulation."""

import dataclasses

import numpy as np
import xarray as xr

from sims.phase import experiment as phase
from sims.phase.diagram import gain


def bump(coupling, step_size, best):
    """A curve over k whose good couplings are those with κ within 1.6 times the best."""
    distance = np.log(np.maximum(gain(coupling, step_size), 1e-12) / best)
    return 1.1 * np.exp(-np.log(1 / 0.8) * (distance / np.log(1.6)) ** 2) - 0.1


def synthetic(best, scaled_noise=False):
    """A whole diagram whose best κ is a function of W and η; noise may wrongly grow with the loss."""
    configuration = dataclasses.replace(phase.QUICK, replicas=16)
    random = np.random.default_rng(1)
    steps, widths = (np.array(x) for x in (configuration.step_size, configuration.half_width))
    couplings = np.array(configuration.coupling)
    counts = list(configuration.agents)
    shape = (len(steps), len(widths), len(counts), len(couplings), 16)
    peak = best(widths[None, :, None, None], steps[:, None, None, None])
    eta = steps[:, None, None, None]
    descent = np.broadcast_to(bump(couplings, eta, peak), shape[:-1])[..., None]
    loss = -0.28 - 0.45 * (descent + 0.02 * random.normal(size=shape))
    factors = np.array(configuration.prefactor)
    s, slow = factors[:, None, None], configuration.step_size_with_prefactor
    steep = s * best(widths[None, :, None] / (1 if scaled_noise else s), slow * s)
    bumps = np.broadcast_to(bump(couplings, slow, steep), (len(s), len(widths), len(couplings)))
    noise = 0.02 * random.normal(size=(*bumps.shape, 16))
    steep_loss = s[..., None] * (-0.28 - 0.45 * (bumps[..., None] + noise))
    heat = slow * widths**2 / factors[:, None]
    memory = np.where(steps[:, None] * widths**2 > 0.7, 0.1, 0.9)
    return xr.Dataset(
        {
            "loss": (phase.DIMS, loss),
            "memory": (("step_size", "half_width"), memory),
            "start_loss": -0.28,
            "lowest_loss": -0.73,
            "prefactor_loss": (("prefactor", "half_width", "coupling", "replica"), steep_loss),
            "prefactor_memory": (("prefactor", "half_width"), np.where(heat > 0.7, 0.1, 0.9)),
            "prefactor_step_size": slow,
        },
        {"step_size": steps, "half_width": widths, "agent_count": counts, "coupling": couplings}
        | {"prefactor": factors},
    )


def expected_law(width, step):
    """Return the best κ of a diagram that the claims hold for."""
    return 0.7 * (step * width**2) ** 1.2


def constant_law(width, step):
    """Return a best κ that does not move."""
    return 2.0 + 0 * width * step
