"""How the language model's perplexities are drawn."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from nets.large_batch.batch_table import of_kind
from nets.large_batch.claims import batches_of
from nets.large_batch.drawing import KINDS
from nets.large_batch.run_curves import perplexity
from sdeopt.plot.boxes import draw_boxes
from sdeopt.plot.style import COLOURS, panel_titles

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_perplexities(result: xr.Dataset) -> "Figure":
    """Draw the test perplexity over the batch size, and what the search chose."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.4, 3.6), layout="constrained")
    ends, chosen = figure.subplots(1, 2)
    batches = batches_of(result)
    places = np.arange(len(batches), dtype=float)
    for number, (kind, (words, colour)) in enumerate(KINDS.items()):
        plans = [of_kind(kind, batch) for batch in batches]
        reached = [perplexity(result, plan) for plan in plans]
        shift = 0.36 * number - 0.18
        draw_boxes(
            ends, (places + shift).tolist(), reached, colour=COLOURS[colour], width=0.3, label=words
        )
        rates = [float(result["plan_rate"].sel(plan=plan)) for plan in plans]
        chosen.plot(places, rates, "o-", color=COLOURS[colour], label=f"learning rate, {words}")
    noisy = [of_kind(list(KINDS)[1], batch) for batch in batches]
    noises = [float(result["plan_noise"].sel(plan=plan)) for plan in noisy]
    chosen.plot(places, noises, "s--", color=COLOURS["second"], label="η of the noise")
    for axes in (ends, chosen):
        axes.set_xticks(places, [str(batch) for batch in batches])
        axes.set_xlabel(f"batch size, of {result.attrs['examples']:,} pieces")
    ends.set_ylabel("test perplexity")
    chosen.set(ylabel="chosen by the search", yscale="log")
    for axes in (ends, chosen):
        axes.legend(fontsize=7)
    panel_titles([ends, chosen], ["at the end", "learning rate and noise"])
    return figure
