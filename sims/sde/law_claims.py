"""Where agents and means end: what is claimed of final laws."""

from collections.abc import Callable

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import Measured, interval_of
from sims.sde.laws import ITERATION
from sims.sde.model import Array
from sims.shared.grids import unprefixed
from sims.shared.measures import RELIABLE, sampled

RIDGE = 0.6
"""A mean has left its start in a coordinate where it is farther from 0. The convolved rugged loss has
its ridges between the middle basin and the outer ones at −0.61 and 0.59."""

PAIRS = {"QSGD": "EASGD", "QSGD with momentum": "EASGD with momentum"}
"""What is compared at one coupling."""


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what the final laws show, checked."""
    rugged, coupled = unprefixed(result, "rugged_law"), unprefixed(result, "coupled_law")
    usual, strong = float(result["usual_coupling"]), float(result["strong_coupling"])
    return [
        # Sec. 2.3: where iteration and equation agree, and where not.
        *_coupling_of_the_iteration(rugged, usual, strong),
        _coupled_alike(coupled, rugged),
        # Secs 2.4 and 5.5: EASGD finds what QSGD finds.
        *(
            claim
            for pair, name in (*_pairs(rugged, "rugged"), *_pairs(coupled, "coupled"))
            for claim in _same_basins(pair, name)
        ),
        *_stability(rugged, strong),
        # Sec. 4.3: momentum tolerates larger couplings.
        *_tolerance(rugged),
        # Sec. 5.4: gains that depend on success.
        *_gains(rugged, strong),
    ]


def law_of(laws: xr.Dataset, method: str, coupling: float, form: str = "") -> xr.Dataset:
    """Return the final states of a case; the equation at its least dt, unless a form is named."""
    same = (laws["algorithm"].values == method) & (laws["coupling"].values == coupling)
    (where,) = np.flatnonzero(same)
    return laws.isel(case=int(where)).sel(form=form or laws["form"].values[-1])


def left(law: xr.Dataset) -> Array:
    """Return the share of its coordinates in which the mean of each replica has left its start."""
    return np.asarray((np.abs(law["mean"].values) > RIDGE).mean(axis=-1))


def basins(law: xr.Dataset) -> NDArray[np.int64]:
    """Return the basin of each coordinate of the mean: left, middle or right."""
    return np.asarray(np.digitize(law["mean"].values, [-RIDGE, RIDGE]))


def _coupling_of_the_iteration(laws: xr.Dataset, usual: float, strong: float) -> list[Claim]:
    """Claim that on the rugged loss each of them has couplings of its own."""
    iteration, equation = (
        {k: left(law_of(laws, "QSGD", k, form)) > 0.5 for k in (usual, strong)}
        for form in (ITERATION, "")
    )
    number = float(laws["number"])
    return [
        sampled(
            Claim.at_least,
            f"Secs 2.3 and 4.3, rugged loss (η × curvature = {number:.1f}), QSGD at k = {strong:g}: the "
            "mean of the iteration leaves its start, as in Figure 1",
            np.mean,
            [iteration[strong]],
            0.8,
            "share of replicas",
        ),
        sampled(
            Claim.at_most,
            f"but that of the equation, at dt = η/16, stays there (k = {strong:g})",
            np.mean,
            [equation[strong]],
            0.5,
            "share of replicas that left",
        ),
        _more(
            f"and at k = {usual:g} it is the other way: the mean of the equation leaves in more "
            f"replicas ({equation[usual].mean():.2f}) than that of the iteration "
            f"({iteration[usual].mean():.2f})",
            equation[usual],
            iteration[usual],
        ),
    ]


def _more(words: str, more: ArrayLike, less: ArrayLike) -> Claim:
    """Claim that a number of replicas is larger in the mean than another of the same replicas."""
    return Claim.clear(words, *_paired(more, less))


def _paired(more: ArrayLike, less: ArrayLike) -> tuple[float, float]:
    difference = np.asarray(more, np.float64) - np.asarray(less, np.float64)
    return float(difference.mean()), float(difference.std(ddof=1) / np.sqrt(difference.size))


def _coupled_alike(coupled: xr.Dataset, rugged: xr.Dataset) -> Claim:
    """Claim that on the coupled loss means end alike."""
    changes = []
    for where in range(coupled.sizes["case"]):
        case = coupled.isel(case=where)
        changes.append(left(case.isel(form=-1)) - left(case.sel(form=ITERATION)))
    change = Measured.of(np.array(changes))
    off, least = _off(change)
    names = [str(name) for name in coupled["algorithm"].values]
    return Claim.at_most(
        f"Sec. 2.3, coupled loss (η × curvature = {float(coupled['number']):.2f}, "
        f"{float(rugged['number']):.1f} on the rugged one): means of iteration and equation leave their "
        f"start in the same share of coordinates (each of {', '.join(names)})",
        off,
        0.1,
        "largest |99.9% confidence limit| of the difference of shares",
        estimate=np.abs(change.value).max(),
        interval=(least, off),
    )


def _pairs(laws: xr.Dataset, loss: str) -> list[tuple[tuple[xr.Dataset, xr.Dataset], str]]:
    """Return the equations of QSGD and EASGD, with and without momentum, at the couplings of both."""
    found = []
    for one, other in PAIRS.items():
        both = [
            set(laws["coupling"].values[laws["algorithm"].values == name]) for name in (one, other)
        ]
        for k in sorted(both[0] & both[1]):
            pair = law_of(laws, one, k), law_of(laws, other, k)
            found.append((pair, f"{loss} loss, {one} and {other} at k = {k:g}"))
    return found


def _same_basins(pair: tuple[xr.Dataset, xr.Dataset], name: str) -> list[Claim]:
    """Claim that means of two methods end in the same basins: in law, and replica by replica."""
    inside = [
        np.stack([(basins(law) == basin).mean(axis=-1) for basin in range(3)]) for law in pair
    ]
    change = Measured.of(inside[1] - inside[0])
    off, least = _off(change)
    shown = [", ".join(f"{share:.2f}" for share in found.mean(axis=-1)) for found in inside]
    same = (basins(pair[0]) == basins(pair[1])).mean(axis=-1)
    single = pair[0].sizes["dim"] == 1
    return [
        Claim.at_most(
            f"Secs 2.4 and 5.5, {name}: the means of both equations end in the same basins (left, "
            f"middle, right: {shown[0]} and {shown[1]})",
            off,
            0.15,
            "largest |99.9% confidence limit| of the difference of shares",
            estimate=np.abs(change.value).max(),
            interval=(least, off),
        ),
        sampled(
            Claim.at_least,
            f"{name}: and on one noise they do so replica by replica",
            np.mean,
            [same > 0.5 if single else same],
            RELIABLE,
            "share of replicas" if single else "share of coordinates",
        ),
    ]


def _off(change: Measured) -> tuple[float, float]:
    """Return how far from 0 differences can be, and how far the farthest is at least."""
    off = np.maximum(np.abs(change.upper()), np.abs(change.lower()))
    least = np.maximum(change.lower(change.together), -change.upper(change.together))
    return float(off.max()), max(float(least.max()), 0.0)


def _stability(laws: xr.Dataset, strong: float) -> list[Claim]:
    """Claim that it is the iteration of EASGD that bears less coupling, not its equation."""
    pull = strong * float(laws["pull"])
    iteration, equation = (
        np.isnan(law_of(laws, "EASGD", strong, form)["quorum"].values).any(axis=-1)
        for form in (ITERATION, "")
    )
    qsgd = np.isnan(law_of(laws, "QSGD", strong, ITERATION)["quorum"].values).any(axis=-1)
    return [
        sampled(
            Claim.at_least,
            f"Sec. 5.2 and supplement, rugged loss: the iteration of EASGD diverges at ηkp = {pull:.1f}",
            np.mean,
            [iteration],
            RELIABLE,
            "share of replicas",
        ),
        sampled(
            Claim.at_most,
            "its equation does not, nor does the iteration of QSGD at that coupling",
            np.mean,
            [equation | qsgd],
            1 - RELIABLE,
            "share of replicas in which one of them does",
        ),
    ]


def couplings_of(laws: xr.Dataset, method: str) -> Array:
    """Return the couplings of a method."""
    return np.asarray(laws["coupling"].values[laws["algorithm"].values == method])


def shares(laws: xr.Dataset, method: str, form: str = "") -> Array:
    """Return whether the mean has left its start, of shape (replica, coupling)."""
    couplings = couplings_of(laws, method)
    return np.stack([left(law_of(laws, method, k, form)) > 0.5 for k in couplings], axis=1)


def tolerated(couplings: Array) -> Callable[[Array], float]:
    """Return the statistic that is the coupling at which half of the means stay at their start.

    It is sought above the coupling at which most leave, on a straight line over log k.
    """

    def half(sample: Array) -> float:
        share = sample.mean(axis=0)
        for place in range(int(share.argmax()), len(share) - 1):
            high, low = share[place], share[place + 1]
            if high >= 0.5 > low:
                part_of_way = (high - 0.5) / (high - low)
                ratio = couplings[place + 1] / couplings[place]
                return float(couplings[place] * ratio**part_of_way)
        return float("nan")

    return half


def _tolerance(laws: xr.Dataset) -> list[Claim]:
    """Claim that with momentum means leave their start at larger couplings, and in which units."""
    names = ("QSGD", "QSGD with momentum")
    samples = [shares(laws, name) for name in names]
    halves = [tolerated(couplings_of(laws, name)) for name in names]
    plain, momentum = (half(sample) for half, sample in zip(halves, samples, strict=True))

    def factor(one: Array, other: Array) -> float:
        return halves[1](other) / halves[0](one)

    interval = interval_of(factor, *samples)
    drift = 1.0 - float(laws["momentum"])
    return [
        Claim.above(
            "Sec. 4.3, rugged loss: the equation with momentum tolerates larger k before the mean stays "
            f"at its start (half of the means do at k = {momentum:.3g}, without momentum at "
            f"{plain:.3g})",
            momentum / plain,
            1.0,
            "ratio of these couplings",
            interval=interval,
        ),
        Claim.between(
            "most of that factor is one of units: momentum lets gradients act 1/(1 − δ) times and the "
            "coupling of positions once; in (1 − δ)k both tolerate about the same",
            drift * momentum / plain,
            0.5,
            2.0,
            "ratio of (1 − δ)k and k",
            interval=(drift * interval[0], drift * interval[1]),
        ),
    ]


def _gains(laws: xr.Dataset, strong: float) -> list[Claim]:
    """Claim what gains that depend on success do."""
    if "SD-QSGD" not in laws["algorithm"].values:
        return []
    law, equal = law_of(laws, "SD-QSGD", strong), law_of(laws, "QSGD", strong)
    return [
        _more(
            f"Sec. 5.4, rugged loss, k = {strong:g}: with gains that depend on an agent’s success the "
            f"mean leaves its start in more replicas ({left(law).mean():.2f}) than with equal ones "
            f"({left(equal).mean():.2f}), in the equations",
            left(law),
            left(equal),
        ),
        _more(
            f"Sec. 5.4, rugged loss, k = {strong:g}: the quorum variable, to which successful agents "
            "pull, has a lower loss without ripples than the mean",
            _height(law["mean"].values),
            _height(law["quorum"].values),
        ),
    ]


def _height(x: Array) -> Array:
    """Return (x² − 2)², the double well behind the loss."""
    return np.asarray(((x * x - 2.0) ** 2).mean(axis=-1))
