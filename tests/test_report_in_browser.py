"""The report where it is read: no errors, every picture there, nothing wider than the screen."""

import pytest

from sdeopt.experiment import Claim
from sdeopt.experiments.report import write_report
from sdeopt.experiments.reproduction import Failure, remember_failure, reproduce
from sdeopt.plot import style as plotting
from tests import browser
from tests.fake_experiment import FAKE, FakeConfiguration, fake

pytestmark = pytest.mark.skipif(browser.PROGRAM is None, reason="no Chromium is installed")

LAPTOP, PHONE = 1280, 375


def wide_picture(result):
    figure, _ = plotting.grid_of_panels(1, 4)
    return figure


def long_claims(result):
    return [
        Claim.at_most("a_name_without_any_space_" * 8, 3e-12, 1e-12, "largest_difference_" * 8),
        *(Claim.at_least(f"k = {k}: " + "words " * 40, k, 4, "share of them") for k in range(8)),
    ]


def test_it_reads_well_at_both_widths(tmp_path):
    reproduce(FAKE, "quick", FakeConfiguration(), tmp_path)
    reproduce(
        fake(name="wide", draw=wide_picture, claims=long_claims, section="Toy losses"),
        "paper",
        FakeConfiguration(label="a_name_without_any_space_" * 8),
        tmp_path,
    )
    remember_failure(Failure.of("lost", ValueError("no_space_in_this_" * 20)), tmp_path)
    page, _ = write_report(tmp_path)
    measured, console = browser.opened(page.read_text(encoding="utf-8"), [LAPTOP, PHONE], tmp_path)
    assert console == []
    for width, found in zip([LAPTOP, PHONE], measured, strict=True):
        assert found["width"] == width
        assert found["content"] <= width
        assert len(found["images"]) == 2
        assert min(found["images"]) > 0


def test_the_browser_notices_what_is_wrong(tmp_path):
    page = (
        '<meta http-equiv="Content-Security-Policy" content="img-src data:">'
        '<p style="width: 500px">wide<img src="data:,nothing"><img src="https://localhost/a.png">'
        "<script>console.error('wrong')</script>"
    )
    (laptop, phone), console = browser.opened(page, [LAPTOP, PHONE], tmp_path)
    assert laptop["content"] == LAPTOP
    assert phone["content"] > PHONE
    assert laptop["images"] == [0, 0]
    assert any("wrong" in line for line in console)
    assert any("Content Security Policy" in line for line in console)
