"""What decides the result of a training run, in the words of JSON."""

from typing import Any

import torch

from nets.couplings import Coupling
from nets.data import AgentBatches, DataSet
from nets.ensemble.ensemble import Ensemble
from sdeopt.configuration import describe


def identity(
    ensemble: Ensemble,
    optimizer: torch.optim.Optimizer,
    rule: Coupling,
    batches: AgentBatches,
    data: DataSet,
    agents: int,
) -> dict[str, Any]:
    """Return what a checkpoint must agree with before a run goes on from it."""
    return {
        "agents": agents,
        "weights": {name: list(stack.shape[1:]) for name, stack in ensemble.weights.items()},
        "optimizer": {
            "name": type(optimizer).__name__,
            "options": {
                name: float(value) if isinstance(value, torch.Tensor) else value
                for name, value in optimizer.defaults.items()
                if isinstance(value, bool | int | float | str | torch.Tensor | None)
            },
            "rates": [float(group["lr"]) for group in optimizer.param_groups],
        },
        "coupling": describe(rule),
        "batch": batches.batch,
        "order": batches.seed,
        "data": {"name": data.name, "sizes": list(data.sizes)},
    }
