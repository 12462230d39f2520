"""Rules in which agents receive late, from some of the others only, or now and then."""

import copy
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import torch

from nets.couplings.rule import Pulling
from nets.weights import Weights
from sdeopt import rng
from sdeopt.arguments import finite_number, whole_number
from sdeopt.errors import CheckpointError, InvalidArgumentError
from sdeopt.graphs import AgentGraph, Complete, FixedGraph, Matchings

PAST = "_past"
"""What a late rule remembers besides, in a checkpoint."""


@dataclass(eq=False)
class Late(Pulling):
    """A rule whose signal may be that of some steps ago; before the first step it was what it is there.

    Parameters
    ----------
    delay : int
        τ, in steps.
    """

    delay: int = field(default=0, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._past: dict[int, Weights] = {}
        self.delay = whole_number(self.delay, f"delay of {type(self).__name__}")
        if self.delay and self.period > 1:
            raise InvalidArgumentError(
                f"{type(self).__name__} was given delay = {self.delay} and period = {self.period}; a "
                "signal is known at coupled steps only, so give one of them."
            )

    def received(self, signal: Weights, step: int) -> Weights:
        """Keep the signal of this step, and return the one that agents receive in it.

        Parameters
        ----------
        signal : dict of str to torch.Tensor
            Of some or all parameters.
        step : int
            Number of the step, from 0.

        Returns
        -------
        dict of str to torch.Tensor
            As `signal`.
        """
        if not self.delay:
            return signal
        kept = {name: value.clone() for name, value in signal.items()}
        self._past[step] = self._past.get(step, {}) | kept
        for old in [each for each in self._past if each < step - self.delay]:
            del self._past[old]
        then = self._past[min(self._past)]
        return {name: then[name].to(value) for name, value in signal.items()}

    def configuration(self) -> dict[str, Any]:
        """Return the name and the fields; of who receives when only what is not the default."""
        later = {each.name: each.default for each in fields(self) if each.kw_only}
        usual = {name for name, default in later.items() if getattr(self, name) == default}
        full = super().configuration()
        return {name: value for name, value in full.items() if name not in usual}

    def state_dict(self) -> dict[str, Any]:
        """Return what the rule remembers, with the signals of past steps where it is late."""
        state = super().state_dict()
        return state | {PAST: copy.deepcopy(self._past)} if self.delay else state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from a state that `state_dict` returned."""
        if (PAST in state) != bool(self.delay):
            raise CheckpointError(
                f"the checkpoint is of a rule {'with' if PAST in state else 'without'} a delay, and "
                f"this {type(self).__name__} has delay = {self.delay}; resume with the rule it was "
                "written under."
            )
        super().load_state_dict({key: value for key, value in state.items() if key != PAST})
        self._past = copy.deepcopy(state.get(PAST, {}))


@dataclass(eq=False)
class Receiving(Late):
    """A late rule with a graph, whose agents may communicate now and then.

    Parameters
    ----------
    graph : AgentGraph, optional
        From `sdeopt.graphs`; agent i is then pulled to Σ_j W_ij x^j. Needs all agents in one process.
    participation : float
        The probability that an agent is pulled in a coupled step.
    seed : int
        Of the draws of participation and of matchings: those of replica 0 of `sdeopt.simulate`.
    """

    graph: AgentGraph | None = field(default=None, kw_only=True)
    participation: float = field(default=1.0, kw_only=True)
    seed: int = field(default=0, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        label = type(self).__name__
        if not (self.graph is None or isinstance(self.graph, AgentGraph)):
            raise InvalidArgumentError(
                f"graph of {label} is {self.graph!r:.80}, but must be one of sdeopt.graphs, as in "
                "so.graphs.Ring()."
            )
        self.participation = finite_number(self.participation, f"participation of {label}", 0)
        if self.participation > 1:
            raise InvalidArgumentError(
                f"participation of {label} is {self.participation:g}, but is a probability, at most 1."
            )
        self.seed = int(rng.as_seed(self.seed))
        self._uniforms = np.zeros((0, 0))
        self._weights: torch.Tensor | None = None
        self._agents = 0

    def check(self, step: int, rates: torch.Tensor) -> None:
        """Refuse a number of agents that the graph cannot have, and a coupling that is too strong."""
        super().check(step, rates)
        if self.graph is not None and len(rates) != self._agents:
            self.graph.check(len(rates))
            self._weights = None
        self._agents = len(rates)

    def shares(self, step: int, agents: int) -> torch.Tensor | None:
        """Return 1 for agents that communicate at a step, else 0; None where all do."""
        if self.participation == 1:
            return None
        if self._uniforms.shape[0] != agents or step >= self._uniforms.shape[1]:
            # twice as many each time: the streams are read from their beginning
            many = max(1024, 2 * (step + 1))
            nobody = np.zeros(1, np.int64)
            self._uniforms = rng.uniforms(self.seed, rng.PARTICIPATION, nobody, agents, many)[0]
        return torch.from_numpy((self._uniforms[:, step] < self.participation) * 1.0)

    def centres(self, points: Weights, mean: Weights, step: int) -> Weights:
        """Return what the agents are pulled to.

        Parameters
        ----------
        points, mean, step
            As for `pull`.

        Returns
        -------
        dict of str to torch.Tensor
            As `mean`, or with a graph as `points`.
        """
        if self.graph is None or isinstance(self.graph, Complete):
            return self.received(mean, step)
        stacks = list(points.values())
        self._agents = self._agents or len(stacks[0])
        if any(len(stack) != self._agents for stack in stacks):
            raise InvalidArgumentError(
                f"{type(self).__name__} was given a graph, but its {self._agents} agents are in several "
                "processes; train them in one, or leave the graph out."
            )
        if isinstance(self.graph, Matchings):
            nobody = np.zeros(1, np.int64)
            found = self.graph.partners(self._agents, seed=self.seed, replicas=nobody, step=step)
            partner = torch.from_numpy(found[0])
            signal = {n: 0.5 * (x + x[partner.to(x.device)]) for n, x in points.items()}
        else:
            signal = {n: self._mixed(x) for n, x in points.items()}
        return self.received(signal, step)

    def _mixed(self, stack: torch.Tensor) -> torch.Tensor:
        """Return W x of one stack."""
        if self._weights is None:
            assert isinstance(self.graph, FixedGraph)
            self._weights = torch.from_numpy(self.graph.weights(self._agents).toarray())
        flat = self._weights.to(stack) @ stack.reshape(len(stack), -1)
        return flat.reshape(stack.shape)
