"""Turn the JSON form of a benchmark into the tables of README.md.

sdeopt bench --out bench.json
python benchmarks/table.py bench.json
"""

import json
import sys
from pathlib import Path
from typing import Any


def speed_table(speeds: list[dict[str, Any]]) -> list[str]:
    workloads = list(dict.fromkeys(speed["workload"] for speed in speeds))
    full = [name for name in workloads if "," not in name]
    rates = {(speed["workload"], speed["contender"]): speed["rate"] for speed in speeds}
    lines = [f"| | {' | '.join(full)} |", f"|---|{'---:|' * len(full)}"]
    for contender in dict.fromkeys(speed["contender"] for speed in speeds):
        cells = []
        for name in full:
            rate = rates.get((name, contender))
            cells.append("–" if rate is None else f"{rate:.0f}" if rate >= 100 else f"{rate:.1f}")
        lines.append(f"| {contender} | {' | '.join(cells)} |")
    return lines


def target_table(targets: list[dict[str, Any]]) -> list[str]:
    words = {True: "yes", False: "**no**", None: "not measured"}
    lines = ["| ratio | measured | target | met |", "|---|---:|---:|---|"]
    for target in targets:
        value = "" if target["value"] is None else f"{target['value']:.2f}"
        row = (target["what"], value, f"{target['target']:.2f}", words[target["met"]])
        lines.append(f"| {' | '.join(row)} |")
    return lines


def main() -> None:
    report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(f"{report['processor']}, {report['created'][:10]}; {report['unit']}.\n")
    print("\n".join(speed_table(report["speeds"])), end="\n\n")
    print("\n".join(target_table(report["targets"])), end="\n\n")
    for cost in report["compilation"]:
        print(
            f"First call of {cost['workload']}: {cost['compiling']:.1f} s of compiling; "
            f"{cost['loading']:.2f} s of loading in a second process."
        )


if __name__ == "__main__":
    main()
