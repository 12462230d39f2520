"""What decides a result, as one digest: of code, of the values it reads, of objects and their state.

Kernels, checkpoints, the folders of sweeps and trainings all ask here whether two results are the same.
For users' code that is its compiled source and everything it reads; for the project's own code a number
of the format, which is raised when results change: moving a file discards nothing.
"""

from sdeopt.identity.content import Parts, numbers_of
from sdeopt.identity.description import UNKNOWN, differences, unknown_parts
from sdeopt.identity.digest import FORMATS, Readers, identity, identity_or_reason, users_identity
from sdeopt.identity.origin import UnknownIdentityError

__all__ = [
    "FORMATS",
    "UNKNOWN",
    "Parts",
    "Readers",
    "UnknownIdentityError",
    "differences",
    "identity",
    "identity_or_reason",
    "numbers_of",
    "unknown_parts",
    "users_identity",
]
