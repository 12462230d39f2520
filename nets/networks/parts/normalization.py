"""Batch normalization that many copies of a network can do in one pass."""

from torch import nn

__all__ = ["batch_statistics"]


def batch_statistics(channels: int) -> nn.BatchNorm2d:
    """Return batch normalization by the batch's own statistics, in training and evaluation.

    Parameters
    ----------
    channels : int
        Of the images.

    Returns
    -------
    torch.nn.BatchNorm2d
        Without running statistics: there is no buffer to average, and nothing that changes in
        place when many copies of a network are evaluated in one pass.

    Examples
    --------
    >>> from nets.networks.parts.normalization import batch_statistics
    >>> list(batch_statistics(4).buffers())
    []
    """
    return nn.BatchNorm2d(channels, track_running_stats=False)
