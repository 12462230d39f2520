"""Symbolic proofs and bounds: one result per file.

>>> import theory
>>> lemma = theory.load("lemma_3_1")
>>> bound = lemma.bound(agents=8, coupling=[2.0, 4.0], negative_curvature=-1.0, noise_bound=1.0,
...                     step_size=0.1, batch_size=10)
>>> bound.round(4)
array([0.0117, 0.007 ])
"""

from theory.registry import load, names

__all__ = ["load", "names"]
