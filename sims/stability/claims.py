"""What the simulated borders of stability say of Jury's, as claims."""

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from sdeopt.experiment import Claim
from sims.shared.verdicts import range_of


def claims(result: xr.Dataset) -> list[Claim]:
    """Return what the theory says of stability, checked."""
    agree = (result["dies_out"] == result["should"]).mean()
    return [
        *_borders(result),
        Claim.at_least(
            f"simulation and Jury's criterion agree in the whole plane (ηk, p) at q = "
            f"{float(result['relative_step_for_map']):g}, so what is stable is an interval of ηk",
            float(agree),
            1.0,
            "share of the runs",
        ),
        *_agents(result),
        *_what_grows(result),
        *_other_order(result),
    ]


def _borders(result: xr.Dataset) -> list[Claim]:
    band = float(result["band"])
    found = []
    for method in ("QSGD", "EASGD"):
        ratio = (result["border"] / result["jury"]).sel(algorithm=method).values
        found.append(
            Claim.at_most(
                f"the simulated border of {method} is Jury's, at each of {ratio.size} (q, p) "
                f"(simulated / Jury {ratio.min():.5f} to {ratio.max():.5f})",
                float(np.abs(ratio - 1).max()),
                band,
                "largest |simulated / Jury − 1|",
            )
        )
    return found


def _agents(result: xr.Dataset) -> list[Claim]:
    easgd = result["border"].sel(algorithm="EASGD")
    steps = easgd.values[:, 1:] / easgd.values[:, :-1]
    share = (easgd * result["agents"] / 2).values
    qsgd = result["border"].sel(algorithm="QSGD").values
    return [
        Claim.at_most(
            "the border of EASGD shrinks with every agent more, and stays below 2/p "
            f"(border·p/2 is {range_of(share)})",
            float(max(steps.max(), share.max())),
            1.0,
            "largest of the ratios of successive borders and of border·p/2",
        ),
        Claim.at_most(
            "that of QSGD does not depend on p",
            float((qsgd.max(axis=1) / qsgd.min(axis=1) - 1).max()),
            float(result["band"]),
            "largest border / smallest − 1 at one q",
        ),
    ]


def _what_grows(result: xr.Dataset) -> list[Claim]:
    """Claim which motion is the first to grow, just beyond the border."""
    words = {
        "EASGD": ("the mean against x~, while the agents still approach each other", "together"),
        "QSGD": ("the agents apart, while the mean still descends", "apart"),
    }
    found = []
    for method, (motion, grows) in words.items():
        dies = "apart" if grows == "together" else "together"
        up = result[f"grows_{grows}"].sel(algorithm=method).values.min()
        down = result[f"grows_{dies}"].sel(algorithm=method).values.max()
        found.append(
            Claim.between(
                f"what grows beyond the border of {method} is {motion} (the other factor is at "
                f"least {up:.4f} a step)",
                float(down) if up > 1 else np.inf,
                0.0,
                1.0 - 1e-6,
                "largest factor of what dies out",
            )
        )
    return found


def _other_order(result: xr.Dataset) -> list[Claim]:
    right = (result["new_dies_out"] == (result["new_margin"] > 0)).mean()
    p, q = int(result["agents_for_new_mean"]), float(result["relative_step_for_map"])
    return [
        Claim.at_least(
            f"were x~ updated with the new mean, at p = {p} and q = {q:g}, simulation would agree with "
            "the border of that iteration",
            float(right),
            1.0,
            "share of the runs",
        ),
        Claim.at_least(
            "and there what is stable would be no interval of ηk: after the first border it becomes "
            f"stable again ({intervals(result['new_moving_rate'], result['new_dies_out'])})",
            _runs(result["new_dies_out"]),
            2,
            "number of intervals",
        ),
    ]


def _runs(stable: ArrayLike) -> int:
    edges = np.diff(np.asarray(stable, int), prepend=0)
    return int((edges == 1).sum())


def intervals(rates: ArrayLike, stable: ArrayLike) -> str:
    """Return in words where a row of runs is stable."""
    values, flags = np.asarray(rates, float), np.asarray(stable, bool)
    edges = np.flatnonzero(np.diff(flags, prepend=False, append=False))
    pairs = edges.reshape(-1, 2)
    return ", ".join(
        f"{values[a]:.3g}" if b == a + 1 else f"{values[a]:.3g} to {values[b - 1]:.3g}"
        for a, b in pairs
    )
