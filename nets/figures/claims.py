"""What Sec. 6.2 states of its figures on deep networks, as claims.

Methods that are compared share the initial points, data orders and training examples of a run, so the
difference of two is taken in every run, and its standard error over the runs. A difference is clear
when it exceeds `CLEAR` standard errors. A claim of one is contradicted when the opposite is as clear,
and undecided when neither is.

The quorum variable has converged when it gets at least `CONVERGED` of the training examples right that
the average agent gets right: below that it is no meaningful average of the agents.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import interval_of

Array: TypeAlias = NDArray[np.float64]

CLEAR = 3.0
"""Standard errors that make a difference clear."""

CONVERGED = 0.9
"""Accuracy of the quorum variable over that of the average agent, on the training examples."""

NEARLY = 0.9
"""The share of settings that is nearly all: the paper's table has 23 of 24."""


def picked(result: xr.Dataset, **wanted: Any) -> xr.Dataset:
    """Return the one training with the given fields."""
    fits = np.ones(result.sizes["plan"], bool)
    for name, value in wanted.items():
        fits &= result[name].values == value
    (place,) = np.flatnonzero(fits)
    return result.isel(plan=int(place))


def ends(training: xr.Dataset, name: str, part: str = "test") -> Array:
    """Return the last value of a variable in every run."""
    values = training[name].isel(epoch=-1)
    if "part" in values.dims:
        values = values.sel(part=part)
    return np.where(np.isnan(values), np.inf, values)


def rise(low: Array, high: Array) -> tuple[float, float]:
    """Return the mean of ``high - low`` over the runs, and its standard error.

    Where a run was lost (infinite), what remains is the sign, without an error.
    """
    with np.errstate(invalid="ignore"):
        difference = high - low
    if not np.isfinite(difference).all():
        sign = np.sign(np.nan_to_num(difference, nan=0.0).sum())
        return (float(sign * np.inf) if sign else 0.0), 0.0
    return float(difference.mean()), float(difference.std(ddof=1) / np.sqrt(len(difference)))


def higher(words: str, low: Array, high: Array, *, shares: bool = True) -> Claim:
    """Claim that one number is higher than another, clearly."""
    difference, error = rise(low, high)
    shown = error if np.isfinite(difference) else np.nan
    if shares:
        numbers = f"{percent(high.mean())} against {percent(low.mean())}, ± {percent(shown)}"
    else:
        numbers = f"{high.mean():.4g} against {low.mean():.4g}, ± {shown:.2g}"
    return Claim.clear(f"{words} ({numbers})", difference, error, CLEAR)


def percent(share: float) -> str:
    """Return a share in percent."""
    return f"{100 * share:.2f}%"


def best_at_lowest(result: xr.Dataset) -> list[Claim]:
    """Claim that the lowest coupling for which the quorum variable converges tests best."""
    couplings = sorted(result["coupling"].values.tolist())
    trainings = {k: picked(result, coupling=k) for k in couplings}
    tested = {k: ends(each, "quorum_accuracy") for k, each in trainings.items()}
    shares = {k: _ratio(*_accuracies(each)) for k, each in trainings.items()}
    good = [k for k in couplings if shares[k] >= CONVERGED] or [couplings[-1]]
    lowest, strongest = good[0], couplings[-1]
    rest = [k for k in good if k > lowest] or [lowest]
    second = max(rest, key=lambda k: float(tested[k].mean()))
    too_little = [k for k in couplings if k < lowest]
    spread = {k: ends(trainings[k], "synchronization") for k in couplings}
    return [
        _converges(
            Claim.at_most,
            f"with too little coupling, k = {couplings[0]:g}, the quorum variable does not converge",
            trainings[couplings[0]],
        ),
        *(
            higher(
                f"and tests worse there than at k = {lowest:g}, the lowest that converges",
                tested[couplings[0]],
                tested[lowest],
            )
            for _ in too_little[:1]
        ),
        higher(
            f"the lowest coupling that converges, k = {lowest:g}, tests best: better than the next "
            f"best that converges, k = {second:g}",
            tested[second],
            tested[lowest],
        ),
        higher(
            f"k = {lowest:g} tests better than the strongest coupling, k = {strongest:g}",
            tested[strongest],
            tested[lowest],
        ),
        higher(
            f"agents are further from their mean at k = {lowest:g} than at k = {strongest:g}: "
            "sum of squared distances",
            spread[strongest],
            spread[lowest],
            shares=False,
        ),
        _converges(
            Claim.at_least,
            "the quorum variable converges with the strongest coupling, where it tests "
            f"{percent(float(np.mean(tested[strongest])))}",
            trainings[strongest],
        ),
    ]


def _accuracies(training: xr.Dataset) -> tuple[Array, Array]:
    """Return, for every run, how the quorum variable and the average agent do in training."""
    own, average = (ends(training, f"{who}_accuracy", "train") for who in ("quorum", "agents"))
    return own, average


def _converges(kind: Callable[..., Claim], words: str, training: xr.Dataset) -> Claim:
    both, what = _accuracies(training), "its training accuracy / that of the average agent"
    return kind(words, _ratio(*both), CONVERGED, what, interval=interval_of(_ratio, *both))


def _ratio(one: Array, other: Array) -> float:
    return float(one.mean() / other.mean())


def numbers(result: xr.Dataset, method: str) -> list[int]:
    """Return the numbers of agents that a method was trained with, rising."""
    return sorted(set(result["agents"].values[result["method"].values == method].tolist()))


def improves_with_agents(result: xr.Dataset, method: str) -> list[Claim]:
    """Claim that test accuracy rises, and test loss falls, with the number of agents."""
    rising = _slopes(result, method, "quorum_accuracy", percent)
    falling = _slopes(result, method, "quorum_loss", "{:.3f}".format)
    what = "over log₂ p / its standard error"
    return [
        Claim.clear(
            f"{method}: test accuracy rises with the number of agents ({rising[1]})",
            *rise(np.zeros(len(rising[0])), rising[0]),
            CLEAR,
            f"slope {what}",
        ),
        Claim.clear(
            f"{method}: test loss falls with the number of agents ({falling[1]})",
            *rise(falling[0], np.zeros(len(falling[0]))),
            CLEAR,
            f"−slope {what}",
        ),
    ]


def _slopes(
    result: xr.Dataset, method: str, name: str, written: Callable[[float], str]
) -> tuple[Array, str]:
    """Return the slope over log₂ p in every run, and the averages in words."""
    counts = numbers(result, method)
    values = np.array([ends(picked(result, method=method, agents=p), name) for p in counts])
    places = np.log2(counts) - np.log2(counts).mean()
    with np.errstate(invalid="ignore"):
        slopes: Array = places @ values / (places**2).sum()
    averages = values.mean(axis=1).tolist()
    listed = (f"{written(value)} at {p}" for p, value in zip(counts, averages, strict=True))
    return slopes, ", ".join(listed)


def same_alone(result: xr.Dataset, first: str, second: str) -> Claim:
    """Claim that two methods are one and the same for a single agent."""
    losses = [picked(result, method=name, agents=1)["mean_loss"] for name in (first, second)]
    return Claim.at_most(
        f"with one agent {first} and {second} are both SGD",
        float(abs(losses[0] - losses[1]).max()),
        1e-4,
        "largest difference of a loss",
    )


def tests_better(result: xr.Dataset, better: str, worse: str, counts: Sequence[int]) -> list[Claim]:
    """Claim that one method tests better than another at every number of agents."""
    return [
        higher(
            f"p = {p}: {better} tests better than {worse}",
            *(
                ends(picked(result, method=name, agents=p), "quorum_accuracy")
                for name in (worse, better)
            ),
        )
        for p in counts
    ]


def drives_lower(
    result: xr.Dataset, part: str, lower: str, than: str, counts: Sequence[int]
) -> list[Claim]:
    """Claim that one method drives the training or test loss lower than another."""
    return [
        higher(
            f"p = {p}: {lower} drives the {part} loss lower than {than}, which ends higher",
            *(
                ends(picked(result, method=name, agents=p), "quorum_loss", part)
                for name in (lower, than)
            ),
            shares=False,
        )
        for p in counts
    ]


def lower_at_best(result: xr.Dataset, lower: str, than: str, counts: Sequence[int]) -> list[Claim]:
    """Claim that the least test loss over the epochs is lower too.

    A method that is only slower begins to overfit later, and at a given epoch its test loss is lower
    for that reason alone. Each at its own best epoch, the two are compared without it.
    """
    found = []
    for p in counts:
        least, other = (
            picked(result, method=name, agents=p)["quorum_loss"]
            .sel(part="test")
            .min("epoch")
            .values
            for name in (lower, than)
        )
        words = f"p = {p}: and not only later in overfitting: at its best epoch too, {than} is"
        found.append(higher(f"{words} higher than {lower}", least, other, shares=False))
    return found


def as_synchronized(
    result: xr.Dataset, method: str, other: str, counts: Sequence[int], factor: float
) -> list[Claim]:
    """Claim that the agents of one method are about as close to their mean as those of another."""
    of_both = {
        p: [_distance(picked(result, method=name, agents=p)) for name in (method, other)]
        for p in counts
    }
    words = f"the agents of {method} are at least about as close to their mean as those of {other}"
    what = "ratio of distances"
    return [
        Claim.at_most(
            f"p = {p}: {words}", _ratio(*both), factor, what, interval=interval_of(_ratio, *both)
        )
        for p, both in of_both.items()
    ]


def _distance(training: xr.Dataset) -> Array:
    """Return the root of Σ‖x^i − x•‖² in every run, averaged over the second half."""
    squares = training["synchronization"]
    late = squares.isel(epoch=slice(squares.sizes["epoch"] // 2, None))
    distance: Array = np.sqrt(late.mean("epoch").values)
    return distance


def better_apart(result: xr.Dataset, method: str, counts: Sequence[int]) -> list[Claim]:
    """Claim that agents which start apart end better than those that start together."""
    return [
        higher(
            f"p = {p}: agents that start apart test better than agents that start together",
            *(_tested_from(result, method, p, together) for together in (True, False)),
        )
        for p in counts
    ]


def gains_more_with_agents(result: xr.Dataset, method: str, counts: Sequence[int]) -> Claim:
    """Claim that starting apart gains more, the more agents there are."""
    gains = [
        _tested_from(result, method, p, False) - _tested_from(result, method, p, True)
        for p in (counts[0], counts[-1])
    ]
    return higher(
        f"starting apart gains more with {counts[-1]} agents than with {counts[0]}", *gains
    )


def _tested_from(result: xr.Dataset, method: str, agents: int, together: bool) -> Array:
    training = picked(result, method=method, agents=agents, together=together)
    return ends(training, "quorum_accuracy")


def least(result: xr.Dataset, name: str) -> xr.DataArray:
    """Return the least test loss or test error of every run over its epochs."""
    tested = result.sel(part="test")
    values = tested["loss"] if name == "loss" else 1 - tested["accuracy"]
    return values.min("epoch")


def often_better(result: xr.Dataset, better: str, worse: str, words: str) -> Claim:
    """Claim that one method ends with more test examples right than another, over the rates."""
    tested = result["accuracy"].sel(part="test").isel(epoch=-1, momentum=0)
    high, low = (
        tested.sel(optimizer=name).mean("learning_rate").values for name in (better, worse)
    )
    rates = result["learning_rate"].values.tolist()
    each = (tested.sel(optimizer=better) - tested.sel(optimizer=worse)).mean("run").values
    listed = ", ".join(
        f"{100 * gain:+.2f} at η = {rate:g}" for rate, gain in zip(rates, each, strict=True)
    )
    return Claim.clear(
        f"{words}: {percent(high.mean())} of the test examples against {percent(low.mean())}, "
        f"averaged over the learning rates (points: {listed})",
        *rise(low, high),
        CLEAR,
    )


def best_nearly_everywhere(result: xr.Dataset, best: str, others: list[str]) -> Claim:
    """Claim that a method has the least test error at nearly all settings."""
    errors = least(result, "error")
    average = errors.mean("run")
    ours, theirs = average.sel(optimizer=best, drop=True), average.sel(optimizer=others)
    wins = (ours < theirs.min("optimizer")).values
    second = errors.sel(optimizer=theirs.idxmin("optimizer"))
    gap = second.drop_vars("optimizer") - errors.sel(optimizer=best, drop=True)
    reach = CLEAR * gap.std("run", ddof=1) / np.sqrt(gap.sizes["run"])
    sure, possible = ((gap.mean("run") + side * reach > 0).values for side in (-1, 1))
    return Claim.at_least(
        f"{best} has a smaller least test error than {' and '.join(others)} at nearly all "
        f"settings, averaged over the runs: {int(wins.sum())} of {wins.size}",
        float(np.mean(wins)),
        NEARLY,
        "share of settings",
        interval=(float(np.mean(sure)), float(np.mean(possible))),
    )
