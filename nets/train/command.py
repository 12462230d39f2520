"""``sdeopt train``: coupled agents of a network, from a TOML file, from options, or from both."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sdeopt.commands.extension import with_extra

if TYPE_CHECKING:
    import xarray as xr

SHORT = {
    "learning_rate": ("optimizer", "lr"),
    "momentum": ("optimizer", "momentum"),
    "coupling": ("rule", "coupling"),
    "period": ("rule", "period"),
}
"""Options that are entries of tables."""


def train(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE.toml]", help="The training, in TOML.")
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="A data set of nets.data, or FILE.py:NAME.", show_default="digits"),
    ] = None,
    network: Annotated[
        str | None,
        typer.Option(
            help="A network of nets.networks, or FILE.py:NAME.", show_default="perceptron"
        ),
    ] = None,
    widths: Annotated[
        list[int] | None, typer.Option("--width", help="Of a hidden layer; may be repeated.")
    ] = None,
    agents: Annotated[
        int | None, typer.Option(min=1, help="How many train together.", show_default="4")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=0, help="Passes over the data.", show_default="10")
    ] = None,
    batch: Annotated[
        int | None,
        typer.Option(min=1, help="Examples of a step.", show_default="128, or the loader's"),
    ] = None,
    optimizer: Annotated[
        str | None, typer.Option(help="One of torch.optim.", show_default="SGD")
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option("--lr", help="At the start.", show_default="0.05")
    ] = None,
    momentum: Annotated[float | None, typer.Option(help="Nesterov's.", show_default="0.9")] = None,
    rule: Annotated[
        str | None, typer.Option(help="QSGD, EASGD, SD-QSGD, averaging, ...", show_default="QSGD")
    ] = None,
    coupling: Annotated[
        float | None, typer.Option(help="k, in 1 / learning rate.", show_default="1")
    ] = None,
    period: Annotated[
        int | None, typer.Option(help="From one coupled step to the next.", show_default="1")
    ] = None,
    noise: Annotated[
        str | None, typer.Option(metavar="LAW:SIZE", help="Added to gradients: Gaussian:0.01.")
    ] = None,
    precision: Annotated[
        str | None, typer.Option(help="float32 or bfloat16.", show_default="float32")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Of points, orders, dropout and noise.", show_default="1")
    ] = None,
    device: Annotated[str, typer.Option(help="Such as cpu or cuda.")] = "cpu",
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Any other entry, such as drops=false for constant rates; may be repeated.",
        ),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            "--checkpoint", "--resume", help="A folder to keep the state, and go on from."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="FILE.nc for what was measured.")
    ] = None,
    save: Annotated[
        Path | None, typer.Option(help="FILE.pt for the weights of the quorum variable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Train several coupled agents of a network, and print how well they test.

    The network, the data and the criterion may be your own: name them as
    FILE.py:NAME, a file here or beside the TOML file. With --checkpoint
    FOLDER the same command goes on where it was stopped or killed. For
    several processes there is "torchrun -m nets.training".

    Example: "sdeopt train --width 32 --agents 2 --rule EASGD --epochs 2".

    The same as a file, digits.toml, for "sdeopt train digits.toml":

    \b
    agents = 2
    epochs = 2
    network = {name = "perceptron", widths = [32]}
    rule = {name = "EASGD", coupling = 1}
    """  # noqa: D301  # \b, the backspace itself, keeps the lines below it apart
    plain = {
        "data": data,
        "agents": agents,
        "epochs": epochs,
        "batch": batch,
        "precision": precision,
        "seed": seed,
        "noise": noise,
    }
    named = {"network": network, "optimizer": optimizer, "rule": rule}
    numbers = {
        "learning_rate": learning_rate,
        "momentum": momentum,
        "coupling": coupling,
        "period": period,
    }
    of_tables: dict[tuple[str, str], Any] = {SHORT[key]: value for key, value in numbers.items()}
    if widths:
        of_tables["network", "widths"] = widths
    with_extra(
        lambda: _run(
            _content(file, plain, named, of_tables, settings or []),
            device, checkpoint, out, save, as_json,
        ),
        "a training",
        "sdeopt[nets]",
    )  # fmt: skip


def _content(
    file: Path | None,
    plain: dict[str, Any],
    named: dict[str, str | None],
    of_tables: dict[tuple[str, str], Any],
    settings: list[str],
) -> dict[str, Any]:
    """Return what the file says, changed by options."""
    # here, because `sdeopt --help` imports this module
    from nets.train.described import Description
    from nets.train.tables import table_of
    from sdeopt.configuration import read_setting, read_value, with_entry
    from sdeopt.run_files.run_file import read_toml

    content = _beside(file.parent, dict(read_toml(file))) if file is not None else {}
    content |= {key: value for key, value in plain.items() if value is not None}
    usual = Description()
    settled = [read_setting(setting) for setting in settings]
    chosen = {place for place, _ in settled} & {("optimizer",), ("optimizer", "nesterov")}
    nesterov_by_default = "optimizer" not in content and not chosen
    for key in named:
        entry = content.get(key, getattr(usual, key))
        table = table_of(key, entry)
        wanted = named[key]
        # what another one is set to is not for this one
        content[key] = table if wanted in (None, table.get("name")) else {"name": wanted}
    for (key, name), value in of_tables.items():
        if value is not None:
            content[key] = {**content[key], name: value}
    for place, text in settled:
        content = with_entry(content, place, read_value(text))
    table = content["optimizer"]
    if nesterov_by_default and (table.get("momentum") == 0 or table.get("dampening")):
        # torch has it only with momentum, and without dampening
        table.pop("nesterov", None)
    return content


def _beside(folder: Path, value: Any) -> Any:
    """Return what a file says; Python files that are not in the current folder are beside it."""
    if isinstance(value, dict):
        return {key: _beside(folder, entry) for key, entry in value.items()}
    named = value.rpartition(":")[0] if isinstance(value, str) else ""
    beside = named.endswith(".py") and not Path(named).is_file() and (folder / named).is_file()
    return str(folder / value) if beside else value


def _run(
    content: dict[str, Any],
    device: str,
    checkpoint: Path | None,
    out: Path | None,
    save: Path | None,
    as_json: bool,
) -> None:
    """Train, write what was asked for, and print what came of it."""
    from nets.communication import Local
    from nets.train.described import Description, trainer_of
    from nets.train.outcome import prepare_outputs, print_outcome, save_network
    from sdeopt.results import save as save_result

    described = Description.of(content)
    alone = Local(described.agents)
    prepare_outputs(out=out, save=save, checkpoint=checkpoint)
    title = f"{described.agents} agents"
    trainer = trainer_of(described, alone, device, checkpoint=checkpoint, title=title)
    result: xr.Dataset = trainer.run(described.epochs)
    # printed first: a disk that has become full must not hide it
    print_outcome(result, as_json)
    if out is not None:
        save_result(result, out)
    if save is not None:
        save_network(trainer, save)
    written = [path for path in (out, save, checkpoint) if path is not None]
    if written and not as_json:
        print(f"written: {', '.join(map(str, written))}")
