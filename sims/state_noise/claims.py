"""What simulations under noise that depends on the state say of every bound, as claims."""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import Measured, has_slope, log_slope
from sims.shared.grids import of_family, part, shown
from sims.shared.verdicts import bound_broken, bound_holds, column_bounded, equal, range_of
from sims.state_noise.law import MISSING

BOUNDS = {
    "QSGD": "Theorem 5.1",
    "EASGD": "Theorem 5.2",
    "momentum": "Theorem 5.3",
}
LEMMAS = {
    "QSGD": "Lemma 3.1 for QSGD",
    "EASGD": "Lemma 3.1 for EASGD (App. A)",
    "momentum": "Lemma 3.2 for positions and velocities together",
}
WHAT = {"QSGD": "x•", "EASGD": "(x•, x~)", "momentum": "(x•, v•)"}
LEAST = 1 - MISSING
"""The share of C that the noise has at the minimizer: the more agents gather there, the nearer it is."""

LOOSE = {"QSGD": LEAST, "EASGD": 1 / 3, "momentum": 1 / 20}
"""The share of C with which each bound of a distance would be broken on f = ½‖x‖², for mean squares."""
APART = {"QSGD": LEAST, "EASGD": LEAST, "momentum": 1 / 6}
"""The same for the spread."""

CLEAR = 2.25
"""k from which kμ exceeds the condition of Lemma 3.2, 9/4, twice; towards it the rate goes to 0."""


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what each bound says under such noise, checked."""
    found = []
    for method in BOUNDS:
        runs = result.isel(setting=(result["method"] == method).values)
        found += [*_spread(runs, method), *_distance(runs, method, float(result["band"]))]
    return [*found, *_distortion(result), *_noise(result)]


def _spread(runs: xr.Dataset, method: str) -> list[Claim]:
    usual = shown(runs, "coupling")
    flat = of_family(usual, "round quadratic")
    if method == "momentum":
        flat = flat.isel(setting=(flat["coupling"] >= CLEAR).values)
    measured = Measured.read(flat, "spread").per(flat["spread_added"])
    return [
        *(
            column_bounded(
                of_family(usual, name),
                f"{LEMMAS[method]} holds on {words}",
                "spread",
                "spread_bound",
            )
            for name, words in _losses(usual).items()
        ),
        bound_broken(
            f"and is not vacuous: with {_part(APART[method])} it would be broken on f = ½‖x‖²"
            f" ({method})",
            measured,
            APART[method] * flat["spread_bound"].values,
        ),
    ]


def _losses(runs: xr.Dataset) -> dict[str, str]:
    words = {
        "round quadratic": "f = ½‖x‖²",
        "log-cosh": "the strongly convex log-cosh loss",
        "double well": "the double well with k > λ̄",
    }
    there = set(runs["family"].values.tolist())
    return {name: text for name, text in words.items() if name in there}


def _part(share: float) -> str:
    if share == LEAST:
        return f"only {share:g} of its C, the noise at the minimizer,"
    return {3: "a third", 6: "a sixth", 20: "a twentieth"}[round(1 / share)] + " of its C"


def _distance(runs: xr.Dataset, method: str, band: float) -> list[Claim]:
    usual = shown(runs, "coupling")
    convex = usual.isel(setting=np.isfinite(usual["bound"].values))
    flat = of_family(usual, "round quadratic")
    column, name = ("free", "it without a metric") if method == "EASGD" else ("bound", "it")
    found = [
        column_bounded(
            of_family(convex, family), f"{BOUNDS[method]} holds on {words}", "distance", "bound"
        )
        for family, words in _losses(convex).items()
    ]
    if method == "EASGD":
        found.append(
            column_bounded(convex, "so it does without a metric, less by √p", "distance", "free")
        )
    return [
        *found,
        *(
            equal(
                f"{method} on f = ½‖x‖²: the {words} is that of constant noise times E tr(BᵀB)/C, "
                f"here {range_of(flat['strength'])}, which is what its bound loses by the noise",
                Measured.read(flat, f"{name}_share"),
                1.0,
                band,
            )
            for name, words in (("spread", "spread"), ("square", f"mean square of {WHAT[method]}"))
        ),
        bound_broken(
            f"{BOUNDS[method]} is not vacuous: with {_part(LOOSE[method])} {name} would be "
            "broken on f = ½‖x‖², for mean squares",
            Measured.read(flat, "square").per(flat["square_added"]),
            LOOSE[method] * flat[column].values ** 2,
        ),
    ]


def _distortion(result: xr.Dataset) -> list[Claim]:
    usual = shown(result, "coupling", "log-cosh")
    bent = usual.isel(setting=np.isfinite(usual["distortion_bound"].values))
    passing = shown(result, "passing")
    measured = Measured.read(passing, "distortion")
    k = float(passing["coupling"][0])
    return [
        column_bounded(
            bent,
            "(31) holds for QSGD and EASGD on the log-cosh loss",
            "distortion",
            "distortion_bound",
        ),
        bound_holds(
            f"so it does where the mean passes the largest third derivative (k = {k:g}); bound / "
            f"measured {float((passing['distortion_bound'] / passing['distortion'])[0]):.2f}",
            measured,
            passing["distortion_bound"],
        ),
        bound_broken(
            "and is not vacuous: with a third of its C (31) would be broken there",
            measured,
            passing["distortion_bound"].values / 3,
        ),
    ]


def _noise(result: xr.Dataset) -> list[Claim]:
    noise, band = part(result, "noise"), float(result["band"])
    trace = Measured.read(noise, "trace")
    return [
        has_slope(
            "the covariance of the noise of x• falls as 1/p, also where each agent has its own B(xⁱ)",
            log_slope(noise["agents"], trace),
            -1.0,
            band / 2,
        ),
        equal(
            "(28): it is (η/(bp)) B̂B̂ᵀ with B̂B̂ᵀ the mean of the agents’ own B(xⁱ)B(xⁱ)ᵀ, in trace and on "
            "every path",
            Measured.read(noise, "share"),
            1.0,
            band / 2,
        ),
        bound_holds("and at most ηC/(bp)", trace, noise["level"]),
    ]
