"""Which way is faster here: both are tried on the first batch, and the answer is kept.

No rule on sizes was found that holds on every machine: batching saves the cost of starting many small
operations and pays with large intermediate results that leave the cache. So both ways are timed. Times
differ from run to run, and the two ways agree only up to rounding: whoever needs the same bits again
names the way, or continues from a state in which it is recorded.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from nets.ensemble.memory import Memory, free_memory
from nets.ensemble.timing import typical_times
from sdeopt.errors import InvalidArgumentError

_WAYS = ("loop", "batched")
_ROUNDS = 10
_SECONDS = 3.0
"""Short passes take ten turns, which costs little; of long ones few tell enough."""
_ADVANTAGE = 0.04
"""Batching must save this share of the time: the loop has the bits of ordinary modules."""
_SAFE = 0.8
"""The share of the free memory that a batched pass may be expected to need."""


@dataclass(frozen=True)
class Choice:
    """A way of computing, and why."""

    way: str
    reason: str
    seconds: dict[str, float]


def choose(
    run: Callable[[str], object],
    memory: Callable[[], Memory],
    device: torch.device,
) -> Choice:
    """Time a pass of both ways in turns, and choose the faster."""
    run("loop")  # first, so that a mistake in the network shows as what it is
    need, free = memory().batched, free_memory(device)
    if free is not None and need > _SAFE * free:
        return Choice(
            "loop", f"all at once would need {need >> 20} MiB of {free >> 20} MiB free", {}
        )
    try:
        run("batched")
    except InvalidArgumentError as problem:
        return Choice("loop", str(problem), {})
    seconds = typical_times(run, _WAYS, device, rounds=_ROUNDS, seconds=_SECONDS)
    gain = seconds["loop"] / seconds["batched"]
    way = "batched" if gain * (1 - _ADVANTAGE) > 1 else "loop"
    return Choice(way, f"all at once took 1/{gain:.2f} of the loop's time", seconds)
