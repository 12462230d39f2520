"""What statistics that count agents or means have in common: whose states, and a name."""

from abc import ABC
from typing import ClassVar

from sdeopt.arguments import one_of
from sdeopt.configuration import Configured
from sdeopt.errors import InvalidArgumentError

OF = ("agents", "mean")
"""Whose states are looked at."""


def check_of(of: object, label: str) -> None:
    """Refuse what is neither the agents nor their mean."""
    one_of(of, f"variable of {label} called", OF)


class Counted(Configured, ABC):
    """A statistic of its own name, of the agents or of their mean."""

    stem: ClassVar[str]
    of: str
    name: str

    def settle_name(self) -> None:
        """Check whose states are looked at, and name the variable of the result."""
        label = type(self).__name__
        check_of(self.of, label)
        unnamed = self.name is None or (isinstance(self.name, str) and not self.name)
        chosen = f"{self.of}_{self.stem}" if unnamed else self.name
        if not (isinstance(chosen, str) and chosen.isidentifier()):
            raise InvalidArgumentError(
                f"name of {label} is {self.name!r:.80}; give a word of letters, digits and underscores."
            )
        object.__setattr__(self, "name", chosen)

    def check(self, dim: int) -> None:
        """Refuse a statistic that does not fit the dimension of the loss."""
