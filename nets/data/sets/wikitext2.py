"""WikiText-2: two million words of Wikipedia, from the published token files."""

from pathlib import Path

from nets.data.assembly import WINDOW, text_data_set
from nets.data.data_set import DataSet
from nets.data.formats.reading import located
from nets.data.formats.tokens import read_words

FOLDERS = ["wikitext-2"]
FILES = {part: [f"wiki.{part}.tokens", f"{part}.txt"] for part in ("train", "valid", "test")}


def read(folder: Path | None, *, length: int = WINDOW, vocabulary: int | None = None) -> DataSet:
    """Return the text in pieces, to predict each next word."""
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
