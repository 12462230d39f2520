"""A small training that several tests repeat."""

import torch

from nets.couplings import load
from nets.data import AgentBatches, DataSet
from nets.ensemble.ensemble import Ensemble
from nets.training import Measurement, StallDrops, Trainer

AGENTS, BATCH = 3, 8
CRITERION = torch.nn.functional.cross_entropy


def made_up_data(examples=96):
    """Return points of three classes, the middle one wide."""
    generator = torch.Generator().manual_seed(3)
    targets = torch.arange(examples) % 3
    noise = torch.randn(examples, 4, generator=generator)
    inputs = noise + targets[:, None] * torch.tensor([1.0, -1.0, 0.5, 0.0])
    sizes = (examples // 2, examples // 4, examples // 4)
    return DataSet("made up", inputs, targets, sizes, 3, "made up for a test")


def network():
    return torch.nn.Sequential(
        torch.nn.Linear(4, 6), torch.nn.ReLU(), torch.nn.Dropout(0.3), torch.nn.Linear(6, 3)
    )


def trainer(rule="EASGD", *, rate=0.1, criterion=CRITERION, seed=5, **options):
    """Return a training of three agents, six steps an epoch."""
    data = options.pop("data", None) or made_up_data()
    way = options.pop("way", "loop")
    momentum = options.pop("momentum", 0.9)
    ensemble = Ensemble(options.pop("network", network), AGENTS, seed=seed, way=way)
    optimizer = torch.optim.SGD(
        ensemble.groups(), lr=rate, momentum=momentum, nesterov=momentum > 0
    )
    drops = StallDrops(optimizer, threshold=0.2, patience=2)
    return Trainer(
        ensemble,
        optimizer,
        load(rule, coupling=2.0, epoch_steps=6, memory=0.8) if isinstance(rule, str) else rule,
        AgentBatches(data, AGENTS, BATCH, seed),
        criterion,
        data,
        drops=drops,
        measurement=options.pop("measurement", Measurement(distortion=True)),
        progress=False,
        **options,
    )
