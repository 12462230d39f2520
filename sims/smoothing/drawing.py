"""The picture of the smoothing at the mean and of the effective one."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from sdeopt.plot.style import COLOURS, panel_titles, shared_legend
from sims.smoothing.claims import flat_prediction

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SERIES: dict[str, dict[str, Any]] = {
    "convolution": {
        "color": COLOURS["convolved"],
        "marker": "o",
        "label": r"at the mean, $\nabla f(x^\bullet)$",
    },
    "effective": {
        "color": COLOURS["accent"],
        "marker": "s",
        "label": r"effective, $\frac{1}{p}\sum\nabla f(x^i)$",
    },
}
"""How the two measured scales are drawn."""


def draw(result: xr.Dataset) -> "Figure":
    """Draw both smoothing scales against p, b, η and ηk, and the disturbance."""
    from matplotlib.figure import Figure

    data = result.assign(expected=flat_prediction(result))
    figure = Figure(figsize=(10.2, 6.2), layout="constrained")
    panels = figure.subplots(2, 3)
    shown = (
        ("step_size", "alone, step", "step size $\\eta$"),
        ("agents", "agents", "agents $p$"),
        ("batch_size", "batch", "batch size $b$"),
        ("step_size", "step", "step size $\\eta$"),
        ("pull", "coupling", "pull in a step, $\\eta k$"),
    )
    titles = []
    for axes, (name, family, label) in zip(panels.flat, shown, strict=False):
        runs = data.isel(case=(data["family"] == family).values)
        _scales(axes, runs, name)
        axes.set_xlabel(label)
        titles.append(_title(runs, family))
    _disturbance(panels[1, 2], data)
    panel_titles(list(panels.flat), [*titles, "gradient and disturbance"])
    for row in panels:
        row[0].set_ylabel("scale of smoothing $\\sqrt{v}$")
    shared_legend(figure, panels[0, 1])
    return figure


def _title(runs: xr.Dataset, family: str) -> str:
    """Return the setting of a panel in short."""
    first = runs.isel(case=0)
    parts = {
        "agents": f"$p = {first['agents'].item()}$",
        "step": rf"$\eta = {first['step_size'].item():g}$",
        "coupling": rf"$\eta k = {first['pull'].item():g}$",
    }
    if family == "alone, step":
        return "a single agent"
    return "QSGD, " + ", ".join(text for name, text in parts.items() if name != family)


def _scales(axes: "Axes", runs: xr.Dataset, name: str) -> None:
    """Draw measured scales with 95% intervals, beside what is expected of each."""
    x = runs[name].values
    order = np.argsort(x)
    for what, style in SERIES.items():
        value, error = runs[what].values, runs[f"{what}_error"].values
        reach = 1.96 * error / (2 * np.sqrt(value))
        axes.errorbar(x, np.sqrt(value), reach, ls="none", mfc="none", ms=5.5, **style)
    at_mean = np.sqrt(runs["one_step"].values / runs["agents"].values)
    axes.plot(
        x[order],
        at_mean[order],
        color=COLOURS["convolved"],
        ls="--",
        label=r"$\eta\sigma/\sqrt{bp}$, eq. (39)",
    )
    axes.plot(
        x[order],
        np.sqrt(runs["expected"].values)[order],
        color=COLOURS["accent"],
        ls=":",
        label="with the spread of the agents",
    )
    axes.plot(
        x[order],
        np.sqrt(runs["one_step"].values)[order],
        color="0.6",
        lw=0.8,
        zorder=0,
        label=r"$\eta\sigma/\sqrt{b}$, one agent",
    )
    axes.set(xscale="log", yscale="log")
    axes.set_xticks(x[order], [f"{value:g}" for value in x[order]])
    axes.minorticks_off()
    bottom, top = axes.get_ylim()
    ticks = [tick for tick in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0) if bottom <= tick <= top]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])


def _disturbance(axes: "Axes", result: xr.Dataset) -> None:
    """Draw the size of the expected distortion beside that of the smoothed gradient, against p."""
    runs = result.isel(case=(result["family"] == "agents").values)
    p = runs["agents"].values
    axes.plot(
        p, runs["drift"], "o-", color=COLOURS["convolved"], mfc="none", label="gradient at the mean"
    )
    axes.plot(
        p,
        runs["disturbance"],
        "D--",
        color=COLOURS["second"],
        mfc="none",
        label="disturbance $\\epsilon$",
    )
    axes.set(xscale="log", xlabel="agents $p$", ylabel="gradient, root mean square", ylim=(0, None))
    axes.set_xticks(p, [f"{count}" for count in p])
    axes.minorticks_off()
    axes.legend(fontsize=7)
