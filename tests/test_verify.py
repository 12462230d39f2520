import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from sdeopt.cli import app
from tests import fake_theory


@pytest.fixture
def verify(monkeypatch):
    """Return the command; it finds the results of one class of `tests.fake_theory`."""

    def call(results, *words):
        monkeypatch.setattr("theory.verify.command.registry", getattr(fake_theory, results))
        return CliRunner().invoke(app, ["verify", *words])

    return call


def test_the_table_has_a_row_for_each_result(verify):
    done = verify("Good")
    assert done.exit_code == 0, done.output
    assert done.stderr == ""  # no progress in a pipe
    (row,) = (line for line in done.stdout.splitlines() if line.startswith("sound"))
    assert "Lemma of sound" in row
    assert "proved under assumptions" in row
    assert row.split()[-2] == "2"
    assert "1 results: 1 proved under assumptions" in done.stdout
    assert "growth [lemma] (1 result)" in done.stdout


def test_what_fails_is_shown_and_gives_1(verify):
    done = verify("Bad")
    assert done.exit_code == 1
    assert "2 FAILED, 2 proved under assumptions" in done.stdout
    assert 'FAILED wrong: ProofError: the proof of "main" reaches' in done.stdout
    assert "FAILED absent: ModuleNotFoundError: No module named 'theory.no_such" in done.stdout


def test_json_of_all(verify):
    document = json.loads(verify("Bad", "--json").stdout)
    assert document["counts"] == {"FAILED": 2, "proved under assumptions": 2}
    names = [result["name"] for result in document["results"]]
    assert names == ["absent", "careless", "sound", "wrong"]
    sound = document["results"][2]
    assert (sound["steps"], sound["problem"], sound["cites"]) == (2, "", ["growth [lemma]"])


def test_one_result_is_shown_with_every_step(verify):
    done = verify("Good", "sound")
    assert done.exit_code == 0
    for expected in (
        "Lemma of sound: two numbers",
        "1. main: so it is",
        "1. order: a is below b (by the growth [lemma])",
        "1. growth [lemma]: what grows, grows (Nobody, Nowhere, Thm 1)",
        "1. [assumed] order",
        "a < b",
        "2. [checked] a square is not negative",
        "2*a*b <= a**2 + b**2",
        "3. [checked] with a below b",
        "1. no order: noticed",
        'the proof needs the assumption "order", which is not made.',
        "Nobody says so.",
        "proved under assumptions: 2 steps checked by sympy",
    ):
        assert expected in done.stdout


@pytest.mark.parametrize("name", ["wrong", "absent"])
def test_one_result_that_fails_gives_1(verify, name):
    done = verify("Bad", name)
    assert done.exit_code == 1
    assert "FAILED" in done.stdout


def test_a_planted_error_that_is_not_noticed_gives_1(verify):
    done = verify("Bad", "careless")
    assert done.exit_code == 1
    assert "1. nothing is wrong: NOT NOTICED" in done.stdout
    assert "2. x: noticed" in done.stdout


def test_json_of_one(verify):
    document = json.loads(verify("Good", "sound", "--json").stdout)
    assert [step["kind"] for step in document["steps"]] == ["assumed", "checked", "checked"]
    assert document["steps"][2]["rests_on"] == ["order"]
    assert document["cited"][0]["name"] == "growth [lemma]"
    assert document["planted"][0]["noticed"] is True
    assert document["statements"][0]["latex"] == "2 a b + a < a^{2} + b^{2} + b"


def test_an_unknown_name_gets_the_nearest(verify):
    done = verify("Good", "sund")
    assert done.exit_code == 2
    assert done.stderr == "sdeopt: there is no result 'sund'; did you mean 'sound'? Known: sound.\n"


@pytest.mark.parametrize("words", [(), ("sound",)])
def test_a_missing_package_is_named(verify, words):
    done = verify("Needy", *words)
    assert done.exit_code == 2
    assert done.stderr == (
        "sdeopt: the theory needs no_such_package, which is not installed; "
        "install it with pip install 'sdeopt[theory]'.\n"
    )


def test_without_sympy_it_says_how_to_get_it():
    script = (
        "import sys; sys.modules['sympy'] = None; sys.argv = ['sdeopt', 'verify', 'lemma_3_1'];"
        "from sdeopt.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("sdeopt: the theory needs sympy, which is not installed")


def test_it_derives_what_the_theory_has():
    done = CliRunner().invoke(app, ["verify", "adilova_lemma_1"])
    assert done.exit_code == 0, done.output
    assert "by induction" in done.stdout


@pytest.mark.slow
def test_the_whole_theory_is_derived_within_two_minutes_of_two_processors():
    resource = pytest.importorskip("resource")

    def seconds():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    # time of the processors, because a wall clock would count what else they do
    before = seconds()
    words = [sys.executable, "-m", "sdeopt", "verify", "--json"]
    done = subprocess.run(words, capture_output=True, text=True)
    document = json.loads(done.stdout)
    failed = [result for result in document["results"] if result["problem"]]
    assert not failed
    assert done.returncode == 0
    assert seconds() - before < 2 * 120
