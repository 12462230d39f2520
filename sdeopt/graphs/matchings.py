"""Gossip: at every step agents meet in pairs, drawn anew."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sdeopt import rng
from sdeopt.arguments import whole_number
from sdeopt.graphs.graph import AgentGraph, check_agents

HALF_WORD = np.uint64(32)


@dataclass(frozen=True)
class Matchings(AgentGraph):
    """At every step and in every replica all agents are paired at random; one of an odd number is alone.

    An agent is pulled towards the middle between itself and its partner, (x^i + x^j)/2, so with ηk = 1
    both move there. All pairings are equally likely. They are drawn from the run's seed, keyed by
    replica, agent and step.

    Notes
    -----
    Randomized gossip: Boyd, Ghosh, Prabhakar & Shah (2006), with all pairs of a step at once.

    Examples
    --------
    >>> import numpy as np
    >>> from sdeopt.graphs import Matchings
    >>> pairs = Matchings().partners(6, seed=7, replicas=np.arange(2), step=0)
    >>> pairs.shape, bool((pairs[0][pairs[0]] == np.arange(6)).all())
    ((2, 6), True)
    """

    def check(self, agents: int) -> None:
        """Refuse a single agent."""
        check_agents("Matchings", agents, 2)

    def partners(
        self, agents: int, *, seed: int, replicas: NDArray[np.integer], step: int
    ) -> NDArray[np.int64]:
        """Return with whom the agents of a run are paired at one step.

        Parameters
        ----------
        agents : int
            p.
        seed : int
            Of the run.
        replicas : array of int, shape (count,)
            Numbers of the replicas.
        step : int
            How many steps are complete.

        Returns
        -------
        numpy.ndarray
            int64 of shape (count, agents); whoever is alone is its own partner.
        """
        self.check(agents)
        at = whole_number(step, "step")
        words = rng.words(seed, rng.MATCHING, np.asarray(replicas), agents, at + 1)[:, :, at]
        who = np.arange(len(words))
        order = np.tile(np.arange(agents), (len(words), 1))
        # Fisher and Yates: the last of those left changes places with one that is drawn
        for last in range(agents - 1, 0, -1):
            drawn = words[:, last] >> HALF_WORD
            chosen = ((drawn * np.uint64(last + 1)) >> HALF_WORD).astype(np.int64)
            order[who, chosen], order[:, last] = order[:, last].copy(), order[who, chosen].copy()
        found = np.tile(np.arange(agents), (len(words), 1))
        for place in range(0, agents - 1, 2):
            one, other = order[:, place], order[:, place + 1]
            found[who, one], found[who, other] = other, one
        return found
