"""How much memory training takes: what is kept between steps, and what one pass needs."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from nets.ensemble.passes import Criterion
from nets.ensemble.stacking import Slots
from nets.weights import Weights


@dataclass(frozen=True)
class Memory:
    """Bytes of an ensemble, without an optimizer's state."""

    agents: int
    weights: int
    gradients: int
    activations: int

    @property
    def loop(self) -> int:
        """Bytes while one agent computes: its activations, its gradients a second time."""
        return self._kept + self.activations + self.gradients // self.agents

    @property
    def batched(self) -> int:
        """Bytes while all compute together: activations and gradients of all."""
        return self._kept + self.agents * self.activations + self.gradients

    @property
    def _kept(self) -> int:
        return self.weights + self.gradients

    def __str__(self) -> str:
        kept, loop, batched = (x / 2**20 for x in (self._kept, self.loop, self.batched))
        return (
            f"{kept:.1f} MiB kept for {self.agents} agents; in a pass {loop:.1f} MiB one after the "
            f"other, {batched:.1f} MiB all at once"
        )


def measured(
    module: nn.Module,
    slots: Slots,
    buffers: Weights,
    criterion: Criterion,
    inputs: torch.Tensor,
    targets: torch.Tensor,
) -> Memory:
    """Return the memory of an ensemble, from one forward pass of one agent."""
    known = {p.untyped_storage().data_ptr() for p in [*module.parameters(), *module.buffers()]}
    saved: dict[int, int] = {}

    def note(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in known:
            saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        loss = criterion(module(inputs), targets)
    del loss  # only now may the memory of what was saved be used again
    return Memory(
        agents=len(slots.views),
        weights=_bytes(slots.weights) + _bytes(buffers),
        gradients=_bytes(slots.gradients),
        activations=sum(saved.values()),
    )


def free_memory(device: torch.device) -> int | None:
    """Return the bytes that can still be taken on a device, None where that is not known."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    fields = dict(line.split(":", 1) for line in lines)
    return int(fields["MemAvailable"].split()[0]) * 1024 if "MemAvailable" in fields else None


def _bytes(stack: Weights) -> int:
    return sum(tensor.untyped_storage().nbytes() for tensor in stack.values())
