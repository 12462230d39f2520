"""What a user prints says in one line what it is: no tensors, no addresses in memory."""

import torch
from torch.utils.data import DataLoader, TensorDataset

import nets
import theory


def test_what_a_training_is_made_of_is_one_line_each():
    data = TensorDataset(torch.zeros(8, 2), torch.zeros(8, dtype=torch.int64))
    agents = nets.Ensemble(lambda: torch.nn.Linear(2, 3), agents=2, seed=1)
    trainer = nets.Trainer(
        agents, torch.optim.SGD(agents.groups(), lr=0.1), nets.couplings.QSGD(coupling=1.0),
        DataLoader(data, batch_size=4, shuffle=True), torch.nn.functional.cross_entropy, data,
    )  # fmt: skip
    assert repr(agents) == "Ensemble(agents=2, seed=1, way='loop')"
    assert repr(trainer.batches) == "LoaderBatches(agents=2, batch=4, seed=1, batches=2)"
    trainer.run(epochs=2)
    assert repr(trainer).startswith(
        "Trainer(ensemble=Ensemble(agents=2, seed=1, way='loop'), rule=QSGD("
    )
    assert repr(trainer).endswith(
        "batches=LoaderBatches(agents=2, batch=4, seed=1, batches=2), step=4)"
    )
    assert "\n" not in repr(trainer)


def test_a_data_set_and_its_batches_are_one_line_each():
    data = nets.data.DataSet("line", torch.zeros(10, 1), torch.zeros(10), (6, 2, 2), 1, "made up")
    assert repr(data) == "DataSet(name='line', classes=1, train=6, validation=2, test=2)"
    assert repr(nets.data.AgentBatches(data, 3, 2, seed=5)) == (
        "AgentBatches(agents=3, batch=2, seed=5, batches=3)"
    )


def test_a_theorem_is_its_number_and_subject():
    shown = repr(theory.load("theorem_5_1"))
    assert shown == "Theorem 5.1, eq. (47): distance of QSGD from the minimizer (theorem_5_1)"
