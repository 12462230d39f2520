"""A training described in plain values, such as a TOML file has, and the trainer that it stands for.

Networks, data, criteria and rules are named, each by a table with its settings or by a text alone. What
is a user's own is named as FILE.py:NAME or MODULE:NAME: a network is a class or a function that makes
one, data are a `nets.data.DataSet`, or data sets of torch by ``"train"``, ``"validation"`` and
``"test"``, or a function that returns either.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from nets import couplings, networks
from nets import data as data_sets
from nets.communication import Communication
from nets.data import AgentBatches, DataSet, LoaderBatches
from nets.ensemble.ensemble import Ensemble, Way
from nets.optimizers import GradientNoise, WeightNoise
from nets.training.stall_drops import StallDrops
from nets.training.trainer import Trainer
from sdeopt.errors import InvalidArgumentError, unknown_name
from sdeopt.run_files.objects import named_object
from sdeopt.run_files.run_file import argument, setting

Table = Mapping[str, Any]

PRECISIONS = {"float32": None, "bfloat16": torch.bfloat16}

SIZES = {"Gaussian": "standard_deviation", "Uniform": "half_width"}
"""What the size of a noise law is called, for which ``--noise NAME:SIZE`` is short."""

OF_MOST_RULES = ("coupling", "period")
"""What options may set of any rule, though some do without."""

OF_THE_WRAPPER = ("when", "period", "seed")
"""Settings of noise that are not its law's."""


@dataclass(frozen=True, kw_only=True)
class Description:
    """What is trained, and how; every field is a key of the file."""

    agents: int = 4
    epochs: int = 10
    batch: int = 128
    seed: int = 1
    together: bool = False
    way: str | None = None
    precision: str = "float32"
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
    scheduler: Table | None = None
    drops: bool | Table = True

    @classmethod
    def of(cls, content: Table) -> "Description":
        """Return the description that a table holds."""
        known = [each.name for each in fields(cls)]
        for key in content:
            if key not in known:
                raise unknown_name("key of a training called", key, known)
        found = cls(**content)
        if found.precision not in PRECISIONS:
            raise unknown_name("precision", str(found.precision), PRECISIONS)
        return found


def trainer_of(
    described: Description,
    communication: Communication,
    place: torch.device | str,
    folder: Path | None = None,
    **options: Any,
) -> Trainer:
    """Return the trainer that a description stands for, of the agents of this process."""
    data = _data(described.data, folder)
    if isinstance(data, DataSet):
        data = data.to(place)
    ensemble = Ensemble(
        _network(described.network, data),
        communication.local_agents,
        seed=described.seed,
        together=described.together,
        first_agent=communication.first_agent,
        way=cast(Way | None, described.way),  # the ensemble checks it
        device=place,
    )
    served = communication.local_agents, described.seed, communication.first_agent
    batches: AgentBatches | LoaderBatches
    if isinstance(data, DataSet):
        batches = AgentBatches(data, served[0], described.batch, *served[1:])
    else:
        batches = LoaderBatches(data["train"], *served, batch=described.batch)
    plain = _from_torch(torch.optim, torch.optim.Optimizer, "optimizer", described.optimizer)
    optimizer = plain(ensemble.groups())
    scheduler, every = _scheduler(described.scheduler, optimizer)
    drops = _drops(described, data, optimizer)
    return Trainer(
        ensemble,
        _noisy(described.noise, optimizer, described.seed),
        _rule(described.rule, len(batches)),
        batches,
        _criterion(described.criterion),
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


def _table(entry: str | Table) -> dict[str, Any]:
    """Return the table that an entry is, or that its name stands for."""
    table = {"name": entry} if isinstance(entry, str) else dict(entry)
    if not isinstance(table.get("name"), str):
        raise InvalidArgumentError(f"the table {table} lacks a name; add name = '...'.")
    return table


def _data(entry: str | Table, folder: Path | None) -> Any:
    options = _table(entry)
    name = options.pop("name")
    if ":" not in name:
        return data_sets.load(name, options.pop("folder", folder), **options)
    found = named_object(name)
    found = found(**options) if callable(found) else found
    if isinstance(found, DataSet) or (isinstance(found, Mapping) and "train" in found):
        return found
    raise InvalidArgumentError(
        f"{name} is a {type(found).__name__}, but data must be a nets.data.DataSet, or a dictionary of "
        "data sets with the key 'train'."
    )


def _network(entry: str | Table, data: Any) -> Callable[[], nn.Module]:
    table = _table(entry)
    name = table.pop("name")
    options = {
        key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }
    if ":" in name:
        make: Callable[[], nn.Module] = named_object(name)
        return partial(make, **options) if options else make
    if not isinstance(data, DataSet):
        raise InvalidArgumentError(
            f"the network '{name}' is made for a nets.data.DataSet, and the data are loaders; name a "
            "network of your own as FILE.py:NAME."
        )
    return networks.load(name, data, **options)


def _rule(entry: str | Table, epoch_steps: int) -> couplings.Coupling:
    table = _table(entry)
    name = table.pop("name")
    given = {key: setting("rule", key, value) for key, value in table.items()}
    rule = couplings.load(name, **{"coupling": 1.0, "epoch_steps": epoch_steps} | given)
    own = [each.name for each in fields(rule)]
    for key in given:
        if key not in own and key not in OF_MOST_RULES:
            raise unknown_name(f"setting of the rule '{name}' called", key, own)
    return rule


def _criterion(name: str) -> Any:
    if ":" in name:
        return named_object(name)
    if not hasattr(nn.functional, name):
        known = [each for each in vars(nn.functional) if each.endswith(("loss", "entropy"))]
        raise unknown_name("criterion", name, known)
    return getattr(nn.functional, name)


def _from_torch(home: Any, base: type, kind: str, entry: str | Table) -> Callable[..., Any]:
    """Return a class of torch with its settings, to be called with what it is for."""
    options = _table(entry)
    name = options.pop("name")
    known = {
        each: thing
        for each, thing in vars(home).items()
        if isinstance(thing, type) and issubclass(thing, base) and thing is not base
    }
    if name not in known:
        raise unknown_name(kind, name, known)
    allowed = [*inspect.signature(known[name]).parameters][1:]
    for option in options:
        if option not in allowed:
            raise unknown_name(f"option of the {kind} '{name}'", option, allowed)
    return partial(known[name], **options)


def _scheduler(table: Table | None, optimizer: torch.optim.Optimizer) -> tuple[Any, Any]:
    if table is None:
        return None, "epoch"
    options = dict(table)
    every = options.pop("every", "epoch")
    home = torch.optim.lr_scheduler
    return _from_torch(home, home.LRScheduler, "scheduler", options)(optimizer), every


def _drops(
    described: Description, data: Any, optimizer: torch.optim.Optimizer
) -> StallDrops | None:
    """Return drops of the rates: those asked for, or the usual ones where nothing else changes them."""
    wanted = described.drops
    if isinstance(wanted, Mapping):
        return StallDrops(optimizer, **wanted)
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
                f"noise is '{entry}'; write NAME:SIZE, as in Gaussian:0.01."
            ) from None
    own = {key: entry[key] for key in OF_THE_WRAPPER if key in entry}
    law = argument("noise", {key: entry[key] for key in entry if key not in own})
    wrapper: Any = WeightNoise if law.enters == "weights" else GradientNoise
    return wrapper(optimizer, law, **{"seed": seed, **own})
