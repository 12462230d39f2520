"""What an experiment hands to the contract: bugs planted on purpose, and today's failures.

The module ``tests.experiments.NAME`` of an experiment offers

- ``PLANTED``: a list of `Planted`, at least two;
- ``REFUSED``: a list of (settings, words of the error);
- ``CONTRADICTED`` and ``UNDECIDED``, where there is any: dicts from the words of a claim with that
  verdict at quick scale to the reason. Only what the paper says stands there.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pytest
import xarray as xr

from sdeopt.experiment import Claim

Right: TypeAlias = Callable[[xr.Dataset], xr.Dataset]


def as_it_is(result: xr.Dataset) -> xr.Dataset:
    """Return the quick result itself, whose claims are judged anyway."""
    return result


@dataclass(frozen=True)
class Planted:
    """A way to get an experiment wrong, and the claims that must notice.

    Parameters
    ----------
    words : str
        What is wrong.
    wrong : callable
        (the right result at quick scale, a monkeypatch) -> a wrong result: the right one with
        something replaced, or a simulation at reduced settings with something patched.
    breaks : sequence of str
        Words of claims that must fail. The same words n times ask for n such claims.
    only : bool
        Whether no other claim may fail that does not fail without the bug.
    right : callable
        The quick result -> a result for which the named claims hold: for claims that our sample
        contradicts or cannot decide, one with the numbers that the paper describes. Bugs that name
        the same function share its result.
    """

    words: str
    wrong: Callable[[xr.Dataset, pytest.MonkeyPatch], xr.Dataset]
    breaks: Sequence[str]
    only: bool = False
    right: Right = as_it_is

    def unnoticed(self, claims: Sequence[Claim]) -> list[str]:
        """Return the words for which too few claims fail."""
        failing = [claim.claim for claim in claims if not claim.holds]
        wanted = Counter(self.breaks)
        return [
            words for words, n in wanted.items() if sum(words in claim for claim in failing) < n
        ]

    def others(self, claims: Sequence[Claim]) -> list[str]:
        """Return the claims that fail and are not named."""
        failing = [claim.claim for claim in claims if not claim.holds]
        return [claim for claim in failing if not any(words in claim for words in self.breaks)]
