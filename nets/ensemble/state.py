"""The state of an ensemble as tensors and plain numbers, and back."""

from collections.abc import Sequence
from typing import Any

from nets.ensemble.streams import Stream
from nets.weights import Weights
from sdeopt.errors import CheckpointError


def saved(weights: Weights, buffers: Weights, streams: Sequence[Stream]) -> dict[str, Any]:
    """Return copies of what changes in a run."""
    return {
        "weights": {name: stack.clone() for name, stack in weights.items()},
        "buffers": {name: stack.clone() for name, stack in buffers.items()},
        "streams": [stream.state() for stream in streams],
    }


def restore(
    state: dict[str, Any], weights: Weights, buffers: Weights, streams: Sequence[Stream]
) -> None:
    """Put back what was saved; memory stays where it is."""
    pairs = [("weights", weights), ("buffers", buffers)]
    for part, own in pairs:
        given = state[part]
        for name in sorted(own.keys() | given.keys()):
            shapes = [tuple(side[name].shape) if name in side else None for side in (given, own)]
            if shapes[0] != shapes[1]:
                raise CheckpointError(
                    f"the checkpoint has {name!r} as {shapes[0] or 'nothing'}, the ensemble as "
                    f"{shapes[1] or 'nothing'}; continue with the network that it was made with."
                )
    for part, own in pairs:
        for name, stack in own.items():
            stack.copy_(state[part][name])
    for stream, states in zip(streams, state["streams"], strict=True):
        stream.restore(states)
