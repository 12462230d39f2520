"""Test curves, one a run: where they end, how much they oscillate, and claims about the median run."""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sdeopt.experiments.resampling import Array, contrasted


def curves_of(result: xr.Dataset, plan: str) -> Array:
    """Return the test accuracies of a training over the epochs, a row a run."""
    values = result["accuracy"].sel(plan=plan).transpose("run", "epoch").values
    return np.asarray(values, np.float64)


def last_of(result: xr.Dataset, plan: str) -> Array:
    """Return the last test accuracy in every run: trainings may have different numbers of epochs."""
    return np.array([run[np.isfinite(run)][-1] for run in curves_of(result, plan)])


def after_first_descent(accuracy: Array) -> Array:
    """Return an accuracy from its first peak on, where the first descent of the error ends.

    What comes before is the training's beginning, at which every curve is steep.
    """
    tested = accuracy[np.isfinite(accuracy)]
    falls = np.flatnonzero(np.diff(tested) < 0)
    # at the start the accuracy is that of chance, and may fall
    later = falls[falls > 0]
    return tested[later[0] :] if len(later) else tested[-1:]


def oscillation(accuracy: Array) -> float:
    """Return the mean squared distance from the best non-decreasing fit, after the first descent.

    A variance around the mean would count the rise that goes on as oscillation.
    """
    from scipy.optimize import isotonic_regression

    rest = after_first_descent(accuracy)
    return float(((rest - isotonic_regression(rest).x) ** 2).mean())


def largest_drop(accuracy: Array) -> float:
    """Return the largest fall from one test to the next, after the first descent."""
    rest = after_first_descent(accuracy)
    return float(max(-np.diff(rest).min(), 0.0)) if len(rest) > 1 else 0.0


def mean_height(accuracy: Array) -> float:
    """Return the mean of all tests: of two curves to one end, the faster is the higher."""
    return float(accuracy[np.isfinite(accuracy)].mean())


def percent(values: Array) -> str:
    """Return the median in percent."""
    return f"{100 * float(np.median(values)):.2f}%"


def positive(words: str, values: Array, what: str) -> Claim:
    """Claim that the median of one number a run is positive."""
    return contrasted(words, [values], [1.0], what=what, exchangeable=False)


def reaches(words: str, values: Array, bound: float, what: str) -> Claim:
    """Claim that the median over the runs is at least a bound."""
    return positive(f"{words} ({percent(values)})", values - bound, f"{what} − {bound:g}")


def perplexity(result: xr.Dataset, plan: str) -> Array:
    """Return e to the final test loss in every run; where it was lost, that of guessing."""
    losses = result["loss"].sel(plan=plan).isel(epoch=-1).values
    guessing = np.log(result.attrs["words"])
    finite = np.where(np.isfinite(losses), np.minimum(losses, guessing), guessing)
    return np.asarray(np.exp(finite), np.float64)
