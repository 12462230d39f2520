"""What torchrun gives a process before it is connected, and the errors of a lost connection."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import torch

from sdeopt.errors import ClusterError, InvalidArgumentError

NEEDED = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
"""What ``torchrun`` puts into the environment of every process it starts."""


def started_by_torchrun() -> bool:
    """Return whether torchrun started this process."""
    return all(name in os.environ for name in NEEDED)


def place_among_processes() -> tuple[int, int]:
    """Return which process this is, and of how many."""
    if not started_by_torchrun():
        raise InvalidArgumentError(
            "a ProcessGroup needs RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT in the environment; "
            "start the script with torchrun, or use nets.communication.Local."
        )
    return int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])


def equal_share(agents: int, processes: int) -> int:
    """Return how many agents each process holds."""
    if agents % processes:
        fitting = [str(count) for count in range(1, agents + 1) if agents % count == 0]
        *others, most = fitting
        listed = f"{', '.join(others)} or {most}" if others else most
        raise InvalidArgumentError(
            f"{agents} agents cannot be dealt equally to {processes} processes; "
            f"start {listed} processes, or take a multiple of {processes} agents."
        )
    return agents // processes


def device_of_process(given: torch.device | str | None) -> torch.device:
    """Return where this process computes: as asked, or on the GPU of its local rank, or the CPU."""
    if given is None and not torch.cuda.is_available():
        return torch.device("cpu")
    device = torch.device("cuda" if given is None else given)
    if device.type == "cuda" and device.index is None:
        local_rank = int(os.environ.get("LOCAL_RANK", "0"))
        return torch.device("cuda", local_rank % torch.cuda.device_count())
    return device


def has_gpu_of_its_own(device: torch.device) -> bool:
    """Return whether no other process of this machine computes on the same GPU."""
    if device.type != "cuda":
        return False
    return int(os.environ.get("LOCAL_WORLD_SIZE", "1")) <= torch.cuda.device_count()


RESUME = (
    "start the same command again to continue from the last checkpoint; "
    "torchrun reports which process ended first."
)


class Guard:
    """Turns the failures that a lost process causes in this one into a `ClusterError`."""

    def __init__(self, rank: int, processes: int, patience: float) -> None:
        self._who = f"process {rank} of {processes}"
        self._patience = patience
        self._handling = False

    @contextmanager
    def meeting(self) -> Iterator[None]:
        """Explain why the processes did not find each other."""
        try:
            yield
        except (RuntimeError, ValueError) as problem:
            reason = str(problem).partition("\n")[0].rstrip(".")
            raise ClusterError(
                f"{self._who} did not meet the others within {self._patience:g} s ({reason}); "
                "look for the address and port of the rendezvous, and start all processes again; "
                "torchrun restarts them by itself only under TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1."
            ) from problem

    @contextmanager
    def exchange(self) -> Iterator[None]:
        """Explain an exchange that failed."""
        try:
            yield
        except RuntimeError as problem:
            if "timed out" in str(problem).lower():
                raise ClusterError(
                    f"{self._who} waited {self._patience:g} s in vain for another process of this "
                    f"run, which hangs or is too slow; raise timeout_seconds, or {RESUME}"
                ) from problem
            raise ClusterError(
                f"{self._who} lost another process of this run, which failed, was killed or "
                f"cannot be reached any more; {RESUME}"
            ) from problem

    def begin(self) -> None:
        """Explain the signal by which ``torchrun`` ends the others when one process has failed."""
        in_main_thread = threading.current_thread() is threading.main_thread()
        if in_main_thread and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            signal.signal(signal.SIGTERM, self._explain_signal)
            self._handling = True

    def end(self, *, ignore: bool = False) -> None:
        """Leave signals alone again."""
        if self._handling:
            signal.signal(signal.SIGTERM, signal.SIG_IGN if ignore else signal.SIG_DFL)
            self._handling = False

    def _explain_signal(self, number: int, frame: FrameType | None) -> NoReturn:
        self.end(ignore=True)
        raise ClusterError(
            f"{self._who} was ended by SIGTERM, most often because another process of this "
            f"run failed; {RESUME}"
        )
