"""Random streams: what agent i draws depends on the seed and on i, not on the agents beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

INITIAL = 0
"""Purpose: an initial point."""
TRAINING = 1
"""Purpose: what an agent's network draws while it trains, such as dropout."""
COMMON = 2
"""Purpose: the same where one pass draws for all agents of a process at once."""


def _global_generators(device: torch.device) -> list[torch.Generator]:
    """Return the generators that a network on `device` draws from."""
    generators = [torch.default_generator]
    if device.type == "cuda":
        index = torch.cuda.current_device() if device.index is None else device.index
        generators.append(torch.cuda.default_generators[index])
    return generators


class Stream:
    """A random stream that torch's global generators can continue for a while.

    Networks draw from the global generators; so the state of the agent's own is copied there while its
    network computes, and back afterwards.
    """

    def __init__(self, seed: int, purpose: int, agent: int, device: torch.device) -> None:
        word = np.random.SeedSequence((seed, purpose, agent)).generate_state(1, np.uint64)
        self._device = device
        self._key = seed, purpose, agent
        self._generators = [
            torch.Generator(generator.device).manual_seed(int(word[0]))
            for generator in _global_generators(device)
        ]

    @property
    def generator(self) -> torch.Generator:
        """The generator of the network's device."""
        return self._generators[-1]

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Let the global generators continue this stream inside the block."""
        pairs = list(zip(_global_generators(self._device), self._generators, strict=True))
        outer = [shared.get_state() for shared, _ in pairs]
        for shared, own in pairs:
            shared.set_state(own.get_state())
        try:
            yield
        finally:
            for (shared, own), state in zip(pairs, outer, strict=True):
                own.set_state(shared.get_state())
                shared.set_state(state)

    def __getstate__(self) -> dict[str, Any]:
        return {"key": self._key, "device": self._device, "states": self.state()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(*state["key"], state["device"])  # type: ignore[misc]
        self.restore(state["states"])

    def state(self) -> list[torch.Tensor]:
        """Return where the stream stands."""
        return [generator.get_state() for generator in self._generators]

    def restore(self, states: list[torch.Tensor]) -> None:
        """Continue where another stream stood."""
        for generator, state in zip(self._generators, states, strict=True):
            generator.set_state(state.cpu())
