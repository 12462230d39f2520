"""The loop over blocks and steps: noise, gradient, update, mean; everything else hangs on it.

Read this file to know what a simulation does. At time t, from x(t) and its mean: the signal that
agents feel, the noise, the gradient, the update (all right-hand sides at time t), then the new mean.
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.bindings import (
    AVERAGING,
    CHAMPION,
    FILTER,
    GIVEN,
    LOOKS_AHEAD,
    MINIBATCH,
    NOISE_ON_WEIGHTS,
    NOISY,
    USES_V,
    WEIGHTED,
    gradient,
    look_ahead,
    minibatch_gradient,
    value,
)
from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.coupling import (
    agent_means,
    choose_champions,
    fill_lanes,
    mark_champions,
)
from sdeopt.kernels.drawing import copy_given, draw_examples
from sdeopt.kernels.intrinsics import fma
from sdeopt.kernels.passes import expand, first_nonfinite
from sdeopt.kernels.philox import NOISE
from sdeopt.kernels.pieces import diffuse, hear, noise_rows, observe, quorum_rates, update
from sdeopt.kernels.state import Given, Observed, Plan, State, Tables

__all__ = ["advance"]

Values = NDArray[np.float64]


@compiled
def advance(
    first_block: int,
    last_block: int,
    state: State,
    tables: Tables,
    plan: Plan,
    given: Given,
    observed: Observed,
    parameters: tuple[Values, ...],
    law_parameters: tuple[Values, ...],
    shape: Values,
) -> None:
    """Advance a range of blocks through the steps of one chunk.

    Parameters
    ----------
    first_block, last_block : int
        Range of blocks, the last one excluded.
    state : State
        Read and written.
    tables : Tables
        Schedules on the steps of the chunk.
    plan : Plan
        The fixed numbers of the run and the position of the chunk in it.
    given : Given
        Increments handed in, or empty arrays.
    observed : Observed
        Accumulators of statistics, added to.
    parameters : tuple of float64 arrays
        Of the loss.
    law_parameters : tuple of float64 arrays
        Of the noise law's B(x).
    shape : float64 array
        Of the law of the standard variates.
    """
    dim, lanes, replicas = state.x.shape[1], state.x.shape[2], state.mean.shape[2]
    slope, point, z = np.empty((dim, lanes)), np.empty((dim, lanes)), np.zeros((dim, lanes))
    signal, velocity_signal = np.empty((dim, lanes)), np.empty((dim, lanes))
    quorum_rate_now = np.empty((dim, replicas))
    h, w, pull = np.empty(lanes), np.empty(lanes), np.empty(lanes)
    losses, marks = np.empty(lanes), np.zeros(lanes)
    words = np.empty((2, lanes), np.uint64)
    spare, spare_scratch = np.empty(lanes), np.empty(lanes)
    spare_holds = np.empty(1, np.int64)
    column, matrix = np.empty(dim), np.empty((dim, dim))
    drawn = np.empty((plan.batch, lanes), np.int64)
    partial = np.empty(8 * replicas)
    agent_of, replica_of = np.empty(lanes, np.uint64), np.empty(lanes, np.uint64)
    # Taken out of what holds them once: in the loop each access would count a reference.
    times, moves, amplitudes = tables.time, tables.step_size, tables.amplitude
    all_gains, path, seed = tables.gains, given.values, plan.seed
    first_words, second_words = words[0], words[1]
    for b in range(first_block, last_block):
        x, v, u = state.x[b], state.v[b], state.u[b]
        mean, quorum = state.mean[b], state.quorum[b]
        champion, diverged = state.champion[b], state.diverged[b]
        spare_holds[0] = -1
        real = min(replicas, plan.replicas - b * replicas)
        for lane in range(lanes):
            agent_of[lane] = np.uint64(lane // replicas)
            replica_of[lane] = np.uint64(b * replicas + lane % replicas)
        if CHAMPION:
            mark_champions(champion, marks)
        agent_means(x, plan.agents, partial, mean)
        if plan.observe_start:
            observe(b, state, plan, parameters, partial, point, observed)
        h_mean = 0.0
        for s in range(plan.steps):
            t = plan.first_step + s
            time = times[s]
            if s == 0 or moves.shape[1] > 1 or (
                moves[s, 0] != moves[s - 1, 0] or amplitudes[s, 0] != amplitudes[s - 1, 0]
            ):  # fmt: skip
                h_mean = fill_lanes(moves[s], replicas, h)
                fill_lanes(amplitudes[s], replicas, w)
            coupling = all_gains[s, 0]
            gains = (all_gains[s, 1], all_gains[s, 2], all_gains[s, 3])
            # what the agents hear
            if CHAMPION and t % plan.epoch == 0:
                value(x, parameters, losses)
                choose_champions(losses, plan.agents, champion)
                mark_champions(champion, marks)
            hear(
                x, v, mean, quorum, plan.agents, time, t % plan.epoch, marks, coupling, gains,
                partial, point, signal, velocity_signal, pull,
            )  # fmt: skip
            # noise
            if NOISY and not MINIBATCH:
                if GIVEN:
                    copy_given(path, s, b * replicas, plan.agents, replicas, z)
                else:
                    noise_rows(
                        seed, NOISE, t, agent_of, replica_of, first_words, second_words, spare,
                        spare_scratch, spare_holds, shape, z,
                    )  # fmt: skip
                diffuse(x, law_parameters, column, matrix, z)
                if NOISE_ON_WEIGHTS:
                    for d in range(dim):
                        for lane in range(lanes):
                            x[d, lane] += w[lane] * z[d, lane]
            # gradient
            if LOOKS_AHEAD:
                for d in range(dim):
                    for lane in range(lanes):
                        ahead = v[d, lane] if USES_V else 0.0
                        point[d, lane] = look_ahead(x[d, lane], ahead, gains)
            if MINIBATCH:
                draw_examples(plan, t, agent_of, replica_of, words, drawn)
                minibatch_gradient(point if LOOKS_AHEAD else x, drawn, parameters, slope)
            else:
                gradient(point if LOOKS_AHEAD else x, parameters, slope)
            # update
            update(x, v, u, slope, z, signal, velocity_signal, h, w, pull, gains)
            if FILTER:
                quorum_rates(quorum, mean, time, plan.agents, coupling, gains, quorum_rate_now)
                for d in range(dim):
                    for r in range(replicas):
                        quorum[d, r] = fma(h_mean, quorum_rate_now[d, r], quorum[d, r])
            agent_means(x, plan.agents, partial, mean)
            if AVERAGING and (t + 1) % plan.period == 0:
                # the mean of p equal numbers may differ from them in the last bit: take it again,
                # so that it is a function of x alone and a resumed run finds the same
                expand(mean, x)
                agent_means(x, plan.agents, partial, mean)
            if not (FILTER or WEIGHTED):
                quorum[:] = mean
            if first_nonfinite(mean, real, t + 1, diverged) and plan.stop_on_divergence:
                break
            watched = (t + 1) % plan.observe_every == 0
            if WEIGHTED and (watched or s + 1 == plan.steps):
                # the weighted quorum of the new state, for whoever looks at it
                hear(
                    x, v, mean, quorum, plan.agents, times[s + 1], t % plan.epoch + 1, marks,
                    coupling, gains, partial, point, signal, velocity_signal, pull,
                )  # fmt: skip
            if watched:
                observe(b, state, plan, parameters, partial, point, observed)
