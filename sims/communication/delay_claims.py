"""What delays do to the border of stability and to noise, as claims."""

import numpy as np
import xarray as xr

from sdeopt.experiment import Claim
from sdeopt.experiments.measured import Measured, within
from sims.communication.topology_claims import of
from sims.shared.verdicts import bound_broken, equal, range_of


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what delays do, checked."""
    return [*_border(result), *_moments(result), *_noise(result), *_own(result)]


def _border(result: xr.Dataset) -> list[Claim]:
    ratio = (result["border"] / result["polynomial"]).values
    band = float(result["band_of_border"])
    complete = result["border"].sel(border_graph="complete").values
    halves = complete[1:] / complete[0]
    return [
        Claim.at_most(
            "the simulated border of ηk is that of the characteristic polynomial, at each of "
            f"{ratio.size} graphs and delays (simulated / exact {ratio.min():.5f} to "
            f"{ratio.max():.5f})",
            float(np.abs(ratio - 1).max()),
            band,
            "largest |simulated / exact − 1|",
        ),
        Claim.between(
            "any delay halves the coupling that agents on the complete graph bear, and more delay takes "
            f"no more ({range_of(halves)} of that without delay)",
            float(np.abs(halves - 0.5).max()),
            0.0,
            0.05,
            "largest |border / border without delay − ½|",
        ),
    ]


def _moments(result: xr.Dataset) -> list[Claim]:
    return [
        equal(
            f"with delays the {words} in the long run is that of the exact moments",
            Measured.read(result, name),
            result[f"exact_{name}"].values,
            float(result[band]),
        )
        for name, words, band in (
            ("mean", "mean square of the mean", "band_of_mean"),
            ("spread", "spread", "band"),
        )
    ]


def _noise(result: xr.Dataset) -> list[Claim]:
    """Claim what a delay takes from noise and from speed."""
    complete, ring = of(result, "complete"), of(result, "ring")
    mean, late = Measured.read(complete, "mean"), np.arange(1, complete.sizes["setting"])
    spread, on_ring = (Measured.read(runs, "spread") for runs in (complete, ring))
    alone = spread.value[0]
    off = np.abs(spread.value / alone - 1.0)
    reach = (spread.reach() + spread.reach()[0]) / alone
    worst = int(np.argmax(off + reach))
    last = int(complete["delay"].values[-1])
    # the spectrum at 0 of the mean's noise is σ²/q², whatever the delay
    window = float(result["steps"])
    averages = Measured.read(complete, "time_average").per(1.0 / (float(result["agents"]) * window))
    return [
        bound_broken(
            f"on the complete graph the mean is the less noisy the later agents receive: at τ = {last} "
            f"its mean square is {mean.value[-1] / mean.value[0]:.2f} of that without delay",
            mean.at(np.zeros(late.size, np.int64)),
            mean.upper(mean.together)[late],
        ),
        equal(
            "but it is slower by more: the average of the mean over a long time is as noisy with any "
            "delay as without coupling",
            averages,
            np.full(averages.value.size, 1.0 - _edge(window, result)),
            2.0 * float(result["band_of_mean"]) + 0.08,
        ),
        within(
            "on the complete graph a common delay leaves the spread alone",
            1.0 + float(off[worst]),
            float(reach[worst]),
            1.0,
            float(result["band"]),
            "|confidence limit / spread without delay − 1|",
        ),
        bound_broken(
            f"on the ring it takes from the spread as well: at τ = {last} it is "
            f"{on_ring.value[-1] / on_ring.value[0]:.2f} of that without delay",
            on_ring.at(np.array([0])),
            on_ring.upper()[-1:],
        ),
    ]


def _edge(window: float, result: xr.Dataset) -> np.ndarray:
    """Return the share by which the ends of a window of time lower the noise of an average over it."""
    slow = 1.0 + float(result["step_size"] * result["coupling"]) * of(result, "complete")["delay"]
    return np.asarray(slow / (float(result["step_size"]) * window))


def _own(result: xr.Dataset) -> list[Claim]:
    """Claim what delays that differ do."""
    numbers = {
        name: result[f"own_{name}"].values for name in ("spread", "spread_error", "replicas")
    }
    spread = Measured(numbers["spread"], numbers["spread_error"], numbers["replicas"])
    return [
        equal(
            "with a delay for each agent the spread is that of the exact moments",
            spread,
            result["own_exact_spread"].values,
            float(result["band"]),
        ),
        bound_broken(
            "delays that differ from agent to agent spread the agents "
            f"({spread.value[1] / spread.value[0]:.3f} times the spread with one delay)",
            spread.at(np.array([1])),
            spread.upper()[:1],
        ),
    ]
