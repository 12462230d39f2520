"""What a coupling rule is: how agents are coupled, apart from how each of them descends.

One iteration is in the published order: everything coupled is computed from the state before the
step, then the optimizer steps, then the pull is added and the quorum variable moves.
`nets.couplings.coupled_step` is that order in code; a rule supplies its terms.
"""

import copy
from abc import ABC, abstractmethod
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

    To add one, subclass this (or `Pulling`) in a file of this package, name it, and override what the
    rule needs; the methods here are those of agents that train alone. Run state goes into plain
    attributes listed in `remembered`, not into fields: fields are the configuration.
    """

    name: ClassVar[str] = ""
    """What commands, figures and `nets.couplings.load` call the rule."""

    remembered: ClassVar[tuple[str, ...]] = ()
    """The attributes that a checkpoint keeps."""

    by_parameter: ClassVar[bool] = True
    """Whether `pull` and `advance` may be called for some parameters at a time."""

    first_agent = 0
    """The number of the first agent of this process, which `coupled_step` tells."""

    @property
    def quorum(self) -> Weights | None:
        """The quorum variable x~, or None where it is the mean x•."""
        return None

    @property
    def needs_start(self) -> bool:
        """Whether `start` must be called before the next step."""
        return False

    def start(self, mean: Weights) -> None:
        """Receive the mean of the agents' first points.

        Parameters
        ----------
        mean : dict of str to torch.Tensor
            Of all agents.
        """

    def needs_mean(self, step: int) -> bool:
        """Return whether this step needs the mean of the agents before it."""
        return False

    def needs_losses(self, step: int) -> bool:
        """Return whether `choose` must be called before this step."""
        return False

    def averages(self, step: int) -> bool:
        """Return whether the weights are set to their mean after this step."""
        return False

    def check(self, step: int, rates: torch.Tensor) -> None:
        """Refuse a step that could only drive the agents apart.

        Parameters
        ----------
        step : int
            Number of the step, from 0.
        rates : torch.Tensor
            η_i of all p agents, so that every process refuses the same step.
        """

    def gains(self, step: int) -> torch.Tensor | None:
        """Return k_j of all agents where the mean is to be weighted by them, else None."""
        return None

    def shares(self, step: int, agents: int) -> torch.Tensor | None:
        """Return for every agent which part of the pull of a step it takes; None for all of it.

        Parameters
        ----------
        step : int
            Number of the step, from 0.
        agents : int
            p, so that every process knows of all.

        Returns
        -------
        torch.Tensor of shape (agents,), or None
            E.g. 1 for agents that communicate at this step and 0 for the others.
        """
        return None

    def choose(self, losses: torch.Tensor) -> None:
        """Receive the validation losses of all agents.

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

    def decisive(self) -> dict[str, Any]:
        """Return what decides the steps of the rule, as the identity of a training has it."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def configuration(self) -> dict[str, Any]:
        """Return the name and the fields as plain values; a function is only named."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        plain = {name: _named(value) for name, value in values.items()}
        return {"name": type(self).__name__} | {name: describe(plain[name]) for name in plain}

    def state_dict(self) -> dict[str, Any]:
        """Return a copy of what the rule remembers between steps, in tensors and plain numbers."""
        return {name: copy.deepcopy(getattr(self, name)) for name in self.remembered}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from a state that `state_dict` returned.

        Parameters
        ----------
        state : dict
            The state, which is copied.

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
            setattr(self, name, copy.deepcopy(value))


def _named(value: object) -> object:
    if callable(value) and not isinstance(value, Configured):
        return name_of(value)
    return value


@dataclass(eq=False)
class Pulling(Coupling):
    """A rule that adds moves towards the other agents to the weights, at every `period`-th step.

    Parameters
    ----------
    coupling : float, Schedule or callable
        k, in the units of the learning rate's inverse: a step moves an agent by the fraction ηk of
        the difference. A callable takes the number of the step.
    period : int
        Steps from one coupled step to the next: the last step of every period is coupled, and no more
        strongly than with period 1.

    Examples
    --------
    A rule whose agents move towards the origin instead of each other:

    >>> import torch
    >>> from nets.couplings import Pulling
    >>> class Shrinking(Pulling):
    ...     def moves(self, points, mean, step, rates):
    ...         return {name: -rates[:, None] * self.coupling_at(step) * x for name, x in points.items()}
    >>> rule, points = Shrinking(coupling=1.0), {"bias": torch.tensor([[1.0], [2.0]])}
    >>> rule.moves(points, {}, 0, torch.tensor([0.5, 0.5]))
    {'bias': tensor([[-0.5000],
            [-1.0000]])}
    """

    coupling: GainLike
    period: int = 1

    def __post_init__(self) -> None:
        self.coupling = as_gain(self.coupling)
        self.period = whole_number(self.period, "period of the coupling", minimum=1)

    def couples(self, step: int) -> bool:
        """Return whether agents are pulled at a step.

        Parameters
        ----------
        step : int
            Number of the step, from 0.

        Returns
        -------
        bool
            True for the last step of a period.
        """
        return (step + 1) % self.period == 0

    def needs_mean(self, step: int) -> bool:
        """Return whether agents are pulled at a step."""
        return self.couples(step)

    def decisive(self) -> dict[str, Any]:
        """Return the fields, and with a period which step is the first coupled one."""
        values = super().decisive()
        return values if self.period == 1 else values | {"first coupled step": self.period - 1}

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

    @abstractmethod
    def moves(self, points: Weights, mean: Weights, step: int, rates: torch.Tensor) -> Weights:
        """Return what is added to the weights at a coupled step: the rule's own formula.

        Parameters
        ----------
        points, mean, step, rates
            As for `pull`.

        Returns
        -------
        dict of str to torch.Tensor
            As `points`.
        """

    def pull(
        self, points: Weights, mean: Weights, step: int, rates: torch.Tensor
    ) -> Weights | None:
        """Return the moves at a coupled step, and None between two."""
        return self.moves(points, mean, step, rates) if self.couples(step) else None

    def check(self, step: int, rates: torch.Tensor) -> None:
        """Refuse a coupling from which on agents overshoot their quorum further each time."""
        if self.couples(step):
            check_fraction(self.coupling_at(step), rates, step)


def towards(centre: Weights, points: Weights, fractions: torch.Tensor) -> Weights:
    """Return each agent's fraction of its way to a centre, with fractions of shape (agents,)."""
    differences = torch._foreach_sub([centre[name] for name in points], list(points.values()))
    if bool((fractions == fractions[0]).all()):
        torch._foreach_mul_(differences, float(fractions[0]))
    else:
        for each in differences:
            each.mul_(fractions.to(each).reshape(-1, *[1] * (each.ndim - 1)))
    return dict(zip(points, differences, strict=True))


@dataclass(eq=False)
class Filtered(Pulling):
    """A rule with a quorum variable x~ of its own, which starts at the mean of the first points.

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

    @property
    def needs_start(self) -> bool:
        """Whether x~ has no value yet."""
        return self._quorum is None

    def start(self, mean: Weights) -> None:
        """Let x~ start at the mean of the first points."""
        self._quorum = dict(mean)

    def centre(self, mean: Weights) -> Weights:
        """Return x~, on the device of the mean.

        Parameters
        ----------
        mean : dict of str to torch.Tensor
            The mean before the step, at which x~ starts.

        Returns
        -------
        dict of str to torch.Tensor
            As `mean`.
        """
        known = self._quorum or {}
        # one that was read from a checkpoint may be on another device
        return {name: known.get(name, value).to(value) for name, value in mean.items()}


@dataclass(eq=False)
class Averaged(Pulling):
    """A rule that pulls to a mean, and whose quorum variable may be an average of it over time.

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

    remembered: ClassVar[tuple[str, ...]] = ("_average",)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._average: Weights | None = None
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
        """The average over time, or None where none is taken."""
        return self._average

    def advance(self, mean: Weights, step: int, rates: torch.Tensor) -> None:
        """Move x~ by (1 − γ)(x• − x~)."""
        if self.memory is None or not self.couples(step):
            return
        before = self._average or {}
        known = [before.get(name, value).to(value) for name, value in mean.items()]
        moved = torch._foreach_lerp(known, list(mean.values()), 1.0 - self.memory)
        self._average = before | dict(zip(mean, moved, strict=True))
