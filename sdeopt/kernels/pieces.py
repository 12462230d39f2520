"""The parts of a step that depend on the loss, the algorithm or the noise law.

The names in capitals and the functions `gradient`, `value`, `drift`, `step`, ... are bound by
`sdeopt.kernels.generation`, which writes other imports in place of those from
`sdeopt.kernels.bindings`, so that a whole simulation compiles into one cached function.
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.bindings import (
    DIAGONAL,
    FILTER,
    HAS_STEP,
    MATRIX,
    NOISE_IN_VELOCITY,
    NOISE_ON_UPDATE,
    NOISE_ON_WEIGHTS,
    NOISY,
    SIGNAL,
    SINGLE,
    USES_U,
    USES_V,
    VECTOR_FILTER,
    VELOCITY_SIGNAL,
    WEIGHTED,
    diffusion_diagonal,
    diffusion_matrix,
    drift,
    gradient,
    quorum_rate,
    quorum_vector_rate,
    step,
    value,
    variates,
    weights,
)
from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.coupling import agent_means, weighted_signal
from sdeopt.kernels.intrinsics import fma
from sdeopt.kernels.observation import (
    add_counts,
    add_distances,
    add_distortion,
    add_moments,
    add_sums,
)
from sdeopt.kernels.passes import agent_sums, expand
from sdeopt.kernels.philox import fill_words
from sdeopt.kernels.state import Observed, Plan, State

__all__ = ["diffuse", "hear", "noise_rows", "observe", "quorum_rates", "rates", "update"]

Values = NDArray[np.float64]
Words = NDArray[np.uint64]
Gains = tuple[float, float, float]
Parameters = tuple[Values, ...]


@compiled
def noise_rows(
    seed: np.uint64, purpose: int, t: int, agents: Words, replicas: Words, first: Words,
    second: Words, spare: Values, scratch: Values, spare_holds: NDArray[np.int64], shape: Values,
    out: Values,
) -> None:  # fmt: skip
    """Draw the standard variates of step t, elements t * dim, ... of every lane's stream."""
    dim = out.shape[0]
    stream = np.uint64(purpose)
    if SINGLE:
        for d in range(dim):
            fill_words(seed, stream, np.uint64(t * dim + d), agents, replicas, first, second)
            variates(first, second, out[d], spare, shape)
        return
    element = t * dim
    d = 0
    if element % 2 == 1:
        # This element is the second of a pair whose first belonged to the step before.
        if spare_holds[0] != element:
            block = np.uint64(element // 2)
            fill_words(seed, stream, block, agents, replicas, first, second)
            variates(first, second, scratch, spare, shape)
        for lane in range(spare.shape[0]):
            out[0, lane] = spare[lane]
        d = 1
    while d < dim:
        block = np.uint64((element + d) // 2)
        fill_words(seed, stream, block, agents, replicas, first, second)
        last = d + 1 == dim
        variates(first, second, out[d], spare if last else out[d + 1], shape)
        if last:
            spare_holds[0] = element + d + 1
        d += 2


@compiled
def diffuse(x: Values, parameters: Parameters, column: Values, matrix: Values, z: Values) -> None:
    """Turn standard variates into B(x) times them."""
    if DIAGONAL:
        diffusion_diagonal(x, parameters, z)
    if MATRIX:
        diffusion_matrix(x, parameters, column, matrix, z)


@compiled
def update(
    x: Values, v: Values, u: Values, slope: Values, z: Values, signal: Values,
    velocity_signal: Values, step_size: Values, amplitude: Values, pull: Values, gains: Gains,
) -> None:  # fmt: skip
    """One step of every coordinate of every lane: the rule of the algorithm, or Euler's."""
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            old_x = x[d, lane]
            old_v = v[d, lane] if USES_V else 0.0
            old_u = u[d, lane] if USES_U else 0.0
            heard = signal[d, lane] if SIGNAL else 0.0
            heard_v = velocity_signal[d, lane] if VELOCITY_SIGNAL else 0.0
            g = slope[d, lane]
            h = step_size[lane]
            k = pull[lane] if SIGNAL or USES_U else 0.0
            w = amplitude[lane] * z[d, lane] if NOISY and not NOISE_ON_WEIGHTS else 0.0
            inside = 0.0 if NOISE_ON_UPDATE else w
            if HAS_STEP:
                new = step(old_x, old_v, old_u, g, inside, heard, heard_v, h, k, gains)
                new_x, new_v, new_u = new
            else:
                dx, dv, du = drift(old_x, old_v, old_u, g, heard, heard_v, k, gains)
                new_x = fma(h, dx, old_x) + (0.0 if NOISE_IN_VELOCITY else inside)
                new_v = fma(h, dv, old_v) + (inside if NOISE_IN_VELOCITY else 0.0)
                new_u = fma(h, du, old_u)
            x[d, lane] = new_x + w if NOISE_ON_UPDATE else new_x
            if USES_V:
                v[d, lane] = new_v
            if USES_U:
                u[d, lane] = new_u


@compiled
def hear(
    x: Values, v: Values, mean: Values, quorum: Values, agents: int, time: float, since_epoch: int,
    marks: Values, coupling: float, gains: Gains, partial: Values, scratch: Values,
    signal: Values, velocity_signal: Values, pull: Values,
) -> None:  # fmt: skip
    """Work out what every lane is pulled towards, and how strongly."""
    if WEIGHTED:
        k = np.empty((1, x.shape[1]))
        weights(x, time, since_epoch, marks, coupling, gains, k[0])
        weighted_signal(x, mean, k, agents, partial, scratch, quorum, pull)
        expand(quorum, signal)
    elif SIGNAL or USES_U:
        if SIGNAL:
            expand(quorum if FILTER else mean, signal)
        for lane in range(pull.shape[0]):
            pull[lane] = coupling
    if VELOCITY_SIGNAL:
        velocity_mean = np.empty_like(mean)
        agent_means(v, agents, partial, velocity_mean)
        expand(velocity_mean, velocity_signal)


@compiled
def rates(
    x: Values, v: Values, u: Values, slope: Values, signal: Values, velocity_signal: Values,
    pull: Values, gains: Gains, x_rate: Values, v_rate: Values, u_rate: Values,
) -> None:  # fmt: skip
    """Rates of all coordinates of every lane."""
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            old_v = v[d, lane] if USES_V else 0.0
            old_u = u[d, lane] if USES_U else 0.0
            heard = signal[d, lane] if SIGNAL else 0.0
            heard_v = velocity_signal[d, lane] if VELOCITY_SIGNAL else 0.0
            k = pull[lane] if SIGNAL or USES_U else 0.0
            dx, dv, du = drift(x[d, lane], old_v, old_u, slope[d, lane], heard, heard_v, k, gains)
            x_rate[d, lane] = dx
            if USES_V:
                v_rate[d, lane] = dv
            if USES_U:
                u_rate[d, lane] = du


@compiled
def quorum_rates(
    quorum: Values, mean: Values, time: float, agents: int, coupling: float, gains: Gains,
    out: Values,
) -> None:  # fmt: skip
    """Rates of the quorum variable under its own dynamics."""
    if VECTOR_FILTER:
        dim = quorum.shape[0]
        current, centre, rate = np.empty(dim), np.empty(dim), np.empty(dim)
        for r in range(quorum.shape[1]):
            for d in range(dim):
                current[d] = quorum[d, r]
                centre[d] = mean[d, r]
            quorum_vector_rate(current, centre, time, rate)
            for d in range(dim):
                out[d, r] = rate[d]
    else:
        for d in range(quorum.shape[0]):
            for r in range(quorum.shape[1]):
                out[d, r] = quorum_rate(quorum[d, r], mean[d, r], time, agents, coupling, gains)


@compiled
def observe(
    b: int, state: State, plan: Plan, parameters: Parameters, partial: Values, scratch: Values,
    observed: Observed,
) -> None:  # fmt: skip
    """Add the statistics of one block at this moment to its accumulators."""
    x, mean, agents = state.x[b], state.mean[b], plan.agents
    replicas, wanted = mean.shape[1], observed.wanted
    if wanted[0]:
        add_distances(x, mean, agents, observed.scalars[0, b])
    if wanted[1]:
        losses = np.empty((1, x.shape[1]))
        value(x, parameters, losses[0])
        add_sums(losses, agents, 1.0 / agents, partial, observed.scalars[1, b])
    for which, point in ((2, mean), (3, state.quorum[b])):
        if wanted[which]:
            single = np.empty((1, replicas))
            value(point, parameters, single[0])
            for r in range(replicas):
                observed.scalars[which, b, r] += single[0, r]
    if wanted[4]:
        at_mean, summed = np.empty_like(mean), np.empty_like(mean)
        gradient(mean, parameters, at_mean)
        gradient(x, parameters, scratch)
        agent_sums(scratch, agents, partial, summed)
        add_distortion(at_mean, summed, agents, observed.scalars[4, b])
    if observed.shift.size > 0:
        add_moments(x, observed.shift[b], agents, observed.first[b], observed.second[b])
    real = min(replicas, plan.replicas - b * replicas)
    e = observed.edges
    if observed.agent_counts.size > 0:
        add_counts(x, agents * replicas, replicas, real, e[0], e[1], observed.agent_counts[b])
    if observed.mean_counts.size > 0:
        add_counts(mean, replicas, replicas, real, e[2], e[3], observed.mean_counts[b])
