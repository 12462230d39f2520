"""Typical times of computations that take turns.

Medians, not the best times: a pass that allocates much has fast and slow spells, which come from the
state of the memory and not from other programs, and its user pays for both.
"""

import statistics
import time
from collections.abc import Callable, Iterable

import torch

_CLEAR = 1.5
"""Where the slowest takes so much longer than the fastest, further rounds change nothing."""


def typical_times(
    run: Callable[[str], object],
    names: Iterable[str],
    device: torch.device,
    *,
    rounds: int,
    seconds: float,
) -> dict[str, float]:
    """Return the median time of each of some computations, which take turns.

    A first round, in which libraries prepare what they need, counts only if there is no other.
    """
    names = list(names)
    first = {name: _seconds(run, name, device) for name in names}
    spent = sum(first.values())
    taken: dict[str, list[float]] = {name: [] for name in names}
    median = first
    for done in range(rounds):
        if spent > seconds or (done > 2 and max(median.values()) > _CLEAR * min(median.values())):
            break
        for name in names:
            taken[name].append(_seconds(run, name, device))
            spent += taken[name][-1]
        median = {name: statistics.median(times) for name, times in taken.items()}
    return median


def _seconds(run: Callable[[str], object], name: str, device: torch.device) -> float:
    # One thread on the processor: its own time, free of what other programs take.
    alone = device.type == "cpu" and torch.get_num_threads() == 1
    clock = time.process_time if alone else time.perf_counter
    _finish(device)
    begin = clock()
    run(name)
    _finish(device)
    return clock() - begin


def _finish(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
