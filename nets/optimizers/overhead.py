"""What EASGD and injected noise cost over plain SGD: ``python -m nets.optimizers.overhead``.

Every optimizer trains a copy of one network on one batch. All of them take one iteration in turn, then
all of them another, each turn beginning with another one. Times are processor times of one thread,
which leave out the turns that other programs had; ratios are taken within a turn.
"""

import statistics
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Annotated

import torch
import typer
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn
from torch.optim import SGD, Optimizer

from nets.networks.three_convolutions import ThreeConvolutions
from nets.optimizers import EASGD, GradientNoise, WeightNoise
from sdeopt.arguments import whole_number
from sdeopt.benchmark.outcome import processor
from sdeopt.benchmark.timing import busy_clock
from sdeopt.noise import Gaussian, Uniform
from sdeopt.schedules import InverseRound, PowerDecay

TARGET = 1.10
"""An iteration may take so many times that of SGD."""

RATE = 1e-3


@dataclass(frozen=True)
class Contender:
    """An optimizer and the plain one it is compared with."""

    name: str
    make: Callable[[Iterable[Tensor]], Optimizer]
    against: str


def _sgd(parameters: Iterable[Tensor]) -> Optimizer:
    return SGD(parameters, lr=RATE)


def _nesterov(parameters: Iterable[Tensor]) -> Optimizer:
    return SGD(parameters, lr=RATE, momentum=0.9, nesterov=True)


GRADIENT_NOISE = Gaussian(1e-3, level=PowerDecay(1.0, exponent=0.55))
WEIGHT_NOISE = Uniform(1e-4, level=InverseRound(1.0, period=10), enters="weights")

CONTENDERS = (
    Contender("SGD", _sgd, "SGD"),
    Contender("EASGD-WM", lambda those: EASGD(those, RATE, 1.0), "SGD"),
    Contender("gradient noise", lambda those: GradientNoise(_sgd(those), GRADIENT_NOISE), "SGD"),
    Contender("weight noise", lambda those: WeightNoise(_sgd(those), WEIGHT_NOISE), "SGD"),
    Contender("SGD, Nesterov", _nesterov, "SGD, Nesterov"),
    Contender("EASGD", lambda those: EASGD(those, RATE, 1.0, 0.9), "SGD, Nesterov"),
)


@dataclass
class _Trainee:
    """A copy of the network with its optimizer, and the times of its iterations in seconds."""

    network: nn.Module
    optimizer: Optimizer
    iterations: list[float] = field(default_factory=list)
    outside: list[float] = field(default_factory=list)

    def iterate(self, inputs: Tensor, targets: Tensor, clock: Callable[[], float]) -> None:
        begin = clock()
        self.optimizer.zero_grad()
        if isinstance(self.optimizer, WeightNoise):
            self.optimizer.inject()
        before = clock()
        nn.functional.cross_entropy(self.network(inputs), targets).backward()  # type: ignore[no-untyped-call]
        after = clock()
        self.optimizer.step()
        end = clock()
        self.iterations.append(end - begin)
        self.outside.append(end - begin - (after - before))


@dataclass(frozen=True)
class Overhead:
    """What an optimizer costs."""

    name: str
    against: str
    iteration: float
    outside: float
    ratio: float
    lower: float
    upper: float
    share: float


def measure(
    network: nn.Module,
    inputs: Tensor,
    targets: Tensor,
    turns: int,
    contenders: Sequence[Contender] = CONTENDERS,
) -> list[Overhead]:
    """Time optimizers on copies of a network."""
    whole_number(turns, "turns", 2)
    clock = busy_clock()
    trainees = {}
    for contender in contenders:
        copy = deepcopy(network)
        trainees[contender.name] = _Trainee(copy, contender.make(copy.parameters()))
    order = list(trainees.values())
    for turn in range(turns + 1):
        for place in range(len(order)):
            order[(place + turn) % len(order)].iterate(inputs, targets, clock)
    return [_overhead(contender, trainees) for contender in contenders]


def _overhead(contender: Contender, trainees: dict[str, _Trainee]) -> Overhead:
    # the first iteration makes the state
    own, other = (trainees[name] for name in (contender.name, contender.against))
    ratios = [a / b for a, b in zip(own.iterations[1:], other.iterations[1:], strict=True)]
    lower, middle, upper = statistics.quantiles(ratios, n=4, method="inclusive")
    outside, other_outside, iteration = (
        statistics.median(times[1:]) for times in (own.outside, other.outside, other.iterations)
    )
    return Overhead(
        name=contender.name,
        against=contender.against,
        iteration=statistics.median(own.iterations[1:]),
        outside=outside,
        ratio=middle,
        lower=lower,
        upper=upper,
        share=(outside - other_outside) / iteration,
    )


def _table(title: str, costs: Sequence[Overhead]) -> Table:
    table = Table(title=title)
    table.add_column("optimizer")
    for heading in ("ms", "no passes", "× SGD", "quartiles", "extra"):
        table.add_column(heading, justify="right")
    table.add_column(f"≤ {TARGET:.2f}")
    for cost in costs:
        times = f"{1e3 * cost.iteration:.2f}", f"{1e3 * cost.outside:.3f}"
        if cost.name == cost.against:
            table.add_row(cost.name, *times, "", "", "", "")
            continue
        quartiles = f"{cost.lower:.3f}–{cost.upper:.3f}"
        met = "yes" if cost.ratio <= TARGET else "no"
        table.add_row(
            cost.name, *times, f"{cost.ratio:.3f}", quartiles, f"{100 * cost.share:+.2f} %", met
        )
    return table


def main(
    batch: Annotated[int, typer.Option(help="Examples in a batch.")] = 128,
    turns: Annotated[int, typer.Option(help="Iterations of every optimizer.")] = 20,
    channels: Annotated[
        tuple[int, int, int], typer.Option(help="Channels of the three convolutions.")
    ] = (64, 128, 256),
) -> None:
    """Print what the optimizers cost on the network of the CIFAR-10 experiments."""
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    inputs = torch.randn(batch, 3, 32, 32, generator=generator)
    targets = torch.randint(10, (batch,), generator=generator)
    network = ThreeConvolutions(channels=channels)
    weights = sum(parameter.numel() for parameter in network.parameters())
    console = Console()
    console.print(f"{processor()}, one thread, torch {torch.__version__}")
    title = f"three convolutions, {weights:,} weights, batch {batch}, {turns} turns"
    console.print(_table(title, measure(network, inputs, targets, turns)))
    console.print(
        "ms: a whole iteration; no passes: what of it is neither forward nor backward pass; extra: how "
        "much more of that than SGD, as a share of SGD's whole iteration."
    )


if __name__ == "__main__":
    typer.run(main)
