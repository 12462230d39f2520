"""A missing or odd error stream is no reason to fail."""

import io
import sys

import pytest

import sdeopt as so
from sdeopt.simulation.progress import Reporter
from sdeopt.streams import on_terminal, tell, usable


class Bare:
    """A stream that can only be written."""

    def write(self, text):
        """Take a text."""
        return len(text)

    def flush(self):
        """Do nothing."""


class Broken(io.StringIO):
    """A stream that does not know what it is, and refuses all text."""

    encoding = None

    def isatty(self):
        """Fail."""
        raise OSError("no such device")

    def write(self, text):
        """Fail."""
        raise OSError("no space left")


def closed():
    stream = io.StringIO()
    stream.close()
    return stream


STREAMS = {
    "none": lambda: None, "closed": closed, "bare": Bare, "broken": Broken, "text": io.StringIO,
    "nothing": object,
}  # fmt: skip


@pytest.mark.parametrize("name", STREAMS)
def test_a_run_needs_no_error_stream(monkeypatch, name):
    monkeypatch.setattr(sys, "stderr", STREAMS[name]())
    assert not on_terminal()
    tell("a sentence")
    run = so.simulate(
        so.losses.Quadratic(1.0), so.SGD(), steps=5, step_size=0.1, start=so.start.Point(1.0)
    )
    assert run["mean"].item() == pytest.approx(0.9**5)


@pytest.mark.parametrize("name", ["none", "closed", "nothing"])
def test_a_bar_that_cannot_be_shown_is_left_out(monkeypatch, name):
    monkeypatch.setattr(sys, "stderr", STREAMS[name]())
    assert not usable()
    with Reporter("a run", 10, 1, progress=True) as reporter:
        reporter.advance(5)


@pytest.mark.parametrize("name", ["bare", "text"])
def test_a_bar_is_shown_where_it_is_asked_for(monkeypatch, name):
    monkeypatch.setattr(sys, "stderr", STREAMS[name]())
    with Reporter("a run", 10, 1, progress=True) as reporter:
        reporter.advance(5)


def test_a_sentence_goes_to_the_error_stream_only(monkeypatch, capsys):
    tell("a sentence")
    assert capsys.readouterr().err == "a sentence\n"
    monkeypatch.setattr(sys, "stderr", None)
    tell("a sentence")
    assert capsys.readouterr().out == ""
