"""A reader never meets half a file."""

import errno
import os

import pytest

from sdeopt import files
from sdeopt.errors import OutputError
from sdeopt.files import atomic_path, output_folder


def write_half(target, problem):
    with atomic_path(target) as temporary:
        temporary.write_text("half")
        raise problem


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path):
    target = tmp_path / "note.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError):
        write_half(target, RuntimeError())
    assert target.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_a_folder_replaces_a_folder(tmp_path):
    for content in ("first", "second"):
        with atomic_path(tmp_path / "store.zarr") as temporary:
            (temporary / "inner").mkdir(parents=True)
            (temporary / "inner" / "chunk").write_text(content)
    assert (tmp_path / "store.zarr" / "inner" / "chunk").read_text() == "second"
    assert [path.name for path in tmp_path.iterdir()] == ["store.zarr"]


def test_a_full_disk_leaves_nothing_and_says_so(tmp_path):
    target = tmp_path / "note.txt"
    with pytest.raises(OutputError, match="nothing was left half-written"):
        write_half(target, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert list(tmp_path.iterdir()) == []


def test_only_the_written_file_is_forced_to_disk(tmp_path, monkeypatch):
    """A neighbour that another process removes meanwhile is none of our business."""
    (tmp_path / "neighbour").write_text("not ours")
    seen = []
    original = files._synchronize
    monkeypatch.setattr(files, "_synchronize", lambda path: (seen.append(path), original(path)))
    with atomic_path(tmp_path / "note.txt") as temporary:
        temporary.write_text("ours")
    assert tmp_path / "neighbour" not in seen
    assert tmp_path in seen


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be written"):
        output_folder(tmp_path / "file" / "out")
