"""Draws of a noise law in torch: one stream for each group of parameters and device."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from sdeopt.arguments import ANY_SIZE, finite_number, whole_number
from sdeopt.errors import CheckpointError, InvalidArgumentError
from sdeopt.noise import Gaussian, Uniform
from sdeopt.noise.law import NoiseLaw

GRADIENT_NOISE = 10
WEIGHT_NOISE = 11
"""Purposes of streams; smaller numbers are those of `nets.ensemble.streams`."""


def drawable(law: NoiseLaw) -> NoiseLaw:
    """Return a law, or say why torch cannot draw from it."""
    one_number = isinstance(law, Uniform) or (
        isinstance(law, Gaussian) and isinstance(law.standard_deviation, float)
    )
    if not one_number:
        raise InvalidArgumentError(
            f"the noise law is {law!r}, but here it must be noise.Uniform, or noise.Gaussian with "
            "one standard_deviation for all weights."
        )
    return law


class NoiseStreams:
    """Noise for the groups of an optimizer.

    What a group draws depends on the seed and on its number alone, not on the groups beside it.
    """

    def __init__(self, law: NoiseLaw, seed: int, purpose: int) -> None:
        self.law = drawable(law)
        self.seed = whole_number(seed, "seed", maximum=ANY_SIZE)
        self.purpose = purpose
        self._generators: dict[tuple[int, int], torch.Generator] = {}

    def level(self, time: int) -> float:
        """Return the factor in front of a draw of the standard law."""
        return self.law.scale * _level(self.law, time)

    def add_to(self, tensors: Sequence[Tensor], group: int, time: int) -> None:
        """Add fresh noise to every tensor of a group, in place."""
        add = self._add_to
        if torch.compiler.is_compiling():
            # A generator and a schedule in numpy are not for torch.compile, which works on either
            # side of them. Not a decorator: that alone would import a second's worth of compiler.
            add = torch.compiler.disable(add)  # type: ignore[no-untyped-call]
        add(tensors, group, time)

    def _add_to(self, tensors: Sequence[Tensor], group: int, time: int) -> None:
        level = self.level(time)
        devices: list[torch.device] = []
        alike: dict[tuple[torch.device, torch.dtype], list[Tensor]] = {}
        for tensor in tensors:
            alike.setdefault((tensor.device, tensor.dtype), []).append(tensor)
        for (device, dtype), targets in alike.items():
            if device not in devices:
                devices.append(device)
            generator = self._generator(group, devices.index(device), device)
            # One call for all of them: a small tensor costs more in calls than in numbers.
            sizes = [target.numel() for target in targets]
            drawn = torch.empty(sum(sizes), dtype=dtype, device=device)
            if isinstance(self.law, Uniform):
                drawn.uniform_(-1.0, 1.0, generator=generator)
            else:
                drawn.normal_(generator=generator)
            pieces = [
                piece.view(target.shape)
                for piece, target in zip(torch.split(drawn, sizes), targets, strict=True)
            ]
            torch._foreach_add_(targets, pieces, alpha=level)

    def _generator(self, group: int, place: int, device: torch.device) -> torch.Generator:
        key = (group, place)
        if key not in self._generators:
            words = np.random.SeedSequence((self.seed, self.purpose, group, place))
            seed = int(words.generate_state(1, np.uint64)[0])
            self._generators[key] = torch.Generator(device).manual_seed(seed)
        return self._generators[key]

    def state_dict(self) -> dict[str, Any]:
        """Return where the streams stand."""
        streams = [
            {"group": group, "place": place, "device": str(own.device), "state": own.get_state()}
            for (group, place), own in self._generators.items()
        ]
        return {"seed": self.seed, "streams": streams}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where the saved streams stood."""
        generators = {}
        for stream in state["streams"]:
            try:
                generator = torch.Generator(stream["device"])
            except RuntimeError as problem:
                raise CheckpointError(
                    f"the noise was drawn on {stream['device']}, which this machine lacks; its "
                    "stream can only continue on a device of that kind."
                ) from problem
            # a checkpoint that was loaded onto a GPU brought this tensor along
            generators[stream["group"], stream["place"]] = generator.set_state(
                stream["state"].cpu()
            )
        self.seed = state["seed"]
        self._generators = generators

    def __getstate__(self) -> dict[str, Any]:
        return {"law": self.law, "purpose": self.purpose, "state": self.state_dict()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.law, self.purpose = state["law"], state["purpose"]
        self.load_state_dict(state["state"])


def _level(law: NoiseLaw, time: int) -> float:
    value = law.level_schedule(np.array([float(time)]))[0]
    return finite_number(value, f"the level of the noise at step {time}", 0)
