"""The training loop: coupled agents, epoch by epoch, measured, interruptible, resumable."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

import torch
import xarray as xr
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from torch.utils.data import DataLoader

from nets.communication import Communication, Local
from nets.couplings import Coupling, coupled_step, positions, rates_of
from nets.data import AgentBatches, DataSet, LoaderBatches
from nets.data.data_set import PARTS
from nets.data.loaders import Source
from nets.data.tested import Tested
from nets.ensemble.attributes import Unkept
from nets.ensemble.computing import Computing
from nets.ensemble.ensemble import Ensemble
from nets.ensemble.passes import Criterion
from nets.identity import identity_of
from nets.optimizers.noisy_optimizer import NoisyOptimizer
from nets.training import consistency
from nets.training.callbacks import Callback
from nets.training.checkpoint import Checkpoint
from nets.training.history import History, Record
from nets.training.measurement import Measurement, Points
from nets.training.plan import identity
from nets.training.sources import tested_data, training_batches
from nets.training.stall_drops import StallDrops
from nets.trees import Split, Tree
from nets.weights import Weights, at_least_single
from sdeopt.arguments import finite_number, whole_number
from sdeopt.display import in_one_line, short_signature
from sdeopt.errors import DivergenceError
from sdeopt.simulation.progress import Reporter, polite_interrupts

Listener: TypeAlias = Callable[[int, Record], None]

PIECES = ("ensemble", "optimizer", "rule", "batches", "drops", "scheduler", "history")
"""What a checkpoint keeps of a trainer, beside its step."""


class TrainingDivergedError(DivergenceError):
    """The loss of an agent is no longer a finite number.

    Attributes
    ----------
    agent : int
        Its number among all agents of the run.
    step : int
        Completed steps.
    epoch : int
        The epoch it happened in, counted from 1.
    """

    def __init__(self, message: str, agent: int, step: int, epoch: int) -> None:
        super().__init__(message, agent, step)
        self.agent, self.epoch = agent, epoch

    def __reduce__(self) -> tuple[type["TrainingDivergedError"], tuple[str, int, int, int]]:  # type: ignore[override]
        # so that one raised in another process can be sent back whole
        return type(self), (str(self), self.agent, self.step, self.epoch)


class Trainer:
    """Trains the agents of an ensemble together.

    Parameters
    ----------
    ensemble : Ensemble
        The agents of this process.
    optimizer : torch.optim.Optimizer
        Over ``ensemble.groups()``: groups for each agent. With Nesterov momentum, positions are
        what is coupled and tested (`nets.couplings.positions`). The noise of a `nets.WeightNoise` is
        added before the passes that it is due for.
    rule : Coupling
        From `nets.couplings`.
    batches : AgentBatches or LoaderBatches or DataLoader, or list of DataLoader
        The batches of each agent. An ordinary loader of torch gives every agent its examples in an order
        of its own, by the seed of the ensemble; of a list, agent i has loader i. Batches may be tuples,
        of which the last entry is the targets and the others are arguments of the network, or
        dictionaries, of which the network receives the entries that its forward names.
    criterion : callable
        Of outputs and targets: the mean loss, such as ``torch.nn.functional.cross_entropy``. Where a
        batch is a dictionary, it sees the whole batch in the place of targets.
    data : DataSet or LoaderData or Dataset or DataLoader, or dict of them
        What is tested on; data sets and loaders of torch by ``"train"``, ``"validation"`` and
        ``"test"``, and one alone is the test part. Where the network keeps running statistics, those of
        the mean and the quorum variable are recomputed on its training part, see
        `nets.Ensemble.buffers_at`.
    split : callable, optional
        From a batch of a loader to what the network receives and what the criterion sees beside its
        outputs, where the rules above do not suit.
    communication : Communication, optional
        With the agents of other processes; by default there are none.
    drops : StallDrops, optional
        Lowers learning rates; by default they are held.
    scheduler : torch.optim.lr_scheduler.LRScheduler, optional
        Changes the learning rates of `optimizer`, in every process alike; a checkpoint keeps its state.
        As always with these, the velocities of momentum change with the rates, whereas `drops` keeps
        them. A ``ReduceLROnPlateau`` is given the agents' mean validation loss.
    schedule_every : {"epoch", "step"}
        When the scheduler makes its steps.
    measurement : Measurement, optional
        What is measured at the start and after each epoch.
    tested : callable, optional
        Returns what is tested of each agent, stacked: say, a quorum variable of its own. By default
        the positions.
    autocast : torch.dtype, optional
        ``torch.bfloat16`` for networks that are computed by ``torch.autocast``, in training and in
        tests, on a GPU or on a CPU that has instructions for it. Weights, gradients, momentum,
        coupling, losses and measurements stay in float32. By default all is in the type of the weights.
    channels_last : bool
        Whether images lie in memory pixel by pixel, which convolutions are often faster with; sums are
        then rounded in another order. Not for ``way="batched"``, which turns agents into channels.
    micro_batch : int, optional
        The most examples of one forward and backward pass, where a batch does not fit in memory: it is
        computed in parts, whose gradients are added up, and the step is that of the whole batch to
        rounding. Only what sees a batch as a whole differs: dropout draws for each part, batch
        normalization has the statistics of the part, which must therefore divide the batch, and a
        criterion that is no mean over examples, such as one with weights of classes or with
        ``ignore_index``, becomes the mean of those of the parts.
    clip : float, optional
        The longest gradient an agent may step along: a longer one, all parameters of the agent taken
        as one vector, is scaled to that norm, before an optimizer adds its noise.
    checkpoint : path, optional
        A folder that is written after each epoch and at Ctrl-C, and from which the same training
        goes on.
    listeners : sequence of callable
        Each is called with the number of the epoch and its record, in the main process.
    callbacks : sequence of Callback
        Called at the start, after each step and epoch, and at the end, see `nets.training.Callback`.
    title : str
        For the progress bar.
    progress : bool, optional
        Whether to show it; by default only on a terminal.

    Attributes
    ----------
    computing : Computing
        What `autocast`, `channels_last` and `micro_batch` ask for.
    step : int
        Completed steps.
    history : History
        What was measured so far.

    Examples
    --------
    >>> import torch
    >>> from nets import data, networks
    >>> from nets.couplings import EASGD
    >>> from nets.data import AgentBatches
    >>> from nets.ensemble.ensemble import Ensemble
    >>> from nets.training import Measurement, Trainer
    >>> digits = data.load("digits")
    >>> agents = Ensemble(networks.load("perceptron", digits, widths=(16,)), agents=2, seed=7)
    >>> trainer = Trainer(
    ...     agents, torch.optim.SGD(agents.groups(), lr=0.1), EASGD(coupling=1.0),
    ...     AgentBatches(digits, agents=2, batch=100, seed=7),
    ...     torch.nn.functional.cross_entropy, digits)
    >>> result = trainer.run(epochs=2)
    >>> bool(result.quorum_accuracy.sel(part="test")[-1] > 0.8)
    True

    The same in fewer bits, in parts of 50 examples, and with gradients no longer than 5:

    >>> agents = Ensemble(networks.load("perceptron", digits, widths=(16,)), agents=2, seed=7)
    >>> cheaper = Trainer(
    ...     agents, torch.optim.SGD(agents.groups(), lr=0.1), EASGD(coupling=1.0),
    ...     AgentBatches(digits, agents=2, batch=100, seed=7),
    ...     torch.nn.functional.cross_entropy, digits,
    ...     autocast=torch.bfloat16, micro_batch=50, clip=5.0).run(epochs=2)
    >>> bool(abs(cheaper.quorum_loss - result.quorum_loss).max() < 0.01)
    True

    Any network and an ordinary loader of torch:

    >>> from torch.utils.data import DataLoader, TensorDataset
    >>> train, test = (TensorDataset(*part) for part in (digits.train, digits.test))
    >>> make = lambda: torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(784, 10))
    >>> agents = Ensemble(make, agents=2, seed=7)
    >>> own = Trainer(
    ...     agents, torch.optim.SGD(agents.groups(), lr=0.05), EASGD(coupling=1.0),
    ...     DataLoader(train, batch_size=100, shuffle=True),
    ...     torch.nn.functional.cross_entropy, {"test": test}).run(epochs=1)
    >>> bool(own.quorum_accuracy.sel(part="test")[-1] > 0.6)
    True
    """

    @short_signature
    def __init__(
        self,
        ensemble: Ensemble,
        optimizer: torch.optim.Optimizer,
        rule: Coupling,
        batches: AgentBatches | LoaderBatches | DataLoader[Any] | Sequence[DataLoader[Any]],
        criterion: Criterion,
        data: Tested | Source | Mapping[str, Source],
        *,
        split: Split | None = None,
        communication: Communication | None = None,
        drops: StallDrops | None = None,
        scheduler: LRScheduler | None = None,
        schedule_every: consistency.Every = "epoch",
        measurement: Measurement | None = None,
        tested: Callable[[], Weights] | None = None,
        autocast: torch.dtype | None = None,
        channels_last: bool = False,
        micro_batch: int | None = None,
        clip: float | None = None,
        checkpoint: str | os.PathLike[str] | None = None,
        listeners: Sequence[Listener] = (),
        callbacks: Sequence[Callback] = (),
        title: str = "training",
        progress: bool | None = None,
    ) -> None:
        consistency.kinds(ensemble, rule, criterion)
        consistency.options(measurement, drops, scheduler, callbacks, listeners, progress)
        self.ensemble, self.optimizer, self.rule = ensemble, optimizer, rule
        self.batches = training_batches(batches, ensemble, split)
        self.data = tested_data(data, ensemble, split)
        self.criterion, self.drops = criterion, drops
        self.scheduler, self.schedule_every = scheduler, schedule_every
        self.communication = communication or Local(ensemble.agents)
        self.measurement = measurement or Measurement()
        self.computing = Computing(
            autocast=autocast, channels_last=channels_last, micro_batch=micro_batch
        )
        self.clip = None if clip is None else finite_number(clip, "clip", 0, open_end=True)
        if isinstance(self.data, DataSet):
            self.computing.refuse(ensemble.weights, ensemble.way, self.data.inputs)
        consistency.parts(ensemble, self.batches, micro_batch)
        consistency.same_agents(ensemble, self.batches, self.communication)
        consistency.epochs(rule, self.batches)
        consistency.owner(ensemble, optimizer)
        consistency.schedule(optimizer, drops, scheduler, schedule_every)
        consistency.losses_known(self.measurement, self.data, rule, drops, scheduler)
        self._tested, self._listeners, self._callbacks = tested, listeners, callbacks
        self._title, self._progress, self._stops, self.step = title, progress, False, 0
        self.history = History(self.communication.agents)
        # of each agent, summed over the batches of this epoch
        self._losses = torch.zeros(ensemble.agents, dtype=torch.float64, device=ensemble.device)
        self._checkpoint: Checkpoint | None = None
        alone = self.communication.local_agents == self.communication.agents
        if checkpoint is None and alone:
            return
        plan = identity(
            ensemble, optimizer, rule, self.batches, criterion, self.data, self.communication, drops,
            scheduler,
        )  # fmt: skip
        plan["schedule_every"] = schedule_every
        plan |= self.computing.configuration() | ({} if self.clip is None else {"clip": self.clip})
        # what is tested, and in which parts, decides when rates fall
        plan["chunk"] = self.measurement.chunk
        plan["tested"] = getattr(tested, "__qualname__", type(tested).__qualname__)
        # what a process measures and keeps must be the same too, or others would wait for it in vain
        kept = {"measurement": identity_of(self.measurement), "checkpoint": checkpoint is not None}
        self.communication.agree_on({**plan, **kept})
        if checkpoint is not None:
            self._checkpoint = Checkpoint(checkpoint, plan, self.communication)
            self._unkept = Unkept(ensemble.own_network, criterion)

    def __repr__(self) -> str:
        return in_one_line(self, "ensemble", "rule", "batches", "step")

    def run(self, epochs: int) -> xr.Dataset:
        """Train up to a number of epochs, from the checkpoint if there is one.

        Parameters
        ----------
        epochs : int
            Passes over the data, those before an interruption included.

        Returns
        -------
        xarray.Dataset
            See `nets.training.history.History.dataset`; the attributes ``seed`` and ``order_seed``
            are those of the points and of the orders.

        Raises
        ------
        TrainingDivergedError
            If the loss of an agent is not finite.
        CheckpointError
            If the checkpoint is unreadable or of another training.
        KeyboardInterrupt
            At Ctrl-C, after the checkpoint was written.
        """
        wanted = whole_number(epochs, "epochs")
        self.communication.agree("number of epochs", wanted)
        if self._checkpoint is not None:
            state = self._checkpoint.load()
            if state is not None:
                self._restore(state)
            self.communication.agree("step of the checkpoint", self.step)
        agents, length = self.communication.agents, len(self.batches)
        shown = self._progress if self.communication.is_main else False
        reporter = Reporter(
            self._title, wanted * length, agents, progress=shown, done=self.step * agents
        )
        self._stops = False
        for callback in self._callbacks:
            callback.on_start(self)
        with reporter, polite_interrupts() as interrupted:
            goes_on = not self._stopped() if len(self.history) else self._measure(wanted)
            while len(self.history) <= wanted and goes_on:
                for inputs, targets in self.batches:
                    self._one_step(inputs, targets)
                    reporter.advance(agents)
                    if interrupted.is_set() and self._checkpoint is not None:
                        self._save()
                    if interrupted.is_set():
                        raise KeyboardInterrupt(self._interruption())
                goes_on = self._measure(wanted)
                self._save()
        for callback in self._callbacks:
            callback.on_end(self)
        history = self.history.dataset()
        return history.assign_attrs(seed=self.ensemble.seed, order_seed=self.batches.seed)

    def stop(self) -> None:
        """End the training after this epoch, in all processes; called by a callback."""
        self._stops = True

    def _stopped(self) -> bool:
        if self.communication.local_agents == self.communication.agents:
            return self._stops
        flags = torch.full((self.ensemble.agents,), self._stops, dtype=torch.uint8)
        return bool(self.communication.gather(flags).any())

    def _one_step(self, inputs: Tree, targets: Tree) -> None:
        if self.rule.needs_losses(self.step):
            losses = self.history.last("agent_loss")[PARTS.index("validation")]
            self.rule.choose(torch.from_numpy(losses))
        if isinstance(self.optimizer, NoisyOptimizer):
            self.optimizer.inject()
        try:
            losses = self.ensemble.backward(
                self.criterion, inputs, targets, computing=self.computing
            )
        except DivergenceError as problem:
            agent = problem.replica - self.ensemble.first_agent
            rate = float(rates_of(self.optimizer, self.ensemble.agents)[agent])
            epoch = len(self.history)
            raise TrainingDivergedError(
                f"the loss of agent {problem.replica} left the finite numbers in epoch {epoch}, after "
                f"{self.step} steps; lower its learning rate, which is {rate:g}, or the coupling, or "
                "look for such values in its data.",
                problem.replica,
                self.step,
                epoch,
            ) from None
        self._losses += losses
        if self.clip is not None:
            self.ensemble.clip(self.clip)
        coupled_step(
            self.rule, self.communication, self.optimizer, self.ensemble.weights, self.step
        )
        self.step += 1
        if self.scheduler is not None and self.schedule_every == "step":
            self.scheduler.step()
        for callback in self._callbacks:
            callback.on_step(self, losses)

    def points(self) -> Points:
        """Return the agents, what is tested of them, their mean, and the quorum variable."""
        agents = positions(self.ensemble.weights, self.optimizer)
        mean = self.communication.mean(at_least_single(agents))
        tested = agents if self._tested is None else self._tested()
        return Points(agents, tested, mean, self.rule.quorum)

    def _measure(self, last: int) -> bool:
        """Add a record, and lower learning rates by it; return whether nothing stops the training."""
        epoch = len(self.history)
        take = partial(
            self.measurement.take, self.ensemble, self.communication, self.criterion, self.data,
            computing=self.computing,
        )  # fmt: skip
        full = epoch == last or epoch % self.measurement.every == 0
        record = take(self.points(), full=full)
        if self.step:
            mean_loss = self.communication.gather(self._losses / len(self.batches))
            record["batch_loss"] = mean_loss.cpu().numpy()
            self._losses.zero_()
            if self.drops is not None:
                losses = torch.from_numpy(record["agent_loss"][PARTS.index("validation")])
                own = losses[self.ensemble.first_agent :][: self.ensemble.agents]
                self.drops.step(losses if self.drops.shared else own)
            if self.scheduler is not None and self.schedule_every == "epoch":
                self._schedule(record)
        rates = rates_of(self.optimizer, self.ensemble.agents)
        record["learning_rate"] = self.communication.gather(rates).numpy()
        self.history.append(record)
        if self.communication.is_main:
            for listener in self._listeners:
                listener(epoch, record)
        for callback in self._callbacks:
            callback.on_epoch(self, epoch, record)
        stopped = self._stopped()
        if stopped and not full:
            # its end, which nobody foresaw
            self.history.complete(take(self.points(), full=True))
        return not stopped

    def _schedule(self, record: Record) -> None:
        assert self.scheduler is not None
        if isinstance(self.scheduler, ReduceLROnPlateau):
            losses = record["agent_loss"][PARTS.index("validation")]
            self.scheduler.step(float(losses.mean()))
        else:
            self.scheduler.step()

    def _save(self) -> None:
        if self._checkpoint is not None:
            self._unkept.compare()
            self._checkpoint.save(self.step, self._state())

    def _state(self) -> dict[str, Any]:
        """Return the state between two steps."""
        state: dict[str, Any] = {"step": self.step, "losses": self._losses.clone()}
        for name in PIECES:
            piece = getattr(self, name)
            state[name] = None if piece is None else piece.state_dict()
        return state

    def _restore(self, state: dict[str, Any]) -> None:
        self.step = int(state["step"])
        self._losses.copy_(state["losses"])
        for name in PIECES:
            piece = getattr(self, name)
            if piece is not None:
                piece.load_state_dict(state[name])

    def _interruption(self) -> str:
        where = f"interrupted in epoch {len(self.history)}, after {self.step} steps; "
        if self._checkpoint is None:
            return where + "nothing was kept, because no checkpoint was given."
        return where + f"run it again to continue from {self._checkpoint.folder}."
