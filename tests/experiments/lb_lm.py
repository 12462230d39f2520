"""Planted bugs of the language model at large batches."""

from tests.experiments.large_batches import ending
from tests.experiments.planted import Planted

UNDECIDED = {
    "noise lowers the perplexity": "12 updates with little noise: within a part in a thousand"
}
REFUSED = [({"batches": (12, 200)}, "choose smaller batches"), ({"rates": (0.0, 1.0)}, "positive")]

_with_gain = ending({"plain": [3.5, 4.5], "noisy": [3.5, 4.0]}, name="loss")

PLANTED = [
    Planted(
        "noise is not added at all",
        ending({"noisy": [3.5, 4.5]}, name="loss"),
        ["noise lowers the perplexity"],
        only=True,
        right=_with_gain,
    ),
    Planted(
        "all batches are the smallest",
        ending({"plain": 3.5}, name="loss"),
        ["the test perplexity rises with the batch size"],
        right=_with_gain,
    ),
]
