"""The loop over blocks and steps: start here to read what a simulation computes.

One step takes, from x(t) and its mean, the signal that the agents receive, the noise, the gradient and
the update, all right-hand sides at time t; then the new mean. What depends on the loss, the algorithm or
the noise law is called by its address for the whole block, so this loop is compiled once per machine.
"""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.addresses import (
    Pack,
    call_diffusion,
    call_gradient,
    call_look_ahead,
    call_minibatch_gradient,
    call_observation,
    call_reception,
    call_relax,
    call_update,
    call_value,
    call_weigh,
)
from sdeopt.kernels.compilation import compiled_separately
from sdeopt.kernels.drawn_noise import noise_rows, perturb
from sdeopt.kernels.intrinsics import fma, never_inline
from sdeopt.kernels.means import agent_means, choose_champions, mark_champions, means_of_one, show
from sdeopt.kernels.passages import look
from sdeopt.kernels.passes import copy_given, copy_rows, expand, fill_lanes, first_nonfinite
from sdeopt.kernels.philox import NOISE
from sdeopt.kernels.places import place_of
from sdeopt.kernels.plan import Passes, Plan, Work, work_at
from sdeopt.kernels.reception import forget_words
from sdeopt.kernels.shared_noise import Shared, begin_shared, let_last, mix_shared
from sdeopt.kernels.state import (
    COUPLING,
    NOISE_ROW,
    STEP_SIZE,
    UNDRAWN,
    Buffers,
    Given,
    Observed,
    State,
    Tables,
    load_block,
    note_step,
    store_block,
)

Values = NDArray[np.float64]


@compiled_separately
def relax(place: int, h: float) -> None:
    """Take one step in the vectors of replicas; apart from the loop, whose registers it would take."""
    never_inline()
    work = work_at(place)
    buffers, options = work.buffers, work.plan.options
    replicas, new = buffers.replicas, buffers.relaxed
    buffers.numbers[STEP_SIZE] = h
    mean = buffers.received.moved if options.sometimes else buffers.mean
    call_relax(work.passes.relax, place, replicas, mean, new)
    for which in range(new.shape[0]):
        if options.iterates:
            copy_rows(new[which], replicas[1 + which])
        else:
            for d in range(new.shape[1]):
                for r in range(new.shape[2]):
                    old = replicas[1 + which, d, r]
                    replicas[1 + which, d, r] = fma(h, new[which, d, r], old)


@compiled_separately
def advance(
    first_block: int,
    last_block: int,
    state: State,
    tables: Tables,
    plan: Plan,
    passes: Passes,
    given: Given,
    observed: Observed,
    loss: Pack,
    law: Pack,
    shape: Values,
    buffers: Buffers,
    shared: Shared,
) -> None:
    """Advance a range of blocks through the steps of one chunk."""
    options = plan.options
    place = place_of(Work(buffers, observed, plan, passes, loss))
    work = work_at(place)
    x, mean, of_replicas, z = buffers.x, buffers.mean, buffers.replicas, buffers.z
    slope, point, sums, marks = buffers.slope, buffers.point, buffers.sums, buffers.marks
    dim, lanes, replicas = x.shape[0], x.shape[1], mean.shape[1]
    agents = plan.agents
    looks = observed.watched.passages.region.size > 0
    gradient_at = point if passes.look_ahead != 0 else x
    for b in range(first_block, last_block):
        load_block(b, state, buffers)
        champion, diverged = state.champion[b], state.diverged[b]
        first_replica = b * replicas
        real = min(replicas, plan.replicas - first_replica)
        buffers.held[UNDRAWN] = plan.first_step
        forget_words(buffers.received)
        begin_shared(shared, first_replica)
        for lane in range(lanes):
            buffers.agent_of[lane] = np.uint64(lane // replicas)
            buffers.replica_of[lane] = np.uint64(first_replica + lane % replicas)
        if options.champion:
            mark_champions(champion, marks)
        agent_means(x, agents, sums, mean)
        # where all replicas have ended, nothing moves; a weighted mean may, with its weights
        resting = looks and look(place, b, plan.first_step, state) and not options.weighted
        if plan.observe_start and passes.observation != 0:
            call_observation(passes.observation, place, b)
        since_epoch = plan.first_step % plan.epoch
        until_observed = plan.observe_every - plan.first_step % plan.observe_every
        until_averaged = plan.period - plan.first_step % plan.period
        for s in range(plan.steps):
            t = plan.first_step + s
            if resting:
                until_observed -= 1
                if until_observed == 0:
                    until_observed = plan.observe_every
                    call_observation(passes.observation, place, b)
                continue
            h_mean = fill_lanes(tables.step_size, s, replicas, buffers.step_size)
            fill_lanes(tables.amplitude, s, replicas, buffers.amplitude)
            note_step(
                buffers,
                agents,
                tables.time[s],
                since_epoch,
                tables.coupling[s],
                tables.scheduled[s],
            )
            # signal
            if options.champion and since_epoch == 0:
                call_value(passes.value, x, loss, buffers.losses)
                choose_champions(buffers.losses, agents, champion)
                mark_champions(champion, marks)
            if options.weighted:
                call_weigh(passes.weigh, place, x, mean, buffers.centre)
            else:
                buffers.coupling[0] = buffers.numbers[COUPLING]
            if plan.shown.shape[0] > 0:
                show(
                    plan.shown, buffers.agents, of_replicas, agents, sums, buffers.at_mean,
                    buffers.shown,
                )  # fmt: skip
            if passes.reception != 0:
                call_reception(passes.reception, place, t, state.history[b])
            # noise
            begin = 0
            if options.given:
                copy_given(given.values, s, first_replica, agents, replicas, z)
            elif options.noisy:
                begin = noise_rows(work, NOISE, t, shape)
                if options.correlated:
                    mix_shared(place, shared, t, begin, shape)
                if options.coloured:
                    let_last(z[begin : begin + dim], given.lasting[b], t, shape)
            if passes.diffusion != 0:
                now = z[begin : begin + dim]
                call_diffusion(passes.diffusion, x, law, buffers.column, buffers.matrix, now)
            if options.noise_on_weights:
                perturb(x, z, begin, buffers.amplitude)
            buffers.counts[NOISE_ROW] = begin
            # gradient
            if passes.look_ahead != 0:
                call_look_ahead(passes.look_ahead, place)
            if options.minibatch:
                call_minibatch_gradient(
                    passes.minibatch_gradient, place, t, gradient_at, loss, slope
                )
            else:
                call_gradient(passes.gradient, gradient_at, loss, slope)
            # update
            call_update(passes.update, place)
            if options.filter:
                relax(place, h_mean)
            # a call takes longer than the mean of few numbers
            if replicas == 1:
                finite = means_of_one(x, agents, mean)
            else:
                finite = agent_means(x, agents, sums, mean)
            until_averaged -= 1
            if until_averaged == 0:
                until_averaged = plan.period
                if options.averaging:
                    # the mean of p equal numbers may differ from them in the last bit: it is computed
                    # again, so that it depends on x alone and a resumed run has the same
                    expand(mean, x)
                    agent_means(x, agents, sums, mean)
            if looks:
                resting = look(place, b, t + 1, state) and not options.weighted
            since_epoch += 1
            until_observed -= 1
            observed_now = until_observed == 0
            if not finite:
                diverging = first_nonfinite(mean, real, t + 1, diverged)
                if diverging and plan.stop_on_divergence:
                    break
            if options.weighted and (observed_now or s + 1 == plan.steps):
                # the weighted mean of the new state, for statistics and records
                note_step(
                    buffers, agents, tables.time[s + 1], since_epoch, tables.coupling[s],
                    tables.scheduled[s],
                )  # fmt: skip
                call_weigh(passes.weigh, place, x, mean, buffers.centre)
            if observed_now:
                until_observed = plan.observe_every
                call_observation(passes.observation, place, b)
            if since_epoch == plan.epoch:
                since_epoch = 0
        store_block(b, state, buffers)
