"""The pages that are made from the program and the notebooks, before Sphinx reads the rest."""

import os
import shutil
from pathlib import Path
from typing import Any

import theory
from docs.extension import derivations, gallery, theorem_pages
from sdeopt.experiments.overview import at_hand
from sdeopt.experiments.pictures import SMALL, smaller
from sdeopt.experiments.registry import entries

GENERATED = "generated"
"""The folder below `docs` that holds them; git does not keep it."""

QUICK_RESULTS = "SDEOPT_QUICK_RESULTS"
"""The variable that names a folder of quick results, as the gate has one."""


def make(app: Any) -> None:
    """Write all pages that are not written by hand."""
    docs = Path(app.srcdir)
    folder = docs / GENERATED
    kept = os.environ.get(derivations.FOLDER) or docs / "_build" / "derivations"
    make_theorems(folder / "theorems", Path(kept))
    quick = os.environ.get(QUICK_RESULTS)
    make_gallery(folder / "gallery", [docs / "results", *([Path(quick)] if quick else [])])
    make_notebooks(folder / "notebooks", docs.parent / "notebooks")


def make_theorems(folder: Path, kept: Path) -> None:
    """Write a page for each result, and their list."""
    results = [theory.load(name) for name in theory.names()]
    proofs = {result.name: derivations.derived(result, kept) for result in results}
    pages = {result.name: theorem_pages.page(result, proofs[result.name]) for result in results}
    _write(folder, pages | {"index": theorem_pages.overview(proofs)})


def make_gallery(folder: Path, results: list[Path]) -> None:
    """Write a page for each experiment that can be loaded, and their list."""
    found = at_hand(results)
    pages = {"index": gallery.overview(found)}
    for experiment in (entry.experiment for entry in entries()):
        if experiment is None:
            continue
        finding, picture = found.get(experiment.name), ""
        if finding:
            folder.mkdir(parents=True, exist_ok=True)
            picture = f"{experiment.name}.webp"
            (folder / picture).write_bytes(smaller(finding.picture))
            small = folder / gallery.small_picture(experiment.name)
            small.write_bytes(smaller(finding.picture, SMALL))
        pages[experiment.name] = gallery.page(experiment, finding, picture)
    _write(folder, pages)


def make_notebooks(folder: Path, notebooks: Path) -> None:
    """Copy the notebooks, which keep their outputs; their README is the list of them."""
    text = (notebooks / "README.md").read_text(encoding="utf-8")
    names = [path.stem for path in sorted(notebooks.glob("*.ipynb"))]
    contents = "```{toctree}\n:hidden:\n\n" + "\n".join(names) + "\n```\n"
    _write(folder, {"index": f"{text}\n{contents}"})
    for name in names:
        shutil.copyfile(notebooks / f"{name}.ipynb", folder / f"{name}.ipynb")


def _write(folder: Path, pages: dict[str, str]) -> None:
    """Write pages where they changed, and remove those that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not (path.is_file() and path.read_text(encoding="utf-8") == text):
            path.write_text(text, encoding="utf-8")
    for path in folder.glob("*.md"):
        if path.stem not in pages:
            path.unlink()


def setup(app: Any) -> dict[str, bool]:
    """Make the pages before Sphinx looks for what there is to read."""
    app.connect("builder-inited", make)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
