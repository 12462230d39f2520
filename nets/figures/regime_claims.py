"""What EASGD gains over QSGD and over one agent (MSGD), at every size, epoch and coupling, as claims."""

import numpy as np
import xarray as xr

from nets.figures.claims import picked
from nets.figures.judging import Array, correlation, judge_of
from sdeopt.experiment import Claim

OTHERS = ("QSGD", "MSGD")
"""What EASGD is compared with."""


def sizes_of(result: xr.Dataset) -> list[int]:
    """Return the numbers of training examples, rising."""
    return sorted(set(result["train"].values.tolist()))


def couplings_of(result: xr.Dataset) -> list[float]:
    """Return the couplings of EASGD, rising."""
    return sorted(set(result["coupling"].values[result["method"].values == "EASGD"].tolist()))


def usual_coupling(result: xr.Dataset) -> float:
    """Return the coupling in the middle, at which the claims are judged."""
    couplings = couplings_of(result)
    return couplings[len(couplings) // 2]


def tested(result: xr.Dataset, method: str, size: int, coupling: float, name: str) -> xr.DataArray:
    """Return a test value of the quorum variable (run, epoch), at the epochs that are tested.

    The loss of a training that diverged is infinite from then on.
    """
    if method == "MSGD":
        training = picked(result, method="QSGD", agents=1, train=size)
        # the position of SGD, not an average of its path
        values = training[f"mean_{name}"]
    else:
        most = int(result["agents"].max())
        training = picked(result, method=method, agents=most, train=size, coupling=coupling)
        values = training[f"quorum_{name}"]
    # lost trainings are at chance from then on, at all epochs: the others say which are tested
    right = result["mean_accuracy"].sel(part="test")
    shown = right.notnull().all(["plan", "run"])
    chosen = values.sel(part="test").isel(epoch=np.flatnonzero(shown))
    return chosen.fillna(np.inf).transpose("run", "epoch")


def gains(result: xr.Dataset, other: str, size: int, coupling: float, name: str) -> xr.DataArray:
    """Return what EASGD gains (run, epoch): less loss, or more accuracy."""
    own, theirs = (tested(result, m, size, coupling, name) for m in ("EASGD", other))
    sign = -1 if name == "loss" else 1
    # not a number where both are lost
    with np.errstate(invalid="ignore"):
        values = sign * (own.values - theirs.values)
    return xr.DataArray(values, {"epoch": own["epoch"].values}, ("run", "epoch"))


def overtrained(result: xr.Dataset, size: int) -> Array:
    """Return how far the test loss of MSGD stands above its least so far, logarithm (run, epoch)."""
    losses = tested(result, "MSGD", size, 0.0, "loss").values
    ratio: Array = np.log(losses / np.minimum.accumulate(losses, axis=1))
    return ratio


def lower_at_ends(result: xr.Dataset) -> list[Claim]:
    """Claim that EASGD tests better at the end, with the fewest and with the most examples."""
    sizes, k = sizes_of(result), usual_coupling(result)
    found = []
    for size in (sizes[0], sizes[-1]):
        for other in OTHERS:
            for name, kind, words in (
                ("loss", "loss", "ends with a lower test loss than"),
                ("accuracy", "share", "tests better at the end than"),
            ):
                own, theirs = (
                    tested(result, m, size, k, name).values[:, -1] for m in ("EASGD", other)
                )
                low, high = (own, theirs) if name == "loss" else (theirs, own)
                found.append(
                    judge_of(result).higher(
                        f"{size:,} examples: EASGD {words} {other}", low, high, kind=kind
                    )
                )
    return found


def gains_where_overtrained(result: xr.Dataset) -> Claim:
    """Claim that EASGD gains on QSGD in test loss where MSGD over-trains: correlation over all cells."""
    k, sizes = usual_coupling(result), sizes_of(result)
    # without the start, where nothing is trained
    gained = np.concatenate(
        [gains(result, "QSGD", size, k, "loss").values[:, 1:] for size in sizes], axis=1
    )
    above = np.concatenate([overtrained(result, size)[:, 1:] for size in sizes], axis=1)
    # where a training of the run was lost nothing is known of it
    own = np.array(
        [
            correlation(*pair) if np.isfinite(pair).all() else np.nan
            for pair in zip(above, gained, strict=True)
        ]
    )
    return judge_of(result).rises(
        "over all sizes and epochs, EASGD gains more on QSGD in test loss, the further that of MSGD "
        f"stands above its least (correlation {own.mean():.2f})",
        np.zeros(len(own)),
        own,
        what="correlation",
    )


def gains_with_fewer_images(result: xr.Dataset) -> Claim:
    """Claim that EASGD gains more on QSGD with the fewest examples than with the most, at the end."""
    k, sizes = usual_coupling(result), sizes_of(result)
    few, many = (
        gains(result, "QSGD", size, k, "loss").values[:, -1] for size in (sizes[0], sizes[-1])
    )
    return judge_of(result).higher(
        f"EASGD gains more on QSGD in test loss with {sizes[0]:,} examples than with {sizes[-1]:,}",
        many,
        few,
        kind="loss",
    )


def gains_with_length(result: xr.Dataset) -> Claim:
    """Claim that EASGD gains more on QSGD at the end than half-way, with the fewest examples."""
    k, size = usual_coupling(result), sizes_of(result)[0]
    gained = gains(result, "QSGD", size, k, "loss")
    middle = gained["epoch"].values[-1] / 2
    half = gained.sel(epoch=middle, method="nearest").values
    return judge_of(result).higher(
        f"{size:,} examples: EASGD gains more on QSGD in test loss at the end than half-way",
        half,
        gained.values[:, -1],
        kind="loss",
    )
