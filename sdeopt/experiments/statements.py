"""What papers state, each with the claims that check it, or the reason why none can.

A package adds its table of statements with, in ``setup.cfg``::

    [options.entry_points]
    sdeopt.statements =
        my_paper = my_package.my_table:STATEMENTS
"""

import importlib.metadata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sdeopt.errors import InvalidArgumentError
from sdeopt.experiment import Claim

GROUP = "sdeopt.statements"
"""The entry-point group."""


@dataclass(frozen=True)
class Statement:
    """Something that a paper says of its algorithms, in our own words.

    Parameters
    ----------
    where : str
        The section, with the figure, theorem or equation.
    words : str
        What is said.
    claims : mapping of str to sequence of str
        What checks it: for each experiment the words that its claims contain; every claim that
        contains one of them counts.
    proofs : sequence of str
        The results of `theory` that prove it.
    reason : str
        Why no claim checks it, where none does.

    Examples
    --------
    >>> from sdeopt.experiments.statements import Statement
    >>> statement = Statement("Fig. 1(a)", "agents spread", {"fig1": ["k = 0: the agents"]})
    >>> statement.checked_by("fig1", "k = 0: the agents are spread without a gap")
    True
    """

    where: str
    words: str
    claims: Mapping[str, Sequence[str]] = field(default_factory=dict)
    proofs: Sequence[str] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        if bool(self.claims) == bool(self.reason):
            raise InvalidArgumentError(
                f"the statement of {self.where}, '{self.words}', has "
                f"{'both claims and a reason' if self.claims else 'neither claims nor a reason'}; "
                "give the claims that check it, or the reason why none does."
            )

    def checked_by(self, experiment: str, claim: str) -> bool:
        """Return whether a claim of an experiment checks it.

        Parameters
        ----------
        experiment : str
            Its name.
        claim : str
            The claim, in words.

        Returns
        -------
        bool
            Whether the claim contains the words of a reference.
        """
        return any(words in claim for words in self.claims.get(experiment, ()))


def statements() -> list[Statement]:
    """Return what installed packages have in their tables, table after table.

    Returns
    -------
    list of Statement
        In the order of the papers.

    Examples
    --------
    >>> from sdeopt.experiments.statements import statements
    >>> "Sec. 3.1, Theorem 3.1" in [statement.where for statement in statements()]
    True
    """
    # one distribution can be seen twice, e.g. installed and in the working directory
    points = {point.name: point for point in importlib.metadata.entry_points(group=GROUP)}
    return [statement for name in sorted(points) for statement in points[name].load()]


@dataclass(frozen=True)
class Checked:
    """A statement beside the claims of some results that check it.

    Attributes
    ----------
    claims : mapping of str to list of (int, Claim)
        Of each experiment that it refers to, the claims with their numbers, from 1; none where there
        are no results.
    """

    statement: Statement
    claims: Mapping[str, Sequence[tuple[int, Claim]]]


def checked(known: Sequence[Statement], results: Mapping[str, Sequence[Claim]]) -> list[Checked]:
    """Return every statement with its claims among those of results, by the experiment's name."""
    return [
        Checked(
            statement,
            {
                name: [
                    (number, claim)
                    for number, claim in enumerate(results.get(name, ()), start=1)
                    if statement.checked_by(name, claim.claim)
                ]
                for name in statement.claims
            },
        )
        for statement in known
    ]


def places(rows: Sequence[Checked], experiment: str, number: int) -> list[str]:
    """Return what a claim checks: the places of its statements, each once."""
    found = [
        row.statement.where
        for row in rows
        if any(number == each for each, _ in row.claims.get(experiment, ()))
    ]
    return list(dict.fromkeys(found))
