"""Results that are kept with the source code: today's code finds the same claims in them."""

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from PIL import Image

from sdeopt import results
from sdeopt.errors import OutputError
from sdeopt.experiment import Claim
from sdeopt.experiments import keeping
from sdeopt.experiments.keeping import claims_of, keep, main
from sdeopt.experiments.registry import find
from sdeopt.experiments.reproduction import reproduce
from tests.alike import same
from tests.fake_experiment import FAKE, FakeConfiguration, fake, register

ROOT = Path(__file__).parent.parent
KEPT = ROOT / "docs" / "results"
FOLDERS = sorted(path.parent for path in KEPT.glob("*/run.json"))


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_claims_are_those_of_today(folder):
    for module in find(folder.name).requires:
        pytest.importorskip(module)
    found, kept = claims_of(folder), (folder / "claims.json").read_text(encoding="utf-8")
    assert same(json.loads(found), json.loads(kept))
    assert (folder / "result.nc").stat().st_size <= keeping.MOST
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert run["scale"] != "quick"
    assert not run["changed"] or set(run["changed"]) == {"runs"}


@pytest.mark.parametrize(
    "other", [{"p": 0.5}, {"p": [1.0]}, {"p": [1.0, 2.0 + 1e-9]}, {"p": [1, 2.0]}]
)
def test_claims_that_differ_are_not_the_same(other):
    assert same({"p": [1.0, 2.0 + 1e-14]}, {"p": [1.0, 2.0]})
    assert not same(other, {"p": [1.0, 2.0]})


TRAININGS = sorted((KEPT / "trainings").glob("*.nc"))


@pytest.mark.parametrize("path", TRAININGS, ids=[path.stem for path in TRAININGS])
def test_trainings_are_named_by_what_decides_them(path):
    packing = pytest.importorskip("nets.figures.packing")
    identity = pytest.importorskip("nets.identity")
    assert path.stat().st_size <= keeping.MOST
    for name, history in packing.unpacked(results.load(path)).items():
        assert identity.digest_of(json.loads(history.attrs["identity"])).startswith(name)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Return a folder of kept results: of one experiment at a larger scale, beside a quick one."""
    register(monkeypatch, fake=FAKE, other=fake(name="other"))
    reproduce(FAKE, "paper", FakeConfiguration(size=8), tmp_path / "out")
    reproduce(fake(name="other"), "quick", FakeConfiguration(), tmp_path / "out")
    assert keep(tmp_path / "out", tmp_path / "kept") == ["fake"]
    return tmp_path / "kept"


def test_what_is_kept(kept):
    files = sorted(path.name for path in kept.rglob("*") if path.is_file())
    assert files == ["claims.json", "fake.png", "result.nc", "run.json"]
    before = results.load(kept.parent / "out" / "fake" / "result.nc")
    xr.testing.assert_identical(results.load(kept / "fake" / "result.nc"), before)
    drawn, small = (folder / "fake" / "fake.png" for folder in (kept.parent / "out", kept))
    with Image.open(drawn) as full, Image.open(small) as few:
        assert few.size == full.size
        assert few.mode == "P"
        # of 256 levels, at any dot and colour
        apart = np.subtract(few.convert("RGB"), full.convert("RGB"), dtype=np.int16)
        assert np.abs(apart).max() < 24
        assert np.abs(apart).mean() < 0.5
    assert claims_of(kept / "fake") == (kept / "fake" / "claims.json").read_text(encoding="utf-8")


def test_another_claim_is_noticed(kept, monkeypatch):
    other = fake(claims=lambda result: [Claim.at_least("more", float(result["x"].min()), 0.5)])
    register(monkeypatch, fake=other)
    assert claims_of(kept / "fake") != (kept / "fake" / "claims.json").read_text(encoding="utf-8")


def test_the_command_names_what_it_kept(kept, capsys):
    main([str(kept.parent / "out"), str(kept.parent / "again")])
    assert capsys.readouterr().out.strip().endswith(": fake")
    assert (kept.parent / "again" / "fake" / "claims.json").is_file()


def test_what_cannot_be_kept_is_refused(tmp_path, kept, monkeypatch):
    with pytest.raises(OutputError, match="no results of a larger scale"):
        keep(tmp_path / "elsewhere", tmp_path / "kept")
    monkeypatch.setattr(keeping, "MOST", 100)
    with pytest.raises(OutputError, match=r"the data of fake have .* more than the 100"):
        keep(tmp_path / "out", tmp_path / "kept")
