import pytest

from sdeopt.errors import InvalidArgumentError, unknown_name
from sdeopt.experiments.registry import entries, find, reading_order
from tests.fake_experiment import Point, fake, register


def test_natural_order(monkeypatch):
    register(monkeypatch, fig10=fake(name="fig10"), fig2=fake(name="fig2"), average=None)
    assert [entry.name for entry in entries()] == ["average", "fig2", "fig10"]


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (ImportError("no module named torch"), "ImportError: no module named torch"),
        (SystemExit(3), "SystemExit: 3"),
        (42, "it is no Experiment but 42"),
        (fake(name="other"), "it calls itself 'other'"),
    ],
)
def test_a_broken_package_spoils_no_other(monkeypatch, broken, problem):
    register(monkeypatch, bad=broken, fake=fake())
    bad, good = entries()
    assert bad.problem == problem
    assert bad.experiment is None
    assert good.experiment is find("fake")
    with pytest.raises(InvalidArgumentError, match=r"'bad' cannot be used.*stranger:bad"):
        find("bad")


def test_unknown_name(monkeypatch):
    register(monkeypatch, fake=fake())
    with pytest.raises(InvalidArgumentError, match="no experiment 'fakke'; did you mean 'fake'"):
        find("fakke")
    with pytest.raises(InvalidArgumentError, match=r"no experiment \[\]"):
        find([])


def test_the_same_name_twice_is_one_entry(monkeypatch):
    first, second = fake(), fake()
    points = [Point("fake", first), Point("fake", second)]
    monkeypatch.setattr("sdeopt.experiments.registry.entry_points", lambda group: points)
    assert [entry.experiment for entry in entries()] == [first]
    assert find("fake") is first


def test_what_is_installed_loads():
    assert not [entry.problem for entry in entries() if entry.problem]


def test_reading_order():
    found = [("My own", "a"), ("Beyond the figures", "escape"), ("Toy losses", "fig1")]
    found += [("Toy losses", "fig10"), ("Toy losses", "fig2")]
    ordered = sorted(found, key=lambda pair: reading_order(*pair))
    assert [name for _, name in ordered] == ["fig1", "fig2", "fig10", "escape", "a"]


@pytest.mark.parametrize(
    "given", [None, 1, 0.5, [], [[1], ["a"]], {}, object(), pytest.param(10**5000, id="huge")]
)
def test_what_is_no_text_is_no_name(given):
    message = str(unknown_name("experiment", given, ["fig1", "phase"]))
    assert message.startswith("there is no experiment ")
    assert message.endswith(". Known: fig1, phase.")
    assert len(message) < 150
