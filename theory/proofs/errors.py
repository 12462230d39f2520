"""What can go wrong in a proof or in the use of a bound."""

from sdeopt.errors import InvalidArgumentError, SdeoptError

__all__ = ["AssumptionError", "ProofError"]


class ProofError(SdeoptError):
    """A step that sympy does not reduce to true, or a proof that misses its statement."""


class AssumptionError(InvalidArgumentError):
    """A parameter outside the assumptions of a theorem."""
