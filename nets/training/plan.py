"""What decides the result of a training: processes compare it, and a checkpoint belongs to it."""

from typing import Any

import torch
from torch.optim.lr_scheduler import LRScheduler

from nets.communication import Communication
from nets.couplings import Coupling, rates_of
from nets.couplings.positions import groups_of_agents
from nets.data import AgentBatches, DataSet, LoaderBatches
from nets.data.tested import Tested
from nets.ensemble.ensemble import Ensemble
from nets.ensemble.passes import Criterion
from nets.identity import FORMAT, digest_of, identity_of
from nets.optimizers.noisy_optimizer import NoisyOptimizer
from nets.training.stall_drops import StallDrops

NO_OPTIONS = ("params", "agent", "param_names", "steps")
"""What else is in a group of parameters."""

NEWER = {"period": 1}
"""Options that are left out at their defaults, so that they discard no training."""


def identity(
    ensemble: Ensemble,
    optimizer: torch.optim.Optimizer,
    rule: Coupling,
    batches: AgentBatches | LoaderBatches,
    criterion: Criterion,
    data: Tested,
    communication: Communication,
    drops: StallDrops | None,
    scheduler: LRScheduler | None,
) -> dict[str, Any]:
    """Return what decides the result of a training, the same in every process."""
    noise, inner = [], optimizer
    while isinstance(inner, NoisyOptimizer):
        noise.append(inner.configuration())
        inner = inner.wrapped
    schedule, of_groups = _schedule(scheduler, len(optimizer.param_groups))
    return {
        "format": FORMAT,
        "torch": torch.__version__,
        "agents": communication.agents,
        "seed": ensemble.seed,
        "learning rate": identity_of(_number(inner.defaults.get("lr"))),
        "batch": batches.batch,
        "order": batches.seed,
        "share": batches.share,
        "drop_last": batches.drop_last,
        "optimizer": {
            **identity_of(type(inner)),
            **_hooks(inner),
            "options": _options(inner.defaults),
            "rates": communication.gather(rates_of(optimizer, ensemble.agents)).tolist(),
            "groups": _groups(ensemble, optimizer, communication, of_groups),
        },
        "noise": noise,
        "coupling": identity_of(rule),
        "drops": drops and drops.configuration(),
        "scheduler": schedule,
        "data": {"name": data.name, "sizes": list(data.sizes), **_examples(data, batches)},
        "criterion": identity_of(criterion),
        "network": ensemble.identity,
        "weights": {name: list(stack.shape[1:]) for name, stack in ensemble.weights.items()},
    }


def _options(given: dict[str, Any]) -> dict[str, Any]:
    """Return the options of an optimizer, or of a group of its parameters."""
    return {
        name: identity_of(_number(value))
        for name, value in given.items()
        if name not in NO_OPTIONS and (name, value) not in NEWER.items()
    }


def _hooks(optimizer: torch.optim.Optimizer) -> dict[str, Any]:
    """Return what users have hung before and after each step; nothing where there is nothing."""
    names = ("_optimizer_step_pre_hooks", "_optimizer_step_post_hooks")
    hung = {name: list(getattr(optimizer, name, {}).values()) for name in names}
    return {"hooks": identity_of(list(hung.values()))} if any(hung.values()) else {}


def _number(value: Any) -> Any:
    return value.item() if isinstance(value, torch.Tensor) and value.numel() == 1 else value


def _groups(
    ensemble: Ensemble,
    optimizer: torch.optim.Optimizer,
    communication: Communication,
    scheduled: list[list[Any]],
) -> list[str]:
    """Return a digest of the options and the schedule of every agent, of all processes.

    Where an agent has several groups, it knows which parameters each of them has; where it has one, only
    how many, as it always did, so that trainings that were kept go on.
    """
    names = {id(stack): name for name, stack in ensemble.weights.items()}
    for views in ensemble.groups():
        names |= dict(zip(map(id, views["params"]), ensemble.weights, strict=True))
    schedule = {
        id(group): own for group, own in zip(optimizer.param_groups, scheduled, strict=True)
    }
    of_agents = groups_of_agents(optimizer)
    if len(of_agents) == 1:
        of_agents *= communication.local_agents
    digests = []
    for own in of_agents:
        several = len(own) > 1
        trained = [[names[id(each)] for each in group["params"]] for group in own]
        options = [
            _options(group)
            | {"params": found if several else len(found), "schedule": schedule[id(group)]}
            for group, found in zip(own, trained, strict=True)
        ]
        digests.append(list(bytes.fromhex(digest_of(options))))
    every = communication.gather(torch.tensor(digests, dtype=torch.uint8))
    return [bytes(digest).hex() for digest in every.tolist()]


def _schedule(scheduler: LRScheduler | None, groups: int) -> tuple[Any, list[list[Any]]]:
    """Return what decides a schedule: for all parameters, and for each group."""
    of_groups: list[list[Any]] = [[] for _ in range(groups)]
    if scheduler is None:
        return None, of_groups
    state = {"lr_lambdas": None, **_state(scheduler)}
    return {**identity_of(type(scheduler)), "state": _common(state, of_groups)}, of_groups


def _state(scheduler: LRScheduler) -> dict[str, Any]:
    """Return the state of a scheduler and of those in it, with the functions that states leave out."""
    state = dict(scheduler.state_dict())
    state.pop("lr_lambdas", None)
    lambdas = getattr(scheduler, "lr_lambdas", None)
    inner = getattr(scheduler, "_schedulers", None)
    return {
        **state,
        **({} if lambdas is None else {"lr_lambdas": lambdas}),
        **({} if inner is None else {"_schedulers": [_state(each) for each in inner]}),
    }


def _common(state: dict[str, Any], of_groups: list[list[Any]]) -> dict[str, Any]:
    """Move the entries that each group has into its list; other processes have other groups."""
    common: dict[str, Any] = {}
    for name, value in state.items():
        if name == "_schedulers":
            common[name] = [_common(inner, of_groups) for inner in value]
        elif isinstance(value, list) and len(value) == len(of_groups):
            for own, entry in zip(of_groups, value, strict=True):
                own.append(identity_of(_number(entry)))
        else:
            common[name] = identity_of(value)
    return common


def _examples(data: Tested, batches: AgentBatches | LoaderBatches) -> dict[str, Any]:
    """Return digests of the examples; those of the batches may come from another data set."""
    if not (isinstance(data, DataSet) and isinstance(batches, AgentBatches)):
        return {
            "tested": data.configuration() if not isinstance(data, DataSet) else _of_set(data),
            "batches": batches.configuration()
            if isinstance(batches, LoaderBatches)
            else identity_of(list(batches.part)),
        }
    found = _of_set(data)
    train, used = data.train.inputs, batches.part.inputs
    if (train.data_ptr(), train.shape) != (used.data_ptr(), used.shape):
        found["batches"] = identity_of(list(batches.part))
    return found


def _of_set(data: DataSet) -> dict[str, Any]:
    return {"inputs": identity_of(data.inputs), "targets": identity_of(data.targets)}
