"""Ctrl-C between two steps or chunks of steps, never inside one."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["polite_interrupts"]


@contextmanager
def polite_interrupts() -> Iterator[threading.Event]:
    """Turn the first Ctrl-C into a flag; the second interrupts at once.

    Yields
    ------
    threading.Event
        Set when the user wants to stop. In a thread, or where a program has a handler of its own,
        nothing sets it.

    Examples
    --------
    >>> from sdeopt.interruption import polite_interrupts
    >>> with polite_interrupts() as interrupted:
    ...     interrupted.is_set()
    False
    """
    flag = threading.Event()
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield flag
        return

    def note(number: int, frame: object) -> None:
        flag.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, note)
    try:
        yield flag
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
