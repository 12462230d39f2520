"""`sdeopt cite`: which papers a result rests on, and that the citation file says the same."""

import pathlib
import re

import pytest
from typer.testing import CliRunner

import sdeopt as so
from sdeopt.cli import app
from sdeopt.commands.citing import REFERENCES, SOFTWARE
from sdeopt.version import __version__

ROOT = pathlib.Path(__file__).parents[1]


def cited(*subjects):
    done = CliRunner().invoke(app, ["cite", *map(str, subjects)])
    assert done.exit_code == 0, done.output
    return re.findall(r"@\w+\{(\w+),", done.output)


def test_everything_without_a_name():
    assert len(cited()) == 1 + len(REFERENCES)


@pytest.mark.parametrize(
    ("subject", "papers"),
    [("fig1", ["boffi2020continuous"]), ("lemma1", ["adilova2018introducing"])],
)
def test_an_experiment_names_its_paper(subject, papers):
    assert cited(subject) == ["sdeopt", *papers]


@pytest.mark.parametrize(
    ("algorithm", "papers"),
    [
        (so.QSGD(coupling=1.0), ["boffi2020continuous"]),
        (so.EASGD(coupling=1.0), ["boffi2020continuous", "zhang2015deep"]),
    ],
)
def test_a_file_names_the_papers_of_its_algorithm(tmp_path, algorithm, papers):
    run = so.simulate(so.losses.Quadratic(1.0), algorithm, steps=2, step_size=0.1, agents=2,
                      start=so.start.Uniform(-1, 1))  # fmt: skip
    so.results.save(run, tmp_path / "run.nc")
    assert cited(tmp_path / "run.nc") == ["sdeopt", *papers]


def test_an_unknown_name_is_refused():
    done = CliRunner().invoke(app, ["cite", "fig111"])
    assert done.exit_code == 2
    assert "did you mean 'fig11'" in done.stderr


def test_the_citation_file_agrees():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"version: {__version__}\n" in text
    assert f"{{{__version__}}}" in SOFTWARE
    known = "".join(reference.bibtex for reference in REFERENCES)
    dois = re.findall(r"doi: (\S+)", text)
    assert dois
    assert all(f"{{{doi}}}" in known for doi in dois)
