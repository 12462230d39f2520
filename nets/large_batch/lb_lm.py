"""The language model of Sec. 5.3, which the paper only planned: reported, no claim of its own."""

from typing import TYPE_CHECKING

import numpy as np

from nets.large_batch.batch_table import NOISY, PLAIN, BatchTable, of_kind, tabulated
from nets.large_batch.claims import batches_of
from nets.large_batch.manuscript import MANUSCRIPT
from nets.large_batch.perplexity_drawing import draw_perplexities
from nets.large_batch.run_curves import perplexity
from sdeopt.experiment import Claim
from sdeopt.experiments.resampling import higher, rises

if TYPE_CHECKING:
    import xarray as xr


def simulate(configuration: BatchTable) -> "xr.Dataset":
    """Search, then train at every batch size."""
    return tabulated(configuration).assign_attrs(words=configuration.widths[2])


def claims(result: "xr.Dataset") -> list[Claim]:
    """Return what is found here; the paper states nothing."""
    batches = batches_of(result)
    plain = {b: perplexity(result, of_kind(PLAIN, b)) for b in batches}
    noisy = {b: perplexity(result, of_kind(NOISY, b)) for b in batches}
    listed = ", ".join(f"{np.median(plain[b]):.1f} at {b}" for b in batches)
    largest = batches[-1]
    return [
        rises(
            "beyond the paper: without noise the test perplexity rises with the batch size "
            f"({listed})",
            [np.log(plain[b]) for b in batches],
            what="rise of the log",
        ),
        higher(
            f"beyond the paper: B = {largest}: noise lowers the perplexity of the largest batch "
            f"({np.median(noisy[largest]):.1f} against {np.median(plain[largest]):.1f})",
            np.log(noisy[largest]),
            np.log(plain[largest]),
            what="difference of logs",
        ),
    ]


experiment = MANUSCRIPT.experiment(
    "lb-lm",
    "A language model at large batches, which the paper only planned",
    "Sec. 5.3",
    setup=(
        "Word vectors and one layer of long short-term memory learn to predict the next word, in "
        "pieces of 35 words, by SGD at several batch sizes (in pieces), without noise and with it, "
        "each with the learning rate and η of a recorded search as in Table 1. The text is "
        "WikiText-2 at desk and paper scale, the reference manual of Python at quick scale. The "
        "paper has no numbers: nothing here is its claim."
    ),
    from_paper=("an LSTM on WikiText-2, planned",),
    reconstructed=(
        "all sizes, rates and batch sizes; momentum 0.5 and the noise are those of Table 1",
        "desk scale: without the training file of WikiText-2, where only its other files are at "
        "hand, the model trains on four fifths of the validation file; the 2,000 most frequent "
        "words",
    ),
    quick=BatchTable(
        data="python_reference",
        train=120,
        tested=100,
        network="lstm",
        widths=(16, 1, 200),
        epochs=6,
        runs=5,
        part=100,
        every=6,
        batches=(12, 90),
        rates=(1.0,),
        noises=(0.001,),
    ),
    desk=BatchTable(
        data="wikitext2",
        train=1_600,
        tested=1_000,
        network="lstm",
        widths=(64, 1, 2_000),
        epochs=12,
        runs=5,
        part=100,
        every=12,
        kept=True,
        batches=(40, 240, 1_200),
        rates=(0.3, 1.0, 3.0),
        noises=(0.001, 0.005, 0.01),
    ),
    paper=BatchTable(
        data="wikitext2",
        network="lstm",
        widths=(200, 2, 33_278),
        epochs=40,
        runs=5,
        part=250,
        device="cuda",
        batches=(64, 1_024, 16_384, 40_000),
        rates=(0.3, 1.0, 3.0, 10.0),
        noises=(0.001, 0.005, 0.01, 0.3),
    ),
    simulate=simulate,
    draw=draw_perplexities,
    claims=claims,
)
