"""What graphs do to the spread of agents and to the best coupling, as claims."""

from itertools import combinations

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import Measured, interval_of, within
from sims.shared.verdicts import bound_broken, equal, range_of


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what graphs do, checked."""
    return [*_spread(result), *_one_spectrum(result), *_mean(result), *_wells(result)]


def of(result: xr.Dataset, *graphs: str) -> xr.Dataset:
    """Return the runs on some graphs."""
    return result.isel(setting=np.isin(result["graph"].values, graphs))


def _spread(result: xr.Dataset) -> list[Claim]:
    band = float(result["band"])
    symmetric = result.isel(setting=np.isfinite(result["by_spectrum"].values))
    others = result.isel(setting=~np.isfinite(result["by_spectrum"].values))
    return [
        equal(
            "on graphs with symmetric weights the spread is the sum over the spectrum of the Laplacian",
            Measured.read(symmetric, "spread"),
            symmetric["by_spectrum"].values,
            band,
        ),
        equal(
            "the spread of a star with a hub, and of random pairs, is that of their exact moments",
            Measured.read(others, "spread"),
            others["exact_spread"].values,
            band,
        ),
    ]


def _one_spectrum(result: xr.Dataset) -> list[Claim]:
    """Claim that graphs with one spectrum have one spread, and that others differ."""
    one, other = (Measured.read(of(result, name), "spread") for name in ("rook", "Shrikhande"))
    ratio = one.value / other.value
    reach = ratio * np.hypot(one.reach() / one.value, other.reach() / other.value)
    worst = int(np.argmax(np.abs(ratio - 1.0) + reach))
    ring, torus = (Measured.read(of(result, name), "spread") for name in ("ring", "torus"))
    return [
        within(
            "two graphs that differ but have one spectrum, the rook's and Shrikhande's, have one spread",
            float(ratio[worst]),
            float(reach[worst]),
            1.0,
            float(result["band"]),
            "|confidence limit of their quotient − 1|",
        ),
        bound_broken(
            "control: on the ring the spread is more than on the torus "
            f"({range_of(ring.value / torus.value)} times as much)",
            ring,
            torus.upper(torus.together),
        ),
    ]


def _mean(result: xr.Dataset) -> list[Claim]:
    """Claim what the mean does: symmetric weights leave it alone, a hub does not."""
    symmetric = result.isel(setting=np.isfinite(result["by_spectrum"].values))
    alone = of(result, "complete")["exact_mean"].values[0]
    hub = of(result, "star, hub")
    measured = Measured.read(hub, "mean")
    return [
        equal(
            "with symmetric weights the noise of the mean is that of no coupling, whatever the graph",
            Measured.read(symmetric, "mean"),
            np.full(symmetric.sizes["setting"], alone),
            float(result["band_of_mean"]),
        ),
        bound_broken(
            "where a hub weighs more than others do the mean is noisier "
            f"({range_of(measured.value / alone)} times as much)",
            measured,
            np.full(hub.sizes["setting"], alone),
        ),
    ]


def _wells(result: xr.Dataset) -> list[Claim]:
    """Claim what decides the best coupling."""
    near, same = result["near_matched"], result["near_with_same"]
    names, k = result["well_graph"].values.tolist(), result["matched_coupling"]
    shares = ", ".join(
        f"{name} {float(near.sel(well_graph=name).mean()):.2f} at k = {float(coupling):.1f}"
        for name, coupling in zip(names, k, strict=True)
    )
    limits = [
        interval_of(
            lambda a, b: float(a.mean() - b.mean()), *(near.sel(well_graph=n) for n in pair)
        )
        for pair in combinations(names, 2)
    ]
    off = max(max(-low, high) for low, high in limits)
    gaps = [
        abs(float(near.sel(well_graph=a).mean() - near.sel(well_graph=b).mean()))
        for a, b in combinations(names, 2)
    ]
    ring, complete = near.sel(well_graph="ring"), same.sel(well_graph="ring")
    low, high = interval_of(lambda a, b: float(a.mean() - b.mean()), ring, complete)
    gain = float(ring.mean() - complete.mean())
    return [
        Claim.at_most(
            "on the wells all graphs find the minimum alike where their couplings give them one spread, "
            f"that of the complete graph’s best coupling ({shares})",
            off,
            float(result["band_on_wells"]),
            "largest 99.9% limit of a difference of shares of replicas",
            estimate=max(gaps),
            interval=(0.0, off),
        ),
        Claim.above(
            "on the wells the complete graph’s best coupling is not the ring’s: the share at the "
            f"minimum is {complete.mean().item():.2f} there, {ring.mean().item():.2f} at one spread",
            low,
            0.0,
            "lower 99.9% limit of the difference",
            estimate=gain,
            interval=(low, high),
        ),
        Claim.at_least(
            "on the wells that takes couplings that differ between graphs "
            f"({float(k.min()):.1f} to {float(k.max()):.1f})",
            float(k.max() / k.min()),
            4.0,
            "largest / least coupling",
        ),
    ]
