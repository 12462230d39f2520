"""The house rules, read off the source: who may import whom, and what every file owes its reader."""

import ast
import graphlib
import importlib
import inspect
import re
from abc import ABC
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("sdeopt", "theory", "sims", "nets")
SOURCES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in SOURCES.items()}

ALLOWED = {
    "sdeopt": (),
    "theory": ("sdeopt.losses", "sdeopt.errors"),
    "theory.verify": ("sdeopt.errors", "sdeopt.commands.extension"),
    "sims": ("sdeopt", "theory"),
    "nets": ("sdeopt", "theory"),
}
"""What each package may import of the others, with everything below it; the longest name counts."""

PUBLIC = ("sdeopt", "sdeopt.experiment")
"""Where users start to look for names."""


def _is_for_types_only(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield what runs when a module is imported: not function bodies, not imports for types."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or _is_for_types_only(node):
            continue
        yield node
        for part in ("body", "orelse", "handlers", "finalbody"):
            yield from _statements(getattr(node, part, []))


def _imported(node: ast.AST, importer: str) -> list[str]:
    """Return the modules that one statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    assert node.level == 0, f"{importer} imports relatively; write the full name"
    origin = node.module or ""
    # In `from package import name`, name can be a module of its own.
    full = [f"{origin}.{alias.name}" for alias in node.names]
    return [name if name in SOURCES else origin for name in full]


def _inside(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def test_every_package_was_found() -> None:
    assert {name.partition(".")[0] for name in SOURCES} == set(PACKAGES)


def _allowed(name: str) -> tuple[str, ...]:
    """Return what a module may import of the four packages."""
    rule = max((each for each in ALLOWED if _inside(name, (each,))), key=len)
    return (name.partition(".")[0], *ALLOWED[rule])


def test_imports_run_down_only() -> None:
    wrong = [
        f"{name} imports {other}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        for other in _imported(node, name)
        if _inside(other, PACKAGES) and not _inside(other, _allowed(name))
    ]
    assert not wrong


def test_no_imports_in_a_circle() -> None:
    graph = {
        name: {
            other
            for node in _statements(tree.body)
            for other in _imported(node, name)
            if other in SOURCES
        }
        for name, tree in TREES.items()
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as problem:
        pytest.fail(f"these modules import each other: {' <- '.join(problem.args[1])}")


def test_files_stay_short() -> None:
    lengths = {name: len(path.read_text().splitlines()) for name, path in SOURCES.items()}
    assert not {name: lines for name, lines in lengths.items() if lines >= 300}


def test_files_are_named_by_their_subject() -> None:
    assert not [path for path in SOURCES.values() if path.stem in ("utils", "helpers", "misc")]


def _public(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Yield what a user reaches from a module through ``__all__``, with its full name."""
    for name in module.__all__:
        thing = getattr(module, name)
        if isinstance(thing, ModuleType):
            yield from _public(thing)
        elif callable(thing):
            yield f"{module.__name__}.{name}", thing


def _owes_example(thing: object) -> bool:
    """Return whether an example is missing; bases and errors are met in others' examples."""
    if isinstance(thing, type) and (ABC in thing.__bases__ or issubclass(thing, Exception)):
        return False
    text = inspect.cleandoc(thing.__doc__ or "")
    return not re.search(r"^Examples\n-+\n.*>>> ", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("module", PUBLIC)
def test_public_names_come_with_an_example(module: str) -> None:
    found = _public(importlib.import_module(module))
    assert not [name for name, thing in found if _owes_example(thing)]


def test_every_module_says_what_it_is() -> None:
    assert not [name for name, tree in TREES.items() if not ast.get_docstring(tree)]


def _texts() -> Iterator[Path]:
    """Yield the files of the repository that people write."""
    suffixes = {".py", ".md", ".cfg", ".toml", ".txt", ".html", ".ipynb", ".cpp", ".hpp", ""}
    skipped = {"build", "dist", "out"}
    for top in sorted(ROOT.iterdir()):
        if top.name in skipped or (top.name.startswith(".") and top.name != ".ci"):
            continue
        for path in [top] if top.is_file() else top.rglob("*"):
            if path.is_file() and path.suffix in suffixes:
                yield path


def test_nothing_points_to_somebodys_disk() -> None:
    private = re.compile(r"(?<![\w.])/(root|work|home/\w+|Users/\w+)/")
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in _texts()
        for match in [private.search(path.read_text(encoding="utf-8", errors="replace"))]
        if match
    ]
    assert not found


def test_the_rules_notice_a_breach() -> None:
    lazy = ast.parse("def f():\n    import sympy\nif TYPE_CHECKING:\n    import torch")
    eager = ast.parse("try:\n    import sympy\nexcept ImportError:\n    sympy = None")
    assert not [name for node in _statements(lazy.body) for name in _imported(node, "lazy")]
    assert [name for node in _statements(eager.body) for name in _imported(node, "eager")] == [
        "sympy"
    ]
    assert not _inside("sdeopt.lossless", ALLOWED["theory"])
