"""``sdeopt cite``: the BibTeX of what a result rests on."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sdeopt.errors import unknown_name
from sdeopt.experiments.registry import entries
from sdeopt.version import __version__


class Reference(NamedTuple):
    """An entry of a bibliography, and how its use is known."""

    names: tuple[str, ...]
    """Of authors, as the source of an experiment names them, and of algorithms."""
    bibtex: str


SOFTWARE = f"""\
@software{{sdeopt,
  author  = {{the sdeopt authors}},
  title   = {{sdeopt: coupled stochastic gradient descent as stochastic differential equations}},
  version = {{{__version__}}},
  year    = {{2026}},
}}"""

REFERENCES = (
    Reference(
        ("Boffi", "SGD", "EASGD", "Momentum", "ArbitraryQuorum"),
        """\
@article{boffi2020continuous,
  author  = {Boffi, Nicholas M. and Slotine, Jean-Jacques E.},
  title   = {A continuous-time analysis of distributed stochastic gradient},
  journal = {Neural Computation},
  volume  = {32},
  number  = {1},
  pages   = {36--96},
  year    = {2020},
  doi     = {10.1162/neco_a_01248},
}""",
    ),
    Reference(
        ("EASGD",),
        """\
@inproceedings{zhang2015deep,
  author    = {Zhang, Sixin and Choromanska, Anna and LeCun, Yann},
  title     = {Deep learning with elastic averaging {SGD}},
  booktitle = {Advances in Neural Information Processing Systems},
  volume    = {28},
  year      = {2015},
}""",
    ),
    Reference(
        ("Adilova", "PeriodicAveraging"),
        """\
@inproceedings{adilova2018introducing,
  author    = {Adilova, Linara and Paul, Nathalie and Schlicht, Peter},
  title     = {Introducing noise in decentralized training of neural networks},
  booktitle = {ECML PKDD 2018 Workshops},
  series    = {Communications in Computer and Information Science},
  volume    = {967},
  publisher = {Springer},
  doi       = {10.1007/978-3-030-14880-5_4},
}""",
    ),
    Reference(
        ("Even larger batch size",),
        """\
@unpublished{largebatch,
  author = {Anonymous},
  title  = {Even larger batch size with additive gradient noise},
  note   = {Manuscript under review},
}""",
    ),
)


def print_citations(subjects: Sequence[str]) -> None:
    """Print the entries that experiments or files of results rest on, or all without a name."""
    used = [_words(subject) for subject in subjects]
    chosen = [
        reference.bibtex
        for reference in REFERENCES
        if not used or any(name in words for words in used for name in reference.names)
    ]
    print("\n\n".join([SOFTWARE, *chosen]))


def _words(subject: str) -> str:
    """Return where authors and algorithms are named: of an experiment, or of the run in a file."""
    if Path(subject).exists():
        return _words_of_file(Path(subject))
    experiments = {entry.name: entry.experiment for entry in entries() if entry.experiment}
    if subject not in experiments:
        raise unknown_name("experiment or file called", subject, experiments)
    return experiments[subject].source


def _words_of_file(path: Path) -> str:
    from sdeopt import results

    made: dict[str, Any] = results.load(path / "result.nc" if path.is_dir() else path).attrs
    experiment = str(made.get("experiment", ""))
    configuration = json.loads(str(made.get("configuration", "{}")))
    algorithm = configuration.get("algorithm", {})
    return f"{_words(experiment) if experiment else ''} {json.dumps(algorithm)}"
