"""The standard error stream, which may be missing, closed, or less than a file."""

import sys


def on_terminal() -> bool:
    """Return whether somebody looks at the standard error stream."""
    try:
        return usable() and bool(sys.stderr.isatty())
    except (AttributeError, ValueError, OSError):
        return False


def usable() -> bool:
    """Return whether the standard error stream can be written at all."""
    stream = sys.stderr
    return (
        stream is not None
        and callable(getattr(stream, "write", None))
        and callable(getattr(stream, "flush", None))
        and not getattr(stream, "closed", False)
    )


def tell(text: str, end: str = "\n") -> None:
    """Write a line to the standard error stream, if there is one; that is never a reason to fail."""
    if usable():
        try:
            print(text, file=sys.stderr, end=end)
        except (ValueError, OSError):
            return
