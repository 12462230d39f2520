"""`nets.EASGD` in Lightning: ``pip install '.[examples]'``, ``python examples/easgd/with_lightning.py``.

``configure_optimizers`` returns it, and the hooks around validation and test show the quorum variable in
the network's parameters.
"""

from contextlib import ExitStack

import lightning
import torch
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset

import nets


class Digits(lightning.LightningModule):
    """A perceptron that EASGD trains, tested at the quorum variable."""

    def __init__(self) -> None:
        super().__init__()
        self.network = torch.nn.Sequential(
            torch.nn.Flatten(), torch.nn.Linear(784, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10)
        )
        self.shown = ExitStack()

    def configure_optimizers(self):
        optimizer = nets.EASGD(self.parameters(), lr=0.02, coupling=0.5, momentum=0.9)
        return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)]

    def training_step(self, batch, number):
        inputs, targets = batch
        return cross_entropy(self.network(inputs), targets)

    def validation_step(self, batch, number):
        inputs, targets = batch
        right = (self.network(inputs).argmax(1) == targets).double().mean()
        self.log("accuracy", right, prog_bar=True)

    def on_validation_start(self):
        # Lightning wraps the optimizer, and steps the one inside of the wrapper
        optimizer = self.optimizers(use_pl_optimizer=False)
        self.shown.enter_context(optimizer.at_quorum())

    def on_validation_end(self):
        self.shown.close()


digits = nets.data.load("digits")
lightning.seed_everything(1)
train = DataLoader(TensorDataset(*digits.train), batch_size=32, shuffle=True)
test = DataLoader(TensorDataset(*digits.test), batch_size=500)
trainer = lightning.Trainer(
    max_epochs=3, accelerator="cpu", logger=False, enable_checkpointing=False,
    num_sanity_val_steps=0, enable_progress_bar=False, enable_model_summary=False,
)  # fmt: skip
trainer.fit(Digits(), train, test)
print(f"test accuracy at the quorum variable: {100 * trainer.callback_metrics['accuracy']:.1f}%")
