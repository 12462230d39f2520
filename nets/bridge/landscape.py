"""The loss of a network on fixed examples, as a function of one flat point: the f of the theory."""

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad, vjp, vmap

from nets.ensemble.passes import Criterion
from nets.weights import Weights

__all__ = ["Landscape"]

POINTS, BATCHES = 64, 512
"""How many points are looked at in one pass, and how many batches at one point."""


class Landscape:
    """The mean loss over all given examples, with its derivatives.

    A point is the vector of all weights, parameter after parameter.

    Parameters
    ----------
    module : torch.nn.Module
        The network: deterministic, with no dropout and no batch normalization.
    criterion : callable
        Of outputs and targets: the mean loss.
    inputs, targets : torch.Tensor
        The examples, on the device and in the precision of the network.

    Attributes
    ----------
    size : int
        n, the number of weights.
    examples : int
        N.

    Examples
    --------
    >>> import torch
    >>> from nets.bridge.landscape import Landscape
    >>> line = torch.nn.Linear(1, 1, bias=False)
    >>> f = Landscape(line, torch.nn.functional.mse_loss, torch.ones(2, 1), torch.zeros(2, 1))
    >>> f.losses(torch.tensor([[3.0]])), f.gradients(torch.tensor([[3.0]]))
    (tensor([9.]), tensor([[6.]]))
    >>> f.hessian_times(torch.tensor([3.0]), torch.tensor([1.0]))
    tensor([2.])
    """

    def __init__(
        self, module: nn.Module, criterion: Criterion, inputs: Tensor, targets: Tensor
    ) -> None:
        self._module, self._criterion = module, criterion
        self.inputs, self.targets = inputs, targets
        self._shapes = {name: p.shape for name, p in module.named_parameters()}
        self.size = sum(shape.numel() for shape in self._shapes.values())
        self.examples = len(inputs)

    def on(self, inputs: Tensor, targets: Tensor) -> "Landscape":
        """Return the mean loss of the same network over other examples."""
        return Landscape(self._module, self._criterion, inputs, targets)

    def batch_gradients(self, point: Tensor, inputs: Tensor, targets: Tensor) -> Tensor:
        """Return the gradients at one point (n,) on batches.

        Parameters
        ----------
        point : torch.Tensor
            Of shape (n,).
        inputs, targets : torch.Tensor
            Of shapes (batches, size, ...).

        Returns
        -------
        torch.Tensor
            Of shape (batches, n).
        """
        found: Tensor = vmap(grad(self._loss), (None, 0, 0), chunk_size=BATCHES)(
            point, inputs, targets
        )
        return found

    def points(self, weights: Weights) -> Tensor:
        """Return stacked weights as points.

        Parameters
        ----------
        weights : dict of str to torch.Tensor
            Of shapes (p, ...).

        Returns
        -------
        torch.Tensor
            Of shape (p, n); a copy.
        """
        return torch.cat([weights[name].flatten(1) for name in self._shapes], dim=1)

    def losses(self, points: Tensor) -> Tensor:
        """Return the loss at points (p, n), of shape (p,)."""
        found: Tensor = vmap(self._loss, (0, None, None), chunk_size=POINTS)(
            points, self.inputs, self.targets
        )
        return found

    def gradients(self, points: Tensor) -> Tensor:
        """Return the gradient at points (p, n), of the same shape."""
        found: Tensor = vmap(grad(self._loss), (0, None, None), chunk_size=POINTS)(
            points, self.inputs, self.targets
        )
        return found

    def example_gradients(self, point: Tensor) -> Tensor:
        """Return the gradient of each example's own loss at one point (n,), of shape (N, n)."""
        return self.batch_gradients(point, self.inputs[:, None], self.targets[:, None])

    def hessian_times(self, point: Tensor, vector: Tensor) -> Tensor:
        """Return ∇²f at a point (n,) times a vector (n,), without the matrix."""

        def gradient(at: Tensor) -> Tensor:
            found: Tensor = grad(self._loss)(at, self.inputs, self.targets)
            return found

        # the matrix is symmetric, so vᵀ∇²f, which backward passes give, is as good as ∇²f v
        product: Tensor = vjp(gradient, point)[1](vector)[0]
        return product

    def accuracies(self, points: Tensor) -> Tensor:
        """Return the share of examples that points (p, n) put into the right class."""
        outputs = vmap(self._outputs, (0, None), chunk_size=POINTS)(points, self.inputs)
        hits: Tensor = (outputs.argmax(-1) == self.targets).double().mean(-1)
        return hits

    def _outputs(self, point: Tensor, inputs: Tensor) -> Tensor:
        pieces = torch.split(point, [shape.numel() for shape in self._shapes.values()])
        weights = {
            name: piece.view(shape)
            for (name, shape), piece in zip(self._shapes.items(), pieces, strict=True)
        }
        outputs: Tensor = functional_call(self._module, weights, (inputs,))
        return outputs

    def _loss(self, point: Tensor, inputs: Tensor, targets: Tensor) -> Tensor:
        return self._criterion(self._outputs(point, inputs), targets)
