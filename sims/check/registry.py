"""All theorems that a check knows: each module of `sims.check.theorems` holds one as ``THEOREM``."""

import importlib
import pkgutil

from sdeopt.errors import unknown_name
from sdeopt.experiments.registry import natural_order
from sims.check import theorems
from sims.check.theorem import Theorem


def names() -> list[str]:
    """Return the names of all, in the order of the paper's numbers."""
    return sorted((module.name for module in pkgutil.iter_modules(theorems.__path__)), key=_order)


def load(name: str) -> Theorem:
    """Return a theorem by its name."""
    if name not in names():
        raise unknown_name("theorem of a check called", name, names())
    theorem: Theorem = importlib.import_module(f"sims.check.theorems.{name}").THEOREM
    return theorem


def _order(name: str) -> tuple[str, list[tuple[int, str]]]:
    numbers = [part for part in name.split("_") if part.isdigit()]
    return " ".join(numbers) or "9", natural_order(name)
