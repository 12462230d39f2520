import pytest

from sdeopt.errors import InvalidArgumentError, OutputError
from sdeopt.experiments.reproduction import Failure, failures, forget_failure, remember_failure
from tests.fake_experiment import FAKE


def raised(problem):
    try:
        raise problem
    except type(problem) as caught:
        return caught


def test_it_comes_back_as_it_was(tmp_path):
    failure = Failure.of("fake", raised(ValueError("λ̄ < 0")), scale="paper", experiment=FAKE)
    remember_failure(failure, tmp_path)
    assert failures(tmp_path) == [failure]
    assert failure.traceback[-1] == "ValueError: λ̄ < 0"
    assert any("test_failure.py" in line for line in failure.traceback)
    assert (failure.title, failure.source) == (FAKE.title, FAKE.source)


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (InvalidArgumentError("k is −1; give k ≥ 0."), "k is −1; give k ≥ 0"),
        (KeyError("mean"), "KeyError: 'mean'"),
        (AssertionError(), "AssertionError"),
    ],
)
def test_a_sentence_tells_what_happened(problem, words):
    assert Failure.of("fake", problem).problem == words


def test_a_damaged_record_is_still_a_failure(tmp_path):
    path = remember_failure(Failure.of("fake", ValueError("no")), tmp_path)
    for text in ("{", "{}", "[]", '{"traceback": [], "other": 1}'):
        path.write_text(text)
        (found,) = failures(tmp_path)
        assert found.name == "fake"


def test_it_can_be_forgotten(tmp_path):
    path = remember_failure(Failure.of("fake", ValueError("no")), tmp_path)
    forget_failure(path.parent)
    forget_failure(path.parent)
    assert failures(tmp_path) == []


def test_a_full_disk_is_told(tmp_path, full_disk):
    with full_disk(100), pytest.raises(OutputError, match=r"could not write .*failure\.json"):
        remember_failure(Failure.of("fake", ValueError("no" * 200)), tmp_path)
