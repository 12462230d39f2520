"""The documentation keeps its word: programs and commands run, every public name has its place."""

import doctest
import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

import theory
from docs.extension import derivations, docstrings, gallery, markdown, mathml, pages, theorem_pages
from sdeopt.experiments.overview import at_hand
from sdeopt.experiments.reproduction import reproduce
from tests.fake_experiment import FAKE, FakeConfiguration
from tests.markdown import ROOT, blocks, promises, run_commands, run_programs
from tests.test_architecture import PUBLIC, _modules

DOCS = ROOT / "docs"
PAGES = {
    path.relative_to(DOCS).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(DOCS.rglob("*.md"))
    if not {"_build", "generated"} & set(path.relative_to(DOCS).parts)
}


@pytest.mark.parametrize("name", [name for name, text in PAGES.items() if blocks(text, "python")])
def test_programs_print_what_their_comments_say(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # they write files
    run_programs(PAGES[name])


@pytest.mark.parametrize(
    ("printed", "promised", "kept"),
    [
        ("0.5931", "0.59", True),
        ("0.5931", "0.60", False),
        ("-0.00012", "-1.2e-4", True),
        ("1", "1.00", True),
        ("True", "True", True),
        ("False", "True", False),
        ("1", "True", False),
        ("('replica', 'set')", "('replica', 'set')", True),
        ("('replica',)", "('replica', 'set')", False),
        ("[1.0, 0.0]", "[1.0, 0.0]", True),
        ("a ring", "a ring", True),
        ("a ring", "a star", False),
    ],
)
def test_any_comment_behind_a_print_is_compared(printed: str, promised: str, kept: bool) -> None:
    page = f"```python\nprint({printed!r})  # {promised}\nprint('and more')\n```"
    if kept:
        run_programs(page)
        return
    with pytest.raises(AssertionError, match="prints"):
        run_programs(page)


def test_programs_promise_something() -> None:
    assert sum(bool(promises(text)) for text in PAGES.values()) >= 4


@pytest.mark.parametrize("name", [name for name, text in PAGES.items() if blocks(text, "console")])
def test_commands_work(name: str, tmp_path: Path) -> None:
    assert run_commands(PAGES[name], tmp_path)
    written = {
        "command_line.md": ("rugged_well.nc", "coupling_sweep/result.nc", "best_coupling"),
        "how-to/own_network.md": ("moons.pt",),
        "how-to/reproduce.md": ("trial/fig1/result.nc", "trial/fig1/fig1.pdf", "trial/report.html"),
    }
    assert not [path for path in written[name] if not (tmp_path / path).exists()]


def test_every_command_has_its_line() -> None:
    from typer.main import get_command

    from sdeopt.cli import app

    commands = get_command(app)
    text = PAGES["command_line.md"]
    described = set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (`.*?) \|", text, re.M))))
    assert set(commands.list_commands(None)) <= described


ITS_OWN_TEST = {"train", "check", "bench"}
"""Commands whose example another test runs, or which measure time."""


def test_the_help_of_every_command_has_an_example_that_is_run() -> None:
    from typer.main import get_command

    from sdeopt.cli import app

    commands = get_command(app)
    printed = "\n".join(block for text in PAGES.values() for block in blocks(text, "console"))
    run = {line.removeprefix("$ ") for line in printed.splitlines() if line.startswith("$ ")}
    for name in commands.list_commands(None):
        words = " ".join((commands.get_command(None, name).help or "").split())
        example = re.search(r'Example: "(sdeopt [^"]*)"|Example: write', words)
        assert example, name
        assert name in ITS_OWN_TEST or example[1] in run, name


def test_folders_exist() -> None:
    folders = re.findall(r"^\| `(\w+/)`", PAGES["layout.md"], flags=re.MULTILINE)
    assert folders
    assert not [folder for folder in folders if not (ROOT / folder).is_dir()]


def _documented() -> set[int]:
    """Return the identities of what the API pages describe."""
    found: set[int] = set()
    text = "\n".join(text for name, text in PAGES.items() if name.startswith("api/"))
    for name, options in re.findall(r"automodule:: (\S+)\n((?:   :.*\n)*)", text):
        module = importlib.import_module(name)
        chosen = re.search(r":members: *(.*)", options)
        assert chosen
        names = chosen[1].replace(",", " ").split() or module.__all__
        found |= {id(getattr(module, each)) for each in names}
    return found


def test_every_public_name_is_in_the_reference() -> None:
    documented = _documented()
    absent = [
        f"{module.__name__}.{name}"
        for top in PUBLIC
        for module in _modules(importlib.import_module(top))
        for name in getattr(module, "__all__", ())
        if not isinstance(thing := getattr(module, name), ModuleType)
        and name != "__version__"
        and id(thing) not in documented
    ]
    assert not absent


def test_theorems_have_a_row_or_a_reason_to_have_none() -> None:
    linked = set(re.findall(r"generated/theorems/(\w+)>", PAGES["theory/index.md"])) - {"index"}
    assert linked <= set(theory.names())
    assert {name for name in theory.names() if name.startswith("theorem_")} - linked <= {
        # contraction, which the others rest on, and forms of results that are linked
        *("theorem_2_1", "theorem_2_2", "theorem_3_2_momentum", "theorem_5_3"),
    }


@pytest.fixture(scope="module")
def theorem() -> tuple[str, dict]:  # type: ignore[type-arg]
    result = theory.load("lemma_2_1")
    proof = derivations.document(result.derive())
    return theorem_pages.page(result, proof), proof


def test_a_theorem_page_has_all_of_the_derivation(theorem) -> None:  # type: ignore[no-untyped-def]
    text, proof = theorem
    result = theory.load("lemma_2_1")
    for statement in result.statements.values():
        assert statement.relation.latex() in text
    for assumption in result.assumptions:
        assert markdown.escaped(assumption.words) in text
    for step in proof["steps"]:
        assert step["latex"] in text
        assert markdown.escaped(step["words"]) in text
    assert f"{proof['checked']} steps checked by sympy" in text
    assert len(proof["steps"]) == len(re.findall(r"^\d+\. \*", text, re.M))


def test_every_formula_becomes_mathml(theorem) -> None:  # type: ignore[no-untyped-def]
    text, _ = theorem
    formulas = re.findall(r"\$\$\n(.*?)\n\s*\$\$", text, re.S)
    assert len(formulas) > 5
    for formula in formulas:
        assert mathml.formula(formula, display=True).startswith("<math")


def test_symbols_are_explained() -> None:
    proof = {"status": "", "checked": 0, "cites": [], "steps": [], "instance": {}, "in_words": []}
    text = theorem_pages.page(theory.load("theorem_5_1"), proof)
    assert "| $p$ | number of agents | `agents` | positive integer |" in text
    assert "The agents: x\\[i, a\\]" in text
    assert r"d{x}_{i,a} = \left(" in text
    proof["in_words"] = ["one thing"]
    text = theorem_pages.page(theory.load("hierarchical_combination"), proof)
    assert "| $u$ |  |  | non-negative number |" in text
    assert "is not checked: one thing." in text


def test_derivations_are_kept_until_the_theory_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = theory.load("feedback_combination")
    first = derivations.derived(result, tmp_path)
    monkeypatch.setattr(type(result), "derive", lambda self: pytest.fail("derived again"))
    assert derivations.derived(result, tmp_path) == first
    monkeypatch.undo()
    monkeypatch.setattr(derivations, "state_of_theory", lambda: "another")
    assert derivations.derived(result, tmp_path)["theory"] == "another"


def test_a_gallery_page_shows_picture_claims_and_command(tmp_path: Path) -> None:
    reproduce(FAKE, "quick", FakeConfiguration(seed=31), tmp_path)
    found = at_hand([tmp_path])
    text = gallery.page(FAKE, found["fake"], "fake.webp")
    for wanted in (
        "# fake: Numbers \\& their \\<level\\>",
        "(fake.webp)",
        "sdeopt run fake --set seed=31",
        "**Of 2 claims 2 hold**, at scale `quick`, seed 31",
        "[✓ holds]{.holds}",
        "`couplings`",
    ):
        assert wanted in text, wanted


def test_without_results_the_gallery_says_so(tmp_path: Path) -> None:
    assert gallery.NO_RESULTS in gallery.page(FAKE, at_hand([tmp_path]).get("fake"))
    pages.make_gallery(tmp_path / "pages", [tmp_path])
    assert "fig1" in (tmp_path / "pages" / "index.md").read_text(encoding="utf-8")
    assert gallery.NO_RESULTS in (tmp_path / "pages" / "fig1.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("module", [docstrings, markdown, mathml], ids=lambda each: each.__name__)
def test_examples_of_the_extension(module: ModuleType) -> None:
    done = doctest.testmod(module)
    assert done.attempted
    assert not done.failed
