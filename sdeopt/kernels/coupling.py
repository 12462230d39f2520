"""Signals beyond the plain mean: the weighted quorum variable, and the best agent of an epoch."""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled, compiled_inline
from sdeopt.kernels.means import agent_means
from sdeopt.kernels.passes import expand

Values = NDArray[np.float64]


@compiled
def weighted_signal(
    x: Values, mean: Values, weights: Values, agents: int, sums: Values, scratch: Values,
    quorum: Values, lane_coupling: Values,
) -> None:  # fmt: skip
    """Set the quorum to sum k_j x^j / sum k_j, and the coupling to it to (1/p) sum k_j (Lemma 5.4)."""
    couplings = np.empty((1, quorum.shape[1]))
    agent_means(weights, agents, sums, couplings)
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            scratch[d, lane] = weights[0, lane] * x[d, lane]
    agent_means(scratch, agents, sums, quorum)
    for r in range(quorum.shape[1]):
        for d in range(quorum.shape[0]):
            uncoupled = couplings[0, r] == 0.0
            quorum[d, r] = mean[d, r] if uncoupled else quorum[d, r] / couplings[0, r]
    expand(couplings, lane_coupling.reshape(1, lane_coupling.shape[0]))


@compiled_inline
def choose_champions(losses: Values, agents: int, champion: Values) -> None:
    """Find the agent with the least loss in every replica."""
    replicas = champion.shape[0]
    for r in range(replicas):
        champion[r] = 0.0
        for i in range(1, agents):
            if losses[i * replicas + r] < losses[int(champion[r]) * replicas + r]:
                champion[r] = i


@compiled_inline
def mark_champions(champion: Values, marks: Values) -> None:
    """Set the mark of a champion's lane to one, of every other lane to zero."""
    replicas = champion.shape[0]
    for lane in range(marks.shape[0]):
        marks[lane] = 1.0 if int(champion[lane % replicas]) == lane // replicas else 0.0
