"""Whether the parts of a training belong together: each refusal is one sentence."""

from typing import Literal, TypeAlias, get_args

import torch
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from nets.communication import Communication
from nets.couplings import Coupling
from nets.couplings.positions import check_owner, groups_of_agents
from nets.data import AgentBatches, LoaderBatches
from nets.data.tested import Tested
from nets.ensemble.ensemble import Ensemble
from nets.ensemble.refusals import unequal_parts
from nets.training.callbacks import Callback
from nets.training.measurement import Measurement
from nets.training.stall_drops import StallDrops
from sdeopt.arguments import flag, one_of
from sdeopt.errors import InvalidArgumentError

Every: TypeAlias = Literal["epoch", "step"]


def kinds(ensemble: object, rule: object, criterion: object) -> None:
    """Refuse what is no ensemble, no coupling, or no function."""
    if not isinstance(ensemble, Ensemble):
        raise InvalidArgumentError(
            f"ensemble is a {type(ensemble).__name__}, but must be a nets.Ensemble."
        )
    if not isinstance(rule, Coupling):
        raise InvalidArgumentError(
            f"rule is {rule!r:.60}, but must be one of nets.couplings, as in QSGD(coupling=1.0)."
        )
    if not callable(criterion):
        raise InvalidArgumentError(
            f"criterion is {criterion!r:.60}, but must be a function of outputs and targets, such as "
            "torch.nn.functional.cross_entropy."
        )


def options(
    measurement: object,
    drops: object,
    scheduler: object,
    callbacks: object,
    listeners: object,
    progress: object,
) -> None:
    """Refuse what is not of the kind that its argument takes."""
    wanted = (
        ("measurement", measurement, Measurement, "a nets.training.Measurement"),
        ("drops", drops, StallDrops, "nets.training.StallDrops over the optimizer"),
        ("scheduler", scheduler, LRScheduler, "a scheduler of torch.optim.lr_scheduler"),
    )
    for name, given, kind, words in wanted:
        if given is not None and not isinstance(given, kind):
            raise InvalidArgumentError(f"{name} is {given!r:.60}, but must be {words}.")
    if progress is not None:
        flag(progress, "progress")
    for name, several, words in (
        ("callbacks", callbacks, "nets.training.Callback"),
        ("listeners", listeners, "functions of an epoch's number and its record"),
    ):
        entries = several if isinstance(several, list | tuple) else [several]
        for each in entries:
            fits = isinstance(each, Callback) if name == "callbacks" else callable(each)
            if entries is not several or not fits:
                raise InvalidArgumentError(
                    f"{name} holds {each!r:.60}, but must be a list of {words}."
                )


def same_agents(
    ensemble: Ensemble, batches: AgentBatches | LoaderBatches, communication: Communication
) -> None:
    """Refuse parts that speak of different agents."""
    here = {
        "ensemble": (ensemble.agents, ensemble.first_agent),
        "batches": (batches.agents, batches.first_agent),
        "communication": (communication.local_agents, communication.first_agent),
    }
    if len(set(here.values())) > 1:
        listed = ", ".join(f"{n} from agent {f} in {part}" for part, (n, f) in here.items())
        raise InvalidArgumentError(f"agents differ: {listed}; give all three the same.")


def parts(
    ensemble: Ensemble, batches: AgentBatches | LoaderBatches, micro_batch: int | None
) -> None:
    """Refuse parts of batches, also of the last one of an epoch, that are normalized unlike."""
    if micro_batch is None or not ensemble.normalizes_batches:
        return
    rest = 0 if batches.drop_last or not batches.batch else batches.examples % batches.batch
    for size in (batches.batch, rest):
        unequal_parts(size, micro_batch)


def epochs(rule: Coupling, batches: AgentBatches | LoaderBatches) -> None:
    """Refuse a rule that would take other steps for the first of an epoch than there are."""
    steps = getattr(rule, "epoch_steps", None)
    if steps is not None and steps != len(batches):
        raise InvalidArgumentError(
            f"{type(rule).__name__} has epoch_steps={steps}, but an epoch has {len(batches)} batches; "
            f"give epoch_steps={len(batches)}."
        )


def owner(ensemble: Ensemble, optimizer: torch.optim.Optimizer) -> None:
    """Refuse an optimizer that does not train the weights of all agents, or others too."""
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise InvalidArgumentError(
            f"optimizer is a {type(optimizer).__name__}, but must be a torch.optim.Optimizer over "
            "ensemble.groups()."
        )
    given = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    stacks = {id(stack): name for name, stack in ensemble.weights.items()}
    views = {
        id(parameter): (group["agent"], name)
        for group in ensemble.groups()
        for name, parameter in zip(ensemble.weights, group["params"], strict=True)
    }
    # whole stacks are trained if somebody gave them their gradients
    whole = {
        name for key, name in stacks.items() if key in given
        and ensemble.weights[name].grad is ensemble.gradients[name]
    }  # fmt: skip
    missing = [place for key, place in views.items() if key not in given and place[1] not in whole]
    others = given - views.keys() - {key for key, name in stacks.items() if name in whole}
    if missing:
        agents = sorted({agent for agent, _ in missing})
        raise InvalidArgumentError(
            f"the optimizer does not train {missing[0][1]!r} of agent {agents[0]}, and {len(missing)} "
            f"of {len(views)} parameters in all; make it from all of this ensemble's groups()."
        )
    if others:
        raise InvalidArgumentError(
            f"the optimizer trains {len(others)} parameters that are no agent's; make it from this "
            "ensemble's groups() alone."
        )
    everyone = range(ensemble.first_agent, ensemble.first_agent + ensemble.agents)
    owners = {key: {agent} for key, (agent, _) in views.items()}
    owners |= {key: set(everyone) for key in stacks}
    of_agents = groups_of_agents(optimizer)
    if len(of_agents) > 1 or "agent" in of_agents[0][0]:
        for agent, groups in zip(everyone, of_agents, strict=False):
            for group in groups:
                found = set().union(*(owners[id(each)] for each in group["params"]))
                check_owner(found, {agent, int(group.get("agent", agent))})


def schedule(
    optimizer: torch.optim.Optimizer,
    drops: StallDrops | None,
    scheduler: LRScheduler | None,
    every: Every,
) -> None:
    """Refuse drops and schedulers of another optimizer, and times that are none."""
    one_of(every, "time for a scheduler's step called", get_args(Every))
    for name, each in (("drops change", drops), ("scheduler changes", scheduler)):
        if each is not None and each.optimizer.param_groups is not optimizer.param_groups:
            raise InvalidArgumentError(
                f"the {name} the rates of another optimizer; make it from the one that is given."
            )
    if isinstance(scheduler, ReduceLROnPlateau) and every == "step":
        raise InvalidArgumentError(
            "ReduceLROnPlateau needs a validation loss, which is measured after an epoch; leave "
            'schedule_every at "epoch".'
        )


def losses_known(
    measurement: Measurement,
    data: Tested,
    rule: Coupling,
    drops: StallDrops | None,
    scheduler: LRScheduler | None,
) -> None:
    """Refuse what acts on validation losses that nobody measures, and a measure of no examples."""
    if measurement.distortion and not len(data.train):
        raise InvalidArgumentError(
            "distortion is measured on the training part, which has no examples; give data with such a "
            "part, or leave distortion out of the measurement."
        )
    if "validation" in measurement.agent_parts and len(data.validation):
        return
    acts = drops is not None or rule.needs_losses(0) or isinstance(scheduler, ReduceLROnPlateau)
    if acts:
        raise InvalidArgumentError(
            "drops of the learning rate and this coupling need each agent's validation "
            "loss; give data with a validation part, and measure agents on it."
        )
