"""A training described in plain values, such as a TOML file has, and the trainer that it stands for.

Networks, data, criteria and rules are named, each by a table with its settings or by a text alone. What
is a user's own is named as FILE.py:NAME or MODULE:NAME: a network is a class or a function that makes
one, data are a `nets.data.DataSet`, or data sets of torch by ``"train"``, ``"validation"`` and
``"test"``, or a function that returns either.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn
from torch.utils.data import DataLoader

from nets import couplings, networks
from nets import data as data_sets
from nets.communication import Communication
from nets.data import AgentBatches, DataSet, LoaderBatches
from nets.ensemble.building import RunningStatistics
from nets.ensemble.ensemble import Ensemble, Way
from nets.ensemble.passes import scalar
from nets.ensemble.streams import COMMON, Stream
from nets.optimizers import GradientNoise, WeightNoise
from nets.train.tables import (
    Table,
    criterion_of,
    explained,
    fit,
    from_torch,
    named_table,
    own_object,
    table_of,
    usable_device,
)
from nets.training.stall_drops import StallDrops
from nets.training.trainer import Trainer
from sdeopt.arguments import flag, whole_number
from sdeopt.errors import InvalidArgumentError, unknown_name
from sdeopt.run_files.run_file import argument, setting

PRECISIONS = {"float32": None, "bfloat16": torch.bfloat16}

SIZES = {"Gaussian": "standard_deviation", "Uniform": "half_width"}
"""What the size of a noise law is called, for which ``--noise LAW:SIZE`` is short."""

USUAL_BATCH = 128
"""Of data that do not come in batches already."""

FLAGS, TEXTS = (
    ("together", "channels_last"),
    ("way", "precision", "running_statistics", "criterion"),
)
"""Keys that are true or false, and those that are words."""

OF_MOST_RULES = ("coupling", "period")
"""What options may set of any rule, though some do without."""

OF_THE_WRAPPER = ("when", "period", "seed")
"""Settings of noise that are not its law's."""


@dataclass(frozen=True, kw_only=True)
class Description:
    """What is trained, and how; every field is a key of the file.

    `batch` is 128 by default, or that of the loaders. `running_statistics` says what becomes of those of
    batch normalization: "refuse", "drop" or "keep", as in `nets.Ensemble`.
    """

    agents: int = 4
    epochs: int = 10
    batch: int | None = None
    seed: int = 1
    together: bool = False
    way: str | None = None
    precision: str = "float32"
    running_statistics: str = "refuse"
    channels_last: bool = False
    micro_batch: int | None = None
    clip: float | None = None
    data: str | Table = "digits"
    network: str | Table = "perceptron"
    criterion: str = "cross_entropy"
    optimizer: str | Table = field(
        default_factory=lambda: {"name": "SGD", "lr": 0.05, "momentum": 0.9, "nesterov": True}
    )
    rule: str | Table = field(default_factory=lambda: {"name": "QSGD", "coupling": 1.0})
    noise: str | Table | None = None
    scheduler: str | Table | None = None
    drops: bool | Table = True

    @classmethod
    def of(cls, content: Table) -> "Description":
        """Return the description that a table holds."""
        known = [each.name for each in fields(cls)]
        for key in content:
            if key not in known:
                raise unknown_name("key of a training called", key, known)
        found = cls(**content)
        for key in FLAGS:
            flag(getattr(found, key), key)
        for key in TEXTS:
            if not isinstance(content.get(key, ""), str):
                raise InvalidArgumentError(
                    f"{key} is {content[key]!r}, but must be a word in quotes."
                )
        if found.precision not in PRECISIONS:
            raise unknown_name("precision", found.precision, PRECISIONS)
        return found


def trainer_of(
    described: Description,
    communication: Communication,
    place: torch.device | str,
    folder: Path | None = None,
    **options: Any,
) -> Trainer:
    """Return the trainer that a description stands for, of the agents of this process."""
    usable_device(place)
    with explained("data", described.data):
        data = _data(described.data, folder)
    if isinstance(data, DataSet):
        data = data.to(place)
    with explained("network", described.network):
        ensemble = Ensemble(
            _network(described.network, data),
            communication.local_agents,
            seed=described.seed,
            together=described.together,
            first_agent=communication.first_agent,
            # the ensemble checks these words
            way=cast(Way | None, described.way),
            running_statistics=cast(RunningStatistics, described.running_statistics),
            device=place,
        )
    batches = _batches(described, data, communication)
    plain = from_torch(torch.optim, torch.optim.Optimizer, "optimizer", described.optimizer)
    with explained("optimizer", described.optimizer):
        optimizer = plain(ensemble.groups())
    scheduler, every = _scheduler(described, plain, optimizer, len(batches))
    drops = _drops(described, data, optimizer)
    criterion = criterion_of(described.criterion)
    _try(described, criterion, ensemble, batches)
    return Trainer(
        ensemble,
        _noisy(described.noise, optimizer, described.seed),
        _rule(described.rule, len(batches)),
        batches,
        criterion,
        data,
        communication=communication,
        drops=drops,
        scheduler=scheduler,
        schedule_every=every,
        autocast=PRECISIONS[described.precision],
        channels_last=described.channels_last,
        micro_batch=described.micro_batch,
        clip=described.clip,
        **options,
    )


def _data(entry: str | Table, folder: Path | None) -> Any:
    name, options = named_table("data", entry)
    if ":" not in name:
        return data_sets.load(name, options.pop("folder", folder), **options)
    found = own_object("data", name, options)
    found = found(**options) if callable(found) else found
    if isinstance(found, DataSet) or (isinstance(found, Mapping) and "train" in found):
        return found
    raise InvalidArgumentError(
        f"{name} is a {type(found).__name__}, but data must be a nets.data.DataSet, or a dictionary of "
        "data sets with the key 'train'."
    )


def _batches(
    described: Description, data: Any, communication: Communication
) -> AgentBatches | LoaderBatches:
    served = communication.local_agents, described.seed, communication.first_agent
    batch = USUAL_BATCH if described.batch is None else described.batch
    if isinstance(data, DataSet):
        return AgentBatches(data, served[0], batch, *served[1:])
    in_batches = isinstance(data["train"], DataLoader)
    return LoaderBatches(data["train"], *served, batch=described.batch if in_batches else batch)


def _network(entry: str | Table, data: Any) -> Callable[[], nn.Module]:
    name, table = named_table("network", entry)
    options = {
        key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }
    if ":" in name:
        make: Callable[[], nn.Module] = own_object("network", name, options)
        return partial(make, **options) if options else make
    if not isinstance(data, DataSet):
        raise InvalidArgumentError(
            f"the network '{name}' is made for a nets.data.DataSet, and the data are loaders; name a "
            "network of your own as FILE.py:NAME."
        )
    return networks.load(name, data, **options)


def _try(
    described: Description,
    criterion: Any,
    ensemble: Ensemble,
    batches: AgentBatches | LoaderBatches,
) -> None:
    """Compute a gradient of the first batch, which fails where outputs and targets do not fit.

    Only of what is ours or torch's: a user's own network, criterion or loader may remember that it was
    called.
    """
    name, _ = named_table("network", described.network)
    if isinstance(batches, LoaderBatches) or ":" in name + described.criterion:
        return
    inputs, targets = (each[0, : described.micro_batch] for each in batches.at(0, 0))
    module = ensemble.module(0)
    with Stream(0, COMMON, 0, ensemble.device).drawing():
        outputs = module(inputs)
        with explained("criterion", described.criterion):
            loss = scalar(criterion(outputs, targets))
            torch.autograd.grad(loss, [*module.parameters()], allow_unused=True)


def _rule(entry: str | Table, epoch_steps: int) -> couplings.Coupling:
    name, table = named_table("rule", entry)
    given = {key: setting("rule", key, value) for key, value in table.items()}
    rule = couplings.load(name, **{"coupling": 1.0, "epoch_steps": epoch_steps} | given)
    own = [each.name for each in fields(rule)]
    for key in given:
        if key not in own and key not in OF_MOST_RULES:
            raise unknown_name(f"setting of the rule '{name}' called", key, own)
    return rule


def _scheduler(
    described: Description,
    plain: Callable[..., torch.optim.Optimizer],
    optimizer: torch.optim.Optimizer,
    epoch_steps: int,
) -> tuple[Any, Any]:
    entry = described.scheduler
    if entry is None:
        return None, "epoch"
    options = table_of("scheduler", entry)
    every = options.pop("every", "epoch")
    home = torch.optim.lr_scheduler
    make = from_torch(home, home.LRScheduler, "scheduler", options)
    epochs = whole_number(described.epochs, "epochs")
    with explained("scheduler", entry):
        _rehearse(make, plain, epochs * epoch_steps if every == "step" else epochs)
        return make(optimizer), every


def _rehearse(
    make: Callable[..., Any], plain: Callable[..., torch.optim.Optimizer], steps: int
) -> None:
    """Go through a schedule without a network: some fail only where a rate falls, or at their end."""
    # a matrix, because Muon takes nothing else
    optimizer = plain([torch.zeros(1, 1, requires_grad=True)])
    scheduler = make(optimizer)
    losses = [0.0] if isinstance(scheduler, torch.optim.lr_scheduler.ReduceLROnPlateau) else []
    for _ in range(steps):
        optimizer.step()
        scheduler.step(*losses)


def _drops(
    described: Description, data: Any, optimizer: torch.optim.Optimizer
) -> StallDrops | None:
    """Return drops of the rates: those asked for, or the usual ones where nothing else changes them."""
    wanted = described.drops
    if isinstance(wanted, Mapping):
        fit("table", "drops", StallDrops, wanted, given=1)
        flag(wanted.get("shared", False), "drops.shared")
        with explained("drops", wanted):
            return StallDrops(optimizer, **wanted)
    if not isinstance(wanted, bool):
        raise InvalidArgumentError(f"drops is {wanted!r}, but must be true, false, or a table.")
    held = len(data.validation) if isinstance(data, DataSet) else "validation" in data
    return StallDrops(optimizer) if wanted and held and described.scheduler is None else None


def _noisy(entry: str | Table | None, optimizer: Any, seed: int) -> Any:
    if entry is None:
        return optimizer
    if isinstance(entry, str):
        name, _, size = entry.partition(":")
        if name not in SIZES:
            raise unknown_name("noise law", name, SIZES)
        try:
            entry = {"name": name, SIZES[name]: float(size)}
        except ValueError:
            raise InvalidArgumentError(
                f"noise is '{entry}'; write LAW:SIZE, as in Gaussian:0.01."
            ) from None
    entry = table_of("noise", entry)
    own = {key: entry[key] for key in OF_THE_WRAPPER if key in entry}
    law = argument("noise", {key: entry[key] for key in entry if key not in own})
    wrapper: Any = WeightNoise if law.enters == "weights" else GradientNoise
    fit("noise", entry["name"], wrapper, own, given=2)
    return wrapper(optimizer, law, **{"seed": seed, **own})
