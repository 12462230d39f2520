"""An experiment that did not finish: what is remembered of it, so that a report can tell."""

import dataclasses
import json
import os
import traceback
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from sdeopt.errors import SdeoptError
from sdeopt.experiment import Experiment
from sdeopt.files import atomic_path, output_folder

RECORD = "failure.json"


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why an experiment has no results."""

    name: str
    scale: str
    problem: str
    title: str = ""
    section: str = ""
    source: str = ""
    traceback: tuple[str, ...] = ()
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @classmethod
    def of(
        cls,
        name: str,
        problem: BaseException,
        *,
        scale: str = "",
        experiment: Experiment[Any] | None = None,
    ) -> Self:
        """Return the record of an exception; one raised on purpose speaks for itself."""
        expected = isinstance(problem, SdeoptError)
        lines = [] if expected else traceback.format_exception(problem)
        kind = "" if expected else f"{type(problem).__name__}: "
        return cls(
            name=name,
            scale=scale,
            problem=f"{kind}{problem}".rstrip(": ."),
            title=experiment.title if experiment else "",
            section=experiment.section if experiment else "",
            source=experiment.source if experiment else "",
            traceback=tuple("".join(lines).splitlines()),
        )


def remember_failure(failure: Failure, out: str | os.PathLike[str]) -> Path:
    """Write ``failure.json`` into the folder of the experiment; results of an earlier run stay."""
    path = output_folder(Path(out) / failure.name) / RECORD
    with atomic_path(path) as temporary:
        text = json.dumps(dataclasses.asdict(failure), indent=2, ensure_ascii=False)
        temporary.write_text(text + "\n", encoding="utf-8")
    return path


def forget_failure(folder: Path) -> None:
    """Remove the record of a failure, because the experiment ran since."""
    (folder / RECORD).unlink(missing_ok=True)


def failures(out: str | os.PathLike[str]) -> list[Failure]:
    """Return what is remembered of experiments whose last run did not finish."""
    return [_read(path) for path in sorted(Path(out).glob(f"*/{RECORD}"))]


def _read(path: Path) -> Failure:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return Failure(**fields | {"traceback": tuple(fields["traceback"])})
    except (OSError, ValueError, TypeError, KeyError) as problem:
        return Failure.of(path.parent.name, problem)
