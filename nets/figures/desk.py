"""Desk scale: what two processor cores do in at most about two hours an experiment, on real images.

The sizes, and how claims are judged, were fixed before the first training that counts: see
``docs/plan-desk.md``. Nothing here imports torch, so that experiments are listed without it.
"""

from typing import Any

LOOKS = (4, 8, 12)
"""Numbers of paired runs at which the claims are judged."""

DESK_TASK: dict[str, Any] = {
    "batch": 128,
    "bfloat16": True,
    "data": "cifar10",
    "epochs": 40,
    "every": 4,
    "kept": True,
    "learning_rate": 0.05,
    "looks": LOOKS,
    "network": "three_convolutions",
    "runs": LOOKS[0],
    "side": 16,
    "threshold": 0.02,
    "train": 10_000,
    "way": "loop",
    "widths": (16, 32, 64),
}
"""The paper's network with a quarter of the channels, on a part of CIFAR-10 at half the resolution."""

COUPLING = 0.4
"""k with ηk = 0.02 at the start, as the agents of different experiments share it."""

MANY = (16, 32, 64)
"""Numbers of agents so large that stability is in question; they are trained for a few epochs."""

DESK_COUPLED: dict[str, Any] = DESK_TASK | {"agents": (1, 2, 4, 8), "coupling": COUPLING}

DESK_SINGLE: dict[str, Any] = DESK_TASK | {
    "coupling": COUPLING,
    "rates": (0.02, 0.05, 0.1, 0.25),
}

DESK_CHOICES = (
    "desk scale: 16, 32 and 64 channels, CIFAR-10 averaged to 16×16 pixels, 10,000 images for training "
    "and 2,500 for validation drawn anew for every run, 40 epochs, stall threshold 2%, bfloat16 inside "
    "the network, learning rate 0.05 and coupling 0.4 unless an axis shows others",
    "desk scale: claims are judged at 4, 8 and 12 paired runs by a plan fixed before the first of them: "
    "95% intervals of the paired differences, corrected for three looks; smallest effects of interest "
    "one point of accuracy, 0.03 in a loss, 5% in a distance",
)
