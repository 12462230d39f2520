"""Networks, one a file; each works when many copies are evaluated in one pass (`torch.func`).

>>> from nets import data, networks
>>> make = networks.load("three_convolutions", data.load("digits"), channels=(8, 16, 32))
>>> sum(weights.numel() for weights in make().parameters())
11514
"""

from nets.networks.registry import load, names

__all__ = ["load", "names"]
