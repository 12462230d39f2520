"""Fetching a file: from the first mirror that has it, resumed, checked, and put in place whole."""

import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pooch
import requests

from nets.downloads.published import Published
from sdeopt.errors import OutputError
from sdeopt.files import atomic_path, output_folder

PIECE = 1 << 16
TIMEOUT = 30
"""Seconds without an answer after which a mirror is given up."""
PARTIAL, CHECKSUM = ".part", ".sha256"

Progress = Callable[[int, int], None]
"""Is called with the bytes that are there and those in all, 0 where a server does not say."""


def fetch(published: Published, folder: Path, progress: Progress | None = None) -> str:
    """Fetch a file and return how it was checked, in words."""
    target = folder / (published.name if published.members else published.path)
    output_folder(target.parent)
    partial = target.with_name(target.name + PARTIAL)
    problems = []
    for url in published.urls:
        try:
            _download(url, partial, progress)
        except (requests.RequestException, OSError) as problem:
            problems.append(f"{url}: {_reason(problem)}")
            continue
        checked = _check(published, target, partial, url)
        if published.members:
            _unpack(partial, folder / published.path, published)
            partial.unlink()
        else:
            partial.replace(target)
        return checked
    raise OutputError(
        f"{published.name} could not be fetched ({'; '.join(problems)}); check the connection and try "
        f"again: what is there of it is kept, or put the file into {target.parent} by hand."
    )


def _download(url: str, partial: Path, progress: Progress | None) -> None:
    """Add to a file what a mirror has beyond what is there already."""
    have = partial.stat().st_size if partial.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
        if answer.status_code == requests.codes.requested_range_not_satisfiable:
            return  # all of it is there; the checksum decides
        answer.raise_for_status()
        if answer.status_code != requests.codes.partial_content:
            have = 0  # the server sends it from the start
        total = have + int(answer.headers.get("Content-Length", 0))
        with partial.open("ab" if have else "wb") as file:
            for piece in answer.iter_content(PIECE):
                file.write(piece)
                have += len(piece)
                if progress is not None:
                    progress(have, total)
    if total and have < total:
        raise requests.ConnectionError(f"ended after {have:,} of {total:,} bytes")


def _reason(problem: Exception) -> str:
    answer = getattr(problem, "response", None)
    if answer is not None:
        return f"the server answers {answer.status_code}"
    if isinstance(problem, requests.Timeout):
        return f"no answer within {TIMEOUT} s"
    return "no connection" if isinstance(problem, requests.ConnectionError) else str(problem)


def _check(published: Published, target: Path, partial: Path, url: str) -> str:
    """Return how a file was checked, or remove it where it is not what was published."""
    kept = target.with_name(target.name + CHECKSUM)
    expected, stated_by = published.checksum, published.stated_by
    if not expected and kept.exists():
        expected, stated_by = f"sha256:{kept.read_text().strip()}", "the first download"
    if not expected:
        digest = str(pooch.file_hash(str(partial), alg="sha256"))
        with atomic_path(kept) as temporary:
            temporary.write_text(digest + "\n")
        return f"no checksum is published; sha256 {digest} was computed now and kept"
    algorithm, _, wanted = expected.partition(":")
    found = str(pooch.file_hash(str(partial), alg=algorithm))
    if found != wanted:
        partial.unlink()
        raise OutputError(
            f"{published.name} from {url} has the {algorithm} {found}, and not {wanted} as "
            f"{stated_by} states; it was removed, try again."
        )
    return f"{algorithm} as stated by {stated_by}"


def _unpack(archive: Path, folder: Path, published: Published) -> None:
    """Write the wanted members of an archive into a folder, each whole or not at all."""
    try:
        for member in published.members:
            content = _member(archive, member)
            path = folder / member
            output_folder(path.parent)
            with atomic_path(path) as temporary:
                temporary.write_bytes(content)
    except (KeyError, tarfile.TarError, zipfile.BadZipFile) as problem:
        raise OutputError(
            f"{published.name} cannot be unpacked: {problem}; it is not the published archive."
        ) from problem


def _member(archive: Path, member: str) -> bytes:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            return opened.read(member)
    with tarfile.open(archive) as opened:
        file = opened.extractfile(member)
        if file is None:
            raise KeyError(f"{member} is no file")
        return file.read()
