"""Notebooks show what they print: their outputs are kept, and are those of today's code."""

import nbformat
import pytest

from tests.notebook_runs import FOLDER, executed, listed, printed, same_text

NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MOST = 500_000
"""Bytes of a notebook: it stays in the history of the repository for ever."""

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def test_all_are_listed_in_an_order():
    assert sorted(listed()) == NOTEBOOKS
    assert len(NOTEBOOKS) >= 8


@each_notebook
def test_it_prints_what_is_kept(path, tmp_path):
    kept = nbformat.read(path, 4)
    # trained weights have the last bits of the processor
    relative = 0.05 if any("import torch" in cell.source for cell in kept.cells) else 1e-9
    new, old = printed(executed(path, tmp_path)), printed(kept)
    assert same_text(new, old, relative), f"python -m tests.notebook_runs {path}\n{new}\n{old}"


@each_notebook
def test_outputs_are_kept_and_small(path):
    assert path.stat().st_size <= MOST
    code = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    # each ends with a picture
    assert any(kind.startswith("image/") for output in outputs for kind in output.get("data", {}))


@each_notebook
def test_it_opens_with_a_title(path):
    first = nbformat.read(path, 4).cells[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")


def test_another_number_is_noticed():
    assert same_text("k = 8.4, 97%", "k = 8.4, 97%", 0.0)
    assert not same_text("k = 8.4, 97%", "k = 8.5, 97%", 0.001)
    assert same_text("k = 8.4, 97%", "k = 8.5, 97%", 0.02)
    assert not same_text("the mean", "the means", 1.0)
