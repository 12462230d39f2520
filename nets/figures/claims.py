"""What Sec. 6.2 states of its figures on deep networks, as claims.

When a difference of two methods counts is the matter of `nets.figures.judging`.

The quorum variable has converged when it gets at least `CONVERGED` of the training examples right that
the average agent gets right: below that it is no meaningful average of the agents.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr

from nets.figures.judging import Array, judge_of, percent
from nets.figures.measured import of_one_processor
from sdeopt.experiment import Claim

CONVERGED = 0.9
"""Accuracy of the quorum variable over that of the average agent, on the training examples."""

LEARNT = "its training accuracy / that of the average agent"
"""How the convergence of the quorum variable is measured."""


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


def best_at_lowest(result: xr.Dataset) -> list[Claim]:
    """Claim that the lowest coupling for which the quorum variable converges tests best."""
    couplings = sorted(result["coupling"].values.tolist())
    trainings = {k: picked(result, coupling=k) for k in couplings}
    tested = {k: ends(each, "quorum_accuracy") for k, each in trainings.items()}
    shares = {k: _converged(each) for k, each in trainings.items()}
    good, strongest = [k for k in couplings if shares[k] >= CONVERGED], couplings[-1]
    judge = judge_of(result)
    first = judge.ratio(
        f"with too little coupling, k = {couplings[0]:g}, the quorum variable does not converge",
        *learnt(trainings[couplings[0]]),
        LEARNT,
        most=CONVERGED,
    )
    last = judge.ratio(
        "the quorum variable converges with the strongest coupling, where it tests "
        f"{percent(float(np.mean(tested[strongest])))}",
        *learnt(trainings[strongest]),
        LEARNT,
        least=CONVERGED,
    )
    if not good:
        words = "the lowest coupling that converges tests best: none converges"
        asked = f"{LEARNT} ≥ {CONVERGED:g} at some coupling"
        return [first, Claim(words, max(shares.values()), asked, None), last]
    lowest = good[0]
    rest = [k for k in good if k > lowest] or [lowest]
    second = max(rest, key=lambda k: float(tested[k].mean()))
    too_little = [k for k in couplings if k < lowest]
    spread = {k: ends(trainings[k], "synchronization") for k in couplings}
    higher = judge.higher
    return [
        first,
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
        judge.further(
            f"agents are further from their mean at k = {lowest:g} than at k = {strongest:g}: "
            "sum of squared distances",
            spread[strongest],
            spread[lowest],
        ),
        last,
    ]


def learnt(training: xr.Dataset) -> tuple[Array, Array]:
    """Return the training accuracies of the quorum variable and of the average agent, in every run.

    Where a training was lost both are at chance, which is no convergence: it counts as none against all.
    """
    own, others = (ends(training, f"{who}_accuracy", "train") for who in ("quorum", "agents"))
    # a loss can be lost in the last step of all
    lost = training["diverged"].values | np.isinf(ends(training, "quorum_loss", "train"))
    # against all, so that a lost run weighs no less in an average than others
    return np.where(lost, 0.0, own), np.where(lost, 1.0, others)


def _converged(training: xr.Dataset) -> float:
    own, others = learnt(training)
    return float(own.mean() / others.mean())


def whole(result: xr.Dataset) -> xr.Dataset:
    """Return the trainings that go through all epochs."""
    if "plan_epochs" not in result.coords:
        return result
    lengths = result["plan_epochs"].values
    return result.isel(plan=np.flatnonzero(lengths == lengths.max()))


def short(result: xr.Dataset) -> xr.Dataset:
    """Return the trainings of a few epochs, with as many agents as strain stability."""
    lengths = result["plan_epochs"].values
    few = result.isel(plan=np.flatnonzero(lengths < lengths.max()))
    return few.isel(epoch=slice(int(lengths.min()) + 1))


def numbers(result: xr.Dataset, method: str) -> list[int]:
    """Return the numbers of agents that a method was trained with, rising."""
    return sorted(set(result["agents"].values[result["method"].values == method].tolist()))


def improves_with_agents(result: xr.Dataset, method: str) -> list[Claim]:
    """Claim that test accuracy rises, and test loss falls, with the number of agents."""
    rising = _slopes(result, method, "quorum_accuracy", percent)
    falling = _slopes(result, method, "quorum_loss", "{:.3f}".format)
    rises, counts = judge_of(result).rises, numbers(result, method)
    doublings = float(np.log2(counts[-1] / counts[0]))
    return [
        rises(
            f"{method}: test accuracy rises with the number of agents ({rising[1]})",
            np.zeros(len(rising[0])),
            rising[0],
            what="slope over log₂ p",
            parts=doublings,
        ),
        rises(
            f"{method}: test loss falls with the number of agents ({falling[1]})",
            falling[0],
            np.zeros(len(falling[0])),
            kind="loss",
            what="−slope over log₂ p",
            parts=doublings,
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
    """Claim that two methods are one and the same for a single agent, on the same processor."""
    pair = [picked(result, method=name, agents=1) for name in (first, second)]
    comparable = of_one_processor(result, *pair)
    differences = abs(pair[0]["mean_loss"] - pair[1]["mean_loss"]).isel(run=comparable)
    claim = Claim.at_most(
        f"with one agent {first} and {second} are both SGD",
        float(differences.max()) if comparable.any() else np.nan,
        1e-4,
        "largest difference of a loss",
    )
    if comparable.all():
        return claim
    # elsewhere sums are rounded otherwise, and a training multiplies the difference
    here = f"{comparable.sum()} of {len(comparable)} runs, trained on the same kind of processor"
    return replace(claim, criterion=f"{claim.criterion}, {here}")


def tests_better(result: xr.Dataset, better: str, worse: str, counts: Sequence[int]) -> list[Claim]:
    """Claim that one method tests better than another at every number of agents."""
    higher = judge_of(result).higher
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
    higher = judge_of(result).higher
    return [
        higher(
            f"p = {p}: {lower} drives the {part} loss lower than {than}, which ends higher",
            *(
                ends(picked(result, method=name, agents=p), "quorum_loss", part)
                for name in (lower, than)
            ),
            kind="loss",
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
        words = (
            f"p = {p}: and not only later in overfitting: at its best epoch too, {than} is higher"
        )
        found.append(judge_of(result).higher(f"{words} than {lower}", least, other, kind="loss"))
    return found


def as_synchronized(
    result: xr.Dataset, method: str, other: str, counts: Sequence[int], factor: float
) -> list[Claim]:
    """Claim that the agents of one method are about as close to their mean as those of another."""
    found = []
    for p in counts:
        far, near = (distance(picked(result, method=name, agents=p)) for name in (method, other))
        found.append(
            judge_of(result).ratio(
                f"p = {p}: the agents of {method} are at least about as close to their mean as "
                f"those of {other}",
                far,
                near,
                "ratio of distances",
                most=factor,
            )
        )
    return found


def distance(training: xr.Dataset) -> Array:
    """Return the root of Σ‖x^i − x•‖² in every run, averaged over the second half."""
    squares = training["synchronization"]
    late = squares.isel(epoch=slice(squares.sizes["epoch"] // 2, None))
    distance: Array = np.sqrt(late.mean("epoch").values)
    return distance


def better_apart(result: xr.Dataset, method: str, counts: Sequence[int]) -> list[Claim]:
    """Claim that agents which start apart end better than those that start together."""
    higher = judge_of(result).higher
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
    return judge_of(result).higher(
        f"starting apart gains more with {counts[-1]} agents than with {counts[0]}", *gains
    )


def _tested_from(result: xr.Dataset, method: str, agents: int, together: bool) -> Array:
    training = picked(result, method=method, agents=agents, together=together)
    return ends(training, "quorum_accuracy")
