"""Contraction of a given system, proved on a box by interval arithmetic.

>>> import sympy
>>> from theory.certify import certify
>>> x = sympy.Symbol("x")
>>> certificate = certify(x - x**3, [x], {x: (1, 2)})
>>> certificate.status, round(certificate.rate, 2)
('proved', 2.0)
"""

from theory.certify.certificate import Certificate
from theory.certify.certification import certify

__all__ = ["Certificate", "certify"]
