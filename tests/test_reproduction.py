import errno
import json

import numpy as np
import pytest

from sdeopt import results
from sdeopt.errors import OutputError
from sdeopt.experiment import Claim
from sdeopt.experiments.reproduction import findings, reproduce
from sdeopt.plot import style as plotting
from tests.fake_experiment import FAKE, FakeConfiguration, fake

FILES = ["claims.json", "fake.pdf", "fake.png", "result.nc", "run.json"]


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_is_written(tmp_path):
    finding = reproduce(FAKE, "quick", FakeConfiguration(seed=5), tmp_path)
    folder = tmp_path / "fake"
    assert sorted(contents(folder)) == FILES
    verdicts = json.loads((folder / "claims.json").read_text())
    keys = ["claim", "value", "criterion", "holds", "verdict", "estimate", "interval"]
    assert [list(entry) for entry in verdicts] == [keys] * 2
    run = json.loads((folder / "run.json").read_text())
    assert (run["seed"], run["scale"], run["configuration"]["size"]) == (5, "quick", 4)
    assert run["agent_steps_per_second"] == 2000.0
    assert run["changed"] == {"seed": 5}
    assert finding.changed == "seed = 5"
    assert finding.open == []
    saved = results.load(folder / "result.nc")
    assert (saved.attrs["experiment"], saved.attrs["scale"]) == ("fake", "quick")
    assert json.loads(saved.attrs["configuration"])["level"] == 0.5
    assert FAKE.claims(saved) == finding.claims


def test_same_seed_same_files(tmp_path):
    for name in ("one", "two"):
        reproduce(FAKE, "quick", FakeConfiguration(), tmp_path / name)
    one, two = (contents(tmp_path / name / "fake") for name in ("one", "two"))
    for name in ("fake.png", "fake.pdf", "claims.json"):
        assert one[name] == two[name]


def test_other_files_in_the_folder_stay(tmp_path):
    (tmp_path / "fake").mkdir()
    (tmp_path / "fake" / "notes.txt").write_text("mine")
    reproduce(FAKE, "quick", FakeConfiguration(), tmp_path)
    assert (tmp_path / "fake" / "notes.txt").read_text() == "mine"


def no_space(*given, **named):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    "writer", ["results.save", "plot.style.save", "experiments.reproduction._json"]
)
def test_a_full_disk_changes_nothing(tmp_path, monkeypatch, writer):
    reproduce(FAKE, "quick", FakeConfiguration(seed=1), tmp_path)
    before = contents(tmp_path / "fake")
    monkeypatch.setattr(f"sdeopt.{writer}", no_space)
    with pytest.raises(OutputError, match=r"results of fake could not .*No space left.*--out"):
        reproduce(FAKE, "quick", FakeConfiguration(seed=2), tmp_path)
    assert contents(tmp_path / "fake") == before


def test_a_disk_that_fills_up_while_writing(tmp_path, full_disk):
    with full_disk(9000), pytest.raises(OutputError, match="results of fake could not be written"):
        reproduce(FAKE, "quick", FakeConfiguration(size=5000), tmp_path)
    assert list((tmp_path / "fake").iterdir()) == []


def test_an_interruption_changes_nothing(tmp_path, monkeypatch):
    def interrupted(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(plotting, "save", interrupted)
    with pytest.raises(KeyboardInterrupt):
        reproduce(FAKE, "quick", FakeConfiguration(), tmp_path)
    assert list((tmp_path / "fake").iterdir()) == []


def test_an_unwritable_folder_is_found_before_the_simulation(tmp_path):
    def never(configuration):
        raise AssertionError("simulated in vain")

    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        reproduce(fake(simulate=never), "quick", FakeConfiguration(), tmp_path / "file")


def test_findings_are_read_back_in_order(tmp_path):
    for name in ("fig10", "fig2"):
        reproduce(fake(name=name), "quick", FakeConfiguration(), tmp_path)
    found, problems = findings(tmp_path)
    assert [finding.name for finding in found] == ["fig2", "fig10"]
    assert found[0].claims == FAKE.claims(FAKE.simulate(FakeConfiguration()))
    assert problems == []


def test_results_of_a_version_without_sections_are_read(tmp_path):
    reproduce(FAKE, "quick", FakeConfiguration(), tmp_path)
    path = tmp_path / "fake" / "run.json"
    run = json.loads(path.read_text())
    assert run.pop("section") == "Experiments"
    path.write_text(json.dumps(run))
    (finding,), _ = findings(tmp_path)
    assert finding.section == "Experiments"


def test_a_value_that_is_no_number_survives(tmp_path):
    lost = fake(claims=lambda result: [Claim.at_least("lost", np.nan, 0)])
    reproduce(lost, "quick", FakeConfiguration(), tmp_path)
    (finding,), _ = findings(tmp_path)
    assert np.isnan(finding.claims[0].value)
    assert finding.claims[0].verdict == "undecided"
    assert finding.open == finding.claims


def test_all_verdicts_are_read_back(tmp_path):
    made = [
        Claim.at_least("enough", 0.95, 0.9, interval=(0.92, 0.97)),
        Claim.at_least("few", 0.8, 0.9, interval=(-np.inf, np.inf)),
        Claim.at_least("many", 0.8, 0.9, interval=(0.77, 0.83)),
        Claim.clear("no scatter", 0.1, 0.0),
    ]
    reproduce(fake(claims=lambda result: made), "quick", FakeConfiguration(), tmp_path)
    entries = json.loads((tmp_path / "fake" / "claims.json").read_text())
    assert [entry["holds"] for entry in entries] == [True, None, False, True]
    assert [entry["verdict"] for entry in entries][:3] == ["holds", "undecided", "contradicted"]
    assert entries[0]["estimate"] == 0.95
    assert entries[0]["interval"] == [0.92, 0.97]
    (finding,), _ = findings(tmp_path)
    assert finding.claims[:3] == made[:3]
    assert [claim.claim for claim in finding.open] == ["many", "few"]


def test_verdicts_of_older_versions_are_read(tmp_path):
    reproduce(FAKE, "quick", FakeConfiguration(level=2.0), tmp_path)
    path = tmp_path / "fake" / "claims.json"
    keys = ("claim", "value", "criterion", "holds")
    entries = [{key: entry[key] for key in keys} for entry in json.loads(path.read_text())]
    path.write_text(json.dumps(entries))
    (finding,), _ = findings(tmp_path)
    assert [claim.verdict for claim in finding.claims] == ["holds", "contradicted"]


def test_settings_that_were_not_changed_are_not_named(tmp_path):
    assert reproduce(FAKE, "quick", FakeConfiguration(), tmp_path).changed == ""
    long = FakeConfiguration(couplings=tuple(float(k) for k in range(50)))
    changed = reproduce(FAKE, "quick", long, tmp_path).changed
    assert changed.startswith("couplings = [0.0, 1.0")
    assert changed.endswith(" …")
    assert len(changed) < 60


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("run.json", "{"),
        ("run.json", "{}"),
        ("run.json", "[]"),
        ("claims.json", "[{}]"),
        ("claims.json", "3"),
        ("fake.png", None),
        ("fake.png", "?"),
    ],
)
def test_a_damaged_result_is_named(tmp_path, name, text):
    reproduce(FAKE, "quick", FakeConfiguration(), tmp_path)
    damaged = tmp_path / "fake" / name
    damaged.unlink() if text is None else damaged.write_text(text)
    found, problems = findings(tmp_path)
    assert found == []
    assert len(problems) == 1
    assert "fake cannot be read" in problems[0]
