import re
from html.parser import HTMLParser

import pytest

from sdeopt.errors import InvalidArgumentError, OutputError
from sdeopt.experiment import Claim
from sdeopt.experiments.registry import entries
from sdeopt.experiments.report import (
    digits,
    duration,
    moment,
    papers,
    render,
    setting,
    write_report,
)
from sdeopt.experiments.reproduction import Failure, remember_failure, reproduce
from sdeopt.experiments.statements import Statement
from tests.fake_experiment import FAKE, FakeConfiguration, fake


class Page(HTMLParser):
    """The text of a page, its links, and whether every tag is closed."""

    VOID = ("meta", "link", "img", "br")

    def __init__(self, text):
        super().__init__()
        self.open, self.links, self.images, self.text, self.places = [], [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)
        self.links += [value for key, value in attrs if key in ("src", "href")]
        self.places += [value for key, value in attrs if key == "id"]
        self.images += [dict(attrs) for _ in [0] if tag == "img"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text.append(data)

    def words(self):
        return " ".join(" ".join(self.text).split())


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    reproduce(FAKE, "quick", FakeConfiguration(seed=31), out)
    reproduce(fake(name="fig2"), "paper", FakeConfiguration(level=2.0), out)
    path, problems = write_report(out)
    assert path == out / "report.html"
    assert problems == []
    page = Page(path.read_text(encoding="utf-8"))
    page.folder = out
    return page


def test_it_is_one_well_formed_file(page):
    assert page.open == []
    files = [link for link in page.links if not link.startswith(("data:", "#"))]
    assert files == [
        f"{name}/{name}.{kind}" for name in ("fake", "fig2") for kind in ("png", "pdf")
    ]
    assert all((page.folder / file).is_file() for file in files)
    assert len(page.images) == 2
    assert all(image["src"].startswith("data:image/webp;base64,UklGR") for image in page.images)
    assert all(image["alt"] for image in page.images)


def test_it_shows_what_it_must(page):
    words = page.words()
    for wanted in (
        "Numbers & their <level>",
        "No paper, Fig. 0",
        "Draw some numbers.",
        "everything: 1 < 2",
        "the level is <low>",
        "level ≤ 0.9",
        "seed 31",
        "scale quick",
        "2,000 agent-steps/s",
        "run time",
        "version sdeopt",
        "Reconstructed",
        "couplings 0, 3",
    ):
        assert wanted in words, wanted


def test_verdicts_are_words_not_only_colours(page):
    words = page.words()
    assert "3 of 4 claims held in 2 experiments, 1 is contradicted, 0 undecided" in words
    assert words.count("✗ contradicted") == 1
    assert "✗ 1 of 2 held" in words
    assert "✓ 2 of 2 held" in words


def test_changed_settings_stand_beside_every_verdict(page, tmp_path):
    words = page.words()
    assert "which every verdict here depends on: seed = 31." in words
    assert "which every verdict here depends on: size = 4, level = 2.0." in words
    assert words.count("holds changed settings") == 3
    assert "✗ contradicted changed settings the level is <low>" in words
    reproduce(FAKE, "quick", FakeConfiguration(), tmp_path)
    usual = Page(write_report(tmp_path)[0].read_text(encoding="utf-8"))
    assert "changed" not in usual.words()


def test_what_is_undecided_is_apart_from_what_is_contradicted(tmp_path):
    verdicts = [
        Claim.at_least("few", 0.8, 0.9, interval=(0.62, 0.91)),
        Claim.at_least("many", 0.8, 0.9, interval=(0.77, 0.83)),
    ]
    reproduce(fake(claims=lambda result: verdicts), "quick", FakeConfiguration(), tmp_path)
    words = Page(write_report(tmp_path)[0].read_text(encoding="utf-8")).words()
    assert "0 of 2 claims held in 1 experiment, 1 is contradicted, 1 undecided" in words
    assert "The 1 claim that is undecided fake, claim 1 : few" in words
    assert "The 1 claim that is contradicted fake, claim 2 : many" in words
    assert "? undecided few value ≥ 0.9 0.8 0.62 to 0.91" in words


def test_what_is_equivalent_is_told_where_there_is_any(tmp_path):
    alike = [Claim.difference("more", 0.1, (-0.2, 0.4), 1.0, "points")]
    result = fake(claims=lambda result: alike, simulate=with_facts)
    reproduce(result, "quick", FakeConfiguration(), tmp_path)
    words = Page(write_report(tmp_path)[0].read_text(encoding="utf-8")).words()
    assert "0 of 1 claims held in 1 experiment, 0 are contradicted, 1 is equivalent, 0" in words
    assert "shown to be too small to matter" in words
    assert "≈ equivalent more points > 0 (smallest of interest 1) 0.1 −0.2 to 0.4" in words
    assert "The 1 claim that is equivalent fake, claim 1 : more" in words
    # what else the run knows of itself
    assert "data made up" in words


def with_facts(configuration):
    return FAKE.simulate(configuration).assign_attrs(facts='{"data": "made up"}')


def test_every_link_leads_to_a_place_on_the_page(page):
    targets = [link.removeprefix("#") for link in page.links if link.startswith("#")]
    assert {"overview", "fake", "fig2"} < set(targets)
    assert set(targets) <= set(page.places)
    assert len(page.places) == len(set(page.places))


def test_the_paper_is_in_the_title(tmp_path):
    source = "Author & Other (1999), On numbers, Fig. 0"
    reproduce(fake(source=source), "quick", FakeConfiguration(), tmp_path)
    text = write_report(tmp_path)[0].read_text(encoding="utf-8")
    assert "<title>Author &amp; Other (1999), executed</title>" in text
    words = Page(text).words()
    assert "Author & Other (1999), executed" in words
    assert "Author & Other (1999), On numbers" in words
    assert "Fig. 0: Numbers & their <level>. Scale quick, seed 1." in words


def test_every_experiment_names_its_paper():
    sources = [entry.experiment.source for entry in entries() if entry.experiment]
    assert all(papers([source]) for source in sources)


def test_what_no_verdict_can_be_read_without_stands_beside_the_count(tmp_path):
    headline = "All numbers are made up: {} claims."
    experiment = fake(headline=lambda claims: headline.format(len(claims)))
    reproduce(experiment, "quick", FakeConfiguration(), tmp_path)
    words = Page(write_report(tmp_path)[0].read_text(encoding="utf-8")).words()
    assert "0 undecided. All numbers are made up: 2 claims." in words


def test_the_explanation_of_a_claim_is_folded_away(tmp_path):
    long = "the mean is nearer to the minimum than any agent (0.1 against 0.3); each of 4 settings"
    verdicts = [
        Claim.at_least(long, 0.95, 0.9),
        Claim.at_least("eq. (2) of the second section", 0, 1),
    ]
    reproduce(fake(claims=lambda result: verdicts), "quick", FakeConfiguration(), tmp_path)
    text = write_report(tmp_path)[0].read_text(encoding="utf-8")
    assert "<details><summary>the mean is nearer to the minimum than any agent</summary>" in text
    words = Page(text).words()
    assert "(0.1 against 0.3); each of 4 settings" in words
    assert "the number is that of the interval score ≥ 3: 5 0.5 0.2 to 0.8" in words
    # what does not hold is open
    assert "<details open><summary>eq. (2) of the second section</summary>" in text


def test_the_summary_links_to_the_claims_that_failed(page):
    assert page.links.count("#fig2-2") == 1
    assert "fig2, claim 2 : the level is <low>" in page.words()


def test_statements_stand_beside_their_claims(tmp_path, monkeypatch):
    known = [
        Statement("Sec. 1", "numbers have <signs>", {"fake": ["not negative"], "other": ["x"]}),
        Statement("Sec. 2", "nothing else", reason="it is & no number", proofs=("lemma_3_1",)),
        Statement("Sec. 1", "numbers are low", {"fake": ["the level", "not negative"]}),
    ]
    monkeypatch.setattr("sdeopt.experiments.report.statements", lambda: known)
    reproduce(FAKE, "quick", FakeConfiguration(), tmp_path)
    page = Page(write_report(tmp_path)[0].read_text(encoding="utf-8"))
    assert page.open == []
    assert set(page.links) >= {"#statements", "#fake-1", "#fake-2"}
    words = page.words()
    for wanted in (
        "3 statements in our own words",
        "Sec. 1 numbers have <signs> fake ✓ 1 other (not among these results)",
        "Sec. 2 nothing else no claim: it is & no number proved: lemma_3_1",
        "Sec. 1 numbers are low fake ✓ 1 ✓ 2",
        "numbers are not negative value ≥ 0 checks Sec. 1 0.",
    ):
        assert wanted in words, wanted


def test_results_that_no_statement_speaks_of_have_no_table(page):
    assert "statements" not in page.places


def test_parts_are_in_the_order_of_reading(tmp_path):
    for name, section in [
        ("mine", "A part of my own"),
        ("escape", "Beyond the figures"),
        ("fig10", "Toy losses"),
        ("fig9", "Toy losses"),
    ]:
        reproduce(fake(name=name, section=section), "quick", FakeConfiguration(), tmp_path)
    page = Page(write_report(tmp_path)[0].read_text(encoding="utf-8"))
    order = [place for place in page.places if place in ("mine", "escape", "fig9", "fig10")]
    assert order == ["fig9", "fig10", "escape", "mine"]
    assert page.words().count("A part of my own") == 3  # navigation, overview, heading


def test_what_did_not_run_is_on_the_page(tmp_path):
    reproduce(FAKE, "quick", FakeConfiguration(), tmp_path)
    again = Failure.of("fake", InvalidArgumentError("no <such> step."), experiment=FAKE)
    never = Failure.of("fig4", ZeroDivisionError("by zero"), scale="paper", experiment=fake())
    absent = Failure(name="fig7", scale="quick", problem="ModuleNotFoundError: torch")
    for failure in (again, never, absent):
        remember_failure(failure, tmp_path)
    page = Page(write_report(tmp_path)[0].read_text(encoding="utf-8"))
    words = page.words()
    assert page.open == []
    assert len(page.images) == 1
    for wanted in (
        "2 of 2 claims held in 1 experiment, 0 are contradicted, 0 undecided; 2 did not run",
        "✗ last run unfinished",
        "no <such> step. What is shown here is from an earlier run.",
        "✗ Not run",
        "scale paper): ZeroDivisionError: by zero.",
        "Experiments that cannot be loaded",
        "ModuleNotFoundError: torch",
    ):
        assert wanted in words, wanted


def test_failures_alone_make_a_page(tmp_path):
    remember_failure(Failure.of("fig4", ValueError("no")), tmp_path)
    assert "0 of 0 claims" in write_report(tmp_path)[0].read_text(encoding="utf-8")


def test_a_theorem_has_no_throughput(tmp_path):
    def still(configuration):
        return FAKE.simulate(configuration).assign_attrs(agent_steps=0)

    reproduce(fake(simulate=still), "quick", FakeConfiguration(), tmp_path)
    assert "agent-steps" not in write_report(tmp_path)[0].read_text(encoding="utf-8")


def test_problems_are_on_the_page(tmp_path):
    reproduce(FAKE, "quick", FakeConfiguration(), tmp_path)
    (tmp_path / "fake" / "run.json").write_text("{")
    path, problems = write_report(tmp_path)
    assert problems[0] in re.sub(r"&#3[49];", "'", path.read_text(encoding="utf-8"))


def test_nothing_to_report(tmp_path):
    with pytest.raises(OutputError, match=r"no results in .*sdeopt run all"):
        write_report(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_full_disk_leaves_the_old_page(tmp_path, full_disk):
    reproduce(FAKE, "quick", FakeConfiguration(), tmp_path)
    path, _ = write_report(tmp_path)
    before = path.read_bytes()
    with full_disk(1000), pytest.raises(OutputError, match=r"could not write .*report\.html"):
        write_report(tmp_path)
    assert path.read_bytes() == before


def test_numbers_times_and_settings_in_words():
    numbers = (0.12345, -3e-8, 52_341, 4.56e8, float("nan"))
    words = ["0.123", "−3·10⁻⁸", "52,341", "456 million", "not a number"]
    assert [digits(number) for number in numbers] == words
    assert [duration(seconds) for seconds in (4.21, 59.97, 61)] == [
        "4.2 s",
        "1 min 0 s",
        "1 min 1 s",
    ]
    assert moment("2020-02-29T12:34:56+00:00") == "2020-02-29 12:34 UTC"
    assert [setting(value) for value in ([0.0, 3.5, 10_000], None, True)] == [
        "0, 3.5, 10,000",
        "none",
        "yes",
    ]
    assert setting({"name": "Halving", "every": 2500}) == "Halving (every 2,500)"


def test_a_page_without_experiments():
    assert render([]).startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("given", "words"),
    [({}, "neither claims nor a reason"), ({"claims": {"a": ["b"]}, "reason": "c"}, "both claims")],
)
def test_a_statement_has_claims_or_a_reason(given, words):
    with pytest.raises(InvalidArgumentError, match=f"Sec. 1, 'it moves', has {words}"):
        Statement("Sec. 1", "it moves", **given)
