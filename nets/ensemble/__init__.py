"""Several copies of a network, trained side by side as one stack of weights."""
