"""What a coupling rule is: how agents are coupled, apart from how each of them descends.

One iteration is in the published order: everything coupled is computed from the state before the
step, then the optimizer steps, then the pull is added and the quorum variable moves.
`nets.couplings.coupled_step` is that order in code; a rule only answers its questions.
"""

from abc import ABC
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import torch

from nets.couplings.gain import GainLike, as_gain, check_fraction, gain_at, name_of
from nets.weights import Weights
from sdeopt.arguments import finite_number, whole_number
from sdeopt.configuration import Configured, describe
from sdeopt.errors import CheckpointError, InvalidArgumentError
from sdeopt.schedules import Schedule


@dataclass(eq=False)
class Coupling(Configured, ABC):
    """A rule by which agents are coupled.

    To add one, subclass this (or `Pulling`) in a file of its own and answer the questions that
    matter; every answer here is that of agents on their own. Run state goes into plain attributes
    named in `remembered`, not into fields: fields are the configuration.
    """

    remembered: ClassVar[tuple[str, ...]] = ()

    @property
    def quorum(self) -> Weights | None:
        """The quorum variable x~, or None where it is the mean x•."""
        return None

    def needs_mean(self, step: int) -> bool:
        """Return whether agents look at each other at this step, before it."""
        return False

    def needs_losses(self, step: int) -> bool:
        """Return whether `choose` must be called before this step."""
        return False

    def averages(self, step: int) -> bool:
        """Return whether the weights are set to their mean after this step."""
        return False

    def gains(self, step: int) -> torch.Tensor | None:
        """Return k_j of all agents where the mean is to be weighted by them, else None."""
        return None

    def choose(self, losses: torch.Tensor) -> None:
        """Take note of the validation losses of all agents.

        Parameters
        ----------
        losses : torch.Tensor
            Of shape (p,).
        """

    def pull(
        self, points: Weights, mean: Weights, step: int, rates: torch.Tensor
    ) -> Weights | None:
        """Return what coupling adds to the weights in this step.

        Parameters
        ----------
        points : dict of str to torch.Tensor
            Positions of the agents of this process before the step, of shapes (local_agents, ...).
        mean : dict of str to torch.Tensor
            Of all agents, weighted by `gains` where there are any.
        step : int
            Number of the step, from 0.
        rates : torch.Tensor
            η_i of the agents of this process, best kept on the CPU.

        Returns
        -------
        dict of str to torch.Tensor, or None
            As `points`; None for nothing.
        """
        return None

    def advance(self, mean: Weights, step: int, rates: torch.Tensor) -> None:
        """Move the quorum variable.

        Parameters
        ----------
        mean : dict of str to torch.Tensor
            The mean that `pull` was given: of the state before the step.
        step : int
            Number of the step, from 0.
        rates : torch.Tensor
            η_i of all p agents.
        """

    def configuration(self) -> dict[str, Any]:
        """Return the name and the fields as plain values; a function is only named."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        plain = {name: _named(value) for name, value in values.items()}
        return {"name": type(self).__name__} | {name: describe(plain[name]) for name in plain}

    def state_dict(self) -> dict[str, Any]:
        """Return what the rule remembers between steps, in tensors and plain numbers."""
        return {name: getattr(self, name) for name in self.remembered}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from a state that `state_dict` returned.

        Parameters
        ----------
        state : dict
            The state.

        Raises
        ------
        CheckpointError
            If it is that of another kind of rule.
        """
        if set(state) != set(self.remembered):
            raise CheckpointError(
                f"the checkpoint holds {sorted(state)} of a coupling rule, and "
                f"{type(self).__name__} remembers {sorted(self.remembered)}; "
                "resume with the rule it was written under."
            )
        for name, value in state.items():
            setattr(self, name, value)


def _named(value: object) -> object:
    if callable(value) and not isinstance(value, Configured):
        return name_of(value)
    return value


@dataclass(eq=False)
class Pulling(Coupling):
    """A rule that adds η_i k (s − x^i) to the weights, at every `period`-th step.

    Parameters
    ----------
    coupling : float, Schedule or callable
        k, in the units of the learning rate's inverse: a step moves an agent by the fraction ηk of
        its way. A callable takes the number of the step.
    period : int
        Steps from one look at the others to the next: steps 0, period, 2 period, ... are coupled.
        The pull is not made stronger in turn.
    """

    coupling: GainLike
    period: int = 1

    def __post_init__(self) -> None:
        self.coupling = as_gain(self.coupling)
        self.period = whole_number(self.period, "period of the coupling", minimum=1)

    def needs_mean(self, step: int) -> bool:
        """Return whether the period divides the step."""
        return step % self.period == 0

    def coupling_at(self, step: int) -> float:
        """Return k at a step.

        Parameters
        ----------
        step : int
            Number of the step, from 0.

        Returns
        -------
        float
            A finite number.
        """
        assert isinstance(self.coupling, Schedule)
        return gain_at(self.coupling, step)

    def gain(self, step: int) -> float:
        """Return the gain towards the centre at a step: k, unless the rule says otherwise."""
        return self.coupling_at(step)

    def centre(self, mean: Weights) -> Weights:
        """Return the point s that agents are pulled to.

        Parameters
        ----------
        mean : dict of str to torch.Tensor
            The mean before the step.

        Returns
        -------
        dict of str to torch.Tensor
            The mean, unless the rule has a quorum variable that agents feel.
        """
        return mean

    def pull(
        self, points: Weights, mean: Weights, step: int, rates: torch.Tensor
    ) -> Weights | None:
        """Return η_i k (s − x^i)."""
        if not self.needs_mean(step):
            return None
        check_fraction(self.coupling_at(step), rates, step)
        return self.move(points, self.centre(mean), step, rates * self.gain(step))

    def move(self, points: Weights, centre: Weights, step: int, fractions: torch.Tensor) -> Weights:
        """Return the elastic move of every agent.

        Parameters
        ----------
        points, centre : dict of str to torch.Tensor
            x^i, and s.
        step : int
            Number of the step, from 0.
        fractions : torch.Tensor
            η_i k, of shape (local_agents,).

        Returns
        -------
        dict of str to torch.Tensor
            As `points`.
        """
        moves = {}
        for name, point in points.items():
            fraction = fractions.to(point).reshape(-1, *[1] * (point.ndim - 1))
            moves[name] = (centre[name] - point).mul_(fraction)
        return moves


@dataclass(eq=False)
class Filtered(Pulling):
    """A rule whose agents are pulled to x~, which starts at the first mean; `advance` moves it.

    Parameters
    ----------
    coupling, period
        As for `Pulling`.
    """

    remembered = ("_quorum",)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._quorum: Weights | None = None

    @property
    def quorum(self) -> Weights | None:
        """x~, or None as long as it is the mean."""
        return self._quorum

    def centre(self, mean: Weights) -> Weights:
        """Return x~, where the mean is."""
        if self._quorum is None:
            return mean
        # one that was read from a checkpoint may be on another device
        return {name: self._quorum[name].to(value) for name, value in mean.items()}


@dataclass(eq=False)
class Observed(Pulling):
    """A rule whose agents feel the mean, and whose quorum variable may be an average over time.

    Parameters
    ----------
    coupling, period
        As for `Pulling`.
    memory : float, optional
        γ in x~ ← γx~ + (1 − γ)x•, from 0 up to but not including 1; x~ starts at the first x•. It
        steadies what is tested and acts back on no agent. By default the quorum is x• itself.
        RECONSTRUCTED: Boffi & Slotine (2020), Sec. 6.1, use one; the number is not in our text of it.
    """

    memory: float | None = None

    remembered: ClassVar[tuple[str, ...]] = ("_observed",)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._observed: Weights | None = None
        if self.memory is None:
            return
        self.memory = finite_number(self.memory, "memory of the quorum variable", 0)
        if self.memory >= 1.0:
            raise InvalidArgumentError(
                f"memory of the quorum variable is {self.memory:g}, but from 1 on it would never "
                "move; choose a number below 1."
            )

    @property
    def quorum(self) -> Weights | None:
        """The average over time, or None where there is none to be taken."""
        return self._observed

    def advance(self, mean: Weights, step: int, rates: torch.Tensor) -> None:
        """Let the observer see the mean."""
        if self.memory is None:
            return
        before = self._observed or mean
        self._observed = {
            name: before[name].to(value).lerp(value, 1.0 - self.memory)
            for name, value in mean.items()
        }
