"""Products in bfloat16 on a processor that has no instructions for them.

There torch computes them one number after the other, about ten times slower than in float32.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

_PRODUCTS = frozenset(
    {
        torch.ops.aten.addmm.default,
        torch.ops.aten.baddbmm.default,
        torch.ops.aten.bmm.default,
        torch.ops.aten.convolution.default,
        torch.ops.aten.convolution_backward.default,
        torch.ops.aten.mkldnn_rnn_layer.default,
        torch.ops.aten.mkldnn_rnn_layer_backward.default,
        torch.ops.aten.mm.default,
    }
)
"""As which layers and their gradients reach the processor; torch refuses an LSTM in bfloat16 there."""


class RoundedProducts(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """While it is active, products in bfloat16 are computed in float32 and rounded to bfloat16.

    Instructions for bfloat16 do the same: they multiply numbers of 8 significant bits exactly, add up in
    float32, and round once. Only the order of the sums differs. A recurrent layer also keeps its
    state in float32 from step to step.
    """

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Compute what torch is about to; `args` hold the operands of a product."""
        if func not in _PRODUCTS or not any(_is_reduced(each) for each in args):
            return func(*args, **(kwargs or {}))
        found = func(
            *(each.float() if _is_reduced(each) else each for each in args), **(kwargs or {})
        )
        return _rounded(found) if isinstance(found, torch.Tensor) else tuple(map(_rounded, found))


def bfloat16_products(device: torch.device) -> AbstractContextManager[Any]:
    """Return a context in which products in bfloat16 are as fast as a device can compute them."""
    if device.type != "cpu" or torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return nullcontext()
    return RoundedProducts()  # type: ignore[no-untyped-call]


def _is_reduced(operand: Any) -> bool:
    return isinstance(operand, torch.Tensor) and operand.dtype == torch.bfloat16


def _rounded(product: torch.Tensor | None) -> torch.Tensor | None:
    """Return a result in bfloat16: None is a gradient not asked for, bytes are notes of a layer."""
    return product.bfloat16() if product is not None and product.is_floating_point() else product
