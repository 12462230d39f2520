"""Fetching data sets, from a server on this machine with small files."""

import hashlib
import io
import json
import subprocess
import sys
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
import typer
from typer.testing import CliRunner

from nets import data as data_sets
from nets.downloads import published
from nets.downloads.command import data
from nets.downloads.fetching import fetch
from nets.downloads.published import SOURCES, Published, Source
from sdeopt.errors import InvalidArgumentError, OutputError

CONTENT = bytes(range(256)) * 1000


class Server(BaseHTTPRequestHandler):
    """Sends `files` by name, from where a client asks, at most `most` bytes an answer."""

    files: ClassVar[dict[str, bytes]] = {}
    most = None
    ranges = True
    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self):
        name, wanted = self.path.lstrip("/"), self.headers.get("Range")
        type(self).asked.append((name, wanted))
        content = self.files.get(name)
        if content is None:
            self.send_error(404)
            return
        first = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and self.ranges else 0
        if first >= len(content):
            self.send_error(416)
            return
        self.send_response(206 if first else 200)
        self.send_header("Content-Length", str(len(content) - first))
        self.end_headers()
        end = len(content) if self.most is None else first + self.most
        self.wfile.write(content[first:end])

    def log_message(self, *words):
        pass


@pytest.fixture
def server():
    handler = type("Handler", (Server,), {"files": {}, "asked": []})
    running = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    handler.address = f"http://127.0.0.1:{running.server_port}"
    yield handler
    running.shutdown()
    running.server_close()
    thread.join()


def md5(content):
    return f"md5:{hashlib.md5(content).hexdigest()}"


def one(server, checksum="", **options):
    return Published("sub/a.bin", (f"{server.address}/a.bin",), checksum, "a test", **options)


def test_a_file_is_fetched_and_checked(server, tmp_path):
    server.files["a.bin"] = CONTENT
    seen = []
    words = fetch(
        one(server, md5(CONTENT)), tmp_path, lambda have, total: seen.append((have, total))
    )
    assert (tmp_path / "sub/a.bin").read_bytes() == CONTENT
    assert words == "md5 as stated by a test"
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [path.name for path in (tmp_path / "sub").iterdir()] == ["a.bin"]


def test_a_download_that_was_cut_goes_on_where_it_stopped(server, tmp_path):
    server.files["a.bin"], server.most = CONTENT, 100_000
    with pytest.raises(OutputError, match="what is there of it is kept"):
        fetch(one(server, md5(CONTENT)), tmp_path)
    assert not (tmp_path / "sub/a.bin").exists()
    have = (tmp_path / "sub/a.bin.part").stat().st_size
    assert 0 < have <= 100_000
    server.most = None
    fetch(one(server, md5(CONTENT)), tmp_path)
    assert (tmp_path / "sub/a.bin").read_bytes() == CONTENT
    assert server.asked[-1] == ("a.bin", f"bytes={have}-")


@pytest.mark.parametrize("ranges", [True, False])
def test_what_a_kill_left_is_used_or_sent_anew(server, tmp_path, ranges):
    server.files["a.bin"], server.ranges = CONTENT, ranges
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a.bin.part").write_bytes(CONTENT[:999])
    fetch(one(server, md5(CONTENT)), tmp_path)
    assert (tmp_path / "sub/a.bin").read_bytes() == CONTENT


def test_a_whole_file_that_was_not_put_in_place_is(server, tmp_path):
    server.files["a.bin"] = CONTENT
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a.bin.part").write_bytes(CONTENT)
    fetch(one(server, md5(CONTENT)), tmp_path)
    assert (tmp_path / "sub/a.bin").read_bytes() == CONTENT


def test_another_file_than_was_published_is_refused(server, tmp_path):
    server.files["a.bin"] = CONTENT[::-1]
    with pytest.raises(OutputError, match=r"and not .* as a test states"):
        fetch(one(server, md5(CONTENT)), tmp_path)
    assert not list((tmp_path / "sub").iterdir())


def test_without_a_published_checksum_the_first_download_counts(server, tmp_path):
    server.files["a.bin"] = CONTENT
    assert "was computed now and kept" in fetch(one(server), tmp_path)
    kept = (tmp_path / "sub/a.bin.sha256").read_text()
    assert kept.strip() == hashlib.sha256(CONTENT).hexdigest()
    (tmp_path / "sub/a.bin").unlink()
    assert fetch(one(server), tmp_path) == "sha256 as stated by the first download"
    server.files["a.bin"] = CONTENT[::-1]
    with pytest.raises(OutputError, match="as the first download states"):
        fetch(one(server), tmp_path)


def test_the_next_mirror_is_tried(server, tmp_path):
    server.files["a.bin"] = CONTENT
    urls = ("http://127.0.0.1:9/a.bin", f"{server.address}/absent", f"{server.address}/a.bin")
    fetch(Published("a.bin", urls, md5(CONTENT), "a test"), tmp_path)
    assert (tmp_path / "a.bin").read_bytes() == CONTENT


def test_no_network_is_one_sentence(tmp_path):
    with pytest.raises(OutputError) as problem:
        fetch(Published("a.bin", ("http://127.0.0.1:9/a.bin",)), tmp_path)
    assert "127.0.0.1:9/a.bin: no connection); check the connection" in str(problem.value)


def archive(kind, members):
    content = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(content, "w") as file:
            for name in members:
                file.writestr(name, name)
    else:
        with tarfile.open(fileobj=content, mode="w:gz") as file:
            for name in members:
                entry = tarfile.TarInfo(name)
                entry.size = len(name)
                file.addfile(entry, io.BytesIO(name.encode()))
    return content.getvalue()


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_an_archive_is_unpacked_and_only_what_is_wanted(server, tmp_path, kind):
    server.files[f"a.{kind}"] = archive(kind, ["set/one", "set/two", "../evil"])
    url = (f"{server.address}/a.{kind}",)
    fetch(Published(".", url, members=("set/one", "set/two")), tmp_path / "home")
    assert (tmp_path / "home/set/two").read_text() == "set/two"
    assert not (tmp_path / "evil").exists()
    assert not (tmp_path / f"home/a.{kind}").exists()


def test_an_archive_that_lacks_a_file_is_refused(server, tmp_path):
    server.files["a.zip"] = archive("zip", ["set/one"])
    with pytest.raises(OutputError, match="cannot be unpacked"):
        fetch(Published(".", (f"{server.address}/a.zip",), members=("set/two",)), tmp_path)


app = typer.Typer()
app.command()(data)


def called(*words):
    return CliRunner().invoke(app, list(map(str, words)))


def test_the_command_fetches_into_the_layout_that_the_loader_reads(server, tmp_path, monkeypatch):
    rows = b"".join(b"1.0," * 10 + (b"g" if row % 2 else b"h") + b"\n" for row in range(19_020))
    server.files["magic04.data"] = rows
    url = (f"{server.address}/magic04.data",)
    source = Source("showers", 1.0, (Published("magic04.data", url),))
    monkeypatch.setitem(published.SOURCES, "magic", source)
    done = called("get", "magic", "--dir", tmp_path)
    assert done.exit_code == 0, done.output
    assert "was computed now" in done.output
    assert "is in" in called("get", "magic", "--dir", tmp_path).output
    loaded = data_sets.load("magic", tmp_path)
    assert "as published" in loaded.provenance
    listed = called("list", "--dir", tmp_path).output
    assert [line.split()[-1] for line in listed.splitlines() if "magic" in line] == ["yes"]
    found = json.loads(called("list", "--dir", tmp_path, "--json").output)
    assert {each["name"]: each["here"] for each in found["data"]}["magic"] is True
    assert found["folder"] == str(tmp_path)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("get",), "data get needs names"),
        (("get", "mnits"), "did you mean 'mnist'"),
        (("get", "mnist"), "no data directory is named"),
        (("list", "mnist"), "did you mean data get"),
    ],
)
def test_the_command_refuses_in_one_sentence(words, said, monkeypatch):
    monkeypatch.delenv("SDEOPT_DATA", raising=False)
    assert said in str(called(*words).exception)


def test_every_set_that_is_read_from_files_can_be_fetched():
    shipped = {"digits", "digit_parity", "python_reference"}
    assert set(data_sets.names()) - shipped == set(SOURCES)
    for source in SOURCES.values():
        for file in source.files:
            assert file.urls
            assert bool(file.checksum) == bool(file.stated_by)


def test_it_asks_for_what_it_needs_and_no_more(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pooch", None)
    monkeypatch.delitem(sys.modules, "nets.downloads.fetching")
    with pytest.raises(InvalidArgumentError, match=r"needs pooch.*pip install 'sdeopt\[data\]'"):
        data("get", ["mnist"], tmp_path)
    program = (
        "import sys; sys.modules.update(torch=None, mlxtend=None); import nets.downloads.fetching; "
        "from nets.downloads.command import data; data('list')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "mnist" in done.stdout
