"""A notebook that keeps its outputs is executed by ``tests/test_notebooks.py``, which compares them."""

import json
from pathlib import Path

collect_ignore = [
    path.name
    for path in Path(__file__).parent.glob("*.ipynb")
    if any(cell.get("outputs") for cell in json.loads(path.read_text(encoding="utf-8"))["cells"])
]
