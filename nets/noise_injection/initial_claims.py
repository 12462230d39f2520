"""What Sec. 4.2 states of noise on initial weights, as claims on the cumulative training loss."""

import numpy as np
import xarray as xr

from nets.noise_injection.claims import LAW_WORDS, WORDS, levels_of, runs_of
from nets.noise_injection.configuration import ALONE, AVERAGED, GAUSSIAN, LAWS, SERIAL, UNIFORM
from sdeopt.experiment import Claim
from sdeopt.experiments.resampling import Array, higher

SMALL, BETWEEN, LARGE = 1.0, 2.0, 5.0
"""Levels of the text: below the first noise helps, at the last it hurts, between it depends."""

MEDIANS = "difference of median losses"


def initial_claims(result: xr.Dataset) -> list[Claim]:
    """Return all claims of adilova42."""
    return [
        *(
            claim
            for kind in (SERIAL, AVERAGED)
            for law in LAWS
            for claim in _by_level(result, kind, law)
        ),
        *(
            _gaussian_is_worse(result, kind, level)
            for kind in (SERIAL, AVERAGED)
            for level in (BETWEEN, LARGE)
        ),
        *(_once_averaged(result, level) for level in (0.0, *levels_of(result))),
    ]


def losses(result: xr.Dataset, kind: str, law: str, level: float) -> Array:
    """Return the cumulative losses of one training; a run that diverged has the largest of all."""
    agents = int(result["agents"].values[0])
    found = runs_of(result, kind, agents, law, level, "seen_loss")
    return np.where(np.isnan(found), float(result["seen_loss"].max()), found)


def _compared(words: str, low: Array, high: Array) -> Claim:
    shown = f"{words}: {np.median(high):.3f} against {np.median(low):.3f} nats"
    return higher(shown, low, high, what=MEDIANS)


def _by_level(result: xr.Dataset, kind: str, law: str) -> list[Claim]:
    """Claim what the text says of small, middle and large levels."""
    without = losses(result, kind, law, 0.0)
    where = f"{WORDS[kind]}, {LAW_WORDS[law]}: "
    found = []
    for level in levels_of(result):
        noisy = losses(result, kind, law, level)
        if level < SMALL:
            words = f"noise at ε = {level:g} lowers the cumulative loss, which is higher without it"
            found.append(_compared(where + words, noisy, without))
        elif level == BETWEEN and kind == AVERAGED:
            words = f"ε = {level:g} helps the averaged models, whose loss is higher without it"
            found.append(_compared(where + words, noisy, without))
        elif level == BETWEEN:
            words = f"ε = {level:g} hurts the serial model, whose loss is higher with it"
            found.append(_compared(where + words, without, noisy))
        elif level == LARGE:
            words = f"ε = {level:g} makes training harder: the loss is higher with it"
            found.append(_compared(where + words, without, noisy))
    return found


def _gaussian_is_worse(result: xr.Dataset, kind: str, level: float) -> Claim:
    uniform, gaussian = (losses(result, kind, law, level) for law in (UNIFORM, GAUSSIAN))
    return _compared(
        f"{WORDS[kind]}: at ε = {level:g} Gaussian noise is worse than uniform noise",
        uniform,
        gaussian,
    )


def _once_averaged(result: xr.Dataset, level: float) -> Claim:
    agents = int(result["agents"].values[0])
    once, worst = (
        runs_of(result, ALONE, agents, UNIFORM, level, name)
        for name in ("once_loss", "worst_local_loss")
    )
    noise = f"{UNIFORM}, ε = {level:g}" if level else "begun together"
    return _compared(
        f"no-sync, {noise}: the average at the end has a higher training loss than each local model",
        worst,
        once,
    )
