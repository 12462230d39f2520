"""How a report writes numbers, times and settings."""

import math
from datetime import datetime
from typing import Any

__all__ = ["digits", "duration", "moment", "setting"]


def digits(value: float) -> str:
    """Return a number as a reader wants it: three digits, large ones in words.

    Parameters
    ----------
    value : float
        Any number.

    Returns
    -------
    str
        The number in words.

    Examples
    --------
    >>> from sdeopt.report_words import digits
    >>> [digits(value) for value in (0.12345, -3e-8, 52_341, 4.56e8, float("nan"))]
    ['0.123', '−3·10⁻⁸', '52,341', '456 million', 'not a number']
    """
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "∞" if value > 0 else "−∞"
    for factor, word in ((1e9, "billion"), (1e6, "million")):
        if factor <= abs(value) < 1000 * factor:
            return _signed(f"{value / factor:.3g} {word}")
    if 1000 <= abs(value) < 1e9:
        return _signed(f"{value:,.0f}")
    mantissa, _, exponent = f"{value:.3g}".partition("e")
    power = f"·10{str(int(exponent)).translate(RAISED)}" if exponent else ""
    return _signed(mantissa + power)


RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _signed(text: str) -> str:
    return text.replace("-", "−")


def duration(seconds: float) -> str:
    """Return a time as a person says it.

    Parameters
    ----------
    seconds : float
        The time.

    Returns
    -------
    str
        In seconds, or in minutes and seconds.

    Examples
    --------
    >>> from sdeopt.report_words import duration
    >>> duration(4.21), duration(59.97), duration(61)
    ('4.2 s', '1 min 0 s', '1 min 1 s')
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def moment(created: str) -> str:
    """Return a time of day without what nobody reads.

    Parameters
    ----------
    created : str
        In ISO 8601.

    Returns
    -------
    str
        To the minute.

    Examples
    --------
    >>> from sdeopt.report_words import moment
    >>> moment("2020-02-29T12:34:56+00:00")
    '2020-02-29 12:34 UTC'
    """
    time = datetime.fromisoformat(created)
    return f"{time:%Y-%m-%d %H:%M %Z}".strip()


def setting(value: Any) -> str:
    """Return the value of a setting.

    Parameters
    ----------
    value : object
        As `sdeopt.configuration.describe` gives it.

    Returns
    -------
    str
        Lists with commas; what has a name with it in front of its own settings.

    Examples
    --------
    >>> from sdeopt.report_words import setting
    >>> setting([0.0, 3.5, 10_000]), setting(None), setting(True)
    ('0, 3.5, 10,000', 'none', 'yes')
    >>> setting({"name": "Halving", "every": 2500})
    'Halving (every 2,500)'
    """
    if isinstance(value, list):
        return ", ".join(setting(entry) for entry in value) or "none"
    if isinstance(value, dict):
        inner = [f"{key} {setting(entry)}" for key, entry in value.items() if key != "name"]
        name = str(value.get("name", ""))
        return (
            f"{name} ({', '.join(inner)})".strip() if name and inner else name or ", ".join(inner)
        )
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, int | float):
        return _signed(f"{value:,}" if isinstance(value, int) else f"{value:,g}")
    return str(value)
