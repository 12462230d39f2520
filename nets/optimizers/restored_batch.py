"""The gradient noise that gives a large batch the noise of a small one."""

import math

from sdeopt.arguments import finite_number, whole_number
from sdeopt.errors import InvalidArgumentError
from sdeopt.noise import Gaussian

__all__ = ["restored_batch"]


def restored_batch(
    noise_trace: float, dimension: int, batch_size: int, wanted_batch_size: int
) -> Gaussian:
    """Return the law that restores the noise of a smaller batch, in trace.

    Parameters
    ----------
    noise_trace : float
        tr Σ, of the covariance of a one-example gradient.
    dimension : int
        n, the number of weights.
    batch_size : int
        b, the batch that is used; drawn with replacement or small beside the data.
    wanted_batch_size : int
        b₀ <= b, whose noise is wanted.

    Returns
    -------
    Gaussian
        For `GradientNoise`: α² = (tr Σ / n)(1/b₀ − 1/b). Equal in every direction, so exact beyond the
        trace only where Σ is.

    Notes
    -----
    The theory's ``large_batch_restored_noise`` proves it and gives the number.

    Examples
    --------
    >>> from nets.optimizers import restored_batch
    >>> round(restored_batch(50.0, 100, 1000, wanted_batch_size=100).standard_deviation, 4)
    0.0671
    """
    import theory

    trace = finite_number(noise_trace, "noise_trace", 0)
    n = whole_number(dimension, "dimension", 1)
    batch = whole_number(batch_size, "batch_size", 1)
    wanted = whole_number(wanted_batch_size, "wanted_batch_size", 1)
    if wanted > batch:
        raise InvalidArgumentError(
            f"wanted_batch_size is {wanted}, but noise can only be added; it must be at most "
            f"batch_size, {batch}."
        )
    variance = theory.load("large_batch_restored_noise").bound(
        noise_trace=trace, dimension=n, batch_size=batch, wanted_batch_size=wanted
    )
    return Gaussian(math.sqrt(variance.item()))
