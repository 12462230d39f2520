"""Parts, their fixed choice, and the scale of the features."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from hypothesis import given
from hypothesis import strategies as st

from nets.data import DataSet, Part, load, names
from nets.data.assembly import data_set, standardized, stratified, text_data_set
from nets.data.data_set import shuffled
from sdeopt.errors import InvalidArgumentError, OutputError


@given(labels=st.lists(st.integers(0, 3), min_size=1, max_size=60), held=st.floats(0, 0.99))
def test_a_split_takes_the_same_fraction_of_each_class(labels: list[int], held: float) -> None:
    classes = np.array(labels)
    kept, taken = stratified(classes, held)
    assert sorted([*kept, *taken]) == list(range(len(labels)))
    for value in set(labels):
        assert (classes[taken] == value).sum() == round(held * labels.count(value))


@given(count=st.integers(0, 50), seed=st.integers(0, 2**70), agent=st.integers(0, 99))
def test_an_order_is_one_of_all_numbers(count: int, seed: int, agent: int) -> None:
    assert sorted(shuffled(count, seed, agent)) == list(range(count))


def test_keys_that_differ_only_by_zeros_give_different_orders() -> None:
    orders = [shuffled(50, *key) for key in ((7,), (7, 0), (7, 0, 0), (0, 7), (7 + 2**32, 0))]
    assert len({tuple(order) for order in orders}) == 5


def test_the_parts_follow_each_other_and_are_views() -> None:
    data = DataSet("ten", torch.arange(10.0), torch.arange(10), (5, 3, 2), 10, "made up")
    assert [len(part) for part in (data.train, data.validation, data.test)] == [5, 3, 2]
    assert data.test.targets.tolist() == [8, 9]
    assert data.train.inputs.data_ptr() == data.inputs.data_ptr()
    assert data.to("cpu") is data


def test_a_part_without_examples_has_no_chunks() -> None:
    data = DataSet("ten", torch.arange(10.0), torch.arange(10), (0, 0, 10), 10, "made up")
    assert data.train.chunks(3) == []
    assert [len(targets) for _, targets in data.test.chunks(4)] == [4, 3, 3]


@pytest.mark.parametrize("sizes", [(5, 3, 1), (5, 6, -1)])
def test_parts_must_add_up(sizes: tuple[int, int, int]) -> None:
    with pytest.raises(InvalidArgumentError, match="must be counts that add up"):
        DataSet("ten", torch.arange(10.0), torch.arange(10), sizes, 10, "made up")


@pytest.mark.parametrize("sizes", [(5, 5), (4, 3, 2, 1), (5.0, 3.0, 2.0), 10, ("5", 3, 2), None])
def test_sizes_are_three_whole_numbers(sizes: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="must be three whole numbers"):
        DataSet("ten", torch.arange(10.0), torch.arange(10), sizes, 10, "made up")


def test_sizes_become_plain_numbers() -> None:
    given: Any = np.array([5, 3, 2])
    data = DataSet("ten", torch.arange(10.0), torch.arange(10), given, 10, "made up")
    assert data.sizes == (5, 3, 2)
    assert {type(size) for size in data.sizes} == {int}


def test_single_numbers_are_no_examples() -> None:
    with pytest.raises(InvalidArgumentError, match=r"targets .* are a single number"):
        DataSet("one", torch.arange(1.0), torch.tensor(1), (1, 0, 0), 1, "made up")


def test_signs_stand_for_two_classes() -> None:
    data = DataSet("two", torch.zeros(3, 1), torch.tensor([0, 1, 1]), (3, 0, 0), 2, "made up")
    signs = data.with_signs()
    assert signs.targets.tolist() == [[-1.0], [1.0], [1.0]]
    with pytest.raises(InvalidArgumentError, match="has 1 classes, but signs stand for two"):
        signs.with_signs()


def test_standardization_knows_the_training_part_only() -> None:
    generator = torch.Generator().manual_seed(1)
    inputs = 3 + 2 * torch.randn(200, 2, 4, 4, generator=generator)
    inputs[:, 1] *= 10
    test = Part(torch.full((10, 2, 4, 4), 1e6), torch.zeros(10))
    data = data_set("made", "made up", Part(inputs, torch.zeros(200)), test, classes=1)
    train = data.train.inputs
    torch.testing.assert_close(train.mean((0, 2, 3)), torch.zeros(2), atol=1e-5, rtol=0)
    torch.testing.assert_close(train.std((0, 2, 3), correction=0), torch.ones(2))
    assert bool((data.test.inputs > 1e4).all())


def test_a_feature_without_variation_is_only_centred() -> None:
    rows = Part(torch.full((10, 1), 5.0), torch.zeros(10))
    assert not data_set("made", "made up", rows, classes=1).inputs.any()


def test_mean_and_spread_are_those_of_the_first_rows() -> None:
    found = standardized(torch.tensor([[1.0], [3.0], [4.0]]), training=2)
    assert found.flatten().tolist() == [-1.0, 1.0, 2.0]


def test_a_text_is_cut_into_pieces_and_numbered_by_its_training_part() -> None:
    data = text_data_set("abc", "made up", (["a", "b", "c"] * 9, ["a"] * 5, ["d"] * 5), length=4)
    assert (data.sizes, data.classes) == ((6, 1, 1), 4)
    assert data.test.inputs.tolist() == [[0] * 4]  # a word outside the vocabulary


@pytest.mark.parametrize("name", ["digits", "digit_parity", "python_reference"])
def test_what_needs_no_download_is_the_same_each_time(name: str) -> None:
    first, second = load(name), load(name)
    assert torch.equal(first.inputs, second.inputs)
    assert torch.equal(first.targets, second.targets)
    assert min(first.sizes) > 200
    assert int(first.targets.max()) < first.classes


def test_digits_are_split_by_class_and_look_like_digits() -> None:
    data = load("digits", validation=0.25, held_out=0.2)
    assert data.sizes == (3000, 1000, 1000)
    for part, count in ((data.train, 300), (data.validation, 100), (data.test, 100)):
        assert part.targets.bincount().tolist() == [count] * 10
    # A zero is bright around a dark centre, a one the other way round.
    centre = [float(data.train.inputs[data.train.targets == d, 0, 14, 14].mean()) for d in (0, 1)]
    assert centre[0] < 0 < centre[1]


def test_parts_share_no_image() -> None:
    data = load("digits")
    images = {bytes(image.numpy()) for image in data.inputs}
    assert len(images) == len(data.inputs)


def test_parity_is_that_of_the_digit_from_uncorrelated_features() -> None:
    digits, parity = load("digits"), load("digit_parity", features=5)
    assert parity.shape == (5,)
    assert torch.equal(parity.targets, digits.targets % 2)
    torch.testing.assert_close(parity.train.inputs.T.corrcoef(), torch.eye(5), atol=1e-4, rtol=0)


def test_the_reference_is_not_tested_on_what_it_trained_on() -> None:
    """Thirty words in a row that both parts have: 0.4%; with repeated paragraphs kept, 14%."""
    data = load("python_reference", vocabulary=None)
    train, test = (
        {tuple(row) for row in part.inputs.flatten().unfold(0, 30, 1).tolist()}
        for part in (data.train, data.test)
    )
    assert len(train & test) < 0.02 * len(test)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: load("digit"), InvalidArgumentError, "did you mean 'digits'"),
        (lambda: load("digits", validatoin=0.1), InvalidArgumentError, "mean 'validation'"),
        (lambda: load("digits", validation=1.0), InvalidArgumentError, "a fraction below 1"),
        (lambda: load("digits", held_out=-0.1), InvalidArgumentError, "held_out is -0.1"),
        (lambda: load("digits", ""), InvalidArgumentError, "folder is empty"),
        (lambda: load("digits", "nowhere/at/all"), OutputError, "there is no such folder"),
        (lambda: load("python_reference", length=10**6), InvalidArgumentError, "shorter pieces"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    call: Callable[[], object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        call()


OFFLINE = {"digits", "digit_parity", "magic", "python_reference"}


@pytest.mark.parametrize("name", sorted(set(names()) - OFFLINE))
def test_without_a_folder_a_set_of_files_asks_for_one(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SDEOPT_DATA", raising=False)
    with pytest.raises(OutputError, match="by SDEOPT_DATA, or --data"):
        load(name)


def test_arrays_are_told_to_become_tensors() -> None:
    with pytest.raises(InvalidArgumentError, match=r"inputs of data set 'mine' are a ndarray"):
        DataSet("mine", np.zeros((3, 2)), torch.zeros(3), (3, 0, 0), 1, "")  # type: ignore[arg-type]
