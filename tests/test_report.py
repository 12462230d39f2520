import re
from html.parser import HTMLParser

import pytest

from sdeopt.errors import OutputError
from sdeopt.report import write_report
from sdeopt.reproduction import reproduce
from tests.fake_experiment import FAKE, FakeConfiguration, fake


class Page(HTMLParser):
    """The text of a page, its links, and whether every tag is closed."""

    VOID = ("meta", "link", "img", "br")

    def __init__(self, text):
        super().__init__()
        self.open, self.links, self.images, self.text = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            self.open.append(tag)
        self.links += [value for key, value in attrs if key in ("src", "href")]
        self.images += [dict(attrs) for _ in [0] if tag == "img"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.text.append(data)

    def words(self):
        return " ".join(" ".join(self.text).split())


@pytest.fixture
def page(tmp_path):
    reproduce(FAKE, "quick", FakeConfiguration(seed=31), tmp_path)
    reproduce(fake(name="fig2"), "paper", FakeConfiguration(level=2.0), tmp_path)
    path, problems = write_report(tmp_path)
    assert path == tmp_path / "report.html"
    assert problems == []
    return Page(path.read_text(encoding="utf-8"))


def test_it_is_one_well_formed_file(page):
    assert page.open == []
    assert all(link.startswith(("data:", "#")) for link in page.links)
    assert len(page.images) == 2
    assert all(image["src"].startswith("data:image/png;base64,iVBOR") for image in page.images)
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
    assert "3 of 4 claims held in 2 experiments" in words
    assert words.count("✗ FAILED") == 1
    assert "✗ 1 of 2 held" in words
    assert "✓ 2 of 2 held" in words


def test_the_summary_links_to_every_experiment(page):
    assert [link for link in page.links if link.startswith("#")] == ["#fake", "#fig2"]


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
