"""What the processes of the tests do; torchrun starts this file. See test_two_processes.py."""

import argparse
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from nets.communication import Communication, ProcessGroup, connect
from nets.couplings import EASGD, QSGD
from nets.data import AgentBatches
from nets.ensemble.ensemble import Ensemble
from nets.training import Measurement, StallDrops, Trainer
from nets.training.checkpoint import Checkpoint
from sdeopt.errors import InvalidArgumentError
from tests.nets.couplings.agents import Training
from tests.nets.couplings.test_contract import RULES, gradient, losses, unlike
from tests.nets.training.training_runs import made_up_data

AGENTS, DIM, STEPS, SAVED_EVERY = 6, 7, 20, 5
RATES = np.array([0.1, 0.05, 0.1, 0.2, 0.15, 0.1])
EVERY = RULES | unlike(AGENTS)


def say(message: object) -> None:
    """Print a line in one piece, as print does not where standard output has no buffer."""
    sys.stdout.write(f"{message}\n")
    sys.stdout.flush()


def begin(name: str, communication: Communication) -> Training:
    first, count = communication.first_agent, communication.local_agents
    own = slice(first, first + count)
    start = np.random.default_rng(1).normal(size=(AGENTS, DIM))
    return Training(
        EVERY[name](), start[own], RATES[own], gradient, losses=losses,
        communication=communication, momentum=0.9, nesterov=True,
    )  # fmt: skip


def take(training: Training) -> None:
    first = training.communication.first_agent
    count = training.communication.local_agents
    noise = np.random.default_rng([2, training.step]).normal(size=(AGENTS, DIM))
    training.take(noise[first : first + count])


def end(training: Training) -> dict[str, torch.Tensor]:
    """Return the weights of all agents and the quorum variable."""
    communication = training.communication
    agents = {name: communication.gather(w) for name, w in training.weights.items()}
    quorum = training.rule.quorum or {}
    return agents | {f"quorum.{name}": value for name, value in quorum.items()}


def every_rule(communication: Communication) -> dict[str, dict[str, torch.Tensor]]:
    """Train by every rule in turn."""
    ends = {}
    for name in EVERY:
        training = begin(name, communication)
        for _ in range(STEPS):
            take(training)
        ends[name] = end(training)
    return ends


def resumed(
    name: str, communication: Communication, folder: Path, killed_at: int | None = None
) -> dict[str, torch.Tensor]:
    """Train by one rule with a checkpoint; the last process kills itself at a step."""
    processes = AGENTS // communication.local_agents
    process = communication.first_agent // communication.local_agents
    checkpoint = Checkpoint(folder, {"rule": name}, communication)
    training = begin(name, communication)
    saved = checkpoint.load()
    if saved is not None:
        training.step = saved["step"]
        for label, weight in training.weights.items():
            weight.copy_(saved["weights"][label])
        training.rule.load_state_dict(saved["rule"])
        training.optimizer.load_state_dict(saved["optimizer"])
        say(f"continued at step {training.step}")
    communication.agree("step of the checkpoint", training.step)
    while training.step < STEPS:
        if training.step == killed_at and process == processes - 1:
            os.kill(os.getpid(), signal.SIGKILL)
        take(training)
        if training.step % SAVED_EVERY == 0:
            state = {"step": training.step, "weights": training.weights}
            state["rule"] = training.rule.state_dict()
            state["optimizer"] = training.optimizer.state_dict()
            checkpoint.save(training.step, state)
    return end(training)


def disagree(communication: Communication) -> None:
    """Have every kind of value carried, and a difference noticed."""
    rank = communication.first_agent // communication.local_agents
    mine = torch.arange(communication.local_agents) + communication.first_agent
    for kind in (torch.int64, torch.float32, torch.bfloat16, torch.uint8):
        assert communication.gather(mine.to(kind)).tolist() == list(range(AGENTS))
    flags = communication.gather(mine > 3)
    assert flags.tolist() == [agent > 3 for agent in range(AGENTS)]
    communication.agree("seed", 7)
    try:
        communication.agree("seed", rank)
    except InvalidArgumentError as problem:
        say(problem)


def plans(communication: Communication) -> dict[str, torch.Tensor]:
    """Make trainings that differ between the processes, and print how each is refused."""
    rank = communication.first_agent // communication.local_agents
    for name in DIFFERENT:
        alike = {"draws": lambda: EASGD(1.0, participation=0.5)} if name == "draws" else {}
        try:
            small_training(communication, **({name: DIFFERENT[name]} if rank else alike))
        except InvalidArgumentError as problem:
            say(f"{name}: {problem}")
    # rates of the agents' own are no disagreement
    small_training(communication, own_rates=True).run(1)
    try:
        small_training(communication).run(1 + rank)
    except InvalidArgumentError as problem:
        say(f"epochs: {problem}")
    return scheduled(communication)


def scheduled(communication: Communication) -> dict[str, torch.Tensor]:
    """Train with a scheduler, and measure a mean whose running statistics no process has.

    Then with a rate of all agents, which falls by the losses of both processes.
    """
    found = {}
    reduced = {"autocast": torch.bfloat16, "micro_batch": 4, "clip": 0.2}
    one_rate = {"shared": True, "gamma": 1.0, "patience": 1, "threshold": 0.02}
    for label, options in (("", {}), (" in fewer bits", reduced), (" at one rate", one_rate)):
        given = {"gamma": 0.5, "normalized": True} | options
        history = small_training(communication, **given).run(8 if "shared" in options else 3)
        found |= {name + label: torch.from_numpy(each.values) for name, each in history.items()}
    return found


DIFFERENT: dict[str, Any] = {
    "rule": lambda: QSGD(2.0),
    "gain": lambda: QSGD(lambda step: 1.0),
    "draws": lambda: EASGD(1.0, participation=0.5, seed=2),
    "seed": 2,
    "order": 2,
    "rate": 0.2,
    "momentum": 0.5,
    "batch": 4,
    "data": 1e-3,
    "network": torch.nn.Tanh,
    "criterion": torch.nn.functional.multi_margin_loss,
    "patience": 9,
    "every": 2,
    "checkpoint": "never made",
    "autocast": torch.bfloat16,
    "micro_batch": 4,
    "clip": 1.0,
}


def small_training(communication: Communication, **changed: Any) -> Trainer:
    given = {
        "rule": lambda: QSGD(1.0), "seed": 1, "order": 1, "rate": 0.1, "momentum": 0.0, "batch": 8,
        "data": 0.0, "network": torch.nn.ReLU, "criterion": torch.nn.functional.cross_entropy,
        "patience": 5, "every": 1, "checkpoint": None, "own_rates": False,
        "gamma": 1.0, "normalized": False, "autocast": None, "micro_batch": None,
        "clip": None, "shared": False, "threshold": 0.01,
    } | changed  # fmt: skip
    for name in ("gain", "draws"):
        given["rule"] = given.pop(name, given["rule"])
    data = made_up_data()
    data = replace(data, inputs=data.inputs + given["data"])
    here = communication.local_agents, communication.first_agent

    def network() -> torch.nn.Module:
        norm = torch.nn.BatchNorm1d(5) if given["normalized"] else torch.nn.Identity()
        dense = torch.nn.Linear(4, 5), torch.nn.Linear(5, 3)
        return torch.nn.Sequential(dense[0], norm, given["network"](), dense[1])

    ensemble = Ensemble(
        network,
        here[0],
        seed=given["seed"],
        first_agent=here[1],
        running_statistics="keep",
        way="loop",
    )
    groups = ensemble.groups()
    if given["own_rates"]:
        for group in groups:
            group["lr"] = 0.01 * (1 + group["agent"])
    optimizer = torch.optim.SGD(groups, lr=given["rate"], momentum=given["momentum"])
    return Trainer(
        ensemble, optimizer, given["rule"](),
        AgentBatches(data, here[0], given["batch"], given["order"], here[1]), given["criterion"], data,
        communication=communication,
        drops=StallDrops(
            optimizer, threshold=given["threshold"], patience=given["patience"],
            shared=given["shared"],
        ),
        scheduler=torch.optim.lr_scheduler.ExponentialLR(optimizer, given["gamma"]),
        measurement=Measurement(every=given["every"]), checkpoint=given["checkpoint"],
        autocast=given["autocast"], micro_batch=given["micro_batch"], clip=given["clip"],
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=["agreeing", "resumed", "mixed", "hang"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--killed-at", type=int)
    given = parser.parse_args()
    torch.set_num_threads(1)
    rank = int(os.environ["RANK"])
    if given.task == "mixed":
        ProcessGroup(AGENTS, device="meta" if rank else "cpu")
    with connect(AGENTS, timeout_seconds=3 if given.task == "hang" else 60) as communication:
        if given.task == "hang":
            time.sleep(30 * rank)
            communication.barrier()
        elif given.task == "agreeing":
            disagree(communication)
            result: object = {
                "rules": every_rule(communication),
                "scheduled": plans(communication),
            }
        else:
            first_try = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0") == "0"
            killed_at = given.killed_at if first_try else None
            result = resumed("EASGD", communication, given.folder / "checkpoint", killed_at)
        torch.save(result, given.folder / f"result-{rank}.pt")
    threads = Path("/proc/self/task").glob("*/comm")
    if not any("gloo" in thread.read_text() for thread in threads):
        say("connections closed")


if __name__ == "__main__":
    sys.exit(main())
