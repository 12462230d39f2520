"""How a proved result shows itself in a notebook."""

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING

from theory.proofs.relation import Relation

if TYPE_CHECKING:
    from theory.proofs.result import Result


def latex_of(result: "Result") -> str:
    """Return the statements of a result as one displayed formula."""
    lines = [statement.relation.latex() for statement in result.statements.values()]
    return r"$\displaystyle \begin{array}{l} " + r" \\[4pt] ".join(lines) + r" \end{array}$"


def html_page(result: "Result") -> str:
    """Return number, title and source of a result, what it assumes, and what it states."""
    assumed = _listed((each.words, each.relation) for each in result.assumptions)
    stated = _listed((each.words, each.relation) for each in result.statements.values())
    title = html.escape(f"{result.number}: {result.title}")
    return (
        f"<div><strong>{title}</strong><div>{html.escape(result.source)}</div>"
        f"<div>Assumed</div>{assumed}<div>Then</div>{stated}</div>"
    )


def _listed(pairs: Iterable[tuple[str, Relation | None]]) -> str:
    entries = []
    for words, relation in pairs:
        formula = "" if relation is None else f": ${html.escape(relation.latex(), quote=False)}$"
        entries.append(f"<li>{html.escape(words)}{formula}</li>")
    return f"<ul>{''.join(entries)}</ul>"
