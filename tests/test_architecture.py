"""The house rules, read off the source: who may import whom, and what a file owes its reader."""

import ast
import functools
import graphlib
import importlib
import inspect
import io
import re
import tokenize
from abc import ABC
from collections import Counter, defaultdict
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

ALLOWED = {
    "sdeopt": (),
    "theory": ("sdeopt.losses", "sdeopt.errors", "sdeopt.arguments"),
    "theory.verify": ("sdeopt.commands.extension",),
    "sims": ("sdeopt", "theory"),
    "nets": ("sdeopt", "theory"),
}
"""What each package or room may import of the packages below, with everything below it."""

NEIGHBOURS = {
    "sims.sensitivity": ("sims.rugged", "sims.coupled"),
    "sims.sde": ("sims.rugged", "sims.coupled"),
}
"""Rooms of experiments that may import other experiments: the study judges by their claims, the
differential equations are those of the figures, with their losses, noise and step sizes."""

MOST_CODE = 250
"""Lines of code in a file: no docstring, comment or blank line among them."""

LEAST_CODE = 30
SHORT = (
    "sdeopt.algorithms", "sdeopt.graphs", "sdeopt.losses", "sdeopt.noise", "sdeopt.schedules",
    "sdeopt.statistics",
    "theory.results",
    "nets.couplings", "nets.networks", "nets.data.sets",
)  # fmt: skip
"""Rooms where a file is one thing that users name, however short."""

REASONS = {
    "sdeopt.experiments.context": "what experiments see of the program that runs them",
    "sdeopt.kernels.compilation": "the decorators of all kernels, below every one of them",
    "sdeopt.plot.animation": "one encoder or another, the same call",
    "sims.shared.configuration": "the scheme of the settings' names",
    "sims.statements.reasons": "words that several sections share",
    "nets.figures.by_itself": "one of agents that never meet, in the experiments of two papers",
    "nets.noise_injection.words": "what the experiments say of their paper, as those on others have it",
    "nets.large_batch.manuscript": "what the experiments say of theirs",
    "theory.proofs.display": "HTML and LaTeX for notebooks, which no proof needs",
}
"""Other short files, and why they stand alone."""

ROLES = (
    "__init__", "__main__", "experiment", "configuration", "model", "measuring", "claims", "drawing",
    "command", "registry",
)  # fmt: skip
"""File names that recur, once a folder; all others are unique in their package."""

PUBLIC = (
    "sdeopt", "sdeopt.experiment", "theory", "theory.certify", "theory.metrics", "theory.moments",
    "sims.check", "nets",
)  # fmt: skip
"""Where users start to look for names."""


@functools.cache
def _trees() -> dict[str, ast.Module]:
    """Return the sources of every module, parsed."""
    return {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in SOURCES.items()}


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield every statement, in function bodies too, but for imports for types."""
    for node in body:
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            yield from _statements(node.orelse)
            continue
        yield node
        for part in ("body", "orelse", "handlers", "finalbody", "cases"):
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


@functools.cache
def _imports() -> dict[str, set[str]]:
    """Return of every module what it imports, be it for types only."""
    return {
        name: {other for node in ast.walk(tree) for other in _imported(node, name)}
        for name, tree in _trees().items()
    }


def _inside(name: str, packages: tuple[str, ...]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _room(name: str) -> str:
    return ".".join(name.split(".")[:2])


def test_every_package_was_found() -> None:
    assert {name.partition(".")[0] for name in SOURCES} == set(PACKAGES)


def test_imports_run_down_only() -> None:
    wrong = [
        f"{name} imports {other}"
        for name, imports in _imports().items()
        for own in [name.partition(".")[0]]
        for other in imports
        if _inside(other, PACKAGES)
        and not _inside(other, (own, *ALLOWED[own], *ALLOWED.get(_room(name), ())))
    ]
    assert not wrong


def test_an_experiment_keeps_to_its_folder() -> None:
    """Experiments share `sims.shared`; who needs another experiment is named in `NEIGHBOURS`."""
    wrong = [
        f"{name} imports {other}"
        for name, imports in _imports().items()
        for room in [_room(name)]
        if room.startswith("sims.") and room != "sims.shared"
        for other in imports
        if other.startswith("sims.")
        and not _inside(other, (room, "sims.shared", *NEIGHBOURS.get(room, ())))
    ]
    wrong += [
        f"sims.shared imports {other}"
        for name, imports in _imports().items()
        if _room(name) == "sims.shared"
        for other in imports
        if other.startswith("sims.") and not _inside(other, ("sims.shared",))
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
        for name, tree in _trees().items()
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as problem:
        pytest.fail(f"these modules import each other: {' <- '.join(problem.args[1])}")


@functools.cache
def _lines_of_code(name: str) -> int:
    """Return how many lines hold code: not docstrings, comments or blanks."""
    nothing = (
        tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
        tokenize.ENDMARKER,
    )  # fmt: skip
    words: set[int] = set()
    for statement in ast.walk(_trees()[name]):
        match statement:
            case ast.Expr(value=ast.Constant(value=str())):
                words |= set(range(statement.lineno, (statement.end_lineno or 0) + 1))
    text = io.StringIO(SOURCES[name].read_text(encoding="utf-8"))
    code: set[int] = set()
    for token in tokenize.generate_tokens(text.readline):
        if token.type not in nothing:
            code |= set(range(token.start[0], token.end[0] + 1))
    return len(code - words)


def test_files_stay_short() -> None:
    """Counted is code; docstrings, comments and blank lines may be as long as readers need."""
    lengths = {name: _lines_of_code(name) for name in SOURCES}
    assert not {name: lines for name, lines in lengths.items() if lines > MOST_CODE}


def test_small_files_have_a_reason() -> None:
    small = [
        name
        for name, path in SOURCES.items()
        if path.stem not in ("__init__", "__main__")
        and name.count(".") > 1
        and not _inside(name, SHORT)
        and name not in REASONS
        and _lines_of_code(name) < LEAST_CODE
    ]
    assert not small


def test_file_names_are_unique_in_their_package() -> None:
    places = defaultdict(list)
    for name, path in SOURCES.items():
        if path.stem not in ROLES and not _inside(name, ("theory.results",)):
            places[name.partition(".")[0], path.stem].append(name)
    assert not {name: found for name, found in places.items() if len(found) > 1}
    assert not [path for path in SOURCES.values() if path.stem in ("utils", "helpers", "misc")]


def test_class_names_are_unique_in_their_package() -> None:
    classes = Counter(
        (name.partition(".")[0], node.name)
        for name, tree in _trees().items()
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    )
    # Users tell these apart by the room: `start.Uniform` and `noise.Uniform`, `nets.EASGD`, the
    # optimizer of one agent, and `couplings.EASGD`.
    shared = {("sdeopt", "Gaussian"), ("sdeopt", "Uniform"), ("nets", "EASGD")}
    assert {name for name, times in classes.items() if times > 1} == shared


def _listing(name: str) -> bool:
    return any(
        isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        for node in _trees()[name].body
    )


def test_only_what_users_import_lists_its_names() -> None:
    public = {
        module.__name__ for name in PUBLIC for module in _modules(importlib.import_module(name))
    }
    packages = {name for name, path in SOURCES.items() if path.stem == "__init__"}
    # The generated drivers bind the names of this list.
    allowed = public | packages | {"sdeopt.kernels.bindings"}
    assert not [name for name in SOURCES if _listing(name) and name not in allowed]


def _modules(module: ModuleType) -> Iterator[ModuleType]:
    """Yield a module and those that it offers through ``__all__``."""
    yield module
    for name in getattr(module, "__all__", ()):
        thing = getattr(module, name)
        if isinstance(thing, ModuleType):
            yield from _modules(thing)


def _public(module: ModuleType) -> Iterator[tuple[str, object]]:
    """Yield what a user reaches from a module through ``__all__``, with its full name."""
    for home in _modules(module):
        for name in getattr(home, "__all__", ()):
            thing = getattr(home, name)
            if callable(thing) and not isinstance(thing, ModuleType):
                yield f"{home.__name__}.{name}", thing


def _sections(thing: object) -> set[str]:
    text = inspect.cleandoc(thing.__doc__ or "")
    return set(re.findall(r"^(\w[\w ]*)\n-{3,}$", text, re.MULTILINE))


def _owes_example(thing: object) -> bool:
    """Return whether an example is missing; bases and errors are met in others' examples."""
    if isinstance(thing, type) and (ABC in thing.__bases__ or issubclass(thing, Exception)):
        return False
    text = inspect.cleandoc(thing.__doc__ or "")
    return not re.search(r"^Examples\n-+\n.*>>> ", text, re.MULTILINE | re.DOTALL)


def _owes_parameters(thing: object) -> bool:
    """Return whether arguments stand undescribed."""
    if isinstance(thing, type) and issubclass(thing, Exception):
        return False
    try:
        taken = inspect.signature(thing).parameters  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return bool(taken) and not _sections(thing) & {"Parameters", "Attributes"}


def _owes_raises(thing: object) -> bool:
    """Return whether a function refuses something itself, and its docstring does not say so."""
    if not inspect.isfunction(thing):
        return False
    tree = ast.parse(inspect.getsource(thing))
    raised = (node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise))
    return any(each is not None for each in raised) and "Raises" not in _sections(thing)


@pytest.mark.parametrize("module", PUBLIC)
def test_public_functions_say_what_they_refuse(module: str) -> None:
    found = _public(importlib.import_module(module))
    assert not [name for name, thing in found if _owes_raises(thing)]


@pytest.mark.parametrize("module", PUBLIC)
def test_public_names_come_with_an_example(module: str) -> None:
    found = _public(importlib.import_module(module))
    assert not [name for name, thing in found if _owes_example(thing)]


@pytest.mark.parametrize("module", PUBLIC)
def test_public_names_describe_their_parameters(module: str) -> None:
    found = _public(importlib.import_module(module))
    assert not [name for name, thing in found if _owes_parameters(thing)]


def test_every_module_says_what_it_is() -> None:
    assert not [name for name, tree in _trees().items() if not ast.get_docstring(tree)]


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
    assert [name for node in _statements(lazy.body) for name in _imported(node, "lazy")] == [
        "sympy"
    ]
    assert not _inside("sdeopt.lossless", ALLOWED["theory"])
    assert (
        _lines_of_code("sdeopt.errors") < 60 < len(SOURCES["sdeopt.errors"].read_text().split("\n"))
    )
