"""One sentence for the user when another process of the run is gone."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from sdeopt.errors import ClusterError

__all__ = ["Guard"]

RESUME = (
    "start the same command again to continue from the last checkpoint; "
    "torchrun reports which process ended first."
)


class Guard:
    """Turns what a lost process does to this one into a `ClusterError`.

    Parameters
    ----------
    rank, processes : int
        Which process this is, of how many.
    patience : float
        How long an exchange may wait, in seconds.

    Examples
    --------
    >>> from nets.communication.guard import Guard
    >>> with Guard(0, 2, 600.0).exchange():
    ...     raise RuntimeError("Connection closed by peer")
    Traceback (most recent call last):
        ...
    sdeopt.errors.ClusterError: process 0 of 2 lost another process of this run, which failed, was \
killed or cannot be reached any more; start the same command again to continue from the last \
checkpoint; torchrun reports which process ended first.
    """

    def __init__(self, rank: int, processes: int, patience: float) -> None:
        self._who = f"process {rank} of {processes}"
        self._patience = patience
        self._watching = False

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
            self._watching = True

    def end(self, *, deaf: bool = False) -> None:
        """Leave signals alone again.

        Parameters
        ----------
        deaf : bool
            Ignore the signal from here on: a process that ends by itself, with an error, must not
            be cut off before it has said so. What lingers is killed by ``torchrun`` all the same.
        """
        if self._watching:
            signal.signal(signal.SIGTERM, signal.SIG_IGN if deaf else signal.SIG_DFL)
            self._watching = False

    def _explain_signal(self, number: int, frame: FrameType | None) -> NoReturn:
        self.end(deaf=True)
        raise ClusterError(
            f"{self._who} was told to end (SIGTERM), most often because another process of this "
            f"run failed; {RESUME}"
        )
