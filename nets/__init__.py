"""Coupled optimizers on real networks, in torch.

>>> import nets
>>> digits = nets.data.load("digits")  # 5,000 handwritten digits that a package ships
>>> make = nets.networks.load("perceptron", digits)
>>> network = make()
>>> optimizer = nets.EASGD(network.parameters(), lr=0.1, coupling=0.5)
"""

import lazy_loader

# What needs torch is imported when it is used: experiments are listed without it.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
