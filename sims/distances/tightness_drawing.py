"""The picture of tightness: bound / measured of every theorem as maps, and of each term over p."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.plot.curves import family_colours
from sdeopt.plot.style import panel_titles
from sims.distances.measuring import factors, terms
from sims.shared.drawing import LABELS, draw_factor, logarithmic
from sims.shared.grids import part

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAPS = (
    ("qsgd", "spread", "Lemma 3.1"),
    ("qsgd", "distortion", "eq. (31)"),
    ("qsgd", "distance", "Thm 5.1"),
    ("easgd", "distance", "Thm 5.2"),
    ("momentum", "distance", "Thm 5.3"),
)
TERMS = (("qsgd", "Thm 5.1"), ("easgd", "Thm 5.2"), ("momentum", "Thm 5.3"))
WORDS = (
    "bound / measured on the log-cosh loss: good where noise alone counts (small $\\eta$, few agents, "
    "strong coupling),\nloose where the distortion does: its bound takes the largest third derivative "
    "everywhere, with the same sign for all agents"
)
MOST = 300.0
"""Where the colours end."""
DARK = 6.0
"""Factors below it are drawn on a dark ground."""


def draw(result: xr.Dataset) -> "Figure":
    """Draw bound / measured over (k, p) and (η, p) for every theorem, and of each term over p."""
    from matplotlib.figure import Figure

    found = {name: factors(part(result, name)) for name, _ in TERMS}
    figure = Figure(figsize=(11.0, 8.2), layout="constrained")
    upper, lower = figure.subfigures(2, 1, squeeze=False, height_ratios=(2, 1.1)).flat
    maps = upper.subplots(2, 5, sharey=True)
    for row, name in zip(maps, ("coupling", "step_size"), strict=True):
        for axes, (method, factor, _) in zip(row, MAPS, strict=True):
            runs = found[method]
            _map(axes, runs.isel(setting=(runs["shown"] == name).values), name, factor)
    for row in maps:
        row[0].set_ylabel(LABELS["agents"])
    titles = [words for _, _, words in MAPS]
    panels = lower.subplots(1, 3, sharey=True)
    for axes, (method, _) in zip(panels, TERMS, strict=True):
        _terms(axes, found[method])
    panels[0].set_ylabel("bound / measured")
    panels[0].legend(fontsize=7.5)
    words = [f"{words}, each term" for _, words in TERMS]
    panel_titles([*maps.flat, *panels], [*titles, *titles, *words])
    panels[0].set_ylim(bottom=1.0)
    upper.suptitle(WORDS, fontsize=10)
    return figure


def _map(axes: "Axes", runs: xr.Dataset, name: str, factor: str) -> None:
    from matplotlib.colors import LogNorm

    across, up = (np.unique(runs[one].values) for one in (name, "agents"))
    table = np.full((up.size, across.size), np.nan)
    place = np.searchsorted(up, runs["agents"].values), np.searchsorted(across, runs[name].values)
    table[place] = runs[factor].values
    axes.imshow(table, norm=LogNorm(1.0, MOST), origin="lower", aspect="auto")
    for (i, j), value in np.ndenumerate(table):
        words = f"{value:.2f}" if value < 10 else f"{value:.0f}"
        colour = "white" if value < DARK else "black"
        axes.text(j, i, words, ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(range(across.size), [f"{value:g}" for value in across])
    axes.set_yticks(range(up.size), [f"{value:g}" for value in up])
    axes.set_xlabel(LABELS[name])


def _terms(axes: "Axes", runs: xr.Dataset) -> None:
    lines = (
        ("apart", "log-cosh", "distortion term", "s", "--"),
        ("apart", "slanted", "distortion term, slanted loss", "^", "-."),
        ("alone", "log-cosh", "noise term", "o", ":"),
    )
    colours = family_colours(len(lines))
    for (name, loss, label, marker, dash), colour in zip(lines, colours, strict=True):
        some = terms(runs, loss)
        draw_factor(axes, some["agents"], some[name], label, ls=dash, marker=marker, color=colour)
    logarithmic(axes, np.unique(runs["single_agents"].values).tolist(), LABELS["agents"])
    axes.set(yscale="log")
