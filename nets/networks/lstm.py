"""A language model: word vectors, long short-term memory, and a guess at each next word."""

import math
from functools import partial

import torch
from torch import nn

from nets.data.data_set import DataSet
from nets.networks.parts import vocabulary_size

__all__ = ["LanguageModel", "LongShortTermMemory", "suited_to"]

WIDTH, LAYERS, DROPOUT = 200, 2, 0.2
"""As in PyTorch's example of a word language model; the study only announces its own."""


class LanguageModel(nn.Module):
    """Word vectors, layers of long short-term memory, and a dense layer over the vocabulary.

    Parameters
    ----------
    words : int
        Size of the vocabulary.
    width : int
        Of the word vectors and of each layer's memory.
    layers : int
        How many layers.
    dropout : float
        The probability with which a number is dropped before each layer and before the outputs.

    Notes
    -----
    The memory begins empty with each piece of text. Outputs have the shape (batch, words, length)
    that the cross-entropy takes with targets of shape (batch, length).

    Examples
    --------
    >>> import torch
    >>> from nets.networks.lstm import LanguageModel
    >>> LanguageModel(words=50, width=8)(torch.zeros(3, 12, dtype=torch.int64)).shape
    torch.Size([3, 50, 12])
    """

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
    """One layer of long short-term memory (Hochreiter & Schmidhuber 1997, with forget gate).

    Parameters
    ----------
    inputs : int
        Numbers at each time.
    width : int
        Of the memory.

    Notes
    -----
    It computes what ``torch.nn.LSTM`` does, which cannot be evaluated for many copies in one pass:
    `torch.vmap` has no rule for it.

    Examples
    --------
    >>> import torch
    >>> from nets.networks.lstm import LongShortTermMemory
    >>> LongShortTermMemory(4, 6)(torch.zeros(3, 12, 4)).shape
    torch.Size([3, 12, 6])
    """

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
    """Return how to make a network for a data set of text.

    Parameters
    ----------
    data : DataSet
        Whose vocabulary it is for.
    width, layers, dropout
        As for `LanguageModel`.

    Returns
    -------
    callable
        Makes a network with new random weights at each call.
    """
    words = vocabulary_size(data, "lstm")
    return partial(LanguageModel, words, width, layers, dropout=dropout)
