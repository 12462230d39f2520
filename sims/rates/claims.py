"""What measured rates of synchronization say of the proved ones, as claims."""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import Measured
from sims.shared.grids import part
from sims.shared.verdicts import bound_broken, column_bounded, equal, range_of

STEPS = 1e-3
"""The share that time steps of finite size may take off a rate."""

METHODS = {
    "QSGD": "Theorem 3.1: agents of QSGD synchronize at k − λ̄ or faster",
    "EASGD": "and of EASGD, whose signal x~ lags",
    "state-dependent": "Lemma 5.4: with gains that depend on the state, at (least mean gain) − λ̄",
    "momentum": "Lemma 3.2: with momentum, in position and velocity, at ξ",
}

LEMMAS = {
    "5.1, pairs": "Lemma 5.1: under a coupling u that is not linear, also a repelling one, agents "
    "approach each other at the rate at which −∇f − p u contracts",
    "5.1": "Lemma 5.1: and reach the minimizer at the lesser of this rate and l",
    "5.2": "Lemma 5.2: agents and x~ of EASGD reach the minimizer at λ_E or faster, in its metric",
    "5.3": "Lemma 5.3: agents with momentum, in one place, come to rest at the minimizer at the rate of "
    "(52) or faster, in its metric",
}


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what the theory says of rates, checked."""
    flows = part(result, "flow")
    return [
        *(_at_least(flows, method, words) for method, words in METHODS.items()),
        *_attained(flows),
        *_descents(part(result, "descent")),
        *_noisy(result),
        *_uneven(result),
    ]


def _at_least(flows: xr.Dataset, method: str, words: str) -> Claim:
    runs = flows.isel(setting=(flows["method"] == method).values)
    ratio = (runs["measured"] / runs["proved"]).values
    return Claim.at_least(
        f"{words}, every pair from every start at every time (each of {ratio.size} settings; "
        f"measured / proved {range_of(ratio)})",
        float(ratio.min()),
        1.0 - STEPS,
        "least measured rate / proved rate",
    )


def _attained(flows: xr.Dataset) -> list[Claim]:
    runs = flows.isel(setting=(flows["start"] == "flattest").values)
    ratio = (runs["measured"] / runs["proved"]).values
    return [
        Claim.at_most(
            "where the loss is flattest the proved rates without momentum are attained",
            float(ratio.max()),
            1.01,
            "largest measured rate / proved rate",
        ),
        Claim.at_most(
            "control: there a rate of 1.1 times the proved one would be broken in every setting",
            float(ratio.max() / 1.1),
            1.0 - STEPS,
            "largest measured rate / such a rate",
        ),
    ]


def _descents(table: xr.Dataset) -> list[Claim]:
    """Claim that flows reach the minimizer at the proved rates, and attain them where f″ = l."""
    ratio = table["measured"] / table["proved"]
    found = []
    for lemma, words in LEMMAS.items():
        own = ratio.isel(setting=(table["lemma"] == lemma).values).values
        found.append(
            Claim.at_least(
                f"{words}, from every start at every time (each of {own.size} settings; measured / "
                f"proved {range_of(own)})",
                float(own.min()),
                1.0 - STEPS,
                "least measured rate / proved rate",
            )
        )
    # With k < 0 Lemma 5.1 has a transient, and the rate l after it.
    far = ratio.isel(setting=((table["start"] == "far") & (table["coupling"] >= 0)).values).values
    return [
        *found,
        Claim.at_most(
            "these rates to the minimizer are attained, where the curvature of the loss is l on the way",
            float(far.max()),
            1.01,
            "largest measured rate / proved rate",
        ),
    ]


def _noisy(result: xr.Dataset) -> list[Claim]:
    noisy, band = part(result, "noisy"), float(result["band"])
    own = noisy["state_dependent"].astype(bool)
    # On f = ½‖x‖² the bound is attained, and claimed as such: there limits lie on both sides.
    bounded = noisy["family"] != "round quadratic"
    words = {
        "Sec. 3.4: with learning rates of the agents' own the spread falls to (22) with their mean, "
        "at the rate 2(k − λ̄)": ~own,
        "and so it does with gains that depend on the state, Lemma 5.4": own,
    }
    found = [
        column_bounded(noisy.isel(setting=(chosen & bounded).values), text, "spread", "bound")
        for text, chosen in words.items()
    ]
    runs = noisy.isel(setting=(noisy["family"] == "round quadratic").values)
    settled = runs.isel(setting=(runs["time"] > 1).values)
    return [
        *found,
        equal(
            "on f = ½‖x‖² that bound is attained at all times",
            Measured.read(runs, "spread"),
            runs["bound"],
            band,
        ),
        equal(
            "and the noise of x• is (1/p²) Σ ηᵢ: its mean square is the exact one at all times",
            Measured.read(runs, "mean"),
            runs["mean_exact"],
            band,
        ),
        bound_broken(
            "control: with half the constant of (22) the bound would be broken there later on",
            Measured.read(settled, "spread"),
            settled["bound"] - settled["level"] / 2,
        ),
    ]


def _uneven(result: xr.Dataset) -> list[Claim]:
    uneven = part(result, "uneven")
    unlike = uneven.isel(setting=(uneven["theta"] > 0).values)
    return [
        equal(
            "steps of the agents' own that scale drift and coupling too: (22) with the mean learning "
            "rate is off by the factor 1 + θ²/(1 + (p − 2)θ)",
            Measured.read(uneven, "factor"),
            uneven["expected"],
            float(result["band_for_uneven"]),
        ),
        bound_broken(
            "so in that reading Sec. 3.4 does not hold: where learning rates differ, (22) is broken, "
            f"by up to {100 * (np.max(unlike['expected'].values) - 1):.0f}%",
            Measured.read(unlike, "factor"),
            1.0,
        ),
    ]
