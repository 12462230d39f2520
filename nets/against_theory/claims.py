"""The theory of the network as claims, with the numbers that were measured."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import xarray as xr

from nets.against_theory.configuration import FEWEST
from nets.against_theory.synchronization import (
    SMALL_STEP,
    Spread,
    curvature_bound,
    spread_of,
    varied,
)
from sdeopt.experiment import Claim
from sdeopt.experiments.measured import Array, Measured, has_slope, log_slope, within

WORDS = {"loss": "loss", "accuracy": "test accuracy", "distance": "distance from the start"}


class Gaps(NamedTuple):
    """Differences from the most parts l, as shares of the value there."""

    value: Array
    reach: Array


def gaps(result: xr.Dataset, name: str) -> Gaps:
    """Return how an average differs from that nearest to the SDE."""
    runs = result[f"svag_{name}"].transpose("rate", "parts", "replica")
    found = Measured.of(runs.values, fewest=FEWEST)
    value, reach, limit = found.value, found.reach(), found.value[:, -1:]
    both = np.hypot(reach[:, :-1], reach[:, -1:])
    return Gaps((value[:, :-1] - limit) / limit, both / limit)


def svag_claims(result: xr.Dataset) -> list[Claim]:
    """Return for every learning rate whether the SDE limit holds, and whether l was large enough."""
    found, band = {name: gaps(result, name) for name in WORDS}, float(result["band"])
    parts = result["parts"].values
    claims = []
    for row, rate in enumerate(result["rate"].values):
        claims += [
            _close(
                f"η = {rate:g}: the SDE limit holds: SGD and SVAG with l = {parts[-1]} differ by "
                f"{_listed(found, row, 0)}",
                *(found, row, 0, band),
            ),
            _close(
                f"η = {rate:g}: SVAG has come to its limit: l = {parts[-2]} and {parts[-1]} differ by "
                f"{_listed(found, row, -1)}",
                *(found, row, -1, band),
            ),
        ]
    return claims


def _listed(found: dict[str, Gaps], row: int, place: int) -> str:
    return ", ".join(
        f"{100 * each.value[row, place]:+.1f} ± {100 * each.reach[row, place]:.1f}% in {WORDS[name]}"
        for name, each in found.items()
    )


def _close(words: str, found: dict[str, Gaps], row: int, place: int, band: float) -> Claim:
    """Claim that all differences of a row are within a band."""
    sizes = [
        (abs(float(each.value[row, place])), float(each.reach[row, place]))
        for each in found.values()
    ]
    return _small(words, sizes, band)


def _small(words: str, sizes: Sequence[tuple[float, float]], band: float) -> Claim:
    """Claim that differences of these sizes, each with its reach, are within a band."""
    farthest = max(size + reach for size, reach in sizes)
    return Claim.at_most(
        words,
        farthest,
        band,
        "largest |99.9% confidence limit|",
        estimate=max(size for size, _ in sizes),
        interval=(max(0.0, *(size - reach for size, reach in sizes)), farthest),
    )


def synchronization_claims(result: xr.Dataset) -> list[Claim]:
    """Return whether the lemma applies and holds, whether it scales, and why it does or does not."""
    return [
        _curvature_between(result),
        *_lemma(result),
        *_scaling(result),
        _balance(spread_of(result), float(result["band"])),
    ]


def _curvature_between(result: xr.Dataset) -> Claim:
    """Claim how these agents were driven apart: a fact about the runs, which has no interval."""
    moving = result.isel(setting=(result["agents"] > 1).values, snapshot=slice(1, None))
    least = float((moving["pull"] / moving["spread"]).min())
    smallest, largest = result["smallest"].values, result["largest"].values
    return Claim.at_least(
        "no agents are driven apart more strongly than λ̄ allows; along the path of the mean the "
        f"smallest eigenvalue of ∇²f rises from {smallest[0]:.2f} to {smallest[-1]:.2f}, the largest "
        f"goes from {largest[0]:.2f} to {largest[-1]:.2f}",
        least,
        -curvature_bound(result),
        "least mean curvature along differences",
    )


def _lemma(result: xr.Dataset) -> list[Claim]:
    spread, bar, rate = spread_of(result), curvature_bound(result), float(result["learning_rate"])
    applies = spread.coupling > bar
    small = applies & (rate * spread.coupling <= SMALL_STEP)
    found = []
    if (~applies).any():
        found.append(_not_applying(spread.at(~applies), bar))
    if small.any():
        found.append(_bound_holds(spread.at(small), bar))
    if (applies & ~small).any():
        found.append(_large_steps(spread.at(applies & ~small), rate))
    return found


def _not_applying(spread: Spread, bar: float) -> Claim:
    """Claim for which couplings the lemma says nothing: by eigenvalues, which are not sampled."""
    rows = sorted(zip(spread.coupling, spread.agents, spread.measured.value, strict=True))
    listed = ", ".join(f"{value:.2g} at k = {k:g}, p = {p:g}" for k, p, value in rows)
    return Claim.above(
        f"Lemma 3.1 does not apply at k ≤ λ̄ = {bar:.2f}, the largest −eigenvalue met on the way; "
        f"measured alone, Σ‖xⁱ − x•‖² is {listed}",
        bar,
        float(spread.coupling.max()),
        "λ̄",
    )


def _bound_holds(spread: Spread, bar: float) -> Claim:
    measured = spread.measured
    ratio, least = measured.upper() / spread.bound, measured.lower(measured.together) / spread.bound
    tight = spread.bound / measured.value
    return Claim.at_most(
        f"Lemma 3.1 holds for k > λ̄ = {bar:.2f} in each of {ratio.size} settings with small steps; "
        f"bound / measured {tight.min():.2f} to {tight.max():.2f}",
        float(ratio.max()),
        1.0,
        "largest upper 99.9% confidence limit / bound",
        estimate=float(1 / tight.min()),
        interval=(float(least.max()), float(ratio.max())),
    )


def _large_steps(spread: Spread, rate: float) -> Claim:
    measured = spread.measured
    ratio = measured.lower() / spread.diffusion
    shares = measured.value / spread.diffusion, measured.value / spread.bound
    largest = rate * spread.coupling.max()
    return Claim.above(
        f"it is of the SDE, and steps up to ηk = {largest:g} are too large for that: the spread is "
        f"{shares[0].min():.2f} times that of the SDE with the curvature between agents, and "
        f"{shares[1].min():.2f} times the bound",
        float(ratio.min()),
        1.0,
        "least lower 99.9% confidence limit / SDE",
        estimate=float(shares[0].min()),
        interval=(
            float(ratio.min()),
            float((measured.upper(measured.together) / spread.diffusion).min()),
        ),
    )


def _scaling(result: xr.Dataset) -> list[Claim]:
    spread, bar, band = spread_of(result), curvature_bound(result), float(result["band"])
    by_agents, by_coupling = varied(spread, "agents"), varied(spread, "coupling")
    found = [
        has_slope(
            "the spread grows as p − 1",
            log_slope(by_agents.agents - 1, by_agents.measured),
            1.0,
            band,
        )
    ]
    small = by_coupling.coupling * float(result["learning_rate"]) <= SMALL_STEP
    some = by_coupling.at(small & (by_coupling.coupling > bar))
    if len(some.agents) > 1:
        slope = log_slope(some.coupling - bar, some.measured)
        found.append(has_slope("the spread falls with k as 1/(k − λ̄)", slope, -1.0, band))
    return found


def _balance(spread: Spread, band: float) -> Claim:
    mean = float(spread.balance.value.mean())
    # the settings are independent of each other
    reach = float(np.sqrt((spread.balance.reach() ** 2).mean() / len(spread.agents)))
    return within(
        f"why: the curvature along differences of agents is {spread.curvature.min():.2f} to "
        f"{spread.curvature.max():.2f}, not −λ̄. With it, and the noise of p − 1 of p agents, a "
        "step takes as much from the spread as it adds: over the settings taken / added is "
        f"{mean:.3f} ± {reach:.3f} ({spread.balance.value.min():.3f} to "
        f"{spread.balance.value.max():.3f})",
        mean,
        reach,
        1.0,
        band,
        "|confidence limit − 1|",
    )


CLEAR = 4.0
"""Standard errors by which an unbiased estimate may be off at the worst of several points."""


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what was measured of noise, curvature, spread and the SDE limit, as claims."""
    return [
        *_gradient_noise(result),
        *synchronization_claims(result),
        *_noise_of_mean(result),
        *svag_claims(result),
    ]


def _gradient_noise(result: xr.Dataset) -> list[Claim]:
    """Claim what the noise of a gradient is; the first number is a test's, and has no interval."""
    off = (result["estimate"] - result["trace"]) / result["estimate_error"]
    batches = result["batch"].values
    drawn, dealt = (
        Measured.of(result[name].transpose("batch", "repeat").values)
        for name in ("with_replacement", "without_replacement")
    )
    trace = float(result["trace"][-1])
    ratio = dealt.per(trace * result["factor"].values)
    last = dealt.per(trace / batches[-1])
    # the sizes are independent measurements of one ratio
    weights = ratio.error**-2 / (ratio.error**-2).sum()
    pooled = float((weights * ratio.value).sum())
    reach = float(np.sqrt(((weights * ratio.reach()) ** 2).sum()))
    band = float(result["band"])
    return [
        Claim.at_most(
            f"tr Σ from {result.sizes['repeat']} examples is not told apart from that of all "
            f"{int(result['examples'])} at any of {off.size} points of the path, where it is "
            f"{float(result['trace'].min()):.1f} to {float(result['trace'].max()):.1f}",
            float(abs(off).max()),
            CLEAR,
            "largest difference / standard error",
        ),
        has_slope(
            "the noise of a gradient falls with the batch, drawn with replacement, as 1/b",
            log_slope(batches, drawn),
            -1.0,
            band,
        ),
        within(
            "batches dealt without replacement, as training does, have the noise "
            f"(1/b − 1/N)N/(N − 1) tr Σ (measured / exact {pooled:.3f} ± {reach:.3f})",
            pooled,
            reach,
            1.0,
            band,
            "largest |confidence limit − 1|",
        ),
        Claim.at_most(
            f"which is less than tr Σ/b: at b = {batches[-1]} it is "
            f"{float(last.value[-1]):.2f} of that",
            float(last.upper()[-1]),
            1.0,
            "upper confidence limit of the ratio",
            estimate=float(last.value[-1]),
            interval=(float(last.lower()[-1]), float(last.upper()[-1])),
        ),
    ]


def _noise_of_mean(result: xr.Dataset) -> list[Claim]:
    late = result.sel(snapshot=slice(int(result["stationary"]), None)).mean("snapshot")
    usual = late.isel(setting=(result["coupling"] == result["coupling"][0]).values)
    runs = usual.transpose("setting", "run", ...)
    noise = Measured.of(runs["mean_noise"].values, fewest=FEWEST)
    together = Measured.of((runs["mean_noise"] * runs["agents"]).values, fewest=FEWEST)
    share = together.per(runs["agent_noise"].mean("run").values)
    several = share.at(runs["agents"].values > 1)
    return [
        has_slope(
            "the noise of the mean in coupled training falls as 1/p",
            log_slope(runs["agents"].values, noise),
            -1.0,
            float(result["band"]),
        ),
        _small(
            "it is 1/p of that of one agent, for every p: p times it over that of one agent is "
            f"{several.value.min():.3f} to {several.value.max():.3f}, less 1",
            list(zip(np.abs(several.value - 1).tolist(), several.reach().tolist(), strict=True)),
            float(result["band"]),
        ),
    ]
