"""What agents hear of each other: means, weighted means, champions, and values spread over lanes."""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.passes import agent_sums, expand

__all__ = ["agent_means", "choose_champions", "fill_lanes", "mark_champions", "weighted_signal"]

Values = NDArray[np.float64]


@compiled
def agent_means(rows: Values, agents: int, partial: Values, mean: Values) -> None:
    """Set the mean over agents of every replica; see `sdeopt.kernels.passes.agent_sums`."""
    agent_sums(rows, agents, partial, mean)
    for d in range(mean.shape[0]):
        for r in range(mean.shape[1]):
            mean[d, r] /= agents


@compiled
def weighted_signal(
    x: Values, mean: Values, k: Values, agents: int, partial: Values, scratch: Values,
    quorum: Values, pull: Values,
) -> None:  # fmt: skip
    """Weighted quorum sum k_j x^j / sum k_j, and the pull (1/p) sum k_j towards it (Lemma 5.4)."""
    totals = np.empty((1, quorum.shape[1]))
    agent_sums(k, agents, partial, totals)
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            scratch[d, lane] = k[0, lane] * x[d, lane]
    agent_sums(scratch, agents, partial, quorum)
    for r in range(quorum.shape[1]):
        for d in range(quorum.shape[0]):
            no_pull = totals[0, r] == 0.0
            quorum[d, r] = mean[d, r] if no_pull else quorum[d, r] / totals[0, r]
        totals[0, r] /= agents
    expand(totals, pull.reshape(1, pull.shape[0]))


@compiled
def choose_champions(losses: Values, agents: int, champion: Values) -> None:
    """Find the agent with the least loss in every replica."""
    replicas = champion.shape[0]
    for r in range(replicas):
        champion[r] = 0.0
        for i in range(1, agents):
            if losses[i * replicas + r] < losses[int(champion[r]) * replicas + r]:
                champion[r] = i


@compiled
def mark_champions(champion: Values, marks: Values) -> None:
    """Set the mark of a champion's lane to one, of every other lane to zero."""
    replicas = champion.shape[0]
    for lane in range(marks.shape[0]):
        marks[lane] = 1.0 if int(champion[lane % replicas]) == lane // replicas else 0.0


@compiled
def fill_lanes(row: Values, replicas: int, out: Values) -> float:
    """Spread a value, or one value an agent, over the lanes; return the mean over agents."""
    total = 0.0
    for i in range(row.shape[0]):
        total += row[i]
    if row.shape[0] == 1:
        for lane in range(out.shape[0]):
            out[lane] = row[0]
    else:
        for lane in range(out.shape[0]):
            out[lane] = row[min(lane // replicas, row.shape[0] - 1)]
    return float(total / row.shape[0])
