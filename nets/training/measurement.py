"""What is measured of the agents, their mean and their quorum variable at the end of an epoch."""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from nets.communication import Communication
from nets.data.data_set import PARTS, Part
from nets.data.tested import LoaderPart, Tested
from nets.ensemble.computing import PLAIN, Computing
from nets.ensemble.data_refusals import unchanged
from nets.ensemble.ensemble import Ensemble
from nets.ensemble.evaluation import Measure, accuracy
from nets.ensemble.passes import Criterion
from nets.ensemble.refusals import dense
from nets.ensemble.statistics import keeping_statistics
from nets.training.history import Record
from nets.trees import called, examples_of
from nets.weights import Weights, as_rows
from sdeopt.arguments import flag, whole_number
from sdeopt.errors import unknown_name


def gradient(
    module: nn.Module,
    criterion: Criterion,
    part: Part | LoaderPart,
    chunk: int,
    computing: Computing,
) -> Weights:
    """Return the gradient of the loss over a whole part, without dropout."""
    module.eval().zero_grad()
    device = next(module.parameters()).device
    for inputs, targets in part.chunks(chunk):
        share = examples_of(inputs) / len(part)
        with computing.passes(device), unchanged(inputs, targets):
            with computing.types(device):
                outputs = called(module, computing.ordered(inputs))
            torch.autograd.backward(share * criterion(computing.single(outputs), targets))
    named = module.named_parameters()
    found = {name: weight.grad for name, weight in named if weight.grad is not None}
    for name, slope in found.items():
        dense(name, slope)
    return found


def distortion(
    ensemble: Ensemble,
    communication: Communication,
    criterion: Criterion,
    part: Part | LoaderPart,
    points: Weights,
    mean: Weights,
    chunk: int,
    computing: Computing,
) -> float:
    """Return ‖ε‖ = ‖∇f(x•) − (1/p) Σ ∇f(x^i)‖ for the loss f over a whole part."""
    at_mean = gradient(ensemble.module_of(mean), criterion, part, chunk, computing)
    own = []
    for agent in range(ensemble.agents):
        point = {name: stack[agent] for name, stack in {**points, **ensemble.buffers}.items()}
        own.append(gradient(ensemble.module_of(point), criterion, part, chunk, computing))
    stacked = {name: torch.stack([each[name] for each in own]) for name in at_mean}
    mean_gradient = communication.mean(stacked)
    squares = [
        _real(at_mean[name] - mean_gradient[name]).double().square().sum() for name in at_mean
    ]
    return float(torch.stack(squares).sum().sqrt())


class Points(NamedTuple):
    """What is measured at the end of an epoch."""

    agents: Weights
    tested: Weights
    mean: Weights
    quorum: Weights | None


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What is measured, and how.

    Parameters
    ----------
    agent_parts : tuple of str
        Parts of the data on which every agent is tested; drops of the learning rate need
        ``"validation"``.
    centre_parts : tuple of str
        Parts on which the mean and the quorum variable are tested.
    every : int
        Epochs between two full measurements, beside that at the end; in between agents are tested
        on the validation part alone, and distances are taken.
    distortion : bool
        Whether to measure ‖ε‖ on the training part, which costs p + 1 gradients over it.
    chunk : int
        The most examples in one pass. Batch normalization by batch statistics depends on it, and so does
        a criterion that is no mean over examples, such as one with weights of classes.
    score : callable
        Of outputs and targets: the share that is right. Where batches are dictionaries, the targets are
        the whole batch, as for the criterion.

    Examples
    --------
    >>> from nets.training import Measurement
    >>> Measurement(agent_parts=("validation",)).centre_parts
    ('train', 'validation', 'test')
    """

    agent_parts: tuple[str, ...] = PARTS
    centre_parts: tuple[str, ...] = PARTS
    every: int = 1
    distortion: bool = False
    chunk: int = 500
    score: Measure = accuracy

    def __post_init__(self) -> None:
        whole_number(self.chunk, "chunk", minimum=1)
        whole_number(self.every, "every", minimum=1)
        flag(self.distortion, "distortion")
        for part in (*self.agent_parts, *self.centre_parts):
            if part not in PARTS:
                raise unknown_name("part of a data set called", part, PARTS)

    def take(
        self,
        ensemble: Ensemble,
        communication: Communication,
        criterion: Criterion,
        data: Tested,
        points: Points,
        full: bool = True,
        computing: Computing = PLAIN,
    ) -> Record:
        """Measure.

        Parameters
        ----------
        ensemble : Ensemble
            The network.
        communication : Communication
            With the agents of other processes.
        criterion : callable
            The mean loss of some examples.
        data : DataSet or LoaderData
            With its three parts.
        points : Points
            What is measured.
        full : bool
            Whether all is measured, or what is measured after every epoch.
        computing : Computing
            How networks are computed.

        Returns
        -------
        dict
            A record for `nets.training.history.History`.
        """
        parts = [part for part in self.agent_parts if full or part == "validation"]
        moving = has_statistics(ensemble, communication)
        buffers: Weights | None = None

        def buffers_at(places: Weights) -> Weights:
            return ensemble.buffers_from(places, data.train.chunks(self.chunk), computing=computing)

        tested = partial(self._tested, ensemble, criterion, data, computing)
        if moving and points.tested is points.agents:
            buffers = ensemble.buffers
        elif moving:
            buffers = buffers_at(points.tested)
        own = tested(parts, points=points.tested, buffers=buffers)
        every = communication.gather(own).cpu().numpy()
        record = {
            "agent_loss": every[..., 0].T,
            "agent_accuracy": every[..., 1].T,
            "synchronization": np.array(_squares(communication, points.agents, points.mean)),
        }
        record["quorum_distance"] = record["synchronization"]
        if points.quorum is not None:
            squares = _squares(communication, points.agents, points.quorum)
            record["quorum_distance"] = np.array(squares)
        if not full:
            return record
        centres = [each for each in (points.mean, points.quorum) if each is not None]
        stacked = {name: torch.stack([each[name] for each in centres]) for name in points.mean}
        parts, buffers = [*self.centre_parts], None
        if moving and (parts or self.distortion):
            buffers = buffers_at(stacked)
        found = tested(parts, points=stacked, buffers=buffers).cpu().numpy()
        for place, point in ((0, "mean"), (-1, "quorum")):
            record[f"{point}_loss"], record[f"{point}_accuracy"] = found[place].T
        if self.distortion:
            mean = points.mean | {name: stack[0] for name, stack in (buffers or {}).items()}
            norm = distortion(
                ensemble,
                communication,
                criterion,
                data.train,
                points.agents,
                mean,
                self.chunk,
                computing,
            )
            record["distortion"] = np.array(norm)
        return record

    def _tested(
        self,
        ensemble: Ensemble,
        criterion: Criterion,
        data: Tested,
        computing: Computing,
        parts: list[str],
        points: Weights,
        buffers: Weights | None,
    ) -> torch.Tensor:
        """Return losses and scores (points, parts, 2); NaN on other parts."""
        count = len(next(iter(points.values())))
        found = torch.full((count, len(PARTS), 2), torch.nan, dtype=torch.float64)
        for place, name in enumerate(PARTS):
            part = getattr(data, name)
            if name in parts and len(part):
                pair = ensemble.evaluate_on(
                    criterion,
                    part.chunks(self.chunk),
                    points,
                    buffers=buffers,
                    measure=self.score,
                    computing=computing,
                )
                found[:, place] = torch.stack([each.double().cpu() for each in pair], dim=1)
        return found


def has_statistics(ensemble: Ensemble, communication: Communication) -> bool:
    """Return whether buffers belong to certain weights, in any process."""
    own = ensemble.unfrozen_buffers
    if not own or keeping_statistics(ensemble.own_network):
        return bool(own)
    flat = [as_rows(_real(stack)).double() for stack in own.values()]
    sums = torch.stack([torch.stack([each.sum(1), each.square().sum(1)]) for each in flat], -1)
    every = communication.gather(sums.movedim(1, 0).contiguous())
    return not torch.equal(every, every[:1].expand_as(every))


def _squares(communication: Communication, agents: Weights, centre: Weights) -> float:
    """Return Σ_i ‖x^i − c‖², of the mean as c how little the agents are synchronized."""
    squares = [
        as_rows(_real(point - centre[name]).double().square()).sum(1)
        for name, point in agents.items()
    ]
    every = communication.gather(torch.stack(squares).sum(0)).tolist()
    # one after the other: the same bits for every way to share agents among processes
    return float(sum(every))


def _real(values: torch.Tensor) -> torch.Tensor:
    """Return complex numbers as pairs of real ones, which have the same squares in sum."""
    return torch.view_as_real(values) if values.is_complex() else values
