"""The loop over blocks and steps: start here to read what a simulation computes.

One step takes, from x(t) and its mean, the signal that the agents receive, the noise, the gradient and
the update, all right-hand sides at time t; then the new mean.
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.bindings import (
    AVERAGING,
    CHAMPION,
    DIAGONAL,
    FILTER,
    GIVEN,
    HEARS,
    LOOKS_AHEAD,
    MATRIX,
    MINIBATCH,
    NOISE_ON_WEIGHTS,
    NOISY,
    OBSERVES,
    SIGNAL,
    SOMETIMES,
    WEIGHTED,
    minibatch_gradient,
    value,
)
from sdeopt.kernels.compilation import compiled_separately
from sdeopt.kernels.hearing import Ears, Hearing, forget_words, listen
from sdeopt.kernels.intrinsics import fma
from sdeopt.kernels.means import agent_means, choose_champions, mark_champions
from sdeopt.kernels.passes import (
    copy_given,
    copy_rows,
    expand,
    fill_lanes,
    first_nonfinite,
    wrap_around,
)
from sdeopt.kernels.philox import NOISE, UNKNOWN
from sdeopt.kernels.pieces import (
    diffuse,
    look_ahead_rows,
    noise_rows,
    observe,
    perturb,
    quorum_rates,
    receive,
    slopes,
    update,
)
from sdeopt.kernels.state import (
    Buffers,
    Given,
    Observed,
    Plan,
    State,
    Tables,
    load_block,
    store_block,
)
from sdeopt.kernels.variates import draw_examples
from sdeopt.kernels.vectors import NARROW

Values = NDArray[np.float64]


@compiled_separately
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
    work: tuple[Buffers, Ears, Hearing],
) -> None:
    """Advance a range of blocks through the steps of one chunk."""
    buffers, ears, hearing = work
    x, v, u, mean, quorum = buffers.x, buffers.v, buffers.u, buffers.mean, buffers.quorum
    for b in range(first_block, last_block):
        load_block(b, state, buffers)
        dim, lanes, replicas = x.shape[0], x.shape[1], mean.shape[1]
        champion, diverged = state.champion[b], state.diverged[b]
        slope, point, z, sums = buffers.slope, buffers.point, buffers.z, buffers.sums
        marks, lane_coupling = buffers.marks, buffers.coupling
        velocity_signal = buffers.velocity_signal
        # all agents of a replica receive one signal, so it is stored once for every replica; where
        # replicas do not fill whole vectors, it is copied to a row that continues with its beginning
        source = quorum if FILTER or WEIGHTED else mean
        wraps, stride = replicas % NARROW != 0, NARROW % replicas
        shared = source
        if HEARS and hearing.late and not hearing.own:
            shared = ears.late
        signal = buffers.signal if wraps else shared
        repeats = replicas
        if HEARS and hearing.own:
            signal, wraps, stride, repeats = ears.heard, False, NARROW, lanes
        agents, first_replica = plan.agents, b * replicas
        real = min(replicas, plan.replicas - first_replica)
        buffers.held[0] = UNKNOWN
        forget_words(ears)
        for lane in range(lanes):
            buffers.agent_of[lane] = np.uint64(lane // replicas)
            buffers.replica_of[lane] = np.uint64(first_replica + lane % replicas)
        if CHAMPION:
            mark_champions(champion, marks)
        agent_means(x, agents, sums, mean)
        if OBSERVES and plan.observe_start:
            observe(b, plan, parameters, buffers, observed)
        for s in range(plan.steps):
            t = plan.first_step + s
            time = tables.time[s]
            h_mean = fill_lanes(tables.step_size, s, replicas, buffers.step_size)
            fill_lanes(tables.amplitude, s, replicas, buffers.amplitude)
            coupling = tables.coupling[s]
            scheduled = (tables.scheduled[s, 0], tables.scheduled[s, 1], tables.scheduled[s, 2])
            since_epoch = t % plan.epoch if CHAMPION else 0
            # signal
            if CHAMPION and since_epoch == 0:
                value(x, parameters, buffers.losses)
                choose_champions(buffers.losses, agents, champion)
                mark_champions(champion, marks)
            receive(
                x, v, mean, quorum, agents, time, since_epoch, marks, coupling, scheduled, sums, point,
                velocity_signal, lane_coupling,
            )  # fmt: skip
            if HEARS:
                listen(
                    plan.seed, t, x, source, hearing, ears, state.history[b], agents,
                    buffers.agent_of, buffers.replica_of, sums, point,
                )  # fmt: skip
                if SOMETIMES:
                    for lane in range(lanes):
                        lane_coupling[lane] = coupling * ears.talks[lane]
            if SIGNAL and wraps:
                wrap_around(shared, signal)
            # noise
            begin = 0
            if GIVEN:
                copy_given(given.values, s, first_replica, agents, replicas, z)
            elif NOISY and not MINIBATCH:
                begin = noise_rows(plan.seed, NOISE, t, shape, buffers)
            if DIAGONAL or MATRIX:
                now = z[begin : begin + dim]
                diffuse(x, law_parameters, buffers.column, buffers.matrix, now)
            if NOISE_ON_WEIGHTS:
                perturb(x, z, begin, buffers.amplitude)
            # gradient
            if LOOKS_AHEAD:
                look_ahead_rows(x, v, scheduled, point)
            if MINIBATCH:
                draw_examples(plan, t, buffers)
                minibatch_gradient(point if LOOKS_AHEAD else x, buffers.drawn, parameters, slope)
            else:
                slopes(point if LOOKS_AHEAD else x, parameters, slope)
            # update
            update(
                x, v, u, slope, z, begin, signal, repeats, stride, velocity_signal,
                buffers.step_size, buffers.amplitude, lane_coupling, scheduled,
            )  # fmt: skip
            if FILTER:
                rate = buffers.quorum_rate
                moved_by = ears.moved if SOMETIMES else mean
                quorum_rates(quorum, moved_by, time, agents, coupling, scheduled, rate)
                for d in range(dim):
                    for r in range(replicas):
                        quorum[d, r] = fma(h_mean, rate[d, r], quorum[d, r])
            finite = agent_means(x, agents, sums, mean)
            if AVERAGING and (t + 1) % plan.period == 0:
                # the mean of p equal numbers may differ from them in the last bit: it is computed
                # again, so that it depends on x alone and a resumed run has the same
                expand(mean, x)
                agent_means(x, agents, sums, mean)
            observed_now = OBSERVES and (t + 1) % plan.observe_every == 0
            if not (FILTER or WEIGHTED) and (observed_now or s + 1 == plan.steps):
                copy_rows(mean, quorum)
            if not finite:
                diverging = first_nonfinite(mean, real, t + 1, diverged)
                if diverging and plan.stop_on_divergence:
                    break
            if WEIGHTED and (observed_now or s + 1 == plan.steps):
                # the weighted quorum of the new state, for statistics and records
                receive(
                    x, v, mean, quorum, agents, tables.time[s + 1], since_epoch + 1, marks, coupling,
                    scheduled, sums, point, velocity_signal, lane_coupling,
                )  # fmt: skip
            if observed_now:
                observe(b, plan, parameters, buffers, observed)
        store_block(b, state, buffers)
