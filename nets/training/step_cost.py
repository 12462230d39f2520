"""What coupled training costs over a plain loop of torch: ``python -m nets.training.step_cost``.

The plain loop is what a user writes without this package: ordinary modules, one after the other, each
with its own optimizer and order of the data. All programs train the same networks on the same data, an
epoch in turn, each round beginning with another one. Times are processor times of one thread, which
leave out the turns that other programs had; ratios are taken within a round.
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import torch
import typer
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from nets import couplings
from nets.data import AgentBatches, DataSet
from nets.ensemble.computing import Computing
from nets.ensemble.ensemble import Ensemble
from nets.ensemble.evaluation import accuracy
from nets.networks.three_convolutions import ThreeConvolutions
from nets.training.measurement import Measurement
from nets.training.trainer import Trainer
from sdeopt.arguments import whole_number
from sdeopt.benchmark.outcome import processor
from sdeopt.benchmark.timing import busy_clock

TARGET = 1.10
"""An epoch may take so many times that of the plain loop."""

CLASSES = 10
RATE, MOMENTUM = 1e-3, 0.9


@dataclass(frozen=True)
class Size:
    """How much is trained."""

    agents: int
    image: int
    channels: tuple[int, int, int]
    batch: int
    steps: int
    computing: Computing

    def network(self) -> Callable[[], nn.Module]:
        """Return how to make the network of the CIFAR-10 experiments."""
        return partial(ThreeConvolutions, (3, self.image, self.image), CLASSES, self.channels)

    def data(self) -> DataSet:
        """Return random images, a fifth as many for validation."""
        generator = torch.Generator().manual_seed(0)
        train = self.batch * self.steps
        sizes = (train, train // 5, 0)
        inputs = torch.randn(sum(sizes), 3, self.image, self.image, generator=generator)
        targets = torch.randint(CLASSES, (sum(sizes),), generator=generator)
        data = DataSet("random", inputs, targets, sizes, CLASSES, "made up")
        return data.channels_last() if self.computing.channels_last else data


Epoch = Callable[[], object]
"""Trains for an epoch."""


class Plain:
    """The plain loop, which may test each network on the validation images after an epoch."""

    def __init__(self, size: Size, data: DataSet, tests: bool) -> None:
        self._size, self._data, self._tests = size, data, tests
        torch.manual_seed(0)
        make = size.network()
        self._networks = [make() for _ in range(size.agents)]
        if size.computing.channels_last:
            self._networks = [
                each.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
                for each in self._networks
            ]
        self._optimizers = [
            torch.optim.SGD(each.parameters(), lr=RATE, momentum=MOMENTUM, nesterov=True)
            for each in self._networks
        ]

    def __call__(self) -> None:
        """Train for an epoch."""
        train, size = self._data.train, self._size
        orders = [torch.split(torch.randperm(len(train)), size.batch) for _ in self._networks]
        for rows_of_all in zip(*orders, strict=True):
            for network, optimizer, rows in zip(
                self._networks, self._optimizers, rows_of_all, strict=True
            ):
                optimizer.zero_grad()
                with self._size.computing.passes(train.inputs.device):
                    outputs = self._outputs(network, train.inputs[rows])
                    loss = cross_entropy(outputs, train.targets[rows])
                    loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()
        if self._tests:
            inputs, targets = self._data.validation
            for network in self._networks:
                network.eval()
                with torch.no_grad(), self._size.computing.passes(inputs.device):
                    outputs = self._outputs(network, inputs)
                    cross_entropy(outputs, targets).item()
                    accuracy(outputs, targets).item()
                network.train()

    def _outputs(self, network: nn.Module, inputs: Tensor) -> Tensor:
        computing = self._size.computing
        if computing.channels_last:
            inputs = inputs.contiguous(memory_format=torch.channels_last)
        with computing.types(inputs.device):
            outputs: Tensor = network(inputs)
        return outputs.float()


def coupled(rule: str, size: Size, data: DataSet, tests: bool) -> Epoch:
    """Return how to train coupled agents for an epoch, by the loop."""
    ensemble = Ensemble(size.network(), size.agents, seed=0, way="loop")
    optimizer = torch.optim.SGD(ensemble.groups(), lr=RATE, momentum=MOMENTUM, nesterov=True)
    trainer = Trainer(
        ensemble,
        optimizer,
        couplings.load(rule, coupling=1.0, epoch_steps=size.steps),
        AgentBatches(data, size.agents, size.batch, seed=0),
        cross_entropy,
        data,
        measurement=Measurement(
            agent_parts=("validation",) if tests else (),
            centre_parts=(),
            chunk=len(data.validation) or 1,
        ),
        autocast=size.computing.autocast,
        channels_last=size.computing.channels_last,
        progress=False,
    )
    # a run to more epochs goes on where the last one ended
    return lambda: trainer.run(len(trainer.history) or 1)


@dataclass(frozen=True)
class Program:
    """A rule, or the plain loop, with or without tests after each epoch."""

    rule: str | None
    tests: bool

    @property
    def name(self) -> str:
        """What the table calls it."""
        return f"{self.rule or 'torch'}{', tested' if self.tests else ''}"

    def prepare(self, size: Size, data: DataSet) -> Epoch:
        """Return how it trains for an epoch."""
        if self.rule is None:
            return Plain(size, data, self.tests)
        return coupled(self.rule, size, data, self.tests)


PROGRAMS = (
    Program(None, tests=False),
    Program("QSGD", tests=False),
    Program("EASGD", tests=False),
    Program(None, tests=True),
    Program("QSGD", tests=True),
    Program("EASGD", tests=True),
    Program("SD-QSGD", tests=True),
)
"""SD-QSGD acts on validation losses, so it has no epochs without tests."""


@dataclass(frozen=True)
class Cost:
    """What a program costs; the ratio is that to the plain loop with as many tests."""

    name: str
    rate: float
    ratio: float
    lower: float
    upper: float


def measure(size: Size, rounds: int, programs: Sequence[Program] = PROGRAMS) -> list[Cost]:
    """Time epochs in turn."""
    whole_number(rounds, "rounds", 2)
    clock, data = busy_clock(), size.data()
    epochs = {each: each.prepare(size, data) for each in programs}
    times: dict[Program, list[float]] = {each: [] for each in programs}
    order = list(programs)
    for number in range(rounds + 1):
        for place in range(len(order)):
            program = order[(place + number) % len(order)]
            begin = clock()
            epochs[program]()
            times[program].append(clock() - begin)
    images = size.agents * size.batch * size.steps
    costs = []
    for program in programs:
        # the first epoch makes the optimizer's state, and measures the start
        own, plain = (times[each][1:] for each in (program, Program(None, program.tests)))
        ratios = [a / b for a, b in zip(own, plain, strict=True)]
        lower, middle, upper = statistics.quantiles(ratios, n=4, method="inclusive")
        rate = images / statistics.median(own)
        costs.append(Cost(program.name, rate, middle, lower, upper))
    return costs


def _table(title: str, costs: Sequence[Cost]) -> Table:
    table = Table(title=title)
    table.add_column("program")
    for heading in ("images/s", "× torch", "quartiles"):
        table.add_column(heading, justify="right")
    table.add_column(f"≤ {TARGET:.2f}")
    for cost in costs:
        met = "yes" if cost.ratio <= TARGET else "no"
        cells = (f"{cost.ratio:.3f}", f"{cost.lower:.3f}–{cost.upper:.3f}", met)
        plain = cost.name.startswith("torch")
        table.add_row(cost.name, f"{cost.rate:,.0f}", *(("", "", "") if plain else cells))
    return table


def main(
    agents: Annotated[list[int], typer.Option(help="Numbers of agents.")] = [1, 8],  # noqa: B006
    image: Annotated[int, typer.Option(help="Height and width of the images.")] = 16,
    channels: Annotated[
        tuple[int, int, int], typer.Option(help="Channels of the three convolutions.")
    ] = (16, 32, 64),
    batch: Annotated[int, typer.Option(help="Examples in a batch.")] = 128,
    steps: Annotated[int, typer.Option(help="Steps of an epoch.")] = 40,
    rounds: Annotated[int, typer.Option(help="Epochs of every program.")] = 5,
) -> None:
    """Print what coupled training costs, in float32 and in bfloat16 over images pixel by pixel."""
    torch.set_num_threads(1)
    console = Console()
    console.print(f"{processor()}, one thread, torch {torch.__version__}")
    fast = Computing(autocast=torch.bfloat16, channels_last=True)
    for words, computing in (("float32", Computing()), ("bfloat16, channels last", fast)):
        for count in agents:
            size = Size(count, image, channels, batch, steps, computing)
            title = f"p = {count}, {image}×{image} images, {words}"
            console.print(_table(title, measure(size, rounds)))
    console.print(
        f"images/s: trained, {steps} steps of {batch} an epoch; tested: each agent, on a fifth as many "
        "images after each epoch; × torch: the time over that of the plain loop with the same tests."
    )


if __name__ == "__main__":
    typer.run(main)
