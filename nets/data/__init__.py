"""Data sets in memory, and the batches of each agent.

>>> from nets.data import AgentBatches, load
>>> batches = AgentBatches(load("digits"), agents=4, batch=128, seed=7)
>>> inputs, targets = next(iter(batches))
>>> inputs.shape
torch.Size([4, 128, 1, 28, 28])
"""

from nets.data.agent_batches import AgentBatches
from nets.data.data_set import DataSet, Part
from nets.data.registry import load, names

__all__ = ["AgentBatches", "DataSet", "Part", "load", "names"]
