"""The steps of proofs as plain data, kept in a folder so that no build derives what one has derived.

Deriving everything takes a minute of a processor. The tests of the theory do it anyway, and keep what
they derive where `SDEOPT_DERIVATIONS` says; it is read again as long as the theory has not changed.
"""

import functools
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sympy

from sdeopt.files import atomic_path

if TYPE_CHECKING:
    from theory.proofs.result import Derivation, Result

FOLDER = "SDEOPT_DERIVATIONS"
"""The variable that names the folder."""

THEORY = Path(__file__).parents[2] / "theory"


@functools.cache
def state_of_theory() -> str:
    """Return a digest of everything that steps depend on: the theory, and the version of sympy."""
    digest = hashlib.sha256(sympy.__version__.encode())
    for path in sorted(THEORY.rglob("*.py")):
        digest.update(path.relative_to(THEORY).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def document(derivation: "Derivation") -> dict[str, Any]:
    """Return what a page shows of a proof."""
    return {
        "theory": state_of_theory(),
        "status": derivation.status,
        "checked": derivation.steps,
        "instance": {name: float(value) for name, value in derivation.instance.values.items()},
        "in_words": list(derivation.in_words),
        "cites": [
            {"name": fact.name, "words": fact.words, "source": fact.source}
            for fact in derivation.cites
        ],
        "steps": [
            {
                "kind": fact.kind,
                "words": fact.words,
                "latex": fact.relation.latex(),
                "cites": sorted(cited.name for cited in fact.cites),
            }
            for fact in derivation.facts
        ],
    }


def keep(name: str, derivation: "Derivation", folder: Path) -> dict[str, Any]:
    """Write a proof into the folder, and return it."""
    found = document(derivation)
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_path(folder / f"{name}.json") as temporary:
        temporary.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return found


def keep_where_wanted(name: str, derivation: "Derivation") -> None:
    """Keep a proof where the variable names a folder."""
    if folder := os.environ.get(FOLDER):
        keep(name, derivation, Path(folder))


def derived(result: "Result", folder: Path) -> dict[str, Any]:
    """Return a proof: the one that is kept, if it is of the theory of today, else a new one."""
    try:
        found: dict[str, Any] = json.loads(
            (folder / f"{result.name}.json").read_text(encoding="utf-8")
        )
        if found["theory"] == state_of_theory():
            return found
    except (OSError, ValueError, KeyError):
        pass
    return keep(result.name, result.derive(), folder)
