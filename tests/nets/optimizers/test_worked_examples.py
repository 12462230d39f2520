"""The worked examples of EASGD: the plain one runs; the others, which need more, are read."""

import ast
import re
import runpy
from pathlib import Path

import pytest

pytest.importorskip("torch")

FOLDER = Path(__file__).parents[3] / "examples" / "easgd"


def test_the_plain_one_trains(capsys):
    runpy.run_path(str(FOLDER / "plain_pytorch.py"), run_name="__main__")
    assert float(re.search(r"([\d.]+)%", capsys.readouterr().out).group(1)) > 85


@pytest.mark.parametrize("name", ["with_lightning", "with_transformers"])
def test_the_others_show_the_quorum_variable(name):
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert {"EASGD", "at_quorum"} <= called
