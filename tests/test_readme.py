"""The README keeps its word: its program runs, its links lead somewhere, its table is that of results.

``make reproduce`` and ``make test`` are not run here, because the second runs this test: that they
exist is checked here, and the gate itself runs both.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sdeopt.errors import OutputError
from sdeopt.experiments import overview
from sdeopt.experiments.overview import BEGIN, END, at_hand, table, with_table, write_table
from sdeopt.experiments.registry import entries
from sdeopt.experiments.reproduction import reproduce
from tests.fake_experiment import FAKE, FakeConfiguration, fake, register
from tests.markdown import ROOT, blocks, promises, run_programs

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
QUICK = os.environ.get("SDEOPT_QUICK_RESULTS")


def _rows(text: str) -> dict[str, str]:
    """Return the lines of the table, by experiment."""
    lines = text.partition(BEGIN)[2].partition(END)[0].splitlines()
    return {found[1]: line for line in lines if (found := re.match(r"\| `([\w-]+)` \|", line))}


def test_it_is_a_front_page() -> None:
    assert len(TEXT.splitlines()) < 150


def test_its_program_prints_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (program,) = blocks(TEXT, "python")
    assert promises(program)
    run_programs(TEXT)
    assert (tmp_path / "own_loss.png").is_file()


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")
def test_make_has_the_targets() -> None:
    targets = set(re.findall(r"(?:^|`)make ([a-z-]+)", TEXT, flags=re.MULTILINE))
    assert {"reproduce", "test", "docs", "table"} <= targets
    for target in targets:
        dry_run = ["make", "--dry-run", target]
        subprocess.run(dry_run, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def test_links_exist() -> None:
    links = re.findall(r"\]\(([^):]+)\)", TEXT)
    assert links
    assert not [path for path in links if not (ROOT / path).exists()]


def test_every_experiment_is_in_the_table() -> None:
    rows, known = _rows(TEXT).keys(), {entry.name for entry in entries()}
    absent, stale = ", ".join(known - rows), ", ".join(rows - known)
    assert not absent, f"the README has no row of {absent}: `make table` writes it"
    assert not stale, f"the README has rows of {stale}, which are no experiments: `make table`"


def test_what_is_kept_is_in_the_table() -> None:
    shown = _rows(TEXT)
    for name, finding in at_hand([ROOT / "docs" / "results"]).items():
        assert shown[name] == overview.row(finding), "make table"


@pytest.mark.skipif(QUICK is None, reason="there are no results of the gate")
def test_the_table_is_that_of_the_gate() -> None:
    """Networks are left to their number of claims: their last bits are those of the processor."""
    found = at_hand([ROOT / "docs" / "results", Path(QUICK or "")])
    shown, of_today = _rows(TEXT), _rows(with_table(TEXT, found))
    exact = {
        entry.name for entry in entries() if not (entry.experiment and entry.experiment.requires)
    }
    assert {name: shown[name] for name in of_today if name in exact} == {
        name: line for name, line in of_today.items() if name in exact
    }, "make table"
    for name in of_today.keys() - exact:
        assert f"of {len(found[name].claims)} |" in shown[name], "make table"


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with results of two experiments."""
    register(monkeypatch, fake=FAKE, other=fake(name="other"))
    reproduce(FAKE, "paper", FakeConfiguration(size=8), tmp_path / "kept")
    reproduce(fake(name="other"), "quick", FakeConfiguration(), tmp_path / "out")
    reproduce(FAKE, "quick", FakeConfiguration(), tmp_path / "out")
    return tmp_path


def test_the_table_counts_verdicts(results: Path) -> None:
    found = at_hand([results / "kept", results / "out"])
    lines = table(found).splitlines()
    assert lines[0] == "Of 4 claims 4 hold, 0 are contradicted and 0 are open."
    assert "| `fake` | Numbers & their <level> | 2 of 2 | 0 | 0 | paper |" in lines
    assert "| `other` | Numbers & their <level> | 2 of 2 | 0 | 0 | quick |" in lines


def test_the_readme_gets_the_table(results: Path) -> None:
    readme = results / "README.md"
    readme.write_text(f"before\n{BEGIN}\nyesterday\n{END}\nafter\n")
    write_table(readme, [results / "kept", results / "out"])
    text = readme.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "yesterday" not in text
    assert "| paper |" in text
    with pytest.raises(OutputError, match="no place for the table"):
        with_table("nothing", {})
    with pytest.raises(
        OutputError, match=r"no results of other .* `sdeopt run other --out .*kept`"
    ):
        write_table(readme, [results / "kept"])


def test_torch_is_what_makes_rows_inexact() -> None:
    needing = {
        name for entry in entries() if entry.experiment for name in entry.experiment.requires
    }
    assert needing <= {"torch", "mlxtend"}
    assert all(importlib.util.find_spec(name) for name in needing)
