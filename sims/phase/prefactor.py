"""The best coupling over the prefactor of the loss and the width of the noise, at one step size.

A loss s times as steep is the same problem with noise W/s, step ηs and coupling k/s. So where κ* goes
as W to the power a at a fixed step, it goes with s to the power 1 − a/2.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

import sdeopt as so
from sdeopt.experiment import Claim
from sdeopt.experiments.measured import interval_of
from sims.phase.diagram import DRAWS, Array, Diagram, Estimate, gain, window

DIMS = ("prefactor", "half_width", "coupling", "replica")

FEWEST = 5
"""Cells for a fit of three numbers."""


def steeper(factor: float) -> so.losses.RuggedWell:
    """Return the loss of the diagram times a factor."""
    plain = so.losses.RuggedWell.robust()
    return so.losses.RuggedWell(
        quartic=factor * plain.quartic,
        quadratic=factor * plain.quadratic,
        tilt=factor * plain.tilt,
        amplitudes=tuple(factor * number for number in plain.amplitudes),
        frequencies=plain.frequencies,
    )


@dataclass(frozen=True)
class Powers:
    """The powers of κ* in the prefactor, in the width of the noise, and in both together."""

    prefactor: Estimate
    half_width: Estimate
    together: Estimate
    scaled: Estimate
    cells: int


class Steepness:
    """The cells of a diagram over the prefactor, analysed."""

    def __init__(self, result: xr.Dataset, diagram: Diagram) -> None:
        loss = result["prefactor_loss"].transpose(*DIMS)
        self.step_size = float(result["prefactor_step_size"])
        k = loss["coupling"]
        usable = (diagram.start_loss - loss / loss["prefactor"]) / diagram.drop
        self.heights = usable.where(k * self.step_size <= 1 + 1e-9).isel(coupling=slice(1, None))
        width = loss["half_width"]
        room = self.step_size * width / np.sqrt(3.0) <= diagram.freeing / np.sqrt(2.0)
        self.region = ((result["prefactor_memory"] < 0.5) & room).transpose(*DIMS[:2])

    def middles(self, means: Array, place: Array | float = 0.5) -> Array:
        """Return log κ* of the cells, NaN where the window of good couplings is not seen whole."""
        log_k = np.log(self.heights["coupling"].values)
        ends = window(np.where(np.isnan(means), -np.inf, means), log_k, place)
        k = np.exp(ends.mean(axis=0))
        whole = np.isfinite(ends).all(axis=0)
        return np.log(np.where(whole, gain(np.where(whole, k, 1.0), self.step_size), np.nan))

    def best(self) -> xr.DataArray:
        """Return κ* of every cell of the region."""
        means = self.heights.mean("replica", skipna=False)
        found = self.middles(means.values.reshape(-1, means.sizes["coupling"]))
        shape = self.region.shape
        best: xr.DataArray = self.region.copy(data=np.exp(found).reshape(shape)).where(self.region)
        return best

    def powers(self, seed: int = 0) -> Powers:
        """Fit log κ* = constant + powers, with bootstrap over replicas, cells and places of ends."""
        chosen = self.best().notnull().values
        factor, width = np.meshgrid(
            self.region["prefactor"].values, self.region["half_width"].values, indexing="ij"
        )
        design = np.column_stack(
            [np.ones(chosen.sum()), np.log(factor[chosen]), np.log(width[chosen])]
        )
        cells = self.heights.values[chosen]
        if len(cells) < FEWEST:
            unknown = Estimate(np.nan, np.nan, np.nan)
            return Powers(unknown, unknown, unknown, unknown, len(cells))
        random, replicas = np.random.default_rng(seed), cells.shape[-1]
        samples = []
        for _ in range(DRAWS):
            means = cells[..., random.integers(replicas, size=replicas)].mean(axis=-1)
            found = self.middles(means, random.uniform(size=(2, len(cells))))
            samples.append(_fit(design, found, random.integers(len(cells), size=len(cells))))
        fitted = _fit(design, self.middles(cells.mean(axis=-1)), np.arange(len(cells)))
        low, high = np.nanquantile(samples, [0.025, 0.975], axis=0)
        steep, wide, both, rest = map(Estimate, fitted.tolist(), low.tolist(), high.tolist())
        return Powers(steep, wide, both, rest, len(cells))


def _fit(design: Array, log_gain: Array, drawn: NDArray[np.int64]) -> Array:
    """Return the powers of prefactor and width, their sum, and what scaling leaves of the first."""
    rows = drawn[np.isfinite(log_gain[drawn])]
    if np.linalg.matrix_rank(design[rows]) < design.shape[1]:
        return np.full(4, np.nan)
    _, steep, wide = np.linalg.lstsq(design[rows], log_gain[rows], rcond=None)[0]
    return np.array([steep, wide, steep + wide, steep - (1 - wide / 2)])


def claims_on_prefactor(result: xr.Dataset, diagram: Diagram) -> list[Claim]:
    """Claim how the best coupling moves with the prefactor of the loss and the width of the noise."""
    steepness = Steepness(result, diagram)
    found = steepness.powers()
    where = f"η = {steepness.step_size:g}, {found.cells} cells; 95% intervals by bootstrap"

    def very_small(chosen: NDArray[np.int64]) -> float:
        some = result.isel(replica=chosen)
        least = Steepness(some, diagram.of_some(chosen)).best().min().item()
        return steepness.step_size * least if np.isfinite(least) else np.nan

    everyone = np.arange(result.sizes["replica"])
    return [
        Claim.above(
            f"the best k rises with the width of the noise at each prefactor: κ* goes as W to the power "
            f"{found.half_width} ({where})",
            found.half_width.value,
            0.0,
            "power",
            interval=found.half_width.ends,
        ),
        Claim.above(
            "and with prefactor and width together, noise and gradients in one proportion: power "
            f"{found.together}",
            found.together.value,
            0.0,
            "power",
            interval=found.together.ends,
        ),
        Claim.at_most(
            "with a small width and a small prefactor the best k is very small",
            very_small(everyone),
            0.1,
            "ηκ, of at most ½",
            interval=interval_of(very_small, everyone),
        ),
        Claim.at_most(
            "it falls with the prefactor alone, as the gradients grow against the noise: power "
            f"{found.prefactor}",
            found.prefactor.value,
            0.0,
            "power",
            interval=found.prefactor.ends,
        ),
        Claim.between(
            "by the power that scaling asks for: a loss s times as steep is the same problem with noise "
            "W/s, step ηs and coupling k/s",
            found.scaled.value,
            -0.25,
            0.25,
            "power − (1 − half the power of W)",
            interval=found.scaled.ends,
        ),
    ]
