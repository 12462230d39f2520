"""From the data that users have to what a training reads: batches of each agent, and what is tested."""

from collections.abc import Mapping
from typing import Any

from torch.utils.data import DataLoader, Dataset

from nets.data import AgentBatches, DataSet, LoaderBatches, LoaderData
from nets.data.tested import Tested
from nets.ensemble.ensemble import Ensemble
from nets.trees import Split
from sdeopt.errors import InvalidArgumentError


def training_batches(
    given: object, ensemble: Ensemble, split: Split | None
) -> AgentBatches | LoaderBatches:
    """Return the batches of each agent, from an ordinary loader too."""
    if isinstance(given, AgentBatches):
        if split is not None:
            raise InvalidArgumentError(
                "split is for batches of a DataLoader, but those of AgentBatches are inputs and targets "
                "already; leave it out."
            )
        return given
    loaders = isinstance(given, list | tuple) and all(isinstance(e, DataLoader) for e in given)
    if loaders or isinstance(given, DataLoader):
        given = LoaderBatches(given, ensemble.agents, ensemble.seed, ensemble.first_agent)  # type: ignore[arg-type]
    if not isinstance(given, LoaderBatches):
        what = "needs a batch size" if isinstance(given, Dataset) else "is no source of batches"
        raise InvalidArgumentError(
            f"batches is a {type(given).__name__}, which {what}: every agent needs batches of its own, "
            "in an order that a seed repeats; give a torch DataLoader with shuffle=True, "
            "nets.data.LoaderBatches(dataset, agents, seed, batch=...), or "
            "nets.data.AgentBatches(data, agents, batch, seed)."
        )
    if split is not None:
        given.split = split
    given.serve(ensemble.arguments, ensemble.device)
    return given


def tested_data(given: Any, ensemble: Ensemble, split: Split | None) -> Tested:
    """Return what is tested on, from ordinary data sets and loaders too."""
    if isinstance(given, DataSet | LoaderData):
        return given
    parts = given.values() if isinstance(given, Mapping) else [given]
    for part in parts:
        if not isinstance(part, Dataset | DataLoader):
            raise InvalidArgumentError(
                f"what is tested on is a {type(part).__name__}, but must be a nets.data.DataSet, a "
                "torch Dataset or DataLoader, or a dictionary of these by 'train', 'validation' and "
                "'test'."
            )
    return LoaderData(given, ensemble.arguments, ensemble.device, split)
