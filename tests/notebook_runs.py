"""Running notebooks, and the text of what they print, without pictures.

``python -m tests.notebook_runs`` runs those that it is given, or all, and keeps their outputs in them.
"""

import base64
import io
import math
import re
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image

FOLDER = Path(__file__).parents[1] / "notebooks"
DOTS, COLOURS = 90, 48
"""To an inch of the pictures that are kept, and in their palettes."""
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.])")


def listed():
    """Return the notebooks in the order of their README."""
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    return [FOLDER / name for name in re.findall(r"\]\((\w+\.ipynb)\)", text)]


def executed(path, folder):
    """Return a notebook with new outputs; what it writes goes to the folder."""
    notebook = nbformat.read(path, 4)
    where = {"metadata": {"path": str(folder)}}
    NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources=where,
        record_timing=False,
        extra_arguments=[f"--InlineBackend.print_figure_kwargs={{'dpi': {DOTS}}}"],
    ).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            # warnings and progress differ from one machine to another
            cell.outputs = [each for each in cell.outputs if each.get("name") != "stderr"]
            for output in cell.outputs:
                if picture := output.get("data", {}).get("image/png"):
                    output.data["image/png"] = _with_few_colours(picture)
    return notebook


def _with_few_colours(picture):
    """Return a PNG with a palette: a third of the bytes, for a reader the same."""
    drawn, written = Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB"), io.BytesIO()
    few = drawn.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(written, "PNG", optimize=True)
    return base64.b64encode(written.getvalue()).decode("ascii")


def printed(notebook):
    """Return the text of a notebook's outputs, without pictures and without tables in HTML."""
    texts = []
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if output.output_type == "stream":
                texts.append(output.text)
            elif not any(kind.startswith("image/") or kind == "text/html" for kind in data):
                texts.append("\n".join(data[kind] for kind in sorted(data)))
    # a stream comes in as many pieces as it likes
    return "".join(texts)


def same_text(new, old, relative):
    """Return whether texts agree, numbers in them up to a relative difference."""
    numbers = [list(map(float, NUMBER.findall(text))) for text in (new, old)]
    if NUMBER.sub("#", new) != NUMBER.sub("#", old) or len(numbers[0]) != len(numbers[1]):
        return False
    return all(
        math.isclose(one, other, rel_tol=relative, abs_tol=1e-12)
        for one, other in zip(*numbers, strict=True)
    )


def main(paths):
    """Run notebooks and keep their outputs."""
    for path in paths:
        with tempfile.TemporaryDirectory() as folder:
            nbformat.write(executed(path, folder), path)
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or listed())
