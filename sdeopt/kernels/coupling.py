"""What agents hear of each other: means, weighted means, champions, and values spread over lanes."""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.compilation import compiled, compiled_inline
from sdeopt.kernels.means import agent_means
from sdeopt.kernels.passes import expand

Values = NDArray[np.float64]


@compiled
def weighted_signal(
    x: Values, mean: Values, k: Values, agents: int, sums: Values, scratch: Values,
    quorum: Values, pull: Values,
) -> None:  # fmt: skip
    """Weighted quorum sum k_j x^j / sum k_j, and the pull (1/p) sum k_j towards it (Lemma 5.4)."""
    pulls = np.empty((1, quorum.shape[1]))
    agent_means(k, agents, sums, pulls)
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            scratch[d, lane] = k[0, lane] * x[d, lane]
    agent_means(scratch, agents, sums, quorum)
    for r in range(quorum.shape[1]):
        for d in range(quorum.shape[0]):
            no_pull = pulls[0, r] == 0.0
            quorum[d, r] = mean[d, r] if no_pull else quorum[d, r] / pulls[0, r]
    expand(pulls, pull.reshape(1, pull.shape[0]))


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


@compiled_inline
def fill_lanes(table: Values, s: int, replicas: int, out: Values) -> float:
    """Spread a value, or one value an agent, over the lanes; return the mean over agents.

    Of step s; where all agents share the value, `out` may be as short as one number.
    """
    agents = table.shape[1]
    if agents * out.shape[0] == 1:
        out[0] = table[s, 0]
        return float(table[s, 0])
    total = 0.0
    for i in range(agents):
        total += table[s, i]
    for lane in range(out.shape[0]):
        out[lane] = table[s, min(lane // replicas, agents - 1)]
    return float(total / agents)
