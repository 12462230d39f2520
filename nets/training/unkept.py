"""What a checkpoint does not keep, and what therefore must not change while a training runs."""

from torch import nn

from nets.ensemble.attributes import attributes
from nets.ensemble.passes import Criterion
from nets.identity import identity_of
from sdeopt.errors import InvalidArgumentError


class Unkept:
    """The plain attributes of a network, and the state of a criterion, as they were at the start."""

    def __init__(self, network: nn.Module, criterion: Criterion) -> None:
        self._network, self._criterion = network, criterion
        self._attributes, self._identity = attributes(network), identity_of(criterion)

    def compare(self) -> None:
        """Refuse to keep a training in which one of them has changed."""
        now = attributes(self._network)
        for name, value in now.items():
            # one that was not there before is computed once and kept, which is no state
            if self._attributes.get(name, value) != value:
                raise InvalidArgumentError(
                    f"the network has changed its attribute {name!r}, which is neither a parameter nor "
                    "a buffer, so that a checkpoint does not keep it; register it as a buffer, or train "
                    "without a checkpoint."
                )
        self._attributes |= now
        if identity_of(self._criterion) != self._identity:
            raise InvalidArgumentError(
                "the criterion has a state that changes while it is used, which a checkpoint does not "
                "keep; use one that depends on outputs and targets alone, or train without a checkpoint."
            )
