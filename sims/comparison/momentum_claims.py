"""What the measured positions and velocities of the mean say of Theorem 5.3, as claims."""

import xarray as xr

from sdeopt.experiment import Claim
from sdeopt.measured import Measured
from sdeopt.slopes import log_slope
from sims.comparison.drawing import range_of, series
from sims.comparison.grids import of_family, part, shown
from sims.comparison.theorem_claims import exact_values, holds, terms_hold, why_loose

__all__ = ["claims"]

WORDS = {
    "quadratic": "quadratics of unequal curvatures, noise along other axes (Q = 0: noise only)",
    "log-cosh": "the strongly convex log-cosh loss",
}


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what Theorem 5.3 says, checked.

    Parameters
    ----------
    result : xarray.Dataset
        From `sims.momentum.simulate`, or read back from its file.

    Returns
    -------
    list of Claim
        The bound, sharper ones, its terms, exact values, why it is loose.
    """
    bent = of_family(result, "log-cosh")
    return [
        *(
            holds(of_family(result, name), f"Theorem 5.3 holds for {loss}", "distance", "bound")
            for name, loss in WORDS.items()
        ),
        holds(result, "so it does with 1/√m for the condition number", "distance", "tight"),
        holds(result, "and in the best constant metrics", "distance", "sharp"),
        holds(result, "Lemma 3.2 holds, for positions alone", "spread", "spread_bound"),
        holds(bent, "(31) holds with ξ of Lemma 3.2 for k − λ̄", "distortion", "felt_bound"),
        *terms_hold(
            result,
            "the mean stays as near to a single agent that feels the same noise",
            "that single agent stays as near to rest at x*",
        ),
        *exact_values(
            result,
            {
                "distance": "the exact distance of (x•, v•) on quadratics",
                "position": "the exact distance of x• on quadratics",
                "velocity": "the exact mean speed of x• on quadratics",
                "square": "the exact mean square of (x•, v•) on quadratics",
                "spread": "the exact spread of the agents on quadratics",
            },
        ),
        *_why_loose(result),
    ]


def _why_loose(result: xr.Dataset) -> list[Claim]:
    single = part(result, "single")
    noise = single["noise_bound"] / single["alone"]
    distortion = single["distortion_bound"] / single["apart"]
    least = float((distortion / noise).min())
    bent = shown(result, "agents", "log-cosh")
    return [
        Claim.at_least(
            "where it is loose: in the distortion term, "
            f"bound / measured {range_of(distortion)}, where what loses is the spread by Lemma 3.2, "
            "Taylor’s remainder at its worst and a push that always pushes the same way; the "
            f"noise term, {range_of(noise)}, loses √(1/(λ_c m)) and Jensen’s inequality alone",
            least,
            1.0,
            "least ratio of the two factors",
        ),
        _spread_of_positions(result),
        why_loose(
            bent,
            "a better constant metric gains in the distortion term, the condition number, and next to "
            "nothing in the noise term",
            "bound",
            "sharp",
            1.0,
        ),
    ]


def _spread_of_positions(result: xr.Dataset) -> Claim:
    """Claim that positions come together with k, where what Lemma 3.2 bounds does not."""
    runs = shown(result, "coupling", "quadratic")
    _, runs = series(runs, "agents")[-1]
    slope = log_slope(runs["coupling"], Measured.read(runs, "spread"))
    return Claim.at_most(
        "why the distortion term is loose: Lemma 3.2 bounds the spread of positions and velocities "
        "together (bound / exact "
        f"{range_of(runs['spread_bound'] / runs['exact_both_spread'])} on quadratics), but the "
        "distortion is of positions, whose spread falls with k (to the power "
        f"{slope.value:.2f}), while that of velocities stays",
        slope.value + slope.reach(),
        -1.0,
        "upper 99.9% confidence limit of the power",
    )
