"""Panels of couplings that vary on strongly convex losses, beside the bounds."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.experiments.measured import Measured
from sdeopt.plot.style import COLOURS
from sims.coupling_in_time.convex import LATE, LEAST, RISE
from sims.shared.drawing import MARKERS, draw_measured

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TINTS = {"QSGD": "convolved", "EASGD": "accent"}
"""Colours of the methods."""

STATES = {"QSGD": r"$x^\bullet$", "EASGD": r"$(x^\bullet,\tilde x)$"}
"""What the theorems speak of."""


def draw_rising(axes: "Axes", path: xr.Dataset, table: xr.Dataset) -> None:
    """Draw in time how far x• is from the minimizer, and from an agent with the mean noise."""
    for method, tint in TINTS.items():
        runs = path.isel(setting=(path["method"] == method).values)
        for name, dash, words in (
            ("mean", "-", r"$\mathsf{E}\,|x^\bullet-x^*|$"),
            ("apart", "--", f"{STATES[method]} from an agent with the mean noise"),
        ):
            values, reach = runs[name], 2 * runs[f"{name}_error"]
            label = f"{method}: {words}"
            axes.plot(runs["time"], values, dash, color=COLOURS[tint], lw=1.2, label=label)
            axes.fill_between(
                runs["time"], values - reach, values + reach, color=COLOURS[tint], alpha=0.2, lw=0
            )
    noise = float(table["noise_term"][0])
    axes.axhline(noise, color="black", lw=0.8, ls=":", label=r"noise term $\sqrt{C\eta/(2bpl)}$")
    axes.axvspan(*RISE, color="0.9", lw=0, zorder=0, label=f"$k$ rises from {LEAST:g} to {LATE:g}")
    axes.set(xlabel=r"time $t\,l$", ylabel="distance", ylim=(0, None))
    axes.set_xlim(0, float(path["time"].max()))


def draw_wandering(axes: "Axes", table: xr.Dataset) -> None:
    """Draw what is measured over its bound, for each method and loss."""
    runs = table.isel(setting=(table["stage"] == "throughout").values)
    place = np.arange(runs.sizes["setting"])
    losses = {"round quadratic": r"$f=\frac{1}{2}x^2$", "slanted": "slanted"}
    names = [
        f"{method},\n{losses[family]}"
        for method, family in zip(runs["method"].values, runs["family"].values, strict=True)
    ]
    columns = (
        ("spread", "spread_bound", "Lemma 3.1, with the least $k$", "convolved"),
        ("spread", "spread_at_most", "control: with the largest $k$", "agents"),
        ("distance", "bound", "Theorems 5.1 and 5.2, with the least $k$", "accent"),
    )
    for (name, bound, label, tint), marker in zip(columns, MARKERS, strict=False):
        share = Measured.read(runs, name).per(runs[bound].values)
        draw_measured(axes, place, share, label, marker=marker, colour=COLOURS[tint])
    axes.axhline(1.0, color="black", lw=0.8, label="bound")
    axes.set_xticks(place, names, fontsize=8)
    axes.set(xlabel="method, loss", ylabel="measured / bound", yscale="log", ylim=(0.01, 30.0))
    axes.set_xlim(-0.5, len(place) - 0.5)
