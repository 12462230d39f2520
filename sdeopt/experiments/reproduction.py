"""Running an experiment, and what it leaves in a folder: its findings, or why it failed."""

import dataclasses
import json
import math
import os
import time
import traceback
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from sdeopt.configuration import describe
from sdeopt.errors import DivergenceError, OutputError, SdeoptError
from sdeopt.experiment import (
    CONTRADICTED,
    EQUIVALENT,
    UNDECIDED,
    Claim,
    Configuration,
    Experiment,
    Interval,
)
from sdeopt.experiments.context import RunContext, running
from sdeopt.experiments.registry import reading_order
from sdeopt.files import atomic_path, output_folder

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

C = TypeVar("C", bound=Configuration)

SHOWN = (
    *("name", "title", "source", "setup", "from_paper", "reconstructed", "scale", "seed"),
    *("version", "configuration", "created", "seconds", "agent_steps", "agent_steps_per_second"),
)
"""What ``run.json`` must hold for the report."""

FILES = ("result.nc", "{name}.png", "{name}.pdf", "claims.json", "run.json")

FAILURE = "failure.json"

LONGEST = 40
"""Characters of a setting that are printed."""

PNG = b"\x89PNG\r\n\x1a\n"
"""The first bytes of a PNG."""


@dataclass(frozen=True)
class Finding:
    """The results of an experiment in its folder."""

    folder: Path
    claims: list[Claim]
    run: dict[str, Any]

    @property
    def name(self) -> str:
        """The name of the experiment."""
        return str(self.run["name"])

    @property
    def section(self) -> str:
        """The part of the report that it belongs to."""
        # results of versions without sections stay readable
        return str(self.run.get("section", "Experiments"))

    def found(self, verdict: str) -> list[Claim]:
        """Return the claims with a verdict."""
        return [claim for claim in self.claims if claim.verdict == verdict]

    @property
    def headline(self) -> str:
        """What a page says of it beside the count of all claims; mostly nothing."""
        return str(self.run.get("headline", ""))

    @property
    def open(self) -> list[Claim]:
        """The claims that do not hold: the contradicted ones, then equivalents and the undecided."""
        return self.found(CONTRADICTED) + self.found(EQUIVALENT) + self.found(UNDECIDED)

    @property
    def changed(self) -> str:
        """The settings that differ from those of the scale, in words; empty without any."""
        return in_words(self.run.get("changed", {}))

    @property
    def picture(self) -> Path:
        """The PNG."""
        return self.folder / f"{self.name}.png"


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
        """Return the record of an exception; an error of sdeopt needs no traceback."""
        expected = isinstance(problem, SdeoptError)
        lines = [] if expected else traceback.format_exception(problem)
        kind = "" if expected else f"{type(problem).__name__}: "
        return cls(
            name=name,
            scale=scale,
            problem=f"{kind}{problem}".replace(DivergenceError.MASKING, "").rstrip(": ."),
            title=experiment.title if experiment else "",
            section=experiment.section if experiment else "",
            source=experiment.source if experiment else "",
            traceback=tuple("".join(lines).splitlines()),
        )


def reproduce(
    experiment: Experiment[C],
    scale: str,
    configuration: C,
    out: str | os.PathLike[str],
    workers: int = 1,
) -> Finding:
    """Run an experiment and write its data, picture and claims into a folder of its name."""
    from sdeopt.plot.style import house_style
    from sdeopt.results import provenance

    folder = output_folder(Path(out) / experiment.name)
    began = time.perf_counter()
    with running(RunContext(Path(out), workers)):
        result = experiment.simulate(configuration)
    simulated = time.perf_counter() - began
    made = provenance(
        describe(configuration),
        seed=configuration.seed,
        seconds=result.attrs.get("run_seconds", simulated),
        agent_steps=result.attrs.setdefault("agent_steps", 0),
    )
    result = result.assign_attrs(made, experiment=experiment.name, scale=scale)
    claims = experiment.claims(result)
    with house_style():
        figure = experiment.draw(result)
    run = _run_record(experiment, configuration, result, time.perf_counter() - began)
    run["headline"] = experiment.headline(claims) if experiment.headline else ""
    finding = Finding(folder, claims, run)
    _write(finding, result, figure)
    forget_failure(folder)
    return finding


def in_words(settings: Mapping[str, Any]) -> str:
    """Return settings as ``name = value``, long values shortened."""
    return ", ".join(f"{name} = {_short(value)}" for name, value in settings.items())


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 2]} …"


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of the new settings is not as in the old ones."""
    return {name: value for name, value in new.items() if name not in old or old[name] != value}


def settings_of(configuration: Configuration) -> dict[str, Any]:
    """Return the settings as they are read back from a file."""
    found: dict[str, Any] = json.loads(json.dumps(describe(configuration)))
    return found


def results_of_others(
    experiment: Experiment[C], configuration: C, out: str | os.PathLike[str]
) -> str:
    """Return in words how results in the folder differ in their settings; empty where they do not."""
    folder = Path(out) / experiment.name
    try:
        record = (folder / "run.json").read_text(encoding="utf-8")
        there = dict(json.loads(record)["configuration"])
    except (OSError, ValueError, KeyError, TypeError):
        # data are what could be lost
        return "which run.json does not say" if (folder / "result.nc").exists() else ""
    wanted = settings_of(configuration)
    other = differences(wanted, there) or differences(there, wanted)
    return in_words(other)


def _run_record(
    experiment: Experiment[C], configuration: C, result: "xr.Dataset", seconds: float
) -> dict[str, Any]:
    """Return the content of ``run.json``: all that the report shows besides the claims."""
    return {
        "name": experiment.name,
        "title": experiment.title,
        "section": experiment.section,
        "source": experiment.source,
        "setup": experiment.setup,
        "from_paper": list(experiment.from_paper),
        "reconstructed": list(experiment.reconstructed),
        "scale": result.attrs["scale"],
        "seed": configuration.seed,
        "version": result.attrs["sdeopt_version"],
        "configuration": settings_of(configuration),
        "changed": _changed(experiment, configuration, result.attrs["scale"]),
        "created": result.attrs["created"],
        "seconds": seconds,
        "agent_steps": result.attrs["agent_steps"],
        "agent_steps_per_second": result.attrs["agent_steps_per_second"],
        # what else an experiment knows of its run: data, hardware, speed
        "facts": json.loads(result.attrs.get("facts", "{}")),
    }


def _changed(experiment: Experiment[C], configuration: C, scale: str) -> dict[str, Any]:
    """Return the settings that are not those of the scale."""
    usual = experiment.scales.get(scale)
    return {} if usual is None else differences(settings_of(usual), settings_of(configuration))


def _write(finding: Finding, result: "xr.Dataset", figure: "Figure") -> None:
    """Write the five files; none is put in place before all of them are complete."""
    from sdeopt import results
    from sdeopt.plot.style import save

    folder = finding.folder
    with ExitStack() as files:
        data, png, pdf, verdicts, record = (
            files.enter_context(atomic_path(folder / pattern.format(name=finding.name)))
            for pattern in FILES
        )
        try:
            results.save(result, data)
            save(figure, png, pdf)
            claims = [claim.as_json() for claim in finding.claims]
            verdicts.write_text(_json(claims), encoding="utf-8")
            record.write_text(_json(finding.run), encoding="utf-8")
        except OSError as problem:
            reason = problem.__cause__ if isinstance(problem, OutputError) else problem
            raise OutputError(
                f"the results of {finding.name} could not be written to {folder}: "
                f"{getattr(reason, 'strerror', None) or reason}; the files there are as they were. "
                "Free some space or choose another folder with --out."
            ) from problem


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def findings(out: str | os.PathLike[str]) -> tuple[list[Finding], list[str]]:
    """Read the results of a folder; return them, and a sentence for each that cannot be read."""
    found, problems = [], []
    for record in sorted(Path(out).glob("*/run.json")):
        try:
            found.append(_read_finding(record.parent))
        except (OSError, ValueError, KeyError, TypeError) as problem:
            problems.append(
                f"{record.parent} cannot be read ({problem}); run its experiment again."
            )
    return sorted(found, key=lambda each: reading_order(each.section, each.name)), problems


def _read_finding(folder: Path) -> Finding:
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    missing = [key for key in SHOWN if key not in run]
    if missing:
        raise ValueError(f"run.json lacks {', '.join(missing)}")
    claims = [
        Claim(
            claim=entry["claim"],
            value=float("nan") if entry["value"] is None else float(entry["value"]),
            criterion=entry["criterion"],
            holds=None if entry["holds"] is None else bool(entry["holds"]),
            estimate=entry.get("estimate"),
            interval=_read_interval(entry.get("interval")),
            equivalent=entry.get("verdict") == EQUIVALENT,
        )
        for entry in json.loads((folder / "claims.json").read_text(encoding="utf-8"))
    ]
    finding = Finding(folder, claims, run)
    if not finding.picture.read_bytes().startswith(PNG):
        raise ValueError(f"{finding.picture.name} is no picture")
    return finding


def _read_interval(ends: list[float | None] | None) -> Interval | None:
    if ends is None:
        return None
    low, high = ends
    return -math.inf if low is None else low, math.inf if high is None else high


def remember_failure(failure: Failure, out: str | os.PathLike[str]) -> Path:
    """Write ``failure.json`` into the folder of the experiment; results of an earlier run stay."""
    path = output_folder(Path(out) / failure.name) / FAILURE
    with atomic_path(path) as temporary:
        temporary.write_text(_json(dataclasses.asdict(failure)), encoding="utf-8")
    return path


def forget_failure(folder: Path) -> None:
    """Remove the record of a failure after a run that finished."""
    (folder / FAILURE).unlink(missing_ok=True)


def failures(out: str | os.PathLike[str]) -> list[Failure]:
    """Return the failures of experiments whose last run did not finish."""
    return [_read_failure(path) for path in sorted(Path(out).glob(f"*/{FAILURE}"))]


def _read_failure(path: Path) -> Failure:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        return Failure(**fields | {"traceback": tuple(fields["traceback"])})
    except (OSError, ValueError, TypeError, KeyError) as problem:
        return Failure.of(path.parent.name, problem)
