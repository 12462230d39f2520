"""The two layouts of CIFAR-10: bytes, and a pickled dictionary read without running its code."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from nets.data.data_set import Part
from nets.data.formats.reading import broken, opened

CLASSES = 10
IMAGE = (3, 32, 32)
ROW = 1 + 3 * 32 * 32


def read_binary(path: Path, images: int) -> Part:
    """Return the images and labels of one file of bytes."""
    kind = f"a CIFAR-10 binary batch of {images:,} images"
    with opened(path, kind) as file:
        content = file.read()
    if len(content) != images * ROW:
        raise broken(path, kind, f"has {len(content):,} bytes instead of {images * ROW:,}")
    rows = np.frombuffer(content, np.uint8).reshape(images, ROW)
    if images and rows[:, 0].max() >= CLASSES:
        raise broken(path, kind, f"holds the label {rows[:, 0].max()}, beyond {CLASSES - 1}")
    labels = torch.from_numpy(rows[:, 0].astype(np.int64))
    return Part(torch.from_numpy(rows[:, 1:].reshape(-1, *IMAGE).copy()), labels)


def read_python(path: Path, images: int) -> Part:
    """Return the images and labels of one pickled file."""
    kind = f"a CIFAR-10 python batch of {images:,} images"
    with opened(path, kind) as file:
        try:
            content = _OnlyByteArrays(file, encoding="latin1").load()
            pixels, labels = _arrays(content)
        except Exception as problem:  # a damaged pickle can fail in any way
            raise broken(path, kind, f"cannot be unpickled ({problem})") from problem
    expected = (images, int(np.prod(IMAGE)))
    if pixels.shape != expected or labels.shape != (images,):
        raise broken(path, kind, f"has pixels of shape {pixels.shape} and {labels.size} labels")
    if images and not 0 <= labels.min() <= labels.max() < CLASSES:
        raise broken(path, kind, f"holds labels beyond 0 to {CLASSES - 1}")
    return Part(torch.from_numpy(pixels.reshape(-1, *IMAGE).copy()), torch.from_numpy(labels))


def _arrays(content: Any) -> tuple[np.ndarray[Any, np.dtype[np.uint8]], Any]:
    """Return pixels and labels from the dictionary, whichever Python wrote it."""
    named = {key.decode() if isinstance(key, bytes) else key: content[key] for key in content}
    pixels, labels = named["data"], named["labels"]
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8:
        raise TypeError("its pixels are no array of bytes")
    if not all(type(label) is int for label in labels):
        raise TypeError("its labels are no whole numbers")
    return pixels, np.array(labels, np.int64)


class _OnlyByteArrays(pickle.Unpickler):
    """Loads dictionaries, lists, numbers, texts and NumPy arrays of unsigned bytes, and no more."""

    def find_class(self, module: str, name: str) -> Any:
        """Return the stand-in for what a pickled array of bytes calls, and refuse all else."""
        if module.startswith("numpy.") and name == "_reconstruct":
            return _empty_array
        try:
            return _KNOWN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}") from None


def _empty_array(kind: object, shape: object, code: object) -> np.ndarray[Any, Any]:
    """Return the empty array that a pickle then fills; NumPy's own would make any object."""
    if kind is not np.ndarray or shape != (0,):
        raise pickle.UnpicklingError("it asks for something other than an array")
    return np.empty(0, np.uint8)


def _byte_type(code: object, *_: object) -> np.dtype[np.uint8]:
    """Return the type of unsigned bytes; another could hold Python objects."""
    if code != "u1":
        raise pickle.UnpicklingError(f"it asks for an array of {code!r}")
    return np.dtype(np.uint8)


def _latin_bytes(text: str, encoding: str) -> bytes:
    """Return the bytes that Python 3 writes as a text into old pickles."""
    if encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError(f"it asks for the encoding {encoding!r}")
    return text.encode("latin-1")


_KNOWN: dict[tuple[str, str], type | Callable[..., object]] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): _byte_type,
    ("_codecs", "encode"): _latin_bytes,
}
