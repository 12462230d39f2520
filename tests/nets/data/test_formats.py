"""Files written here are read back; cut, damaged or wrong ones are refused in a sentence."""

import gzip
import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from nets.data.formats import cifar
from nets.data.formats.idx import read_idx
from nets.data.formats.table import pieces, read_table
from nets.data.formats.tokens import END, Vocabulary, read_words, windows
from sdeopt.errors import OutputError

ROW = 3 * 32 * 32


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes, str], Path]:
    """Return a function that writes some bytes into a file of some name."""
    folder = tmp_path_factory.mktemp("files")

    def write(content: bytes, name: str = "file") -> Path:
        path = folder / name
        path.write_bytes(content)
        return path

    return write


Writer = Callable[..., Path]


def _idx(array: NDArray[np.uint8]) -> bytes:
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.tobytes()


def _cifar_images(images: int) -> NDArray[np.uint8]:
    return (np.arange(images * ROW) % 251).astype(np.uint8).reshape(images, ROW)


def _zipped(content: bytes, name: str) -> bytes:
    return gzip.compress(content, mtime=0) if name.endswith(".gz") else content


@given(arrays(np.uint8, array_shapes(min_dims=1, max_dims=3, max_side=4)))
@pytest.mark.parametrize("name", ["array", "array.gz"])
def test_idx_comes_back(name: str, file: Writer, array: NDArray[np.uint8]) -> None:
    path = file(_zipped(_idx(array), name), name)
    assert np.array_equal(read_idx(path, array.ndim), array)


@given(st.data())
@pytest.mark.parametrize("name", ["array", "array.gz"])
def test_an_idx_file_cut_anywhere_is_refused(name: str, file: Writer, data: Any) -> None:
    content = _zipped(_idx(np.arange(24, dtype=np.uint8).reshape(4, 3, 2)), name)
    cut = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(OutputError, match=r"array.* but should be an IDX file.*download it again"):
        read_idx(file(content[:cut], name), 3)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (_idx(np.zeros((2, 2), np.uint8)), "begins with 00 00 08 02 instead of 00 00 08 03"),
        (b"\0\0\x0d\x03" + bytes(12), "begins with 00 00 0d 03"),
        (_idx(np.zeros((2, 2, 2), np.uint8)) + b"!", "has 9 bytes where .* 2 × 2 × 2 = 8"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "has 0 bytes where"),
        (b"", "begins with nothing"),
    ],
)
def test_what_is_no_idx_file_is_refused(file: Writer, content: bytes, words: str) -> None:
    with pytest.raises(OutputError, match=words):
        read_idx(file(content), 3)


def test_what_is_not_gzipped_or_not_there_is_refused(file: Writer, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"plain\.gz is truncated or damaged"):
        read_idx(file(b"not gzipped at all", "plain.gz"), 1)
    with pytest.raises(OutputError, match="cannot be read: No such file"):
        read_idx(tmp_path / "missing", 1)
    with pytest.raises(OutputError, match="cannot be read: Is a directory"):
        read_idx(tmp_path, 1)


def test_cifar_binary_comes_back(file: Writer) -> None:
    pixels, labels = _cifar_images(3), np.array([[9], [0], [4]], np.uint8)
    part = cifar.read_binary(file(np.hstack([labels, pixels]).tobytes()), 3)
    assert part.targets.tolist() == [9, 0, 4]
    # The layout is red, green, blue planes, each row by row.
    assert part.inputs.shape == (3, 3, 32, 32)
    assert int(part.inputs[1, 2, 3, 4]) == pixels[1, 2 * 1024 + 3 * 32 + 4]


@given(size=st.integers(0, 3 * (ROW + 1)).filter(lambda size: size != 2 * (ROW + 1)))
def test_a_cifar_binary_file_of_another_length_is_refused(file: Writer, size: int) -> None:
    with pytest.raises(OutputError, match=f"has {size:,} bytes instead of 6,146"):
        cifar.read_binary(file(bytes(size)), 2)


def test_a_cifar_label_beyond_nine_is_refused(file: Writer) -> None:
    with pytest.raises(OutputError, match="holds the label 10, beyond 9"):
        cifar.read_binary(file(bytes([10]) + bytes(ROW)), 1)


def _written_by_python_2(pixels: NDArray[np.uint8], labels: list[int]) -> bytes:
    """Return the pickle that Python 2 and the NumPy of its time wrote, opcode by opcode."""

    def text(value: bytes) -> bytes:
        return b"U" + bytes([len(value)]) + value

    shape = b"K" + bytes([pixels.shape[0]]) + b"M" + struct.pack("<H", pixels.shape[1]) + b"\x86"
    kind = (
        b"cnumpy\ndtype\n" + text(b"u1") + b"K\0K\1\x87R"
        + b"(K\3" + text(b"|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb"
    )  # fmt: skip
    raw = b"T" + struct.pack("<i", pixels.size) + pixels.tobytes()
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85" + text(b"b") + b"\x87R"
        + b"(K\1" + shape + kind + b"\x89" + raw + b"tb"
    )  # fmt: skip
    numbers = b"](" + b"".join(b"K" + bytes([label]) for label in labels) + b"e"
    return b"\x80\2}(" + text(b"data") + array + text(b"labels") + numbers + b"u."


def _written_by_python_3(pixels: NDArray[np.uint8], labels: list[int], protocol: int) -> bytes:
    return pickle.dumps({b"data": pixels, b"labels": labels}, protocol)


CIFAR_WRITERS = {
    "python 2": _written_by_python_2,
    "python 3, protocol 2": lambda pixels, labels: _written_by_python_3(pixels, labels, 2),
    "python 3, protocol 4": lambda pixels, labels: _written_by_python_3(pixels, labels, 4),
}


@pytest.mark.parametrize("writer", CIFAR_WRITERS)
def test_cifar_python_comes_back(file: Writer, writer: str) -> None:
    pixels = _cifar_images(2)
    part = cifar.read_python(file(CIFAR_WRITERS[writer](pixels, [3, 9])), 2)
    assert np.array_equal(part.inputs.flatten(1).numpy(), pixels)
    assert part.targets.tolist() == [3, 9]


@given(st.data())
@pytest.mark.parametrize("writer", CIFAR_WRITERS)
def test_a_cifar_python_file_cut_anywhere_is_refused(writer: str, file: Writer, data: Any) -> None:
    content = CIFAR_WRITERS[writer](_cifar_images(1), [3])
    ends = st.integers(0, 200) | st.integers(1, 300).map(lambda back: len(content) - back)
    cut = data.draw(ends | st.integers(0, len(content) - 1))
    with pytest.raises(OutputError, match="cannot be unpickled"):
        cifar.read_python(file(content[:cut]), 1)


class _Evil:
    """Runs a program when an ordinary unpickler reads it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_that_would_run_something_is_refused(
    file: Writer, tmp_path: Path, protocol: int
) -> None:
    touched = tmp_path / "touched"
    evil = pickle.dumps({"data": _Evil(touched), "labels": []}, protocol)
    with pytest.raises(OutputError, match="cannot be unpickled"):
        cifar.read_python(file(evil), 0)
    assert not touched.exists()
    pickle.loads(evil)
    assert touched.exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"data": print, "labels": [1]}, r"asks for (builtins|__builtin__)\.print"),
        ({"data": np.zeros((1, ROW)), "labels": [1]}, "an array of 'f8'"),
        ({"data": np.zeros((1, ROW), object), "labels": [1]}, "an array of 'O8'"),
        ({"data": [0] * ROW, "labels": [1]}, "no array of bytes"),
        ({"data": _cifar_images(1), "labels": [1.5]}, "no whole numbers"),
        ({"data": _cifar_images(1), "labels": [10]}, "holds labels beyond 0 to 9"),
        ({"data": _cifar_images(1), "labels": [-1]}, "holds labels beyond 0 to 9"),
        ({"data": _cifar_images(1), "labels": [1, 2]}, r"pixels of shape \(1, 3072\) and 2 labels"),
        ({"data": _cifar_images(2), "labels": [1, 2]}, r"pixels of shape \(2, 3072\)"),
        ({"labels": [1]}, "cannot be unpickled"),
        ([1, 2], "cannot be unpickled"),
    ],
)
def test_a_pickle_of_something_else_is_refused(file: Writer, content: object, words: str) -> None:
    with pytest.raises(OutputError, match=words):
        cifar.read_python(file(pickle.dumps(content, 4)), 1)


def test_a_pickle_cannot_ask_for_endless_memory(file: Writer) -> None:
    huge = (
        b"\x80\2cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n\x8a\6"
        + (10**13).to_bytes(6, "little")
        + b"\x85U\1b\x87R."
    )
    with pytest.raises(OutputError, match="something other than an array"):
        cifar.read_python(file(huge), 1)


def _csv(table: NDArray[np.float32]) -> bytes:
    return "".join(",".join(map(repr, row)) + "\n" for row in table.tolist()).encode()


TABLES = arrays(
    np.float32,
    st.tuples(st.integers(1, 6), st.just(3)),
    elements=st.floats(width=32, allow_nan=False, allow_infinity=False),
)


@given(table=TABLES, piece=st.integers(1, 7))
@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz"])
def test_a_table_comes_back_in_pieces(
    name: str, file: Writer, table: NDArray[np.float32], piece: int
) -> None:
    path = file(_zipped(_csv(table), name), name)
    found = list(pieces(path, 3, piece=piece))
    assert all(len(part) == piece for part in found[:-1])
    assert np.array_equal(np.concatenate(found), table)
    assert np.array_equal(read_table(path, 3, rows=len(table)), table)
    assert np.array_equal(read_table(path, 3, rows=1), table[:1])


@given(st.data())
@pytest.mark.parametrize("name", ["table.csv", "table.csv.gz"])
def test_a_table_cut_anywhere_is_refused(name: str, file: Writer, data: Any) -> None:
    """A plain file cut at the end of a line is found out only if all rows are asked for."""
    table = np.arange(12, dtype=np.float32).reshape(4, 3)
    content = _zipped(_csv(table), name)
    cut = data.draw(st.integers(0, len(content) - 1))
    rows = None if name.endswith(".gz") or not content[:cut].endswith(b"\n") else len(table)
    with pytest.raises(OutputError, match="but should be a CSV table of 3 finite numbers a row"):
        read_table(file(content[:cut], name), 3, rows)


def test_rows_that_are_not_asked_for_are_not_read(file: Writer) -> None:
    path = file(b"1,2\n3,4\nnonsense", "long.csv")
    assert read_table(path, 2, rows=2).tolist() == [[1, 2], [3, 4]]
    packed = gzip.compress(b"1,2\n" * 10**6)
    path = file(packed[: len(packed) // 2], "long.csv.gz")
    assert len(read_table(path, 2, rows=1000)) == 1000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"1,2,3\n4,5\n", "has in line 2 2 columns"),
        (b"1,2\n4,5\n", "has in line 1 2 columns"),
        (b"1,2,3\n4,5,6,7\n", "has in line 2 4 columns"),
        (b"1,2,3\n\n4,5,6\n", "has in line 2 1 columns"),
        (b"a,b,c\n1,2,3\n", "has in line 1 the value 'a' in column 1"),
        (b"1,2,3\n4,,6\n", "has in line 2 the value '' in column 2"),
        (b"1,2,3\n4,nan,6\n", "the value 'nan' in column 2, which is not finite"),
        (b"1,2,1e99\n", "the value '1e99' in column 3, which is not finite"),
        (b"1,2,\xff\n", "in line 1 the value '.' in column 3"),
        (b"", "is empty"),
        (b"1,2,3", "ends within line 1: it is truncated"),
    ],
)
def test_what_is_no_table_is_refused(file: Writer, content: bytes, words: str) -> None:
    with pytest.raises(OutputError, match=words):
        read_table(file(content), 3)


def test_words_come_back(file: Writer) -> None:
    path = file(" \n = Title = \n \n Naïve <unk> @-@ text . \n".encode())
    title, text = ["=", "Title", "="], ["Naïve", "<unk>", "@-@", "text", "."]
    assert read_words(path) == [END, *title, END, END, *text, END]


@given(st.data())
def test_a_text_cut_within_a_line_is_refused(file: Writer, data: Any) -> None:
    content = " one two \n größer \n three \n".encode()
    cut = data.draw(st.integers(0, len(content) - 1).filter(lambda cut: content[cut - 1] != 10))
    with pytest.raises(OutputError, match=r"is empty|no UTF-8|ends within a line"):
        read_words(file(content[:cut]))


def test_a_vocabulary_has_the_most_frequent_words() -> None:
    vocabulary = Vocabulary(["the", "cat", "and", "the", "dog"], size=3)
    assert vocabulary.words == ["<unk>", "the", "and"]
    assert vocabulary.numbers(["the", "mouse"]).tolist() == [1, 0]


def test_a_window_has_the_words_that_follow_its_own() -> None:
    assert windows(torch.arange(6), length=2).targets.tolist() == [[1, 2], [3, 4]]
