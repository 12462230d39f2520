"""Notebooks run from top to bottom; where outputs are kept, they are what the code that is there prints.

Those without outputs are executed by nbmake. Of kept ones, words must be the same and numbers nearly so:
processors differ in their last bits, and trainings carry that on. Pictures are not compared.
"""

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

LARGEST = 500_000
"""Bytes of a notebook with its pictures."""

NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


def cells(path):
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


def code_of(path):
    return [cell for cell in cells(path) if cell["cell_type"] == "code"]


def keeps_outputs(path):
    return any(cell["outputs"] for cell in code_of(path))


KEPT = [path for path in NOTEBOOKS if keeps_outputs(path)]


def printed(cell):
    """Return what a cell printed."""
    texts = [output["text"] for output in cell["outputs"] if output["output_type"] == "stream"]
    return "".join(text if isinstance(text, str) else "".join(text) for text in texts)


def same(kept, found):
    """Return whether two texts have the same words, and numbers that differ by a twentieth at most."""
    if NUMBER.sub("#", kept) != NUMBER.sub("#", found):
        return False
    pairs = zip(NUMBER.findall(kept), NUMBER.findall(found), strict=True)
    return all(float(one) == pytest.approx(float(other), rel=0.05) for one, other in pairs)


def test_there_are_notebooks():
    assert NOTEBOOKS
    assert KEPT


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_all_outputs_are_kept_or_none(path):
    """All were made in one go from top to bottom, and none is an error."""
    counts = [cell["execution_count"] for cell in code_of(path)]
    assert counts
    if not keeps_outputs(path):
        assert set(counts) == {None}
        return
    assert counts == list(range(1, len(counts) + 1))
    kinds = {output["output_type"] for cell in code_of(path) for output in cell["outputs"]}
    assert kinds <= {"stream", "execute_result", "display_data"}
    assert path.stat().st_size < LARGEST


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_opens_with_a_title(path):
    first = cells(path)[0]
    assert first["cell_type"] == "markdown"
    assert "".join(first["source"]).startswith("# ")


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_kept_outputs_are_what_the_code_prints(path):
    notebook = nbformat.read(path, as_version=4)
    kept = [printed(cell) for cell in code_of(path)]
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(FOLDER)}}).execute()
    found = [printed(cell) for cell in notebook.cells if cell.cell_type == "code"]
    wrong = [pair for pair in zip(kept, found, strict=True) if not same(*pair)]
    assert not wrong


def test_texts_are_compared_by_words_and_numbers():
    assert same("k = 0.2: 86.0% right", "k = 0.2: 86.4% right")
    assert not same("k = 0.2: 86.0% right", "k = 0.2: 56.0% right")
    assert not same("k = 0.2: 86.0% right", "k = 0.2: 86.0% wrong")
