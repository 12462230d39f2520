"""Box plots of the runs, as in Figs 4.1 to 4.4: a panel for each law, a colour for each kind."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from nets.noise_injection.claims import LAW_WORDS, WORDS
from nets.noise_injection.configuration import ALONE, AVERAGED, NONE, SERIAL, UNIFORM
from sdeopt.experiments.measured import Measured
from sdeopt.plot.boxes import draw_boxes
from sdeopt.plot.style import COLOURS, panel_titles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAINT = {SERIAL: ("mean", "agents"), ALONE: ("loss", "third"), AVERAGED: ("convolved", "second")}
"""Of each kind, for one number of learners and another."""


def draw_levels(
    result: xr.Dataset, name: str = "accuracy", label: str = "test examples right (%)"
) -> "Figure":
    """Draw a group of boxes for each level of noise."""
    from matplotlib.figure import Figure

    laws = [law for law in dict.fromkeys(result["law"].values.tolist()) if law != NONE]
    figure = Figure(figsize=(max(4.6 * len(laws), 6.4), 4.2), layout="constrained")
    panels = figure.subplots(1, len(laws), sharey=True, squeeze=False)[0]
    for axes, law in zip(panels, laws, strict=True):
        draw_law(axes, result, law, name, 100.0 if name == "accuracy" else 1.0)
        axes.set_xlabel(r"level of the noise $\varepsilon$")
    panels[0].set_ylabel(label)
    panel_titles(list(panels), [f"{LAW_WORDS[law]} noise" for law in laws])
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), fontsize=8)
    return figure


def draw_law(axes: "Axes", result: xr.Dataset, law: str, name: str, scale: float) -> None:
    """Draw the usual noise of one law: what was injected at other times stands elsewhere."""
    usual = (result["when"] == result["when"].values[0]).values & result["decayed"].values
    shown = result.isel(plan=np.flatnonzero(usual & np.isin(result["law"].values, (NONE, law))))
    every = list(zip(shown["kind"].values.tolist(), shown["agents"].values.tolist(), strict=True))
    kinds = list(dict.fromkeys(every))
    levels = sorted(set(shown["level"].values.tolist()))
    used = dict.fromkeys(PAINT, 0)
    for number, (kind, agents) in enumerate(kinds):
        here = [place for place, each in enumerate(every) if each == (kind, agents)]
        runs = shown.isel(plan=here)
        runs = runs.isel(plan=np.argsort(runs["level"].values, kind="stable"))
        width = 0.8 / len(kinds)
        shift = (number - (len(kinds) - 1) / 2) * width
        paint = PAINT[kind][used[kind] % len(PAINT[kind])]
        used[kind] += 1
        draw_boxes(
            axes,
            [levels.index(level) + shift for level in runs["level"].values],
            list(scale * runs[name].values),
            colour=COLOURS[paint],
            width=0.8 * width,
            diverged=list(runs["diverged"].values),
            label=f"{WORDS[kind]}, $m = {agents}$",
        )
    axes.set_xticks(range(len(levels)), [f"{level:g}" for level in levels])
    axes.set_xlim(-0.6, len(levels) - 0.4)


def draw_linear(result: xr.Dataset) -> "Figure":
    """Draw the accuracies of linear networks, the first layer beside its moments, and the drift."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.2, 4.0), layout="constrained")
    left, middle, right = figure.subplots(1, 3, width_ratios=(1.5, 1, 1))
    draw_law(left, result, UNIFORM, "accuracy", 100.0)
    left.set(xlabel=r"level of the noise $\varepsilon$", ylabel="test examples right (%)")
    left.legend(fontsize=8)
    _draw_moments(middle, result)
    _draw_drift(right, result)
    panel_titles(
        [left, middle, right],
        ["uniform noise", "first layer alone", "three layers: drift"],
    )
    return figure


def _draw_moments(axes: "Axes", result: xr.Dataset) -> None:
    models, expected = result["lemma_model"].values, result["lemma_expected"].values
    places = np.arange(len(expected))
    exact = np.sqrt(np.diag(result["lemma_covariance"].values))
    axes.errorbar(
        places - 0.15, expected, exact, fmt="_", color=COLOURS["convolved"], label="exact"
    )
    axes.errorbar(
        places + 0.15,
        models.mean(axis=0),
        models.std(axis=0, ddof=1),
        fmt=".",
        color=COLOURS["accent"],
        label="replicas",
    )
    axes.set(xlabel="weight", ylabel="averaged model: mean and deviation")
    axes.legend(fontsize=8)


def _draw_drift(axes: "Axes", result: xr.Dataset) -> None:
    layers = result["layer"].values.tolist()
    for shift, colour, moment in zip(
        (-0.1, 0.1), ("convolved", "accent"), result["moment"].values.tolist(), strict=True
    ):
        size = Measured.of(result["drift"].sel(moment=moment).transpose("layer", "pair").values)
        axes.errorbar(
            np.arange(len(layers)) + shift,
            size.value,
            size.reach(),
            fmt="o",
            mfc="none",
            color=COLOURS[colour],
            label=moment,
        )
    axes.axhline(1.0, color=COLOURS["mean"], lw=0.7)
    axes.set_xticks(range(len(layers)), [f"${layer}$" for layer in layers])
    axes.set(xlabel="layer", ylabel="measured / predicted (99.9%)", xlim=(-0.5, len(layers) - 0.5))
    axes.legend(fontsize=8)
