"""Single-agent EASGD as a torch optimizer: SGD in feedback with a low-pass filter of its own path."""

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias, overload

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from nets.ensemble.statistics import statistics_here
from nets.optimizers import checks
from nets.optimizers.elastic_step import ElasticRule, step_all
from nets.weights import HALF
from sdeopt.errors import CheckpointError, InvalidArgumentError


@contextmanager
def showing(parameters: Sequence[Tensor], points: Sequence[Tensor]) -> Iterator[None]:
    """Copy points into parameters, and the parameters back when the block ends."""
    kept = [parameter.detach().clone() for parameter in parameters]
    try:
        _overwrite(parameters, points)
        yield
    finally:
        _overwrite(parameters, kept)


@torch.no_grad()
def _overwrite(parameters: Sequence[Tensor], points: Sequence[Tensor]) -> None:
    for parameter, point in zip(parameters, points, strict=True):
        parameter.copy_(point)


def _kept_in(parameter: Tensor) -> torch.dtype:
    """Return the type of a parameter's quorum variable, which moves by less than half precision can."""
    return torch.float32 if parameter.dtype in HALF else parameter.dtype


NEEDED = ("lr", "coupling", "momentum")
"""What no state of ours lacks, and a state of another optimizer may."""

Parameters: TypeAlias = Iterable[Tensor] | Iterable[dict[str, Any]] | Iterable[tuple[str, Tensor]]


class EASGD(Optimizer):
    """EASGD with one agent: x ← x − ηg + ηk(x~ − x) and x~ ← x~ + ηk(x − x~), from the same x and x~.

    With momentum δ, v ← δv − ηg and x ← x + v + ηk(x~ − x). Nesterov's gradient is taken at x + δv:
    as with `torch.optim.SGD`, the parameters hold that look-ahead point, and `at_position` shows x.

    Parameters
    ----------
    params : iterable of Tensor, of (str, Tensor), or of dict
        Parameters, or groups with options of their own.
    lr : float or Tensor
        η. A tensor lets a scheduler change it without compiling anew.
    coupling : float
        k, in units of 1/η. Two points that pull each other in a flat loss part for ηk > 1.
    momentum : float
        δ in [0, 1); 0 is the paper's EASGD-WM.
    nesterov : bool
        Whether the gradient is taken at the look-ahead point; without momentum it makes no difference.
    period : int
        Steps from one pull to the next, of agent and quorum variable alike: the last step of every
        period, and no more strongly than with a period of 1.
    weight_decay : float
        Times the parameters, added to the gradient.
    maximize : bool
        Whether to climb; the elastic pull stays one.
    foreach : bool, optional
        Whether all tensors move in one call for each operation; by default where they are plain ones.
    error_if_nonfinite : bool
        Whether every step checks that gradients are finite. The host waits for that.

    Notes
    -----
    Zhang, Choromanska & LeCun (2015); Boffi & Slotine (2020), Sec. 6, eq. (59) with p = 1. A step is
    that of ``sdeopt.SingleAgentEASGD`` or, with Nesterov's momentum, ``SingleAgentEASGDMomentum``, and
    of ``sdeopt.EASGD`` and ``EASGDMomentum`` for one agent, with their `period`. A
    momentum that changes between steps counts the look-ahead of the parameters as its own.

    Examples
    --------
    >>> import torch
    >>> from nets.optimizers import EASGD
    >>> weight = torch.nn.Parameter(torch.tensor([1.0]))
    >>> optimizer = EASGD([weight], lr=0.1, coupling=1.0)
    >>> for _ in range(10):
    ...     optimizer.zero_grad()
    ...     weight.square().sum().div(2).backward()
    ...     optimizer.step()
    >>> bool(optimizer.quorum()[0] > weight)
    True
    """

    _elsewhere = False

    def __init__(
        self,
        params: Parameters,
        lr: float | Tensor,
        coupling: float,
        momentum: float = 0.0,
        nesterov: bool = True,
        *,
        period: int = 1,
        weight_decay: float = 0.0,
        maximize: bool = False,
        foreach: bool | None = None,
        error_if_nonfinite: bool = False,
    ) -> None:
        defaults = {
            "lr": lr,
            "coupling": coupling,
            "momentum": momentum,
            "nesterov": nesterov,
            "period": period,
            "weight_decay": weight_decay,
            "maximize": maximize,
            "foreach": foreach,
            "error_if_nonfinite": error_if_nonfinite,
        }
        super().__init__(checks.some_parameters(params), defaults)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters with options of their own.

        Parameters
        ----------
        param_group : dict
            ``"params"`` and any of the options.
        """
        checks.options({**self.defaults, **param_group})
        super().add_param_group(param_group)
        checks.finite_parameters(self.param_groups[-1]["params"])

    @overload
    def step(self, closure: None = None) -> None: ...
    @overload
    def step(self, closure: Callable[[], float]) -> float: ...
    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """Make one step.

        Parameters
        ----------
        closure : callable, optional
            Computes the loss and its gradients anew.

        Returns
        -------
        float or None
            What the closure returned.
        """
        if self._elsewhere:
            raise InvalidArgumentError(
                "step() was called while the parameters show another point; leave the `with` first."
            )
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            parameters: list[Tensor] = []
            gradients: list[Tensor] = []
            quorums: list[Tensor] = []
            velocities: list[Tensor] = []
            self._init_group(group, parameters, gradients, quorums, velocities)
            checks.dense(gradients)
            if group["error_if_nonfinite"]:
                checks.finite_gradients(gradients)
            pulls = group["period"] == 1 or _ends_period(group)
            _step_group(group, parameters, gradients, quorums, velocities, pulls=pulls)
        return loss

    def _init_group(
        self,
        group: dict[str, Any],
        parameters: list[Tensor],
        gradients: list[Tensor],
        quorums: list[Tensor],
        velocities: list[Tensor],
    ) -> None:
        # torch.compile runs a method of this name as it is and traces the rest
        self._check_changed_rate(group)
        for parameter in group["params"]:
            if parameter.grad is None:
                continue
            state = self.state[parameter]
            if "quorum" not in state:
                state["quorum"] = parameter.detach().to(
                    _kept_in(parameter), copy=True, memory_format=torch.preserve_format
                )
            if group["momentum"] and "velocity" not in state:
                state["velocity"] = torch.zeros_like(parameter, memory_format=torch.preserve_format)
            parameters.append(parameter)
            gradients.append(parameter.grad)
            quorums.append(state["quorum"])
            if group["momentum"]:
                velocities.append(state["velocity"])

    def _check_changed_rate(self, group: dict[str, Any]) -> None:
        """Read a rate that is a tensor when it was written into, and only then: the host waits."""
        rate = group["lr"]
        if not isinstance(rate, Tensor):
            return
        known = self.__dict__.setdefault("_versions", {})
        if known.setdefault(id(rate), rate._version) != rate._version:
            known[id(rate)] = rate._version
            checks.stable(float(rate), group["coupling"])

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        for group in self.param_groups:
            group.setdefault("period", 1)  # of a state from before there was one

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue as the run that was saved.

        Parameters
        ----------
        state_dict : dict
            From `state_dict`; it is copied.
        """
        lacking = [
            name
            for group in state_dict.get("param_groups", [{}])
            for name in NEEDED
            if name not in group
        ]
        if lacking:
            raise CheckpointError(
                f"what was given is no state of this optimizer, as it has no {lacking[0]!r}; give what "
                "its own state_dict returned."
            )
        saved = copy.deepcopy(state_dict)
        super().load_state_dict(saved)
        # torch gave every tensor of the state the type of its parameter
        keys = [key for group in saved["param_groups"] for key in group["params"]]
        parameters = [p for group in self.param_groups for p in group["params"]]
        for key, parameter in zip(keys, parameters, strict=True):
            quorum = saved["state"].get(key, {}).get("quorum")
            if quorum is not None:
                there = quorum.to(parameter.device, _kept_in(parameter))
                self.state[parameter]["quorum"] = there

    def quorum(self) -> list[Tensor]:
        """Return the quorum variable x~.

        Returns
        -------
        list of Tensor
            One for each parameter, in the order of the groups: the state itself, not copies, in
            float32 for parameters of half precision. A parameter that has not moved yet is its own
            quorum variable.
        """
        return [
            self.state.get(parameter, {}).get("quorum", parameter.detach())
            for group in self.param_groups
            for parameter in group["params"]
        ]

    def position(self) -> list[Tensor]:
        """Return x, which with Nesterov's momentum is not what the parameters hold.

        Returns
        -------
        list of Tensor
            One for each parameter, in the order of the groups.
        """
        points = []
        for group in self.param_groups:
            ahead = group["momentum"] if group["nesterov"] else 0.0
            for parameter in group["params"]:
                velocity = self.state.get(parameter, {}).get("velocity")
                point = parameter.detach()
                points.append(point if velocity is None else point - ahead * velocity)
        return points

    @contextmanager
    def at_quorum(
        self, network: nn.Module | None = None, batches: Iterable[Any] | None = None
    ) -> Iterator[None]:
        """Show the quorum variable in the parameters, to evaluate the network there.

        Running statistics of batch normalization are those of the agent's path, and wrong at the
        quorum variable. Give the network and training batches, and inside the block it has those of
        the quorum variable, computed as by ``torch.optim.swa_utils.update_bn``.

        Parameters
        ----------
        network : torch.nn.Module, optional
            The one that is optimized.
        batches : iterable, optional
            Its inputs, or tuples that begin with them, such as a ``DataLoader`` over training data.

        Yields
        ------
        None
            The parameters and statistics come back, to the last bit, when the block ends.

        Examples
        --------
        >>> import torch
        >>> from nets.optimizers import EASGD
        >>> weight = torch.nn.Parameter(torch.tensor([1.0]))
        >>> optimizer = EASGD([weight], lr=0.5, coupling=1.0)
        >>> weight.grad = torch.tensor([1.0])
        >>> optimizer.step()
        >>> with optimizer.at_quorum():
        ...     print(weight.item())
        1.0
        >>> weight.item()
        0.5
        """
        if (network is None) != (batches is None):
            raise InvalidArgumentError(
                "at_quorum was given a network or batches alone, but needs both to recompute the "
                "statistics of the network, or neither to leave them as they are."
            )
        with self._at(self.quorum()):
            if network is None or batches is None:
                yield
                return
            with statistics_here(network, batches):
                yield

    @contextmanager
    def at_position(self) -> Iterator[None]:
        """Show x in the parameters, to evaluate the network there rather than ahead of it.

        Yields
        ------
        None
            The parameters come back, to the last bit, when the block ends.
        """
        with self._at(self.position()):
            yield

    @contextmanager
    def _at(self, points: list[Tensor]) -> Iterator[None]:
        if self._elsewhere:
            raise InvalidArgumentError(
                "the parameters already show another point; leave that `with` first."
            )
        self._elsewhere = True
        try:
            with showing([p for group in self.param_groups for p in group["params"]], points):
                yield
        finally:
            self._elsewhere = False


def _ends_period(group: dict[str, Any]) -> bool:
    """Count a step of a group, and return whether it is the last of its period."""
    group["steps"] = group.get("steps", 0) + 1
    return bool(group["steps"] % group["period"] == 0)


def _step_group(
    group: dict[str, Any],
    parameters: list[Tensor],
    gradients: list[Tensor],
    quorums: list[Tensor],
    velocities: list[Tensor],
    *,
    pulls: bool,
) -> None:
    rate, coupling = group["lr"], group["coupling"]
    checks.stable(rate, coupling)
    rule = ElasticRule(
        rate=rate,
        pull=rate * coupling if pulls else None,
        momentum=group["momentum"],
        nesterov=group["nesterov"],
        weight_decay=group["weight_decay"],
        maximize=group["maximize"],
    )
    step_all(parameters, gradients, quorums, velocities, rule, foreach=group["foreach"])
