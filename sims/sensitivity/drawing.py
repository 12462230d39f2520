"""How verdicts on figures are drawn beside what else was measured, a row for each change."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from sims.sensitivity.claims import percent
from sims.sensitivity.study import ReconstructedConstant
from sims.shared.measures import Array
from sims.shared.panels import PARTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

BESIDE = {"fig1": "closed form", "fig3": "no momentum", "fig4": "all claims"}
COLUMNS = PARTS | {"none": "$k = 0$"}
"""What a part of a figure is called here."""


@dataclass(frozen=True)
class Ladder:
    """The last block: a share for each of several couplings."""

    variable: str
    title: str
    of: str


def draw_verdicts(
    result: xr.Dataset, constants: Mapping[str, ReconstructedConstant], ladder: Ladder
) -> "Figure":
    """Draw the share of claims that are met, by figure and part, and the couplings that are good."""
    from matplotlib.figure import Figure

    from sdeopt.plot.maps import colour_scale

    rows = _rows(result, constants, ladder.variable)
    figures = list(dict.fromkeys(result["figure"].values.tolist()))
    couplings = result["ladder"].values
    figure = Figure(figsize=(10.0, 1.9 + 0.2 * len(rows)), layout="constrained")
    panels = figure.subplots(
        1,
        len(figures) + 1,
        sharey=True,
        width_ratios=[*(len(_parts(result, name)) for name in figures), len(couplings)],
    )
    for axes, name in zip(panels, figures, strict=False):
        counts = [
            [shares(row, name, part) for part in _parts(result, name)] for row in rows.values()
        ]
        held = np.array([[kept / claims for kept, claims in row] for row in counts])
        drawn = _block(axes, held, [[f"{kept}/{claims}" for kept, claims in row] for row in counts])
        labels = [COLUMNS.get(part, BESIDE.get(name, part)) for part in _parts(result, name)]
        axes.set_title(name if len(labels) == 1 else f"claims met, {name}", fontsize=8)
        axes.set_xticks(range(len(labels)), labels, fontsize=7, rotation=45, ha="right")
    found = np.array([row[ladder.variable].values for row in rows.values()])
    _block(
        panels[-1],
        found,
        [[f"{100 * share:z.0f}".replace("-", "−") for share in row] for row in found],
    )
    panels[-1].set_title(ladder.title, fontsize=8)
    panels[-1].set_xticks(range(len(couplings)), [f"{k:g}" for k in couplings], fontsize=7)
    panels[-1].set_xlabel("coupling $k$ (1/time)")
    panels[0].set_yticks(range(len(rows)), list(rows), fontsize=7)
    panels[0].set_ylabel("what is changed")
    colour_scale(figure, drawn, panels, f"share of claims, of {ladder.of}")
    return figure


def _block(axes: "Axes", values: Array, texts: list[list[str]]) -> "AxesImage":
    """Draw a table of shares, with its numbers."""
    drawn = axes.imshow(values, cmap="cividis", vmin=0.0, vmax=1.0, aspect="auto")
    for (row, column), share in np.ndenumerate(values):
        axes.text(
            column,
            row,
            texts[row][column],
            ha="center",
            va="center",
            fontsize=6,
            color="white" if share < 0.5 else "black",
        )
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return drawn


def _rows(
    result: xr.Dataset, constants: Mapping[str, ReconstructedConstant], variable: str
) -> dict[str, xr.Dataset]:
    """Return the verdicts before and after each change, by the label of the row."""
    names = ["seems", variable]
    before = result[[f"before_{name}" for name in names]]
    rows = {"as it is": before.rename({f"before_{name}": name for name in names})}
    for constant in result["constant"].values.tolist():
        for by in result["change"].values.tolist():
            label = f"{constants[constant].label}, {percent(by)}"
            rows[label] = result[names].sel(constant=constant, change=by)
    return rows


def _parts(result: xr.Dataset, name: str) -> list[str]:
    """Return the parts of a figure, from no coupling to the largest, then what stands beside."""
    present = result["part"].values[result["figure"].values == name]
    return [part for part in (*PARTS, "beside") if part in present]


def shares(verdicts: xr.Dataset, figure: str, part: str) -> tuple[int, int]:
    """Return how many claims on a part of a figure seem to hold, and how many there are."""
    chosen = (verdicts["figure"].values == figure) & (verdicts["part"].values == part)
    return int(verdicts["seems"].values[chosen].sum()), int(chosen.sum())
