"""`sdeopt run` with several experiments, of which some break."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sdeopt.cli import app
from sdeopt.errors import DivergenceError, OutputError
from sdeopt.experiment import Claim
from sdeopt.experiments.context import RunContext, run_context
from tests.fake_experiment import FAKE, fake, register


@pytest.fixture
def sdeopt(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # a terminal this wide breaks no line
    monkeypatch.setenv("COLUMNS", "200")

    def call(*words):
        return CliRunner().invoke(app, words)

    return call


def broken(name, problem):
    def simulate(configuration):
        raise problem

    return fake(name=name, simulate=simulate)


DIVERGED = DivergenceError(
    f"replica 3 diverged at step 7; lower step_size{DivergenceError.MASKING}.", 3, 7
)


def test_one_that_breaks_does_not_stop_the_others(sdeopt, monkeypatch, tmp_path):
    register(
        monkeypatch,
        fake1=fake(name="fake1"),
        fake2=broken("fake2", DIVERGED),
        fake3=broken("fake3", ZeroDivisionError("division by zero")),
        fake4=broken("fake4", SystemExit(0)),
        fake5=fake(name="fake5"),
    )
    result = sdeopt("run", "all")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "sdeopt: fake2 did not finish: replica 3 diverged at step 7; lower step_size.",
        "sdeopt: fake3 did not finish: ZeroDivisionError: division by zero; "
        "the traceback is in out/fake3/failure.json.",
        "sdeopt: fake4 did not finish: SystemExit: 0; the traceback is in out/fake4/failure.json.",
    ]
    for name in ("fake1", "fake5"):
        assert (tmp_path / f"out/{name}/claims.json").exists()
    record = json.loads((tmp_path / "out/fake3/failure.json").read_text())
    assert (record["title"], record["scale"]) == (FAKE.title, "quick")
    assert record["traceback"][-1] == "ZeroDivisionError: division by zero"
    assert not json.loads((tmp_path / "out/fake2/failure.json").read_text())["traceback"]


@pytest.mark.parametrize("part", ["draw", "claims", "animate"])
def test_it_may_break_anywhere(sdeopt, monkeypatch, part):
    def wrong(given):
        raise ValueError("no")

    register(monkeypatch, fake=fake(**{part: wrong}))
    result = sdeopt("run", "fake", "--animate")
    assert result.exit_code == 1
    assert "fake did not finish: ValueError: no; the traceback" in result.stderr


def test_a_success_wipes_out_the_failure(sdeopt, monkeypatch, tmp_path):
    register(monkeypatch, fake=broken("fake", DIVERGED))
    assert sdeopt("run", "fake").exit_code == 1
    register(monkeypatch, fake=fake())
    assert sdeopt("run", "fake").exit_code == 0
    assert not (tmp_path / "out/fake/failure.json").exists()


def test_a_failure_leaves_the_results_of_an_earlier_run(sdeopt, monkeypatch, tmp_path):
    register(monkeypatch, fake=fake())
    sdeopt("run", "fake")
    before = (tmp_path / "out/fake/run.json").read_bytes()
    register(monkeypatch, fake=broken("fake", DIVERGED))
    sdeopt("run", "fake")
    assert (tmp_path / "out/fake/run.json").read_bytes() == before


def test_trouble_with_the_folder_stops_all(sdeopt, monkeypatch, tmp_path):
    register(
        monkeypatch,
        fake1=broken("fake1", OutputError("could not write: no space; free some.")),
        fake2=fake(name="fake2"),
    )
    result = sdeopt("run", "all")
    assert (result.exit_code, result.stderr) == (
        2, "sdeopt: could not write: no space; free some.\n"
    )  # fmt: skip
    assert not (tmp_path / "out/fake2").exists()


def test_one_experiment_has_the_folder_and_all_processes(sdeopt, monkeypatch):
    seen = []

    def simulate(configuration):
        seen.append(run_context())
        return FAKE.simulate(configuration)

    register(monkeypatch, fake=fake(simulate=simulate), other=fake(name="other"))
    assert sdeopt("run", "fake", "--workers", "3").exit_code == 0
    assert seen == [RunContext(Path("out"), 3)]
    assert run_context() == RunContext()


def test_all_of_a_scale_are_those_that_have_it(sdeopt, monkeypatch):
    desk = {**FAKE.scales, "desk": FAKE.scales["quick"]}
    register(monkeypatch, one=fake(name="one", scales=desk), other=fake(name="other"))
    result = sdeopt("run", "all", "--scale", "desk")
    assert result.exit_code == 0
    assert "passing over experiments that have no scale 'desk'" in result.stderr
    assert "other" not in result.stdout
    refused = sdeopt("run", "other", "--scale", "desk")
    assert (refused.exit_code, "called 'desk'" in refused.stderr) == (2, True)


def test_an_interruption_says_how_to_go_on(sdeopt, monkeypatch):
    def interrupted(configuration):
        raise KeyboardInterrupt("2 of 3 are kept.")

    register(monkeypatch, fake=fake(simulate=interrupted))
    assert "was not finished" in (words := sdeopt("run", "fake").stderr)
    assert words.endswith("is in out. 2 of 3 are kept.\n")


def test_a_log_has_a_line_for_each_experiment_and_each_failed_claim(sdeopt, monkeypatch):
    register(
        monkeypatch,
        fake1=fake(name="fake1"),
        fake2=fake(name="fake2", claims=lambda _: [Claim.at_most("it is low", 3.0, 1.0)]),
        fake3=broken("fake3", DIVERGED),
    )
    one, two, claim, three = sdeopt("run", "all").stdout.splitlines()
    assert one.startswith("fake1: 2 of 2 claims held; ")
    assert two.startswith("fake2: 0 of 1 claims held, 1 contradicted; ")
    assert claim == "  contradicted: it is low: 3, not value ≤ 1"
    assert three == "fake3: DID NOT FINISH: replica 3 diverged at step 7; lower step_size"


FEW = Claim.at_least("few", 0.8, 0.9, "share", interval=(0.62, 0.91))


def test_what_a_sample_cannot_decide_is_said_so(sdeopt, monkeypatch):
    register(
        monkeypatch, fake1=fake(name="fake1", claims=lambda _: [FEW]), fake2=fake(name="fake2")
    )
    one, claim, _ = sdeopt("run", "all").stdout.splitlines()
    assert one.startswith("fake1: 0 of 1 claims held, 1 undecided; ")
    assert claim == ("  undecided: few: 0.8, not share ≥ 0.9 (estimate 0.8, interval 0.62 to 0.91)")
    assert sdeopt("run", "all", "--strict").exit_code == 1
    assert "FAILED" not in sdeopt("run", "fake1").stdout


def test_changed_settings_stand_beside_the_verdicts(sdeopt, monkeypatch):
    register(monkeypatch, fake=fake())
    shown = sdeopt("run", "fake", "--set", "size=5").stdout
    assert shown.count("holds*") == 2
    assert "2 of 2 claims held (*) with changed settings: size = 5; " in shown
    assert "*" not in sdeopt("run", "fake", "--out", "other").stdout


def test_results_of_other_settings_stay(sdeopt, monkeypatch, tmp_path):
    simulated = []

    def simulate(configuration):
        simulated.append(configuration)
        return FAKE.simulate(configuration)

    register(monkeypatch, fake1=fake(name="fake1", simulate=simulate), fake2=fake(name="fake2"))
    assert sdeopt("run", "fake2").exit_code == 0
    before = (tmp_path / "out/fake2/run.json").read_bytes()
    words = ("run", "fake1", "fake2", "--set", "size=5", "--seed", "3")
    refused = sdeopt(*words)
    assert (refused.exit_code, refused.stderr) == (
        2,
        "sdeopt: out/fake2 holds results of other settings (seed = 1, size = 4); give another folder "
        "with --out, or --replace to write over them.\n",
    )
    assert simulated == []
    assert (tmp_path / "out/fake2/run.json").read_bytes() == before
    assert sdeopt("run", "fake2").exit_code == 0  # the same settings again
    assert sdeopt(*words, "--out", "other").exit_code == 0
    assert sdeopt(*words, "--replace").exit_code == 0
    assert json.loads((tmp_path / "out/fake2/run.json").read_text())["configuration"]["size"] == 5
    # what cannot be read may be of other settings; without data nothing is lost
    (tmp_path / "out/fake2/run.json").write_text("{")
    assert "settings (which run.json does not say); give" in sdeopt("run", "fake2").stderr
    (tmp_path / "out/fake2/run.json").unlink()
    assert sdeopt("run", "fake2").exit_code == 2
    (tmp_path / "out/fake2/result.nc").unlink()
    assert sdeopt("run", "fake2").exit_code == 0


def test_a_terminal_shows_which_of_how_many_and_the_whole(sdeopt, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")  # how rich is told that it writes to a terminal
    register(monkeypatch, fake1=fake(name="fake1"), fake2=broken("fake2", DIVERGED))
    shown = sdeopt("run", "all").stdout
    assert "[1 of 2] fake1: Numbers & their <level>" in shown
    assert "[2 of 2] fake2:" in shown
    assert "numbers are not negative" in shown
    assert "1 of 2 experiments finished; 2 of 2 claims held; 0 s" in shown


def test_experiments_run_in_the_order_of_reading(sdeopt, monkeypatch):
    register(
        monkeypatch,
        a=fake(name="a", section="Beyond the figures"),
        fig10=fake(name="fig10", section="Toy losses"),
        fig2=fake(name="fig2", section="Toy losses"),
    )
    names = [line.partition(":")[0] for line in sdeopt("run", "all").stdout.splitlines()]
    assert names == ["fig2", "fig10", "a"]


def test_without_an_animation_one_sentence_says_so(sdeopt, monkeypatch):
    register(monkeypatch, fake=fake())
    result = sdeopt("run", "fake", "--animate")
    assert (result.exit_code, result.stderr) == (0, "sdeopt: fake has no animation.\n")


ABSENT = {"requires": ("numpy", "no_such_module"), "extra": "sdeopt[extra]"}
LACKING = "'lame' needs no_such_module, which is not installed; pip install 'sdeopt[extra]'."


def test_one_that_lacks_an_extra_is_passed_over_and_is_no_failure(sdeopt, monkeypatch, tmp_path):
    register(monkeypatch, lame=fake(name="lame", **ABSENT), fake=fake())
    result = sdeopt("run", "all")
    assert result.exit_code == 0
    assert result.stderr == f"sdeopt: passing over {LACKING}\n"
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["fake"]


def test_one_that_lacks_an_extra_says_how_to_get_it(sdeopt, monkeypatch):
    register(monkeypatch, lame=fake(name="lame", **ABSENT), fake=fake())
    result = sdeopt("run", "fake", "lame")
    assert (result.exit_code, result.stderr) == (2, f"sdeopt: {LACKING}\n")
    assert LACKING in " ".join(sdeopt("list").stdout.split())
