"""Machine code on disk with a checksum: what is damaged is compiled anew and written in its place."""

import hashlib
import pickle
from types import ModuleType
from typing import Any

from numba.core.caching import IndexDataCacheFile
from numba.core.dispatcher import Dispatcher

DIGEST = hashlib.sha256().digest_size


class CheckedFile(IndexDataCacheFile):  # type: ignore[misc]
    """numba's index and data files, each behind the digest of its content."""

    def save(self, key: Any, data: Any) -> None:
        """Write what was compiled; a folder that cannot be written costs the next process its time."""
        try:
            super().save(key, data)
        except OSError:
            return

    def _dump(self, obj: Any) -> bytes:
        content: bytes = super()._dump(obj)
        return hashlib.sha256(content).digest() + content

    def _load_index(self) -> dict[Any, str]:
        try:
            with open(self._index_path, "rb") as file:
                version = pickle.load(file)
                kept = file.read()
            if version != self._version:
                return {}
            stamp, overloads = pickle.loads(_intact(kept))
        except Exception:  # a damaged pickle may raise anything
            return {}
        return overloads if stamp == self._source_stamp else {}

    def _load_data(self, name: str) -> Any:
        with open(self._data_path(name), "rb") as file:
            return pickle.loads(_intact(file.read()))


def _intact(content: bytes) -> bytes:
    """Return what stands behind its digest; an OSError, as for a missing file, where it is damaged."""
    if hashlib.sha256(content[DIGEST:]).digest() != content[:DIGEST]:
        raise OSError("a file of the kernel cache is damaged")
    return content[DIGEST:]


def with_checks(module: ModuleType) -> None:
    """Make the cached functions of a module read and write checked files."""
    for one in vars(module).values():
        file = getattr(getattr(one, "_cache", None), "_cache_file", None)
        if isinstance(one, Dispatcher) and type(file) is IndexDataCacheFile:
            file.__class__ = CheckedFile
