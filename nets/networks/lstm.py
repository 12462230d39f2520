"""A language model: word vectors, long short-term memory, and a prediction of each next word."""

import math
from functools import partial

import torch
from torch import nn

from nets.data.data_set import DataSet
from nets.networks.parts import vocabulary_size

WIDTH, LAYERS, DROPOUT = 200, 2, 0.2
"""As in PyTorch's example of a word language model; the study does not give its own."""


class LanguageModel(nn.Module):
    """Word vectors, layers of long short-term memory, and a dense layer over the vocabulary."""

    def __init__(
        self, words: int, width: int = WIDTH, layers: int = LAYERS, *, dropout: float = DROPOUT
    ) -> None:
        super().__init__()
        self.vectors = nn.Embedding(words, width)
        self.memories = nn.ModuleList(LongShortTermMemory(width, width) for _ in range(layers))
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(width, words)
        for table in (self.vectors.weight, self.dense.weight):
            nn.init.uniform_(table, -0.1, 0.1)
        nn.init.zeros_(self.dense.bias)

    def forward(self, words: torch.Tensor) -> torch.Tensor:
        """Return the logits of each next word, of shape (batch, words, length)."""
        features = self.dropout(self.vectors(words))
        for memory in self.memories:
            features = self.dropout(memory(features))
        outputs: torch.Tensor = self.dense(features)
        return outputs.transpose(1, 2)


class LongShortTermMemory(nn.Module):
    """One layer of long short-term memory (Hochreiter & Schmidhuber 1997, with forget gate)."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.from_inputs = nn.Linear(inputs, 4 * width)
        self.from_memory = nn.Linear(width, 4 * width, bias=False)
        bound = 1 / math.sqrt(width)
        for weights in self.parameters():
            nn.init.uniform_(weights, -bound, bound)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return the output at each time, of shape (batch, length, width)."""
        driven = self.from_inputs(inputs)
        output = cell = inputs.new_zeros(len(inputs), self.from_memory.in_features)
        outputs = []
        for drive in driven.unbind(1):
            gates = drive + self.from_memory(output)
            keep_new, keep_old, candidate, show = gates.chunk(4, -1)
            old = torch.sigmoid(keep_old) * cell
            cell = old + torch.sigmoid(keep_new) * torch.tanh(candidate)
            output = torch.sigmoid(show) * torch.tanh(cell)
            outputs.append(output)
        return torch.stack(outputs, 1)


def suited_to(
    data: DataSet, *, width: int = WIDTH, layers: int = LAYERS, dropout: float = DROPOUT
) -> "partial[LanguageModel]":
    """Return how to make a network for a data set of text."""
    words = vocabulary_size(data, "lstm")
    return partial(LanguageModel, words, width, layers, dropout=dropout)
