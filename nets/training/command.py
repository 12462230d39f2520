"""Training coupled agents from the command line, in one process or in many.

One process trains all agents::

    python -m nets.training --agents 8 --rule EASGD --coupling 0.5 --out run.nc

Several share them, on one machine or on many, to the same bits if torch has as many threads
(see `nets.communication.process_group`)::

    torchrun --standalone --nproc-per-node 2 -m nets.training --agents 8 --way loop --out run.nc

With ``--checkpoint FOLDER`` the same command goes on from where the run was stopped or killed. For one
process, ``sdeopt train`` offers more: any optimizer, noise, schedulers, networks and data of your own.
"""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from nets.communication import connect
from nets.train.described import Description, trainer_of
from nets.train.outcome import prepare_outputs
from nets.train.tables import usable_device
from nets.training.tensorboard import TensorBoard
from nets.training.trainer import Listener
from sdeopt.errors import SdeoptError
from sdeopt.results import save

USER_ERROR, INTERRUPTED = 2, 130


def train(
    data: Annotated[str, typer.Option(help="A data set of nets.data.")] = "digits",
    folder: Annotated[
        Path | None, typer.Option(help="Where data sets are; SDEOPT_DATA by default.")
    ] = None,
    network: Annotated[str, typer.Option(help="A network of nets.networks.")] = "perceptron",
    rule: Annotated[str, typer.Option(help="A rule of nets.couplings.")] = "QSGD",
    agents: Annotated[int, typer.Option(min=1, help="In all processes together.")] = 4,
    coupling: Annotated[float, typer.Option(help="k, in 1 / learning rate.")] = 1.0,
    period: Annotated[int, typer.Option(help="Steps from one coupled step to the next.")] = 1,
    staggered: Annotated[
        bool, typer.Option("--staggered", help="With a period: one agent after the other.")
    ] = False,
    delay: Annotated[
        list[int] | None, typer.Option(help="In steps; repeated, one for each agent.")
    ] = None,
    participation: Annotated[
        float | None, typer.Option(help="Probability that an agent communicates in a step.")
    ] = None,
    epochs: Annotated[int, typer.Option(min=0)] = 10,
    batch: Annotated[
        int | None,
        typer.Option(
            min=1, help="Examples of an agent's step.", show_default="128, or the loader's"
        ),
    ] = None,
    learning_rate: Annotated[float, typer.Option("--lr", help="At the start.")] = 0.05,
    momentum: Annotated[float, typer.Option(help="Nesterov's.")] = 0.9,
    seed: Annotated[int, typer.Option(help="Of points, orders and dropout.")] = 1,
    together: Annotated[bool, typer.Option(help="Start all agents at one point.")] = False,
    running_statistics: Annotated[
        str, typer.Option(help="Those of batch normalization: refuse, drop or keep.")
    ] = "refuse",
    way: Annotated[
        str | None, typer.Option(help="loop or batched; by default as the device suits.")
    ] = None,
    precision: Annotated[
        str, typer.Option(help="Of what networks compute: float32 or bfloat16.")
    ] = "float32",
    channels_last: Annotated[
        bool, typer.Option("--channels-last", help="Keep images pixel by pixel; with the loop.")
    ] = False,
    micro_batch: Annotated[
        int | None, typer.Option(help="The most examples of one pass; gradients are added up.")
    ] = None,
    clip: Annotated[float | None, typer.Option(help="The longest gradient of an agent.")] = None,
    device: Annotated[str | None, typer.Option(help="Such as cpu or cuda.")] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="A folder to keep the state in, and to go on from.")
    ] = None,
    tensorboard: Annotated[Path | None, typer.Option(help="A folder for TensorBoard.")] = None,
    out: Annotated[Path | None, typer.Option(help="FILE.nc or FILE.zarr.")] = None,
) -> None:
    """Train agents of a network together, and print how well the quorum variable tests."""
    with ExitStack() as stack:
        if device is not None:
            usable_device(device)
        communication = stack.enter_context(connect(agents, device=device))
        if communication.is_main:
            prepare_outputs(out=out, checkpoint=checkpoint)
        # a process group has the GPU of its process
        place = getattr(communication, "device", device or "cpu")
        asked: dict[str, Any] = {
            "agents": agents,
            "epochs": epochs,
            "batch": batch,
            "seed": seed,
            "together": together,
            "running_statistics": running_statistics,
            "way": way,
            "precision": precision,
            "channels_last": channels_last,
            "micro_batch": micro_batch,
            "clip": clip,
            "data": data,
            "network": network,
            "optimizer": {
                "name": "SGD",
                "lr": learning_rate,
                "momentum": momentum,
                "nesterov": momentum > 0,
            },
            "rule": _rule(rule, coupling, period, staggered, delay, participation, seed),
        }
        described = Description.of({key: each for key, each in asked.items() if each is not None})
        listeners: list[Listener] = []
        if tensorboard is not None and communication.is_main:
            listeners.append(stack.enter_context(TensorBoard(tensorboard)))
        trainer = trainer_of(
            described,
            communication,
            place,
            folder,
            checkpoint=checkpoint,
            listeners=listeners,
            title=f"{rule}, {agents} agents",
        )
        result = trainer.run(epochs)
        if communication.is_main:
            if out is not None:
                save(result, out)
            last = result.isel(epoch=-1).sel(part="test")
            print(
                f"after {epochs} epochs the quorum variable gets "
                f"{100 * float(last['quorum_accuracy']):.2f}% of the test examples right, at a "
                f"loss of {float(last['quorum_loss']):.4f}."
            )


def _rule(
    name: str,
    coupling: float,
    period: int,
    staggered: bool,
    delay: list[int] | None,
    participation: float | None,
    seed: int,
) -> dict[str, Any]:
    """Return the table of a rule; what was not asked for is not in it, as not every rule has it."""
    rule: dict[str, Any] = {"name": name, "coupling": coupling, "period": period}
    if staggered:
        rule["staggered"] = True
    if delay:
        rule["delay"] = delay[0] if len(delay) == 1 else delay
    if participation is not None:
        rule |= {"participation": participation, "seed": seed}
    return rule


def main() -> None:
    """Run the command; a user's mistake is answered with one sentence."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(train)
    try:
        app(prog_name="python -m nets.training")
    except SdeoptError as problem:
        print(f"nets: {problem}", file=sys.stderr)
        raise SystemExit(USER_ERROR) from None
    except KeyboardInterrupt as interruption:
        print(f"nets: {interruption or 'interrupted.'}", file=sys.stderr)
        raise SystemExit(INTERRUPTED) from None
