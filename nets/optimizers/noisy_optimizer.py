"""What both wrappers share: an optimizer that wraps another one and counts its steps."""

import copy
from abc import abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, overload

from torch import Tensor
from torch.optim import Optimizer

from nets.identity import identity_of
from nets.optimizers.noise_streams import NoiseStreams
from sdeopt.errors import CheckpointError, InvalidArgumentError

Closure = Callable[[], float]


class NoisyOptimizer(Optimizer):
    """An optimizer round another one, whose groups and state it shares.

    Schedulers, gradient scalers and trainers take it as any optimizer. What they change in
    ``param_groups`` is changed in the wrapped optimizer.

    Parameters
    ----------
    optimizer : torch.optim.Optimizer
        The one to wrap; it can be wrapped already.
    streams : NoiseStreams
        Where the noise comes from.
    """

    def __init__(self, optimizer: Optimizer, streams: NoiseStreams) -> None:
        if not isinstance(optimizer, Optimizer):
            raise InvalidArgumentError(
                f"optimizer is {optimizer!r}, but must be a torch.optim.Optimizer; make that first."
            )
        # The base class would make groups of its own in __init__; here it only sets up its hooks.
        super().__setstate__({"wrapped": optimizer, "streams": streams, "steps": 0})

    wrapped: Optimizer
    streams: NoiseStreams
    steps: int
    copied: ClassVar[tuple[str, ...]] = ("wrapped", "streams", "steps")
    """What a copy or a pickle keeps; hooks are not, as with every optimizer of torch."""

    @property
    def param_groups(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The groups of the wrapped optimizer."""
        return self.wrapped.param_groups

    @property
    def state(self) -> defaultdict[Tensor, Any]:  # type: ignore[override]
        """The state of the wrapped optimizer."""
        return self.wrapped.state

    @property
    def defaults(self) -> dict[str, Any]:  # type: ignore[override]
        """The default options of the wrapped optimizer."""
        return self.wrapped.defaults

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters with options of their own to the wrapped optimizer.

        Parameters
        ----------
        param_group : dict
            ``"params"`` and any of its options.
        """
        self.wrapped.add_param_group(param_group)

    @overload
    def step(self, closure: None = None) -> None: ...
    @overload
    def step(self, closure: Closure) -> float: ...
    @abstractmethod
    def step(self, closure: Closure | None = None) -> float | None:
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

    def inject(self) -> None:
        """Add what noise the next gradient is to be taken with; here and in wrapped wrappers.

        Gradient noise needs no call. A training loop that makes this one before every forward pass
        works for all wrappers.
        """
        if isinstance(self.wrapped, NoisyOptimizer):
            self.wrapped.inject()

    def configuration(self) -> dict[str, Any]:
        """Return what decides the noise, as plain values.

        Returns
        -------
        dict
            Class, law, seed, and when noise is added.
        """
        timing = {name: getattr(self, name, None) for name in ("when", "period")}
        law, seed = identity_of(self.streams.law), self.streams.seed
        return {**identity_of(type(self)), "law": law, "seed": seed, **timing}

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Reset the gradients.

        Parameters
        ----------
        set_to_none : bool
            Whether to drop them instead of filling them with zeros.
        """
        self.wrapped.zero_grad(set_to_none)

    def state_dict(self) -> dict[str, Any]:
        """Return the state of the wrapped optimizer, and that of the noise under ``"noise"``.

        Returns
        -------
        dict
            Tensors and plain numbers only, where that holds for the wrapped optimizer. The records of
            nested wrappers follow one another, the innermost first.
        """
        state = dict(self.wrapped.state_dict())
        state["noise"] = [*state.get("noise", []), self._record()]
        return state

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue as the run that was saved.

        Parameters
        ----------
        state_dict : dict
            From `state_dict` of the same wrappers in the same order; it is copied.
        """
        state = dict(state_dict)
        records = list(state.pop("noise", []))
        kind = type(self).__name__
        if not records or records[-1]["kind"] != kind:
            found = f"that of {records[-1]['kind']}" if records else "none"
            raise CheckpointError(
                f"the state is loaded into {kind}, but its outermost noise is {found}; wrap the "
                "optimizer as it was when the state was saved."
            )
        record = records.pop()
        if records:
            state["noise"] = records
        # torch keeps the tensors it is given, which then would be written into
        self.wrapped.load_state_dict(copy.deepcopy(state))
        self._load_record(record)

    def _record(self) -> dict[str, Any]:
        return {"kind": type(self).__name__, "steps": self.steps, **self.streams.state_dict()}

    def _load_record(self, record: dict[str, Any]) -> None:
        self.streams.load_state_dict(record)
        self.steps = record["steps"]

    def _numbered_groups(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the groups with the numbers of their streams.

        A group with the number of an agent draws that agent's noise, whichever groups are beside it.
        """
        for place, group in enumerate(self.param_groups):
            yield group.get("agent", place), group

    def _wrapped_step(self, closure: Closure | None) -> float | None:
        # Not every optimizer takes a closure, not even None.
        return self.wrapped.step() if closure is None else self.wrapped.step(closure)

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.copied}
