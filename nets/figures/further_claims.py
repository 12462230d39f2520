"""What else Sec. 6.2 says in passing, as claims; only a plan of looks has the runs to decide them.

In our text the numbers of agents at which the paper sees something are lost. "Small" numbers are 2 and 4
here, and the largest stands for that at which a method does not converge.
"""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from nets.figures.claims import (
    CONVERGED,
    LEARNT,
    distance,
    ends,
    learnt,
    numbers,
    picked,
    whole,
)
from nets.figures.judging import Array, judge_of, percent
from sdeopt.experiment import Claim

NEARBY = 0.02
"""The share by which two distances that are nearly identical differ at most."""


def at_best_validation(training: xr.Dataset, name: str) -> Array:
    """Return the test value of every run at the epoch at which its validation loss is least."""
    subject = name.partition("_")[0]
    held = training[f"{subject}_loss"].sel(part="validation").transpose("run", "epoch").values
    best = np.where(np.isnan(held), np.inf, held).argmin(axis=1)
    tested = training[name].sel(part="test").transpose("run", "epoch").values
    found: Array = tested[np.arange(len(tested)), best]
    return found


def better_at_best_validation(
    result: xr.Dataset, better: str, worse: str, counts: Sequence[int]
) -> list[Claim]:
    """Claim that one method tests better where each is stopped at its best validation loss."""
    return [
        judge_of(result).higher(
            f"p = {p}: stopped at its best validation loss too, {better} tests better than {worse}",
            *(
                at_best_validation(picked(result, method=name, agents=p), "quorum_accuracy")
                for name in (worse, better)
            ),
        )
        for p in counts
    ]


def less_synchronized(
    result: xr.Dataset, loose: str, tight: str, counts: Sequence[int]
) -> list[Claim]:
    """Claim that the agents of one method are further from their mean than those of another."""
    return [
        judge_of(result).further(
            f"p = {p}: the agents of {loose} are less synchronized than those of {tight}: squared "
            "distances to the mean, over the second half",
            *(distance(picked(result, method=name, agents=p)) ** 2 for name in (tight, loose)),
        )
        for p in counts
        if p > 1
    ]


def centres_nearly_alike(result: xr.Dataset, method: str, counts: Sequence[int]) -> list[Claim]:
    """Claim that distances from x~ and from x• are nearly identical (footnote 15)."""
    found = []
    for p in counts:
        if p == 1:
            continue
        training = picked(result, method=method, agents=p)
        late = training.isel(epoch=slice(training.sizes["epoch"] // 2, None))
        far, near = (
            np.sqrt(late[name].mean("epoch").values)
            for name in ("quorum_distance", "synchronization")
        )
        found.append(
            judge_of(result).ratio(
                f"p = {p}: the agents of {method} are nearly as far from x~ as from their mean",
                far,
                near,
                "ratio of distances",
                least=1 - NEARBY,
                most=1 + NEARBY,
            )
        )
    return found


def fewer_agents_do(result: xr.Dataset, few: str, many: str, counts: Sequence[int]) -> list[Claim]:
    """Claim that a method with half the agents tests about as well as another with all."""
    return [
        judge_of(result).alike(
            f"{few} with {p} agents tests about as well as {many} with {2 * p}",
            ends(picked(result, method=many, agents=2 * p), "quorum_accuracy"),
            ends(picked(result, method=few, agents=p), "quorum_accuracy"),
        )
        for p in counts
        if 2 * p in counts
    ]


def stable_with_many(result: xr.Dataset, stable: str, unstable: str) -> list[Claim]:
    """Claim that one method converges with very many agents, and another does not with the most.

    The result has the trainings of a few epochs.
    """
    found = []
    judge, most = judge_of(result), numbers(result, unstable)[-1]
    for p in numbers(result, stable):
        words = f"p = {p}: {stable} converges: its quorum variable learns what its agents learn"
        training = picked(result, method=stable, agents=p)
        found.append(judge.ratio(words, *learnt(training), LEARNT, least=CONVERGED))
    training = picked(result, method=unstable, agents=most)
    words = f"p = {most}: {unstable} does not converge"
    return [*found, judge.ratio(words, *learnt(training), LEARNT, most=CONVERGED)]


def state_dependent_gains(result: xr.Dataset, counts: Sequence[int]) -> list[Claim]:
    """Claim that SD-QSGD tests better than QSGD at small numbers of agents, and QSGD at large ones."""
    small, large = [p for p in counts if 1 < p <= 4], [p for p in counts if p > 4]
    pairs = [("SD-QSGD", "QSGD", p) for p in small] + [("QSGD", "SD-QSGD", p) for p in large]
    return [
        judge_of(result).higher(
            f"p = {p}: {better} tests better than {worse}",
            *(
                ends(picked(result, method=name, agents=p), "quorum_accuracy")
                for name in (worse, better)
            ),
        )
        for better, worse, p in pairs
    ]


def scales_best_at_low(result: xr.Dataset, method: str, low: float, high: float) -> Claim:
    """Claim that test accuracy rises more with the number of agents at low coupling (footnote 13)."""
    slopes, words = [], []
    for k in (high, low):
        own = whole(result)
        places = np.flatnonzero((own["method"] == method) & (own["coupling"] == k))
        chosen = own.isel(plan=places)
        tested = np.array(
            [ends(chosen.isel(plan=each), "quorum_accuracy") for each in range(len(places))]
        )
        logs = np.log2(chosen["agents"].values)
        logs = logs - logs.mean()
        slopes.append(logs @ tested / (logs**2).sum())
        words.append(f"{percent(float(slopes[-1].mean()))} at k = {k:g}")
    doublings = float(logs.max() - logs.min())
    return judge_of(result).rises(
        f"{method}: test accuracy rises more with each doubling of the agents at low coupling "
        f"({words[1]}, {words[0]})",
        *slopes,
        parts=doublings,
    )
