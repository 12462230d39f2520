"""The pictures of Theorems 5.1 to 5.3: the distance from the minimizer, the bounds and their terms."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sdeopt.experiments.measured import Measured
from sdeopt.plot.curves import family_colours
from sdeopt.plot.style import COLOURS, panel_titles, shared_legend
from sims.shared.drawing import (
    LABELS,
    draw_bound,
    draw_factor,
    draw_line,
    draw_measured,
    draw_over,
    logarithmic,
    plain_ticks,
    series,
)
from sims.shared.grids import of_family, part, shown
from sims.shared.verdicts import range_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Line = tuple[str, dict[str, Any]]
"""The label of a line and how it is drawn."""

TERMS: dict[str, Line] = {
    "noise_term": ("noise term of the bound", {"ls": ":", "color": COLOURS["accent"], "lw": 1.0})
}
SHARPER: dict[str, Line] = {
    "sharp": ("best constant metric", {"ls": (0, (5, 1.5)), "color": COLOURS["second"]}),
    "free": ("without a metric", {"ls": (0, (1.2, 1.2)), "color": COLOURS["third"]}),
}
"""Lines drawn with the bound of the paper, by their columns, where a table has them."""


def draw(result: xr.Dataset) -> "Figure":
    """Draw the distance with Thm 5.1 over p, k, η and n, and both terms of it."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.2, 7.6), layout="constrained")
    panels = figure.subplots(3, 3)
    length = length_of(r"x^\bullet-x^*")
    titles = []
    for axes, name, title in zip(
        panels[0],
        ("round quadratic", "quadratic", "log-cosh"),
        (r"$f=\frac{1}{2}\|x\|^2$", "quadratic", "log-cosh"),
        strict=True,
    ):
        runs = shown(result, "agents", name)
        _bounded(axes, runs, "agents", length, TERMS)
        titles.append(f"{title}: {_tightness(runs)}")
    runs = shown(result, "coupling", "log-cosh")
    _over_coupling(panels[1, 0], runs, length, {}, linear=1.0)
    _, top = panels[1, 0].get_ylim()
    panels[1, 0].set_ylim(top=top * 2)  # room for the legend
    panels[1, 0].legend(
        fontsize=7,
        ncols=2,
        title="points; their bounds as lines",
        title_fontsize=7,
        loc="upper right",
    )
    titles.append(f"log-cosh: {_tightness(runs)}")
    for axes, name in zip(panels[1, 1:], ("step_size", "dim"), strict=True):
        runs = shown(result, name)
        _bounded(axes, runs, name, length, TERMS)
        titles.append(f"log-cosh: {_tightness(runs)}")
    single = part(result, "single")
    for axes, name in zip(panels[2], ("log-cosh", "slanted"), strict=False):
        _both_terms(axes, of_family(shown(single, "agents"), name))
    _factors_over_step_size(panels[2, 2], single, result)
    titles += ["log-cosh: both terms", "slanted: both terms", "log-cosh: tightness per term"]
    panel_titles(list(panels.flat), titles)
    for axes in panels.flat:
        plain_ticks(axes)
    shared_legend(figure, panels[0, 0])
    return figure


def draw_with_sharper(result: xr.Dataset, state: str, lemma: str) -> "Figure":
    """Draw the distance of a state with all bounds over p, k, η and n, and the tightness of each term.

    `lemma` bounds the spread of the agents.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.2, 7.8), layout="constrained")
    panels = figure.subplots(3, 3)
    length, titles = length_of(state), []
    for axes, (name, family) in zip(
        panels.flat,
        (
            ("agents", "quadratic"),
            ("agents", "log-cosh"),
            ("step_size", "log-cosh"),
            ("dim", "log-cosh"),
        ),
        strict=False,
    ):
        runs = shown(result, name, family)
        _bounded(axes, runs, name, length, SHARPER, bound_label="bound of the paper")
        titles.append(f"{family}: {_tightness(runs)}")
    for axes, family in zip(panels.flat[4:], ("quadratic", "log-cosh"), strict=False):
        runs = shown(result, "coupling", family)
        _over_coupling(axes, runs, length, {"sharp": SHARPER["sharp"]})
        bottom, _ = axes.get_ylim()
        axes.set_ylim(bottom=bottom / 3)  # room for the legend
        axes.legend(
            fontsize=7,
            ncols=len(np.unique(runs["agents"])),
            loc="lower center",
            title="full: paper; dashed: best metric",
            title_fontsize=7,
        )
        titles.append(f"{family}: {_tightness(runs)}")
    for axes, name in zip(panels[2], ("agents", "coupling", "step_size"), strict=True):
        _factors(axes, result, name, lemma)
        titles.append("log-cosh, tightness per term")
    panel_titles(list(panels.flat), titles)
    _, top = panels[2, 0].get_ylim()
    panels[2, 0].set_ylim(top=top * 100)  # room for the legend
    panels[2, 0].legend(
        fontsize=6.0,
        ncols=2,
        loc="upper left",
        columnspacing=0.8,
        handlelength=1.6,
        handletextpad=0.4,
    )
    for axes in panels.flat:
        plain_ticks(axes)
    shared_legend(figure, panels[0, 0])
    return figure


def length_of(state: str) -> str:
    """Return how the mean length of a state is written."""
    return rf"$\mathsf{{E}}\,\|{state}\|$"


def _tightness(runs: xr.Dataset) -> str:
    return f"tightness {range_of(runs['bound'] / runs['distance'])}"


def _bounded(
    axes: "Axes",
    runs: xr.Dataset,
    name: str,
    length: str,
    lines: Mapping[str, Line],
    bound_label: str = "bound",
) -> None:
    """Draw the distance over a parameter with the bound, more lines, and the exact value."""
    draw_bound(axes, runs[name], runs["bound"], runs["exact"], bound_label=bound_label)
    for column, (label, how) in lines.items():
        if column in runs:
            draw_line(axes, runs[name], runs[column], label=label, **how)
    draw_measured(axes, runs[name], Measured.read(runs, "distance"), "simulation")
    logarithmic(axes, np.unique(runs[name]).tolist(), LABELS[name])
    axes.set(yscale="log", ylabel=length)


def _over_coupling(
    axes: "Axes",
    runs: xr.Dataset,
    length: str,
    lines: Mapping[str, Line],
    *,
    linear: float = 0.0,
) -> None:
    """Draw the distance over k for every p, with its bound and more lines in the same colour."""
    for some, colour in draw_over(
        axes, runs, "coupling", "distance", "agents", lambda p: f"$p={p:g}$"
    ):
        draw_line(axes, some["coupling"], some["bound"], color=colour)
        for column, (_, how) in lines.items():
            draw_line(axes, some["coupling"], some[column], ls=how["ls"], color=colour)
    logarithmic(axes, np.unique(runs["coupling"]).tolist(), LABELS["coupling"], linear=linear)
    axes.set(yscale="log", ylabel=length)


def _both_terms(axes: "Axes", single: xr.Dataset) -> None:
    """Draw both distances of the split with the terms that bound them."""
    parts = (
        ("apart", "distortion_term", r"$x^\bullet$ from $z$: distortion", "s", "second", "--"),
        ("alone", "noise_term", r"$z$ from $x^*$: noise", "o", "convolved", ":"),
    )
    p = single["agents"]
    for name, term, label, marker, colour, dash in parts:
        measured = Measured.read(single, name)
        draw_measured(axes, p, measured, label, marker=marker, colour=COLOURS[colour])
        draw_line(axes, p, single[term], ls=dash, color=COLOURS[colour])
    logarithmic(axes, np.unique(p).tolist(), LABELS["agents"])
    axes.set(yscale="log", ylabel="mean distance; lines: terms")
    axes.legend(fontsize=7)


def _factors_over_step_size(axes: "Axes", single: xr.Dataset, result: xr.Dataset) -> None:
    """Draw bound / measured of the bound and both terms over η."""
    whole, single = shown(result, "step_size", "log-cosh"), shown(single, "step_size")
    for label, runs, bound, measured, dash, marker, colour in (
        ("whole bound", whole, "bound", "distance", "-", "D", "accent"),
        ("distortion term", single, "distortion_term", "apart", "--", "s", "second"),
        ("noise term", single, "noise_term", "alone", ":", "o", "convolved"),
    ):
        factor = runs[bound] / runs[measured]
        draw_factor(
            axes, runs["step_size"], factor, label, ls=dash, marker=marker, color=COLOURS[colour]
        )
    logarithmic(axes, np.unique(whole["step_size"]).tolist(), LABELS["step_size"])
    axes.set(yscale="log", ylabel="bound / measured")
    axes.legend(fontsize=7)


def _factors(axes: "Axes", result: xr.Dataset, name: str, lemma: str) -> None:
    """Draw bound / measured of each term, at the largest number of agents where k is varied."""
    lines = (
        ("whole", "bound", "distance", "D"),
        ("distortion term", "distortion_term", "apart", "s"),
        (r"of it $\mathsf{E}\,\|\epsilon\|$: (31)", "distortion_bound", "distortion", "v"),
        (f"of it the spread: {lemma}", "spread_bound", "spread", "^"),
        ("noise term", "noise_term", "alone", "o"),
        ("noise term, best metric", "sharp_noise", "alone", "P"),
    )
    whole, single = shown(result, name, "log-cosh"), shown(part(result, "single"), name)
    colours = family_colours(len(lines))
    for (label, bound, measured, marker), colour in zip(lines, colours, strict=True):
        runs = single if measured in single else whole
        runs = runs.isel(setting=(runs["agents"] > 1).values)
        if name == "coupling":
            runs = series(runs, "agents")[-1][1]
        factor = runs[bound] / runs[measured]
        draw_factor(axes, runs[name], factor, label, marker=marker, color=colour)
        logarithmic(axes, np.unique(runs[name]).tolist(), LABELS[name])
    axes.set(yscale="log", ylabel="bound / measured")
