"""What the manuscript states of its tables, as claims: medians over runs, with bootstrap intervals."""

from collections.abc import Mapping

import numpy as np
import xarray as xr

from nets.large_batch.batch_table import CONSTANT, NOISY, PLAIN, RULES, of_kind
from nets.large_batch.run_curves import last_of, percent, positive
from sdeopt.experiment import Claim
from sdeopt.experiments.resampling import Array, higher, rises

LITTLE = 0.01
"""A gain in accuracy that is little: RECONSTRUCTED."""

DRAWN_SCORES = 2_000
"""Sets of held-back examples that are drawn, to see how surely the search chooses."""

LEVEL = 0.95

Cells = Mapping[int, tuple[float, float | None]]
"""The paper's table: batch -> accuracies without and with noise, in percent; an empty cell is None."""


def ends(result: xr.Dataset, kind: str, batch: int) -> Array:
    """Return the final test accuracy in every run."""
    return last_of(result, of_kind(kind, batch))


def batches_of(result: xr.Dataset) -> list[int]:
    """Return the batch sizes of a table, rising."""
    return [int(each) for each in result["batch"].values]


def table_claims(result: xr.Dataset, cells: Cells, *, large: int, fall_to: float) -> list[Claim]:
    """Return what is stated of both tables.

    Noise should help at the `large` largest batches, and accuracy fall up to a share of the examples.
    """
    batches, paper = batches_of(result), _rows(result, cells)
    plain = {b: ends(result, PLAIN, b) for b in batches}
    noisy = {b: ends(result, NOISY, b) for b in batches}
    gains = [noisy[b] - plain[b] for b in batches]
    fall = [b for b in batches if b / result.attrs["examples"] <= fall_to]
    listed = ", ".join(f"{percent(plain[b])} at {b}" for b in fall)
    smallest = batches[0]
    return [
        rises(
            f"without noise the accuracy falls with the batch size ({listed})",
            [plain[b] for b in reversed(fall)],
            what="fall",
        ),
        *(
            higher(
                f"B = {b}: noise wins accuracy back ({percent(noisy[b])} against "
                f"{percent(plain[b])}; in the paper {paper[b]})",
                plain[b],
                noisy[b],
            )
            for b in batches[-large:]
        ),
        positive(
            f"B = {smallest}: at the smallest batch noise gains little or harms "
            f"({percent(noisy[smallest])} against {percent(plain[smallest])}; in the paper "
            f"{paper[smallest]})",
            LITTLE - gains[0],
            f"{LITTLE:g} − gain",
        ),
        rises(
            "what noise gains rises with the batch size "
            f"({', '.join(f'{100 * float(np.median(g)) + 0.0:+.2f}' for g in gains)} points)",
            gains,
        ),
    ]


def _rows(result: xr.Dataset, cells: Cells) -> dict[int, str]:
    """Return the paper's two numbers for every batch size here, in words."""
    found = {}
    for here, there in zip(batches_of(result), result["paper_batch"].values, strict=True):
        plain, noisy = cells[int(there)]
        shown = "an empty cell" if noisy is None else f"{noisy:.2f}%"
        found[here] = f"{shown} against {plain:.2f}% at {int(there)}"
    return found


def best_noise_grows(result: xr.Dataset) -> Claim:
    """Claim that the noise which the search finds best rises with the batch size."""
    scores = result["search"]
    noises = scores["search_noise"].values
    with_noise = scores.isel(search_noise=np.flatnonzero(noises > 0))
    held, random = result.attrs["examples"] // 5, np.random.default_rng(0)
    values = with_noise.transpose("batch", "search_rate", "search_noise").values
    error = np.sqrt(values * (1 - values) / held)
    drawn = values + error * random.standard_normal((DRAWN_SCORES, *values.shape))
    found = _slope(drawn, noises[noises > 0])
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(found, [tail, 1 - tail])
    value = float(_slope(values[None], noises[noises > 0])[0])
    chosen = _chosen(values[None], noises[noises > 0])[0]
    listed = ", ".join(f"{eta:g} at {b}" for eta, b in zip(chosen, batches_of(result), strict=True))
    verdict = True if low > 0 else False if high < 0 else None
    return Claim(
        f"larger batches want more noise: the best η of the search rises ({listed}; the interval "
        "is over the held-back examples)",
        value,
        "rise of log₁₀ η over all batches > 0",
        verdict,
        value,
        (float(low), float(high)),
    )


def _chosen(scores: Array, noises: Array) -> Array:
    """Return the best noise of every batch size, in every drawn search."""
    best = scores.max(axis=2).argmax(axis=2)
    return np.asarray(noises[best])


def _slope(scores: Array, noises: Array) -> Array:
    """Return by how much log₁₀ of the best noise rises, on the line through all batch sizes."""
    levels = np.log10(_chosen(scores, noises))
    places = np.arange(levels.shape[1]) - (levels.shape[1] - 1) / 2
    return np.asarray(levels @ places / (places**2).sum() * (levels.shape[1] - 1))


def rule_claims(result: xr.Dataset) -> list[Claim]:
    """Return that scaled learning rates fail at the largest batch where noise does not."""
    largest = batches_of(result)[-1]
    noisy = ends(result, NOISY, largest)
    found = []
    for rule in RULES:
        plan = of_kind(rule, largest)
        if plan not in result["plan"].values:
            continue
        training = result.sel(plan=plan)
        lost = int(training["diverged"].sum())
        found.append(
            higher(
                f"B = {largest}: {rule} scaling of the learning rate, to "
                f"{float(training['plan_rate']):.3g}, "
                "fails or diverges where noise does not "
                f"({percent(ends(result, rule, largest))} against "
                f"{percent(noisy)}; {lost} of {len(noisy)} left the finite numbers)",
                ends(result, rule, largest),
                noisy,
            )
        )
    return found


def decay_claim(result: xr.Dataset) -> Claim:
    """Claim that noise which decays is better than noise which does not."""
    largest = batches_of(result)[-1]
    held, noisy = ends(result, CONSTANT, largest), ends(result, NOISY, largest)
    return higher(
        f"B = {largest}: noise that decays tests better than the best that does not "
        f"({percent(noisy)} against {percent(held)})",
        held,
        noisy,
    )
