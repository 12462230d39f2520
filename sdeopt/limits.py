"""The memory and the time that something will take, and the limits of both, which users can raise."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sdeopt.arguments import finite_number, whole_number
from sdeopt.errors import InvalidArgumentError

MEMORY_VARIABLE, TIME_VARIABLE = "SDEOPT_MEMORY_LIMIT", "SDEOPT_TIME_LIMIT"
"""Environment variables for the limits: gigabytes and hours."""

THREAD_VARIABLES = ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")
"""Environment variables with which users of clusters say how many threads a process may have."""

QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""Microseconds of processor time in each period, or max; and the period."""

SHARE = 0.8
"""Of the machine's memory, by default."""

HOURS = 168.0
"""A week, by default."""

NUMBER = 8
"""Bytes."""


@dataclass(frozen=True)
class Size:
    """Bytes in memory at once, those of them that the result holds, and seconds."""

    memory: float
    result: float
    seconds: float


def check_size(size: Size, what: str, advice: str, given: Mapping[str, Any] | None = None) -> None:
    """Refuse what is beyond the limits, with its size in one sentence.

    `given` holds the arguments with which limits can be raised, where there are any.
    """
    chosen = given or {}
    memory = _limit(chosen.get("memory_limit"), "memory_limit", MEMORY_VARIABLE, _machine())
    hours = _limit(chosen.get("time_limit"), "time_limit", TIME_VARIABLE, HOURS)
    for needed, limit, unit, name, variable in (
        (size.memory / 1e9, memory, "GB of memory", "memory_limit", MEMORY_VARIABLE),
        (size.seconds / 3600, hours, "hours", "time_limit", TIME_VARIABLE),
    ):
        if needed > limit:
            argument = "" if given is None else f"{name} or "
            raise InvalidArgumentError(
                f"{what} needs at least {needed:.3g} {unit}, but the limit is {limit:.3g}; {advice}, "
                f"or raise the limit with {argument}the environment variable {variable}."
            )


def available_threads(given: int | None = None) -> int:
    """Return how many threads to use: as told, or what machine, container and user allow."""
    if given is not None:
        return whole_number(given, "threads", minimum=1)
    affine = hasattr(os, "sched_getaffinity")
    allowed = [(len(os.sched_getaffinity(0)) if affine else os.cpu_count()) or 1]
    for variable in THREAD_VARIABLES:
        # OpenMP's may be a list, one number for each level of nesting
        first = os.environ.get(variable, "").partition(",")[0].strip()
        allowed += [int(first)] if first.isdigit() and int(first) > 0 else []
    return min(allowed + _quota(QUOTA))


def _quota(file: Path) -> list[int]:
    """Return the processors that a container may use, rounded up, where it is limited."""
    if not file.is_file():
        return []
    quota, _, period = file.read_text().partition(" ")
    return [-(-int(quota) // int(period))] if quota.isdigit() and int(quota) > 0 else []


def _limit(given: Any, name: str, variable: str, default: float) -> float:
    if given is not None:
        return finite_number(given, name, 0.0, open_end=True)
    text = os.environ.get(variable, "")
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    return finite_number(number if number > 0 else text, variable, 0.0, open_end=True)


def _machine() -> float:
    """Return the gigabytes that a process may take here: of the machine, its group, its own limit."""
    found = []
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        found.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    group = Path("/sys/fs/cgroup/memory.max")
    if group.is_file():
        text = group.read_text().strip()
        found += [int(text)] if text.isdigit() else []
    try:
        import resource
    except ImportError:  # there is none on Windows
        pass
    else:
        own, _ = resource.getrlimit(resource.RLIMIT_AS)
        found += [own] if own != resource.RLIM_INFINITY else []
    return SHARE * min(found) / 1e9 if found else float("inf")
