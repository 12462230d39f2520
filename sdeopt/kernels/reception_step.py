"""One step of communication: what all agents of a block receive, and who of them communicates."""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import called_by_address
from sdeopt.kernels.means import agent_means
from sdeopt.kernels.philox import MATCHING, PARTICIPATION
from sdeopt.kernels.plan import work_at
from sdeopt.kernels.reception import (
    draw_participants,
    recall,
    receive_graph,
    receive_partner,
    received_share,
    remember,
    shuffle,
    step_words,
    take_turns,
)
from sdeopt.kernels.state import COUPLING

Values = NDArray[np.float64]


@called_by_address
def receive(place: int, t: int, history: Values) -> None:
    """Write what agents are pulled towards at step t, and how strongly; keep it for later steps.

    Without a graph it is what all of a replica receive, the mean or another vector.
    """
    work = work_at(place)
    buffers, plan, received, reception = (
        work.buffers,
        work.plan,
        work.buffers.received,
        work.plan.reception,
    )
    x, agents, sums = buffers.x, plan.agents, buffers.sums
    source = buffers.centre
    replicas = source.shape[1]
    if reception.graph:
        receive_graph(x, reception.strips, agents, replicas, received.signal)
    if reception.pairs:
        matching = received.matching
        row = step_words(plan.seed, MATCHING, t, buffers.agent_of, buffers.replica_of, matching)
        shuffle(matching.words, row, agents, replicas, received.order)
        receive_partner(x, received.order, agents, replicas, received.signal)
    if reception.late:
        each = reception.graph or reception.pairs
        remember(history, t, received.signal if each else source)
        recall(
            history,
            t,
            reception.delays,
            replicas,
            received.signal if reception.own else received.late,
        )
    if reception.sometimes:
        communicates, pull = received.communicates, buffers.numbers[COUPLING]
        if reception.turn > 0:
            take_turns(t, reception.turn, replicas, agents, communicates)
        else:
            participating = received.participating
            row = step_words(
                plan.seed, PARTICIPATION, t, buffers.agent_of, buffers.replica_of, participating
            )
            draw_participants(participating.words, row, reception.chance, communicates)
        for lane in range(communicates.shape[0]):
            buffers.coupling[lane] = pull * communicates[lane]
        if reception.centre:
            # the centre is told of agents that communicate only; where the others are it stays
            received_share(x, source, communicates, buffers.point)
            agent_means(buffers.point, agents, sums, received.moved)
            for d in range(source.shape[0]):
                for r in range(replicas):
                    received.moved[d, r] += source[d, r]
