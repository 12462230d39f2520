"""What numba says about a function, in one line."""

import re

__all__ = ["first_reason"]


def first_reason(problem: Exception) -> str:
    r"""Return the first telling line of a message of numba's.

    Examples
    --------
    >>> from sdeopt.user_functions.reason import first_reason
    >>> first_reason(TypeError("Failed in nopython mode pipeline\nUntyped global name 'erf'"))
    "Untyped global name 'erf'"
    """
    lines = [line.strip() for line in str(problem).splitlines()]
    telling = [line for line in lines if line and not line.startswith("Failed in nopython")]
    reason = telling[0] if telling else type(problem).__name__
    if reason.endswith(":") and len(telling) > 1:
        reason = f"{reason} {telling[1].removeprefix('>>> ')}"
    # numbers that a transcript put behind names
    reason = re.sub(r"__\d+\b", "", reason.split(" Raised from")[0])
    return reason.rstrip(".")
