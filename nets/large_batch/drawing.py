"""How the tables and figures on large batches are drawn: ours beside the paper's."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from nets.large_batch.batch_table import CONSTANT, NOISY, PLAIN, RULES, of_kind
from nets.large_batch.claims import Cells, batches_of, ends
from nets.large_batch.run_curves import last_of
from sdeopt.plot.boxes import draw_boxes
from sdeopt.plot.style import COLOURS, DASHES, panel_titles

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KINDS = {PLAIN: ("without noise", "mean"), NOISY: ("with noise", "accent")}
"""The words and the colour of trainings without noise and with it."""


def draw_table(result: xr.Dataset, cells: Cells) -> "Figure":
    """Draw accuracies over the batch size, what else was tried at the largest, and all cells."""
    from matplotlib.figure import Figure

    rows = len(batches_of(result))
    figure = Figure(figsize=(9.6, 4.4 + 0.27 * rows), layout="constrained")
    grid = figure.add_gridspec(2, 2, height_ratios=(3.4, 0.8 + 0.27 * rows))
    over_batches, tried = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
    table = figure.add_subplot(grid[1, :])
    _over_batches(over_batches, result, cells)
    _at_largest(tried, result)
    _cells(table, result, cells)
    titles = ["accuracy at the end", "at the largest batch", "cell by cell"]
    figure.legend(
        *over_batches.get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=8
    )
    panel_titles([over_batches, tried, table], titles)
    return figure


def _over_batches(axes: "Axes", result: xr.Dataset, cells: Cells) -> None:
    batches = batches_of(result)
    places = np.arange(len(batches), dtype=float)
    paper = [cells[int(each)] for each in result["paper_batch"].values]
    for number, (kind, (words, colour)) in enumerate(KINDS.items()):
        groups = [100 * ends(result, kind, b) for b in batches]
        shift = -0.18 if kind == PLAIN else 0.18
        draw_boxes(
            axes,
            (places + shift).tolist(),
            groups,
            colour=COLOURS[colour],
            width=0.3,
            label=f"{words}, here",
        )
        printed = np.array([row[number] for row in paper], np.float64)
        axes.plot(
            places + shift, printed, "D", mfc="none", color=COLOURS[colour], ms=5,
            label=f"{words}, printed",
        )  # fmt: skip
    axes.set_xticks(places, [str(b) for b in batches])
    axes.set(
        xlabel=f"batch size, of {result.attrs['examples']:,} examples", ylabel="test accuracy (%)"
    )


def _at_largest(axes: "Axes", result: xr.Dataset) -> None:
    largest = batches_of(result)[-1]
    wanted = [PLAIN, NOISY, CONSTANT, *RULES]
    shown = [kind for kind in wanted if of_kind(kind, largest) in result["plan"].values]
    groups = [100 * ends(result, kind, largest) for kind in shown]
    draw_boxes(axes, range(len(shown)), groups)
    words = {PLAIN: "none", NOISY: "decaying\nnoise", CONSTANT: "constant\nnoise"}
    axes.set_xticks(range(len(shown)), [words.get(kind, f"{kind}\nrate") for kind in shown])
    axes.tick_params(axis="x", labelsize=7)
    axes.set(xlabel=f"what is done at B = {largest}", ylabel="test accuracy (%)")


def _cells(axes: "Axes", result: xr.Dataset, cells: Cells) -> None:
    """Write every cell of the table, medians with quartiles, beside the printed one."""
    axes.set_axis_off()
    rows = []
    for batch, there in zip(batches_of(result), result["paper_batch"].values, strict=True):
        row = [f"{batch:,}"]
        for kind in KINDS:
            low, middle, high = np.quantile(100 * ends(result, kind, batch), [0.25, 0.5, 0.75])
            row.append(f"{middle:.2f} [{low:.2f}, {high:.2f}]")
        plan = result.sel(plan=of_kind(NOISY, batch))
        plain_rate = float(result["plan_rate"].sel(plan=of_kind(PLAIN, batch)))
        row += [
            f"{plain_rate:g}",
            f"{float(plan['plan_rate']):g}, {float(plan['plan_noise']):g}",
            f"{int(plan['plan_updates'])}",
            f"{int(there):,}",
            *("" if number is None else f"{number:.2f}" for number in cells[int(there)]),
        ]
        rows.append(row)
    headings = [
        "batch", "without noise (%)", "with noise (%)", "rate", "rate, η", "updates an epoch",
        "printed: batch", "without (%)", "with (%)",
    ]  # fmt: skip
    table = axes.table(rows, colLabels=headings, loc="center", cellLoc="center", edges="horizontal")
    table.auto_set_font_size(False)
    table.set_fontsize(7.5)
    table.auto_set_column_width(list(range(len(headings))))


def draw_curves(result: xr.Dataset, words: Mapping[str, str], along: str = "epoch") -> "Figure":
    """Draw the test accuracy of every plan that is named: all runs thin, their median thick."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.8, 3.6), layout="constrained")
    curves, last = figure.subplots(1, 2, width_ratios=(2.2, 1))
    colours = list(COLOURS.values())
    chosen = [COLOURS["mean"], COLOURS["accent"], COLOURS["convolved"], *colours]
    for number, (plan, label) in enumerate(words.items()):
        _curve(curves, result.sel(plan=plan), label, chosen[number], DASHES[number % len(DASHES)])
    groups = [100 * last_of(result, plan) for plan in words]
    draw_boxes(last, range(len(words)), groups)
    last.set_xticks(range(len(words)), [_broken(label) for label in words.values()], fontsize=7)
    last.set(xlabel="noise", ylabel="test accuracy (%)")
    curves.set(xlabel=along, ylabel="test accuracy (%)")
    curves.legend(fontsize=8, loc="lower right")
    panel_titles([curves, last], ["test accuracy", "at the end"])
    return figure


def _curve(axes: "Axes", training: xr.Dataset, label: str, colour: str, dashes: object) -> None:
    tested = 100 * training["accuracy"].dropna("epoch", how="any").transpose("run", "epoch")
    for run in tested.values:
        axes.plot(tested["epoch"], run, color=colour, lw=0.5, alpha=0.4)
    axes.plot(
        tested["epoch"],
        np.median(tested.values, axis=0),
        color=colour,
        lw=2,
        ls=dashes,
        label=label,
    )


def _broken(label: str) -> str:
    return label.replace(" ", "\n")
