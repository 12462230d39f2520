"""The noise that restores a smaller batch, as the SDE predicts it, against the best of a search."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nets.large_batch.configuration import (
    DESK,
    PAPER,
    QUICK,
    LargeBatchTask,
    NoisyPlan,
    fitting,
    increasing,
)
from nets.large_batch.manuscript import MANUSCRIPT
from nets.large_batch.run_curves import last_of, percent, positive
from nets.large_batch.theory_drawing import draw_theory
from sdeopt.arguments import finite_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Claim
from sdeopt.experiments.resampling import alike

if TYPE_CHECKING:
    import xarray as xr

FACTOR = np.sqrt(10.0)
"""Within which two noises count as the same: RECONSTRUCTED, a step of the search."""

SAME = 0.02
"""Accuracies that differ by less count as the same: RECONSTRUCTED."""


@dataclass(frozen=True, kw_only=True)
class Restored(LargeBatchTask):
    """A large batch with constant noise, and smaller ones for as many updates at the same rate.

    Parameters
    ----------
    batch : int
        b, the large batch.
    rate : float
        ε of all trainings.
    wanted : tuple of int
        b₀, batches whose noise is restored.
    noises : tuple of float
        α that are searched, rising by equal factors.
    """

    batch: int
    rate: float
    wanted: tuple[int, ...]
    noises: tuple[float, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        finite_number(self.rate, "rate", minimum=0, open_end=True)
        increasing(self.wanted, "wanted")
        increasing(self.noises, "noises", fewest=2)
        fitting((self.batch,), self.train)
        if self.wanted[-1] >= self.batch:
            raise InvalidArgumentError(
                f"wanted is {self.wanted}, but noise restores smaller batches than the "
                f"{self.batch} that are used."
            )


def simulate(configuration: Restored) -> "xr.Dataset":
    """Measure tr Σ along a training, predict α from it, and train with it, around it, and without."""
    import xarray as xr

    from nets.large_batch.images import examples_of
    from nets.large_batch.search import held_back
    from nets.large_batch.trainings import compared, traced, updates
    from nets.optimizers import restored_batch

    given = configuration
    plain = NoisyPlan(batch=given.batch, rate=given.rate)
    path = traced(given, plain)
    trace, weights = float(path["trace"].mean()), int(path["weights"])
    levels = [
        float(np.asarray(restored_batch(trace, weights, given.batch, b).standard_deviation))
        for b in given.wanted
    ]
    noisy: dict[float, NoisyPlan] = {
        noise: NoisyPlan(batch=given.batch, rate=given.rate, noise=noise, exponent=0.0)
        for noise in (*given.noises, *levels)
    }
    steps = given.epochs * updates(given, plain)
    plans = {"none": plain}
    plans |= {f"searched {noise:g}": noisy[noise] for noise in given.noises}
    for b, level in zip(given.wanted, levels, strict=True):
        plans[f"restores {b}"] = noisy[level]
        plans[f"batch {b}"] = as_many_updates(b, given.rate, steps, examples_of(given))
    scores = held_back(given, [plans["none"], *(noisy[noise] for noise in given.noises)])
    beside = xr.Dataset(
        {
            "trace": ("trace_epoch", path["trace"].values),
            "predicted": ("wanted", levels),
            "score": ("searched", scores),
        },
        coords={"wanted": list(given.wanted), "searched": [0.0, *given.noises]},
    )
    return compared(given, plans).assign(beside).assign_attrs(weights=weights)


def as_many_updates(batch: int, rate: float, steps: int, examples: int) -> NoisyPlan:
    """Return a training of so many updates with a small batch, in as few passes as possible."""
    passes = -(-batch * steps // examples)
    each = round(steps / passes) * batch
    return NoisyPlan(batch=batch, rate=rate, examples=min(each, examples), epochs=passes)


def claims(result: "xr.Dataset") -> list[Claim]:
    """Return how well the SDE predicts; the manuscript tunes its noise and predicts none."""
    found = []
    for b in result["wanted"].values.tolist():
        small, restored = last_of(result, f"batch {b}"), last_of(result, f"restores {b}")
        found.append(
            alike(
                f"restoring the noise of batches of {b} restores what they reach in as many "
                f"updates ({percent(restored)} against {percent(small)})",
                small,
                restored,
                SAME,
            )
        )
    return [*found, *_search_claims(result)]


def _search_claims(result: "xr.Dataset") -> list[Claim]:
    """Return what the search says of the predicted noise."""
    levels, scores = result["searched"].values, result["score"].values
    best, predicted = float(levels[scores.argmax()]), result["predicted"]
    least, most = float(predicted.min()), float(predicted.max())
    # no noise at all is nearest to the weakest
    away = abs(np.log(predicted.values / max(best, least / 10)))
    b = int(predicted["wanted"][int(away.argmin())])
    tested = last_of(result, f"searched {best:g}" if best else "none")
    restored = last_of(result, f"restores {b}")
    return [
        Claim.between(
            f"the best noise of the search, α = {best:g}, is one that restores a smaller batch of "
            f"those looked at, to a step of the search (α from {least:.2g} to {most:.2g})",
            best,
            least / FACTOR,
            most * FACTOR,
            "best α",
        ),
        positive(
            f"the predicted noise nearest to it, that of batches of {b}, is as good as the "
            f"search’s, less two points ({percent(restored)} against {percent(tested)})",
            restored - tested + SAME,
            f"difference + {SAME:g}",
        ),
    ]


experiment = MANUSCRIPT.experiment(
    "lb-theory",
    "The noise that restores a smaller batch, as the SDE predicts, and the best of a search",
    "eq. (1), beside the theory’s large_batch_restored_noise",
    setup=(
        "Noise α added to the gradient of batches of b gives SGD the diffusion (ε/b) Σ + ε α² I. "
        "Its trace is that of batches of b₀ where α² = (tr Σ/n)(1/b₀ − 1/b). tr Σ is measured along "
        "a training without noise and averaged over its epochs; α is constant. The network of Table "
        "1 is trained with batches of b without noise, with noise of several α, and with the α "
        "predicted for several b₀; and with batches of b₀ themselves, at the same rate, for as many "
        "updates, for which the SDE predicts the same law if Σ ∝ I. The search judges α by examples "
        "held back, as in Table 1. Why batches of 16 end lower than noise of their trace (desk "
        "scale): it is not the trace that harms them at this rate, since added noise of 25 times "
        "their trace (α = 0.03) costs nothing. Theirs is not ∝ I: it probably lies in the few "
        "directions in which the loss is curved, where added noise has a share of 1/n each."
    ),
    reconstructed=(
        "all of it: the manuscript tunes its noise. The rate; b₀; the α that are searched, by "
        "steps of √10; two noises within such a step, and accuracies within two points, count as "
        "the same",
    ),
    quick=Restored(
        **{**QUICK, "epochs": 10, "every": 10},
        batch=55,
        rate=0.1,
        wanted=(4, 16),
        noises=(0.03, 0.3),
    ),
    desk=Restored(
        **{**DESK, "every": 15},
        batch=2_731,
        rate=0.1,
        wanted=(16, 64, 256),
        noises=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3),
    ),
    paper=Restored(
        **PAPER,
        batch=16_384,
        rate=0.1,
        wanted=(16, 64, 256),
        noises=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3),
    ),
    simulate=simulate,
    draw=draw_theory,
    claims=claims,
)
