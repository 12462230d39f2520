"""Where the bounds are tight, where they are loose, and why, as claims."""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sdeopt.measured import Measured
from sims.comparison.drawing import range_of, series
from sims.comparison.families import family
from sims.comparison.grids import of_family, part

__all__ = ["claims", "factors", "terms"]

STEEP = family("log-cosh", 1).fastest
FLAT = -family("log-cosh", 1).curvature
"""L and l of the loss."""


def factors(result: xr.Dataset, method: str) -> xr.Dataset:
    """Return bound / measured of a method.

    Parameters
    ----------
    result : xarray.Dataset
        From `sims.tightness.simulate`.
    method : str
        One of `sims.tightness.METHODS`.

    Returns
    -------
    xarray.Dataset
        Along ``setting``: ``agents``, ``coupling``, ``step_size``, ``shown`` and the factors
        ``spread``, ``distortion``, ``distance``, and ``sharp``, of the distance with the best
        metric; and what `terms` takes.
    """
    runs = part(result, method)
    return runs[
        ["agents", "coupling", "step_size", "shown", "single_agents", "single_family"]
    ].assign(
        spread=runs["spread_bound"] / runs["spread"],
        distortion=runs["felt_bound"] / runs["distortion"],
        distance=runs["bound"] / runs["distance"],
        sharp=runs["sharp"] / runs["distance"],
        single_apart=runs["single_distortion_bound"] / runs["single_apart"],
        single_alone=runs["single_noise_bound"] / runs["single_alone"],
    )


def terms(runs: xr.Dataset, family: str = "log-cosh") -> xr.Dataset:
    """Return the terms on one loss, along ``setting`` under short names."""
    single = part(runs.rename({str(runs["single_agents"].dims[0]): "single_setting"}), "single")
    return of_family(single, family)


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what is good and what is loose of each theorem, checked.

    Parameters
    ----------
    result : xarray.Dataset
        From `sims.tightness.simulate`, or read back from its file.

    Returns
    -------
    list of Claim
        One or two for each theorem.
    """
    found = {name: factors(result, name) for name in ("qsgd", "easgd", "momentum")}
    return [
        _lemma_3_1(result),
        _distortion(found["qsgd"]),
        _theorem_5_1(result, found["qsgd"]),
        _theorem_5_2(found["easgd"], found["qsgd"]),
        *_theorem_5_3(found["momentum"]),
    ]


def _lemma_3_1(result: xr.Dataset) -> Claim:
    """Claim that the spread is no farther from its bound than the curvatures are from each other."""
    runs = part(result, "qsgd")
    k = runs["coupling"].values
    most = (k + STEEP) / (k + FLAT)
    factor = (runs["spread_bound"] / runs["spread"]).values
    slack = Measured.read(runs, "spread")
    return Claim.at_most(
        "Lemma 3.1 is good: what it loses is the curvature between l and L, so never more than "
        f"(k + L)/(k + l), less the stronger the coupling; bound / measured {range_of(factor)}",
        float((runs["spread_bound"].values / slack.upper() / most).max()),
        1.0,
        "largest bound / upper 99.9% confidence limit, over (k + L)/(k + l)",
    )


def _distortion(found: xr.Dataset) -> Claim:
    rest = found["distortion"] / found["spread"]
    return Claim.at_least(
        f"(31) is loose ({range_of(found['distortion'])}) and Lemma 3.1 is not why "
        f"({range_of(found['spread'])}): Taylor’s remainder counts the largest third derivative "
        "anywhere, in all coordinates at once and for all agents with the same sign, but where the "
        "agents of this loss are it changes its sign, so that they nearly cancel, the more of them the "
        "better",
        float((rest / found["spread"]).min()),
        1.0,
        "least ratio of Taylor’s factor to that of the spread",
    )


def _theorem_5_1(result: xr.Dataset, found: xr.Dataset) -> Claim:
    single = terms(part(result, "qsgd"))
    highest = Measured.read(single, "alone").upper()
    own, slanted = terms(found), terms(found, "slanted")
    # E‖z‖ of a normal z in two dimensions is √(π/4) of the root of E‖z‖².
    most = np.sqrt(STEEP / FLAT * 4 / np.pi)
    return Claim.at_most(
        f"Theorem 5.1 is good in its noise term, {range_of(own['alone'])}, of which √(L/l) is the "
        "curvature and √(4/π) Jensen’s inequality at n = 2, and loose in its distortion term, "
        f"{range_of(own['apart'])} ({range_of(slanted['apart'])} on the slanted loss, whose third "
        "derivative keeps its sign): so it is good for small η, where noise counts as √η and "
        "distortion as η, and for few agents, as the noise term falls with p and the other does not; "
        f"whole {range_of(found['distance'])}",
        float((single["noise_bound"].values / highest).max()),
        most,
        "largest noise term / upper 99.9% confidence limit",
    )


def _theorem_5_2(found: xr.Dataset, plain: xr.Dataset) -> Claim:
    ratio = found["distance"] / plain["distance"]
    most = int(found["agents"].max())
    many = found["agents"].values == most
    return Claim.at_least(
        "Theorem 5.2 is looser than Theorem 5.1, though EASGD comes as near: its metric weighs x• with "
        f"p and x~ with 1, which costs √p in each term ({range_of(ratio)} times as loose; "
        f"{range_of(ratio[many])} for p = {most}); where L is known another constant metric loses "
        f"less, {range_of(found['sharp'])} instead of {range_of(found['distance'])}",
        float(ratio[many].min()),
        1.5,
        f"least ratio of both tightnesses at p = {most}",
    )


def _theorem_5_3(found: xr.Dataset) -> list[Claim]:
    spread, rest = found["spread"], found["distortion"] / found["spread"]
    single = terms(found)
    return [
        Claim.at_least(
            f"Theorem 5.3 is good in its noise term ({range_of(single['alone'])}) and the loosest in "
            f"its distortion term ({range_of(single['apart'])}), because Lemma 3.2 bounds the spread of "
            f"positions and velocities together ({range_of(spread)} times that of positions), and "
            "coupling holds positions together but not velocities; Taylor’s remainder loses "
            f"{range_of(rest)} more",
            float(single["apart"].min() / single["alone"].max()),
            1.0,
            "least factor of the distortion term / largest of the noise term",
        ),
        _worse_at_both_ends(found),
    ]


def _worse_at_both_ends(found: xr.Dataset) -> Claim:
    """Claim that the factor of the spread is least at neither the weakest nor the strongest k."""
    runs = found.isel(setting=(found["shown"] == "coupling").values)
    by_coupling = {k: float(some["spread"].mean()) for k, some in series(runs, "coupling")}
    ends = [by_coupling[min(by_coupling)], by_coupling[max(by_coupling)]]
    listed = ", ".join(f"{value:.0f} at k = {k:g}" for k, value in by_coupling.items())
    return Claim.above(
        "it is worse both for weak coupling, where the rate ξ of Lemma 3.2 goes to 0 and agents "
        "synchronize all the same, and for strong coupling, where ξ no longer grows with k and the "
        f"spread of positions still falls; of the spread bound / measured is {listed}",
        min(ends) / min(by_coupling.values()),
        1.0,
        "lesser of both ends / least",
    )
