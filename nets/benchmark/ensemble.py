"""Two ways to compute the gradients of all agents, and whether an ensemble chooses the faster.

``python -m nets.benchmark.ensemble`` measures both over networks, numbers of agents and batch sizes,
and what is lost to the better one by the choice that the ensemble made on its own first batch.
"""

import itertools
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from rich.table import Table
from torch.nn import functional

from nets import data, networks
from nets.data.data_set import DataSet
from nets.ensemble.ensemble import Ensemble, Way
from nets.ensemble.memory import Memory
from nets.ensemble.timing import typical_times
from sdeopt.benchmark.report import processor
from sdeopt.errors import unknown_name

ALLOWED = 0.05
"""The share of time that a choice may lose."""

WIDTH = 110
"""Of the table in characters, also in a file."""

WAYS: tuple[Way, Way] = ("loop", "batched")
NETWORKS: dict[str, dict[str, Any]] = {
    "perceptron": {},
    "two_convolutions": {},
    "three_convolutions": {"channels": (16, 32, 32)},
}
"""Networks with options that leave a pass on the processor below some seconds."""


@dataclass(frozen=True)
class Comparison:
    """Times of a pass of all agents."""

    network: str
    agents: int
    batch: int
    loop: float
    batched: float
    chosen: str
    memory: Memory

    @property
    def gain(self) -> float:
        """How many times faster the batched pass is."""
        return self.loop / self.batched

    @property
    def lost(self) -> float:
        """The share of time that the choice costs above the better way."""
        taken = self.loop if self.chosen == "loop" else self.batched
        return taken / min(self.loop, self.batched) - 1


def compare(
    name: str, source: DataSet, agents: int, batch: int, device: str, seconds: float = 3.0
) -> Comparison:
    """Measure one network."""
    network = networks.load(name, source, **NETWORKS[name])
    order = torch.arange(agents * batch) % len(source.inputs)
    inputs, targets = (
        part[order].view(agents, batch, *part.shape[1:]).to(device)
        for part in (source.inputs, source.targets)
    )
    choosing = Ensemble(network, agents, seed=1, device=device)
    choosing.backward(functional.cross_entropy, inputs, targets)
    memory = choosing.memory(functional.cross_entropy, inputs, targets)
    both: dict[str, Ensemble] = {
        way: Ensemble(network, agents, seed=1, device=device, way=way) for way in WAYS
    }
    times = typical_times(
        lambda way: both[way].backward(functional.cross_entropy, inputs, targets),
        WAYS,
        choosing.device,
        rounds=1000,
        seconds=seconds,
    )
    return Comparison(name, agents, batch, **times, chosen=choosing.way, memory=memory)


def _table(title: str, found: Sequence[Comparison]) -> Table:
    table = Table(title=title, caption="ms: a pass of all agents; MiB: while it is computed")
    table.add_column("network", no_wrap=True)
    numbers = (
        "p",
        "batch",
        "loop ms",
        "batched ms",
        "gain",
        "chosen",
        "lost",
        "loop MiB",
        "batched MiB",
    )
    for heading in numbers:
        table.add_column(heading, justify="right", no_wrap=True)
    for row in found:
        table.add_row(
            row.network,
            f"{row.agents}",
            f"{row.batch}",
            f"{1e3 * row.loop:.2f}",
            f"{1e3 * row.batched:.2f}",
            f"{row.gain:.2f}",
            row.chosen,
            f"{row.lost:.1%}",
            f"{row.memory.loop / 2**20:.0f}",
            f"{row.memory.batched / 2**20:.0f}",
        )
    return table


def main(
    network: Annotated[list[str] | None, typer.Option(help="Some of the networks.")] = None,
    agents: Annotated[list[int] | None, typer.Option(help="Numbers of agents.")] = None,
    batch: Annotated[list[int] | None, typer.Option(help="Batch sizes.")] = None,
    device: Annotated[str, typer.Option(help="Where to compute, such as cuda.")] = "cpu",
    threads: Annotated[int, typer.Option(help="Threads on the processor.")] = 1,
    source: Annotated[str, typer.Option("--data", help="The data set.")] = "digits",
    seconds: Annotated[float, typer.Option(help="Time for each row.")] = 3.0,
) -> None:
    """Measure both ways and the choice, print the table, and fail if a choice lost too much."""
    torch.set_num_threads(threads)
    names = network or list(NETWORKS)
    for name in names:
        if name not in NETWORKS:
            raise unknown_name("network here", name, NETWORKS)
    loaded = data.load(source)
    console = Console(width=WIDTH)
    found = []
    with console.status("") as status:
        for case in itertools.product(names, agents or (2, 4, 16), batch or (10, 32, 128)):
            status.update(f"{case[0]}, {case[1]} agents, batch {case[2]}")
            found.append(compare(case[0], loaded, *case[1:], device, seconds))
    there = torch.cuda.get_device_name(device) if device.startswith("cuda") else processor()
    console.print(_table(f"{there}, {threads} threads, torch {torch.__version__}", found))
    worst = max(found, key=lambda row: row.lost)
    console.print(f"the choices lost at most {worst.lost:.1%} (allowed: {ALLOWED:.0%})")
    sys.exit(worst.lost > ALLOWED)


if __name__ == "__main__":
    typer.run(main)
