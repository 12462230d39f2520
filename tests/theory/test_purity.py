"""The theory stands on sympy alone: it loads no torch, compiles no kernel, and trusts few places."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "theory"
SOURCES = sorted(FOLDER.rglob("*.py"))
TRUSTED = {"take", "within"}
"""Methods of `Proof` that make or change facts without sympy: for the rules of ``theory.core``."""
INNER = {"facts", "meanings", "replace"}
"""What a result could change to forge a fact: the record of a proof, and copies of facts."""

SCRIPT = """
import sys
import theory
names = theory.names()
assert "sympy" not in sys.modules, "listing the results must not load sympy"
for name in sys.argv[1:] or names:
    theory.load(name).derive()
assert "torch" not in sys.modules
assert "matplotlib" not in sys.modules
import gc
from numba.core.dispatcher import Dispatcher
compiled = [one for one in gc.get_objects() if isinstance(one, Dispatcher) and one.signatures]
assert not compiled, compiled
"""


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["lemma_3_1", "section_3_4_uneven"], id="some"),
        pytest.param([], id="all", marks=pytest.mark.slow),
    ],
)
def test_a_fresh_process_loads_no_torch_and_compiles_no_kernel(names: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT, *names], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_no_torch_and_no_numba_in_the_source(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert not [name for name in names if name.partition(".")[0] in ("torch", "numba")]


@pytest.mark.parametrize("path", sorted((FOLDER / "results").glob("*.py")), ids=lambda p: p.stem)
def test_results_go_through_checked_steps_only(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert not called & (TRUSTED | {"simplify", "nsimplify", "evalf", "random"})
    touched = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not touched & INNER
    assert not [name for name in touched if name.startswith("_")]
    named = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not named & {"Fact", "Proof", "setattr", "object", "getattr", "vars", "exec", "eval"}
