"""How trainings are compared: run by run, in standard errors.

Methods that are compared share the initial points, data orders and training examples of a run, so the
difference of two is taken in every run, and its standard error over the runs. A difference is one
when it exceeds `CLEAR` standard errors; one that does not is reported as failing, however it leans.
"""

from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sdeopt.experiment import Claim

__all__ = ["CLEAR", "Array", "ends", "higher", "percent", "picked", "rise"]

Array: TypeAlias = NDArray[np.float64]

CLEAR = 3.0
"""Standard errors that make a difference clear."""


def picked(result: xr.Dataset, **wanted: Any) -> xr.Dataset:
    """Return the one training with the given fields.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.models.trained.trainings`.
    **wanted
        Of the plan: ``method``, ``agents``, ``coupling``, ``together``.

    Returns
    -------
    xarray.Dataset
        Along ``run``, ``epoch`` and ``part``.
    """
    fits = np.ones(result.sizes["plan"], bool)
    for name, value in wanted.items():
        fits &= result[name].values == value
    (place,) = np.flatnonzero(fits)
    return result.isel(plan=int(place))


def ends(training: xr.Dataset, name: str, part: str = "test") -> Array:
    """Return the last value of a variable in every run.

    Parameters
    ----------
    training : xarray.Dataset
        From `picked`.
    name : str
        The variable.
    part : str
        Of the data, where the variable has parts.

    Returns
    -------
    numpy.ndarray
        Of shape (runs,). A loss that diverged is infinite.
    """
    values = training[name].isel(epoch=-1)
    if "part" in values.dims:
        values = values.sel(part=part)
    return np.where(np.isnan(values), np.inf, values)


def rise(low: Array, high: Array) -> float:
    """Return the mean of ``high - low`` over the runs, in its standard errors.

    Parameters
    ----------
    low, high : numpy.ndarray
        Of shape (runs,), paired.

    Returns
    -------
    float
        Infinite where all runs differ alike, 0 where none differs.

    Examples
    --------
    >>> import numpy as np
    >>> from nets.claims.differences import rise
    >>> round(rise(np.array([1.0, 2.0, 3.0]), np.array([2.0, 3.5, 4.5])), 3)
    8.0
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = high - low
        if not np.isfinite(difference).all():
            return float(np.sign(np.nan_to_num(difference, nan=0.0).sum()) * np.inf)
        error = difference.std(ddof=1) / np.sqrt(len(difference))
        return float(np.nan_to_num(difference.mean() / error, nan=0.0, posinf=np.inf))


def higher(words: str, low: Array, high: Array, *, shares: bool = True) -> Claim:
    """Claim that one number is higher than another, clearly.

    Parameters
    ----------
    words : str
        The claim; both means and the error of their difference are written after it.
    low, high : numpy.ndarray
        Of shape (runs,), paired.
    shares : bool
        Whether they are shares, to be written in percent.

    Returns
    -------
    Claim
        One.
    """
    error = (
        np.std(high - low, ddof=1) / np.sqrt(len(low)) if np.isfinite(high - low).all() else np.nan
    )
    if shares:
        numbers = f"{percent(high.mean())} against {percent(low.mean())}, ± {percent(error)}"
    else:
        numbers = f"{high.mean():.4g} against {low.mean():.4g}, ± {error:.2g}"
    return Claim.at_least(
        f"{words} ({numbers})", rise(low, high), CLEAR, "difference / its standard error"
    )


def percent(share: float) -> str:
    """Return a share in percent.

    Parameters
    ----------
    share : float
        From 0 to 1.

    Examples
    --------
    >>> from nets.claims.differences import percent
    >>> percent(0.8765)
    '87.65%'
    """
    return f"{100 * share:.2f}%"
