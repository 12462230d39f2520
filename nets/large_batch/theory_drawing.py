"""How the predicted and the searched noise are drawn."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from nets.large_batch.run_curves import last_of
from sdeopt.plot.style import COLOURS, panel_titles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_theory(result: xr.Dataset) -> "Figure":
    """Draw accuracy over α, with the predicted noise marked, and tr Σ along the training."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.2, 3.9), layout="constrained")
    over_noise, over_epochs = figure.subplots(1, 2, width_ratios=(2.2, 1))
    _over_noise(over_noise, result)
    over_epochs.plot(result["trace"].values, color=COLOURS["mean"], marker="o", ms=3)
    over_epochs.set(xlabel="epoch", ylabel="tr Σ", yscale="log")
    figure.legend(
        *over_noise.get_legend_handles_labels(), loc="outside lower center", ncols=5, fontsize=7.5
    )
    panel_titles([over_noise, over_epochs], ["test accuracy", "noise of one example’s gradient"])
    return figure


def _over_noise(axes: "Axes", result: xr.Dataset) -> None:
    searched = [level for level in result["searched"].values.tolist() if level]
    plans = [f"searched {level:g}" for level in searched]
    _points(axes, result, searched, plans, "constant noise α", "mean", "-")
    predicted = result["predicted"].values.tolist()
    wanted = result["wanted"].values.tolist()
    restoring = [f"restores {b}" for b in wanted]
    _points(axes, result, predicted, restoring, "α that restores b₀", "accent", "")
    small = [f"batch {b}" for b in wanted]
    _points(axes, result, predicted, small, "batches of b₀, as many updates", "convolved", "")
    none = 100 * float(np.median(last_of(result, "none")))
    axes.axhline(none, color="0.5", ls="--", lw=1, label="no noise")
    chosen = 100 * result["score"].isel(searched=slice(1, None)).values
    axes.plot(searched, chosen, "x", color="0.4", ms=5, label="search, held-back examples")
    for level, b in zip(predicted, wanted, strict=True):
        axes.axvline(level, color=COLOURS["accent"], lw=0.6, ls=":")
        axes.text(
            level, 0.02, f"$b_0={b}$", rotation=90, fontsize=7, ha="right", va="bottom",
            transform=axes.get_xaxis_transform(),
        )  # fmt: skip
    axes.set(xscale="log", xlabel="α", ylabel="test accuracy (%)")


def _points(
    axes: "Axes",
    result: xr.Dataset,
    places: list[float],
    plans: list[str],
    label: str,
    colour: str,
    dashes: str,
) -> None:
    """Draw medians, with bars from the first to the third quartile."""
    runs = np.array([last_of(result, plan) for plan in plans])
    low, middle, high = 100 * np.quantile(runs, [0.25, 0.5, 0.75], axis=1)
    axes.errorbar(
        places, middle, [middle - low, high - middle], color=COLOURS[colour], marker="o", ms=4,
        ls=dashes, capsize=2, label=label,
    )  # fmt: skip
