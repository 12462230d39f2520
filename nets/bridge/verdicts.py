"""The form of claims about slopes."""

from nets.bridge.averages import Average
from sdeopt.experiment import Claim

__all__ = ["has_slope"]


def has_slope(words: str, slope: Average, expected: float, band: float) -> Claim:
    """Claim that a power is an expected one: both confidence limits in a band around it.

    Parameters
    ----------
    words : str
        The claim.
    slope : Average
        From `nets.bridge.averages.log_slope`.
    expected, band : float
        The power, and how far it may be off.

    Returns
    -------
    Claim
        About the limit that is farther off. It fails, too, when the error is too large to say.
    """
    value, reach = float(slope.value), float(slope.reach)
    return Claim.at_most(
        f"{words} (slope {value:.3f} ± {reach:.3f} in log-log, at 99.9%)",
        abs(value - expected) + reach,
        band,
        f"largest |confidence limit − ({expected:g})|",
    )
