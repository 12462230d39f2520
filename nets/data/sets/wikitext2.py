"""WikiText-2: two million words of Wikipedia, from the published token files."""

from pathlib import Path

from nets.data.assembly import WINDOW, text_data_set
from nets.data.data_set import DataSet
from nets.data.formats.reading import located
from nets.data.formats.tokens import read_words

__all__ = ["read"]

FOLDERS = ["wikitext-2"]
FILES = {part: [f"wiki.{part}.tokens", f"{part}.txt"] for part in ("train", "valid", "test")}


def read(folder: Path | None, *, length: int = WINDOW, vocabulary: int | None = None) -> DataSet:
    """Return the text in pieces, to predict each next word.

    Parameters
    ----------
    folder : pathlib.Path or None
        The data directory, with ``wiki.train.tokens``, ``wiki.valid.tokens`` and
        ``wiki.test.tokens`` (or ``train.txt`` and so on) in ``wikitext-2`` there. Without the
        training file, the first four fifths of the validation file are for training and the last
        fifth is for validation, which the provenance then says.
    length : int
        Words of a piece.
    vocabulary : int, optional
        Keep so many of the most frequent words; by default all of the training part's.

    Returns
    -------
    DataSet
        Word numbers of shape (length,), with the words that follow as targets.
    """
    home = located(folder, FOLDERS, "wikitext2")
    valid, test = (_words(home, part) for part in ("valid", "test"))
    origin = "WikiText-2 (Merity et al. 2016)"
    if any((home / file).exists() for file in FILES["train"]):
        train = _words(home, "train")
    else:
        cut = len(valid) * 4 // 5
        train, valid = valid[:cut], valid[cut:]
        origin += " without its training file, trained on four fifths of the validation file"
    return text_data_set(
        "wikitext2", origin, (train, valid, test), length=length, vocabulary=vocabulary
    )


def _words(home: Path, part: str) -> list[str]:
    return read_words(located(home, FILES[part], "wikitext2"))
