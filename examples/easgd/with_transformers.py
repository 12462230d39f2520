"""`nets.EASGD` in Hugging Face's Trainer: ``pip install '.[examples]'``, then run this file.

The optimizer is handed over in ``optimizers=``, and ``evaluate`` shows the quorum variable in the
network's parameters. The network is a small BERT with random weights on made-up sentences, so that
nothing is downloaded: which of two words comes more often?
"""

import tempfile

import torch
from torch.utils.data import Dataset
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

import nets

WORDS, LENGTH = 20, 15


class Sentences(Dataset):
    """Sentences of random words; the label says whether word 3 comes more often than word 4."""

    def __init__(self, count, seed):
        generator = torch.Generator().manual_seed(seed)
        sentences = torch.randint(5, WORDS, (4 * count, LENGTH), generator=generator)
        chosen = torch.rand(4 * count, LENGTH, generator=generator) < 0.4
        coins = torch.randint(3, 5, (4 * count, LENGTH), generator=generator)
        sentences = torch.where(chosen, coins, sentences)
        surplus = (sentences == 3).sum(1) - (sentences == 4).sum(1)
        kept = surplus.abs() > 1
        self.sentences = sentences[kept][:count]
        self.labels = (surplus[kept][:count] > 0).long()

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, number):
        return {"input_ids": self.sentences[number], "labels": self.labels[number]}


class QuorumTrainer(Trainer):
    """A Trainer that evaluates the quorum variable."""

    def evaluate(self, *arguments, **options):
        wrapped = self.optimizer
        easgd = getattr(wrapped, "optimizer", wrapped)  # accelerate wraps it during training
        with easgd.at_quorum():
            return super().evaluate(*arguments, **options)


def accuracy(prediction):
    return {"accuracy": float((prediction.predictions.argmax(-1) == prediction.label_ids).mean())}


torch.manual_seed(1)
network = BertForSequenceClassification(
    BertConfig(
        vocab_size=WORDS, hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=64, max_position_embeddings=LENGTH, num_labels=2,
    )
)  # fmt: skip
optimizer = nets.EASGD(network.parameters(), lr=0.03, coupling=1.0, momentum=0.9)
schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0)
with tempfile.TemporaryDirectory() as folder:
    trainer = QuorumTrainer(
        network,
        TrainingArguments(
            folder, num_train_epochs=6, per_device_train_batch_size=32, seed=1, use_cpu=True,
            report_to="none", save_strategy="no", eval_strategy="epoch", disable_tqdm=True,
            # EASGD sees the gradient as it is: Trainer would shorten it to norm 1
            max_grad_norm=0.0,
        ),
        train_dataset=Sentences(2000, 1),
        eval_dataset=Sentences(500, 2),
        compute_metrics=accuracy,
        optimizers=(optimizer, schedule),
    )  # fmt: skip
    trainer.train()
    found = trainer.evaluate()
print(f"test accuracy at the quorum variable: {100 * found['eval_accuracy']:.1f}%")
