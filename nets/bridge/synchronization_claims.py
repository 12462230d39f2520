"""What the measured spread of coupled agents says of Lemma 3.1, as claims."""

import numpy as np
import xarray as xr

from nets.bridge.synchronization import SMALL_STEP, Spread, curvature_bound, spread_of, varied
from sdeopt.experiment import Claim
from sdeopt.slopes import has_slope, log_slope

__all__ = ["synchronization_claims"]


def synchronization_claims(result: xr.Dataset) -> list[Claim]:
    """Return whether the lemma applies and holds, whether it scales, and why it does or does not.

    Parameters
    ----------
    result : xarray.Dataset
        From `nets.bridge.simulation.measured`.

    Returns
    -------
    list of Claim
        Settings with k ≤ λ̄ are reported as such.
    """
    return [
        _felt_curvature(result),
        *_lemma(result),
        *_scaling(result),
        _balance(spread_of(result), float(result["band"])),
    ]


def _felt_curvature(result: xr.Dataset) -> Claim:
    moving = result.isel(setting=(result["agents"] > 1).values, snapshot=slice(1, None))
    least = float((moving["pull"] / moving["spread"]).min())
    smallest, largest = result["smallest"].values, result["largest"].values
    return Claim.at_least(
        "no agents are driven apart more strongly than λ̄ allows; along the path of the mean the "
        f"smallest eigenvalue of ∇²f rises from {smallest[0]:.2f} to {smallest[-1]:.2f}, the largest "
        f"goes from {largest[0]:.2f} to {largest[-1]:.2f}",
        least,
        -curvature_bound(result),
        "least felt curvature",
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
    ratio = spread.measured.upper() / spread.bound
    tight = spread.bound / spread.measured.value
    return Claim.at_most(
        f"Lemma 3.1 holds for k > λ̄ = {bar:.2f} in each of {ratio.size} settings with small steps; "
        f"bound / measured {tight.min():.2f} to {tight.max():.2f}",
        float(ratio.max()),
        1.0,
        "largest upper 99.9% confidence limit / bound",
    )


def _large_steps(spread: Spread, rate: float) -> Claim:
    ratio = spread.measured.lower() / spread.diffusion
    shares = spread.measured.value / spread.diffusion, spread.measured.value / spread.bound
    largest = rate * spread.coupling.max()
    return Claim.above(
        f"it is of the SDE, and steps up to ηk = {largest:g} are too large for that: the spread is "
        f"{shares[0].min():.2f} times that of the SDE with the curvature felt, and "
        f"{shares[1].min():.2f} times the bound",
        float(ratio.min()),
        1.0,
        "least lower 99.9% confidence limit / SDE",
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
    return Claim.at_most(
        f"why: the curvature that differences of agents feel is {spread.felt.min():.2f} to "
        f"{spread.felt.max():.2f}, not −λ̄. With it, and the noise of p − 1 of p agents, a step takes as "
        f"much from the spread as it adds: over the settings taken / added is {mean:.3f} ± {reach:.3f} "
        f"({spread.balance.value.min():.3f} to {spread.balance.value.max():.3f})",
        abs(mean - 1) + reach,
        band,
        "|confidence limit − 1|",
    )
