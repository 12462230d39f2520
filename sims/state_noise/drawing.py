"""The picture of bounds under noise that depends on the state: the noise, spreads and distances."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sdeopt.experiments.measured import Measured
from sdeopt.plot.style import COLOURS, panel_titles, shared_legend
from sims.shared.drawing import (
    LABELS,
    MARKERS,
    draw_bound,
    draw_line,
    draw_measured,
    logarithmic,
    plain_ticks,
    series,
)
from sims.shared.grids import of_family, part, shown
from sims.shared.verdicts import range_of
from sims.state_noise.law import METHODS, strength

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMES = {
    "round quadratic": r"$f=\frac{1}{2}\|x\|^2$",
    "log-cosh": "log-cosh",
    "double well": "double well",
}
TINTS = ("convolved", "accent", "second")
STATES = {
    "QSGD": r"x^\bullet-x^*",
    "EASGD": r"(x^\bullet-x^*,\tilde x-x^*)",
    "momentum": r"(x^\bullet-x^*,v^\bullet)",
}
SPREADS = {
    "QSGD": r"$\mathsf{E}\,\Sigma_i\|x^i-x^\bullet\|^2$",
    "EASGD": r"$\mathsf{E}\,\Sigma_i\|x^i-x^\bullet\|^2$",
    "momentum": r"$\mathsf{E}\,\Sigma_i\|(x^i-x^\bullet,v^i-v^\bullet)\|^2$",
}


def draw(result: xr.Dataset) -> "Figure":
    """Draw the strength of the noise, spread and distance of each method, and the noise of the mean."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13.0, 5.8), layout="constrained")
    panels = figure.subplots(2, 4)
    titles: list[str] = []
    for above, below, method in zip(panels[0], panels[1], METHODS, strict=False):
        runs = shown(result, "coupling")
        runs = runs.isel(setting=(runs["method"] == method).values)
        most = series(runs, "agents")[-1][1]
        _over_coupling(above, most, "spread", "spread_bound")
        above.set_ylabel(SPREADS[method])
        titles.append(f"{method}, loose by {_ratio(most, 'spread_bound', 'spread')}")
        _over_coupling(below, most, "distance", "bound")
        below.set_ylabel(rf"$\mathsf{{E}}\,\|{STATES[method]}\|$")
        plain_ticks(above)
        plain_ticks(below)
    _strength(panels[0, 3], result)
    titles.append("strength of the noise")
    for method in METHODS:
        runs = result.isel(
            setting=((result["method"] == method) & (result["shown"] == "coupling")).values
        )
        most = series(runs, "agents")[-1][1]
        titles.append(f"{method}, loose by {_ratio(most, 'bound', 'distance')}")
    _noise(panels[1, 3], part(result, "noise"))
    titles.append("noise of the mean")
    panel_titles(list(panels.flat), titles)
    shared_legend(figure, panels[0, 0])
    p = int(result["agents"].max())
    figure.suptitle(
        f"Spread (above) and distance from the minimizer (below) of $p={p}$ agents; $f=\\frac{{1}}{{2}}"
        "\\|x\\|^2$ and log-cosh have one bound of the spread; loose by: bound / measured",
        fontsize=9,
    )
    return figure


def _ratio(runs: xr.Dataset, bound: str, name: str) -> str:
    factor = (runs[bound] / runs[name]).values
    return range_of(factor[np.isfinite(factor)])


def _over_coupling(axes: "Axes", runs: xr.Dataset, name: str, bound: str) -> None:
    """Draw what is measured on every loss with its bound."""
    for (family, label), marker, tint in zip(NAMES.items(), MARKERS, TINTS, strict=False):
        some = of_family(runs, family)
        some = some.isel(setting=np.isfinite(some[bound].values))
        if not some.sizes["setting"]:
            continue
        draw_measured(
            axes, some["coupling"], Measured.read(some, name), label, marker=marker,
            colour=COLOURS[tint],
        )  # fmt: skip
        draw_line(axes, some["coupling"], some[bound], color=COLOURS[tint], lw=1.0)
        if name == "distance" and not np.allclose(some["free"], some[bound], equal_nan=True):
            draw_line(axes, some["coupling"], some["free"], color=COLOURS[tint], lw=1.0, ls="--")
    axes.plot([], [], color="black", lw=1.0, label="bound")
    axes.plot([], [], color="black", lw=1.0, ls="--", label="bound without a metric")
    logarithmic(axes, np.unique(runs["coupling"].values).tolist(), LABELS["coupling"])
    axes.set(yscale="log")


def _strength(axes: "Axes", result: xr.Dataset) -> None:
    """Draw the strength over the distance from the minimizer, and where the agents have it."""
    distance = np.linspace(0.0, 1.0, 201)
    axes.plot(distance, strength(distance[:, None]), color="black", lw=1.2, label="$s(x)$")
    axes.axhline(1.0, color=COLOURS["accent"], lw=1.0, label="$C$")
    for (family, label), tint in zip(NAMES.items(), TINTS, strict=True):
        values = of_family(shown(result, "coupling"), family)["strength"].values
        axes.axhspan(values.min(), values.max(), color=COLOURS[tint], alpha=0.25, lw=0, label=label)
    axes.set(xlabel=r"distance $\|x\|$", ylabel=r"$\mathrm{tr}(B^\mathsf{T}B)/C$", ylim=(0.3, 1.05))
    axes.legend(fontsize=7, title="bands: at the agents", title_fontsize=7, loc="center right")


def _noise(axes: "Axes", noise: xr.Dataset) -> None:
    p = noise["agents"]
    draw_bound(axes, p, noise["level"], bound_label=r"$\eta C/(bp)$")
    draw_measured(axes, p, Measured.read(noise, "trace"), "simulation", colour="black")
    logarithmic(axes, np.unique(p.values).tolist(), LABELS["agents"])
    axes.set(yscale="log", ylabel="trace of the covariance")
    axes.legend(fontsize=7)
