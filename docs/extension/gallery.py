"""A page for every experiment: its picture beside its claims, its settings, and its command."""

from collections import Counter
from typing import Any

from docs.extension.markdown import ORPHAN, escaped, items, table
from sdeopt.experiment import VERDICTS, Experiment
from sdeopt.experiments.registry import entries, reading_order
from sdeopt.experiments.report import MARKS, digits, duration, setting
from sdeopt.experiments.reproduction import Finding
from sdeopt.experiments.statements import checked, places, statements

NO_RESULTS = (
    "No results were at hand when this page was built: the command below makes the picture and the "
    "claims."
)


def page(experiment: Experiment[Any], finding: Finding | None, picture: str = "") -> str:
    """Return the page of an experiment in Markdown."""
    parts = [
        ORPHAN,
        f"# {experiment.name}: {escaped(experiment.title)}",
        escaped(experiment.source) + ".",
        f"![{escaped(experiment.title)}]({picture}){{.figure}}" if picture else "",
        _result(finding) if finding else NO_RESULTS,
        f"```text\n{_command(experiment.name, finding)}\n```",
        "## Set-up",
        escaped(experiment.setup),
        "### From the paper",
        items(map(escaped, experiment.from_paper)) or "Nothing.",
        "### Reconstructed",
        items(map(escaped, experiment.reconstructed)) or "Nothing.",
    ]
    if finding:
        parts += ["## Claims", _claims(finding), "## Settings", _settings(finding)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _command(name: str, finding: Finding | None) -> str:
    words = ["sdeopt run", name]
    if finding and finding.run["scale"] != "quick":
        words.append(f"--scale {finding.run['scale']}")
    for key, value in (finding.run.get("changed", {}) if finding else {}).items():
        words.append(f"--set {key}={value}")
    return " ".join(words)


def _counts(finding: Finding) -> str:
    counts = Counter(claim.verdict for claim in finding.claims)
    words = [
        f"{counts[verdict]} {'hold' if verdict == 'holds' else verdict}"
        for verdict in VERDICTS
        if counts[verdict]
    ]
    return f"Of {len(finding.claims)} claims {', '.join(words)}"


def _result(finding: Finding) -> str:
    changed = f" Changed: {escaped(finding.changed)}." if finding.changed else ""
    return (
        f"**{_counts(finding)}**, at scale "
        f"`{finding.run['scale']}`, seed {finding.run['seed']}, in "
        f"{duration(finding.run['seconds'])}.{changed}"
    )


def _claims(finding: Finding) -> str:
    rows = checked(statements(), {finding.name: finding.claims})
    cells = []
    for number, claim in enumerate(finding.claims, start=1):
        where = "; ".join(places(rows, finding.name, number))
        ends = claim.interval
        interval = f"{digits(ends[0])} to {digits(ends[1])}" if ends else ""
        cells.append(
            [
                str(number),
                f"[{MARKS[claim.verdict]} {claim.verdict}]{{.{claim.verdict}}}",
                escaped(claim.claim),
                digits(claim.value),
                escaped(claim.criterion),
                interval,
                escaped(where),
            ]
        )
    heads = ["", "verdict", "claim", "value", "criterion", "interval", "checks"]
    return table(heads, cells)


def _settings(finding: Finding) -> str:
    settings = finding.run["configuration"].items()
    rows = [
        [f"`{key}`", escaped(setting(value))]
        for key, value in settings
        if key not in ("name", "seed")
    ]
    return table(["`--set`", "value"], rows)


def overview(found: dict[str, Finding]) -> str:
    """Return the table of all experiments."""
    known = sorted(
        (entry.experiment for entry in entries() if entry.experiment),
        key=lambda each: reading_order(each.section, each.name),
    )
    parts = [
        "# Gallery",
        "Every figure of the papers that is reproduced, and what goes beyond them: the picture beside "
        "its claims, each with its verdict, and the command that makes it.",
    ]
    for section in dict.fromkeys(each.section for each in known):
        cards = "\n".join(
            _card(each, found.get(each.name)) for each in known if each.section == section
        )
        parts += [f"## {escaped(section)}", f":::::{{grid}} 1 2 3 3\n:gutter: 2\n\n{cards}:::::"]
    return "\n\n".join(parts) + "\n"


def _card(experiment: Experiment[Any], finding: Finding | None) -> str:
    """Return a small picture with its title and its counts, which leads to the page."""
    picture = f":img-top: {small_picture(experiment.name)}\n" if finding else ""
    counts = f"{_counts(finding)}, `{finding.run['scale']}`" if finding else "no results at hand"
    return (
        f"::::{{grid-item-card}} {experiment.name}\n:link: {experiment.name}\n:link-type: doc\n"
        f"{picture}{escaped(experiment.title)}\n\n:::{{card-footer}}\n{counts}\n:::\n::::\n"
    )


def small_picture(name: str) -> str:
    """Return the file of the picture in the overview."""
    return f"{name}-small.webp"
