"""Whether agents without coupling are at minima and saddle points, as Sec. 4.3 says of Figure 5(a).

At either the gradient vanishes, so near them it is small. It is held against the gradient where the
same coordinates meet at random: every coordinate is shuffled among the agents of a replica, which
leaves its law as it is and undoes what is a matter of two or more. The loss convolved with the noise
of a step and the loss itself both count, the more favourable one.
"""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sims.coupled.model import CoupledConfiguration
from sims.shared.measures import Array, sampled

SETUP = (
    "Whether agents are at minima or saddle points without coupling is told by the gradient there, "
    "beside the gradient where the same coordinates are shuffled among the agents of a replica."
)

SMALLER = 0.9
"""The ratio of both gradients below which agents are said to be nearer to rest."""


def with_gradients(configuration: CoupledConfiguration, result: xr.Dataset) -> xr.Dataset:
    """Add the mean square of the gradients at uncoupled agents, and at shuffled coordinates."""
    loss = configuration.loss()
    smooth = loss.convolved(configuration.noise(), scale=configuration.step_size)
    agents = result["agents"].sel(coupling=0.0).transpose("replica", "agent", "dim").values
    shuffled = np.random.default_rng(configuration.seed).permuted(agents, axis=1)
    squares = [
        [(one.gradient(points) ** 2).mean(axis=(1, 2)) for points in (agents, shuffled)]
        for one in (smooth, loss)
    ]
    # of uniform noise along a coordinate
    step = configuration.half_width / np.sqrt(3.0)
    return result.assign(
        gradient_square=(("ground", "order", "replica"), np.array(squares)), noise_of_step=step
    ).assign_coords(ground=["convolved", "loss"], order=["agents", "shuffled"])


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Sec. 4.3 says of the uncoupled agents' places, and why it is so or not."""
    squares, noise = result["gradient_square"], float(result["noise_of_step"])
    samples = [
        squares.sel(ground=ground, order=order).values
        for ground in squares["ground"].values
        for order in squares["order"].values
    ]

    def favourable(*four: Array) -> float:
        roots = [np.sqrt(square.mean()) for square in four]
        return float(min(roots[0] / roots[1], roots[2] / roots[3]))

    return [
        sampled(
            Claim.at_most,
            "Fig. 5(a), k = 0: the agents are at local minima and saddle points: the gradient is "
            "smaller there than where the same coordinates meet at random, for the convolved loss or "
            "for the loss itself",
            favourable,
            samples,
            SMALLER,
            "ratio of root mean squares",
        ),
        sampled(
            Claim.at_least,
            "why not: without coupling the noise of a step moves an agent farther than the gradient "
            "does, so that it rests nowhere",
            lambda at_agents: noise / np.sqrt(at_agents.mean()),
            [squares.sel(ground="convolved", order="agents").values],
            3.0,
            "noise / gradient, root mean squares along a coordinate",
        ),
    ]
