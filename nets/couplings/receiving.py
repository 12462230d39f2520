"""Rules in which agents receive late, from some of the others only, or now and then."""

import copy
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

import numpy as np
import torch
from numpy.typing import ArrayLike

from nets.couplings.gain import check_flat
from nets.couplings.rule import Pulling
from nets.weights import Weights
from sdeopt import rng
from sdeopt.algorithms.communication import Delay, check_communication, check_number_of_agents
from sdeopt.errors import CheckpointError, InvalidArgumentError
from sdeopt.graphs import AgentGraph, Complete, FixedGraph, Matchings
from theory.moments import flat_border

PAST = "_past"
"""What a late rule remembers besides, in a checkpoint."""

LARGEST, LARGEST_AT_RANDOM = 200, 60
"""Numbers in the state of a linear iteration whose border of stability is looked for."""

NOBODY = np.zeros(1, np.int64)
"""The replica of `sdeopt.simulate` whose draws are taken."""


@dataclass(eq=False)
class Communicating(Pulling):
    """A rule whose agents may receive late and communicate now and then.

    Parameters
    ----------
    coupling, period
        As for `Pulling`.
    graph : AgentGraph, optional
        From `sdeopt.graphs`; a rule says what it does with it.
    delay : int or array_like of shape (agents,)
        τ, in steps; before the first step the signal was what it is there.
    participation : float
        The probability that an agent communicates in a step.
    staggered : bool
        With a period: agent i communicates at step s where s + 1 − i is a multiple of it.
    seed : int
        Of the draws of participation and of matchings: those of replica 0 of `sdeopt.simulate`.
    """

    graph: AgentGraph | None = field(default=None, kw_only=True)
    delay: Delay | ArrayLike = field(default=0, kw_only=True)
    participation: float = field(default=1.0, kw_only=True)
    staggered: bool = field(default=False, kw_only=True)
    seed: int = field(default=0, kw_only=True)

    newer: ClassVar[tuple[str, ...]] = ("staggered",)
    """Fields that were not there when trainings began which may still go on."""

    quorum_kind: ClassVar[str] = "mean"
    """Whether agents are pulled to a mean or to a filter, as `theory.moments.network` has it."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_communication(self)
        self.seed = int(rng.as_seed(self.seed))
        self._past: dict[int, Weights] = {}
        self._uniforms = np.zeros((0, 0))
        self._agents = 0
        self._border: tuple[tuple[float, ...], float] = (), np.inf

    @property
    def in_step(self) -> bool:
        """Whether all agents receive the same, at once, and at the same steps."""
        to_all = self.graph is None or isinstance(self.graph, Complete)
        return to_all and not any(self.delays) and self.participation == 1 and not self.staggered

    @property
    def delays(self) -> tuple[int, ...]:
        """τ of all agents, or the one of them all."""
        return self.delay if isinstance(self.delay, tuple) else (int(self.delay),)  # type: ignore[arg-type]

    def couples(self, step: int) -> bool:
        """Return whether some agent may be pulled at a step: with turns, at each."""
        return self.staggered or super().couples(step)

    def fit(self, agents: int) -> None:
        """Refuse a number of agents that the graph or the delays cannot have.

        Parameters
        ----------
        agents : int
            p.
        """
        if agents != self._agents:
            check_number_of_agents(self, agents)
        self._agents = agents

    def check(self, step: int, rates: torch.Tensor) -> None:
        """Refuse a number of agents that does not fit, and a coupling that is too strong."""
        self.fit(len(rates))
        super().check(step, rates)
        if self.couples(step) and not self.in_step:
            gain = self.coupling_at(step)
            check_flat(gain, self._border_above(gain, rates), rates, step, type(self).__name__)

    def _border_above(self, gain: float, rates: torch.Tensor) -> float:
        """Return from which coupling on agents part where the loss is flat; inf if the gain is low."""
        p, highest, filtered = len(rates), float(rates.max()), self.quorum_kind == "filter"
        # what moves to a convex combination of what others know goes to none of their far sides
        if gain * max(highest, filtered * p * float(rates.mean())) < 1.0:
            return np.inf
        at_random = self.participation < 1 or isinstance(self.graph, Matchings)
        size = p + 1 + max(self.delays) if filtered else p * (1 + max(self.delays))
        paired_late = isinstance(self.graph, Matchings) and len(self.delays) > 1
        if size > (LARGEST_AT_RANDOM if at_random else LARGEST) or paired_late:
            at_every_step = not at_random and not self.staggered and self.period == 1
            alike = len(self.delays) == 1 and bool((rates == rates[0]).all())
            # the factors of the mean, which is pulled to its own past, have the product ηk
            return (
                1.0 / highest if alike and at_every_step and not filtered and size > p else np.inf
            )
        relative = tuple(np.round(rates.numpy() / highest, 12).tolist())
        if self._border[0] != relative:
            mixed = isinstance(self.graph, FixedGraph) and not isinstance(self.graph, Complete)
            who = {"weights": self.graph.weights(p)} if mixed else {"agents": p}  # type: ignore[union-attr]
            found = flat_border(
                step_size=relative, quorum=self.quorum_kind, pairs=isinstance(self.graph, Matchings),
                delay=self.delay, participation=self.participation, period=self.period,
                staggered=self.staggered, **who,
            )  # fmt: skip
            self._border = relative, found
        return self._border[1] / highest

    def shares(self, step: int, agents: int) -> torch.Tensor | None:
        """Return 1 for agents that communicate at a step, else 0; None where all do."""
        if self.staggered:
            return ((step + 1 - torch.arange(agents)) % self.period == 0).double()
        if self.participation == 1:
            return None
        if self._uniforms.shape[0] != agents or step >= self._uniforms.shape[1]:
            # twice as many each time: the streams are read from their beginning
            many = max(1024, 2 * (step + 1))
            self._uniforms = rng.uniforms(self.seed, rng.PARTICIPATION, NOBODY, agents, many)[0]
        return torch.from_numpy((self._uniforms[:, step] < self.participation) * 1.0)

    def received(self, signal: Weights, step: int, here: int | None = None) -> Weights:
        """Keep the signal of this step, and return the one that agents receive in it.

        Parameters
        ----------
        signal : dict of str to torch.Tensor
            Of some or all parameters.
        step : int
            Number of the step, from 0.
        here : int, optional
            How many agents this process has, where the signal is the same for all of them; by default
            it is stacked already.

        Returns
        -------
        dict of str to torch.Tensor
            As `signal`; stacked, where agents have delays of their own.
        """
        longest = max(self.delays)
        if not longest:
            return signal
        kept = {name: value.clone() for name, value in signal.items()}
        self._past[step] = self._past.get(step, {}) | kept
        for old in [each for each in self._past if each < step - longest]:
            del self._past[old]
        # between two steps that are kept the signal did not change, or nobody receives it
        then = [self._past[min(t for t in self._past if t >= step - ago)] for ago in self.delays]
        if len(then) == 1:
            return {name: then[0][name].to(value) for name, value in signal.items()}
        if here is None:
            rows = range(len(then))
            return {n: torch.stack([then[i][n][i].to(x) for i in rows]) for n, x in signal.items()}
        own = then[self.first_agent : self.first_agent + here]
        return {n: torch.stack([each[n].to(x) for each in own]) for n, x in signal.items()}

    def decisive(self) -> dict[str, Any]:
        """Return what decides the steps; of newer fields only what is not the default."""
        usual = self._usual()
        values = super().decisive()
        return {k: v for k, v in values.items() if k not in usual or k not in self.newer}

    def configuration(self) -> dict[str, Any]:
        """Return the name and the fields; of who receives when only what is not the default."""
        usual = self._usual()
        return {key: value for key, value in super().configuration().items() if key not in usual}

    def _usual(self) -> set[str]:
        """Return the fields of who receives when that are at their defaults."""
        later = {each.name: each.default for each in fields(self) if each.kw_only}
        return {name for name, default in later.items() if getattr(self, name) == default}

    def state_dict(self) -> dict[str, Any]:
        """Return what the rule remembers, with the signals of past steps where it is late."""
        state = super().state_dict()
        return state | {PAST: copy.deepcopy(self._past)} if any(self.delays) else state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from a state that `state_dict` returned."""
        if (PAST in state) != any(self.delays):
            raise CheckpointError(
                f"the checkpoint is of a rule {'with' if PAST in state else 'without'} a delay, and "
                f"this {type(self).__name__} has delay = {self.delay}; resume with the rule it was "
                "written under."
            )
        super().load_state_dict({key: value for key, value in state.items() if key != PAST})
        self._past = copy.deepcopy(state.get(PAST, {}))


@dataclass(eq=False)
class Mixing(Communicating):
    """A communicating rule whose agents are pulled to a mean: of all, or of those in a graph.

    Parameters
    ----------
    coupling, period, delay, participation, staggered, seed
        As for `Communicating`.
    graph : AgentGraph, optional
        Agent i is pulled to Σ_j W_ij x^j. Needs all agents in one process.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self._weights: torch.Tensor | None = None

    def needs_mean(self, step: int) -> bool:
        """Return whether agents are pulled at a step, or will be to the mean of this one."""
        late = [ago for ago in self.delays if ago]
        return self.couples(step) or any(not step or self.couples(step + ago) for ago in late)

    def fit(self, agents: int) -> None:
        """Refuse a number of agents that the graph or the delays cannot have."""
        if agents != self._agents:
            self._weights = None
        super().fit(agents)

    def pull(
        self, points: Weights, mean: Weights, step: int, rates: torch.Tensor
    ) -> Weights | None:
        """Return the moves at a coupled step; between two, keep what is received later."""
        if self.couples(step):
            return self.moves(points, mean, step, rates)
        self.centres(points, mean, step)
        return None

    def centres(self, points: Weights, mean: Weights, step: int) -> Weights:
        """Return what the agents are pulled to.

        Parameters
        ----------
        points, mean, step
            As for `pull`.

        Returns
        -------
        dict of str to torch.Tensor
            As `mean`, or with a graph or delays of the agents' own as `points`.
        """
        stacks = list(points.values())
        if self.graph is None or isinstance(self.graph, Complete):
            return self.received(mean, step, len(stacks[0]))
        self._agents = self._agents or len(stacks[0])
        if any(len(stack) != self._agents for stack in stacks):
            raise InvalidArgumentError(
                f"{type(self).__name__} was given a graph, but its {self._agents} agents are in several "
                "processes; train them in one, or leave the graph out."
            )
        if isinstance(self.graph, Matchings):
            found = self.graph.partners(self._agents, seed=self.seed, replicas=NOBODY, step=step)
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
