"""What losses on the user's data share: a mean over examples, of which minibatches can be drawn."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sdeopt.arguments import Array, finite_array, finite_number, matrix, vector
from sdeopt.errors import InvalidArgumentError
from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.intrinsics import fma
from sdeopt.kernels.products import add_product
from sdeopt.kernels.vectors import NARROW, load, splat, store
from sdeopt.losses.loss import Loss

Function = Callable[[Any, Any, Any], None]
PerExample = Callable[[Any, Any], Any]

TOGETHER = 64
"""Examples whose predictions are computed before their gradients are added."""


@compiled
def regularize(x: Any, regularization: Any, out: Any) -> None:
    """Write the gradient μ x of the regularizer."""
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[d, lane] = regularization * x[d, lane]


@compiled
def predict(row: Any, x: Any, out: Any) -> None:
    """Write the prediction of one example for every lane."""
    out[:] = 0.0
    for d in range(x.shape[0]):
        for lane in range(x.shape[1]):
            out[lane] = fma(row[d], x[d, lane], out[lane])


def value_of(example_loss: PerExample) -> Function:
    """Return the block function of the mean of ``example_loss(prediction, target)``."""

    @compiled
    def value(x: Any, parameters: Any, out: Any) -> None:
        features, targets, regularization = parameters[0], parameters[1], parameters[2][0]
        prediction = np.empty(x.shape[1])
        share = 1.0 / features.shape[0]
        out[:] = 0.0
        for i in range(features.shape[0]):
            predict(features[i], x, prediction)
            for lane in range(x.shape[1]):
                out[lane] += example_loss(prediction[lane], targets[i])
        for lane in range(x.shape[1]):
            out[lane] *= share
        for d in range(x.shape[0]):
            for lane in range(x.shape[1]):
                out[lane] += 0.5 * regularization * x[d, lane] * x[d, lane]

    return value


def gradient_of(example_slope: PerExample) -> Function:
    """Return the block function of the gradient of the mean, from ∂ loss/∂ prediction."""

    @compiled
    def gradient(x: Any, parameters: Any, out: Any) -> None:
        features, targets = parameters[0], parameters[1]
        slopes = np.empty((TOGETHER, x.shape[1]))
        share = 1.0 / features.shape[0]
        regularize(x, parameters[2][0], out)
        for first in range(0, features.shape[0], TOGETHER):
            rows = features[first : first + TOGETHER]
            some = slopes[: rows.shape[0]]
            some[:] = 0.0
            add_product(rows, False, x, some)
            for i in range(rows.shape[0]):
                for lane in range(x.shape[1]):
                    some[i, lane] = share * example_slope(some[i, lane], targets[first + i])
            add_product(rows, True, some, out)

    return gradient


def _drawn_of(width: int, example_slope: PerExample) -> Callable[..., None]:
    """Return the function that adds the gradients at drawn examples to `width` lanes."""

    @compiled
    def add_drawn(
        x: Any,
        examples: Any,
        features: Any,
        targets: Any,
        lane: int,
        rows: Any,
        slopes: Any,
        out: Any,
    ) -> None:
        share = 1.0 / examples.shape[0]
        for b in range(examples.shape[0]):
            # the lanes' rows of data as columns, read once for the prediction and for the gradient
            for each in range(width):
                i = np.uint64(examples[b, lane + each])
                for d in range(np.uint64(x.shape[0])):
                    rows[d, each] = features[i, d]
            total = splat(0.0, width)
            for d in range(x.shape[0]):
                total = fma(load(rows, d, 0, width), load(x, d, lane, width), total)
            store(slopes, 0, 0, total)
            for each in range(width):
                target = targets[examples[b, lane + each]]
                slopes[each] = share * example_slope(slopes[each], target)
            slope = load(slopes, 0, 0, width)
            for d in range(x.shape[0]):
                store(out, d, lane, fma(load(rows, d, 0, width), slope, load(out, d, lane, width)))

    return add_drawn


def minibatch_gradient_of(example_slope: PerExample) -> Callable[[Any, Any, Any, Any], None]:
    """Return the block function of the mean gradient over the examples drawn for each lane."""
    of_vector, of_lane = _drawn_of(NARROW, example_slope), _drawn_of(1, example_slope)

    @compiled
    def minibatch_gradient(x: Any, examples: Any, parameters: Any, out: Any) -> None:
        features, targets = parameters[0], parameters[1]
        rows, slopes = np.empty((x.shape[0], NARROW)), np.empty(NARROW)
        regularize(x, parameters[2][0], out)
        whole = x.shape[1] - x.shape[1] % NARROW
        for lane in range(0, whole, NARROW):
            of_vector(x, examples, features, targets, lane, rows, slopes, out)
        for lane in range(whole, x.shape[1]):
            of_lane(x, examples, features, targets, lane, rows, slopes, out)

    return minibatch_gradient


class FiniteSum(Loss):
    """f(w) = (1/N) Σ_i φ(a_iᵀw, y_i) + (μ/2) ‖w‖² on data given by the user.

    Parameters
    ----------
    features : array_like, shape (N, dim)
        The examples a_i, one a row; add a column of ones for an intercept.
    targets : array_like, shape (N,)
        y_i.
    regularization : float
        μ ≥ 0. It is part of every example's gradient and adds no noise.
    """

    finite_sum = True
    settings = ("features", "targets", "regularization")

    def __init__(
        self, features: ArrayLike, targets: ArrayLike, regularization: float = 0.0
    ) -> None:
        self.features = matrix(features, "features")
        self.examples, self.dim = self.features.shape
        self.targets = vector(targets, "targets", self.examples)
        self.regularization = finite_number(regularization, "regularization", 0.0)

    @property
    def gradient_work(self) -> int:
        """How many products of a row of `dim` numbers and a point a full gradient takes."""
        return 2 * int(self.examples)

    @property
    def parameters(self) -> tuple[Array, ...]:
        """The features, the targets and μ."""
        return self.features, self.targets, np.array([self.regularization])

    def minibatch_gradient(self, x: ArrayLike, examples: ArrayLike) -> Array:
        """Return the mean gradient over given examples.

        Parameters
        ----------
        x : array_like, shape (..., dim)
            Points.
        examples : array_like of int, shape (..., batch)
            The examples of each point, numbered from 0; repetition allowed.

        Returns
        -------
        numpy.ndarray, shape (..., dim)
            The mean over the batch, with the gradient of the regularizer.

        Examples
        --------
        >>> import sdeopt as so
        >>> loss = so.losses.LeastSquares([[1.0], [3.0]], [0.0, 0.0])
        >>> loss.minibatch_gradient([2.0], [1, 1])
        array([18.])
        """
        columns, leading = self._columns(finite_array(x, f"points of {self.name}"))
        try:
            drawn = np.asarray(examples)
        except ValueError:
            raise InvalidArgumentError(
                "examples are a ragged list, but must be a rectangular array of whole numbers."
            ) from None
        if drawn.ndim == 0 or drawn.shape[:-1] != leading or drawn.size == 0:
            raise InvalidArgumentError(
                f"examples has shape {drawn.shape}, but must have {(*leading, 'batch')} "
                "to go with the points."
            )
        whole = np.issubdtype(drawn.dtype, np.integer)
        if not whole or drawn.min() < 0 or drawn.max() >= self.examples:
            raise InvalidArgumentError(
                f"examples must be whole numbers from 0 to {self.examples - 1}."
            )
        rows = np.ascontiguousarray(drawn.reshape(-1, drawn.shape[-1]).T, dtype=np.int64)
        return self._drawn(columns, rows).reshape(*leading, self.dim)

    def example_gradients(self, x: ArrayLike) -> Array:
        """Return the gradient of every example's loss at one point.

        Parameters
        ----------
        x : array_like, shape (dim,)
            The point.

        Returns
        -------
        numpy.ndarray, shape (N, dim)
            Their mean is the gradient.
        """
        point = vector(x, "x", self.dim)
        columns = np.ascontiguousarray(np.repeat(point[:, None], self.examples, axis=1))
        rows: NDArray[np.int64] = np.arange(self.examples)[None, :]
        return self._drawn(columns, rows)

    def gradient_covariance(self, x: ArrayLike) -> Array:
        """Return the covariance Σ(x) of the gradient of one example drawn at random.

        A minibatch of b drawn with replacement has Σ/b.

        Parameters
        ----------
        x : array_like, shape (dim,)
            The point.

        Returns
        -------
        numpy.ndarray, shape (dim, dim)
            Σ(x) = B(x) B(x)ᵀ of Boffi & Slotine (2020), Sec. 2.

        Examples
        --------
        >>> import sdeopt as so
        >>> so.losses.LeastSquares([[1.0], [1.0]], [-1.0, 1.0]).gradient_covariance([5.0])
        array([[1.]])
        """
        away = self.example_gradients(x)
        away -= away.mean(axis=0)
        return np.asarray(away.T @ away / self.examples)

    def _drawn(self, columns: Array, rows: NDArray[np.int64]) -> Array:
        out = np.empty_like(columns)
        self.entries().evaluate_minibatch_gradient(columns, rows, self.parameters, out)
        return np.ascontiguousarray(out.T)
