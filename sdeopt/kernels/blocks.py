"""Between where a block lies and where it is worked on.

A processor fetches more than it is asked for: of two threads that worked on neighbouring blocks where
they lie, one would fetch what the other writes.
"""

from sdeopt.kernels.compilation import compiled_apart
from sdeopt.kernels.intrinsics import stay_apart
from sdeopt.kernels.passes import copy_rows
from sdeopt.kernels.state import Buffers, State

__all__ = ["give_back", "take_up"]


@compiled_apart
def take_up(b: int, state: State, buffers: Buffers) -> None:
    """Copy a block to where it is worked on."""
    stay_apart()
    copy_rows(state.x[b], buffers.x)
    copy_rows(state.v[b], buffers.v)
    copy_rows(state.u[b], buffers.u)
    copy_rows(state.quorum[b], buffers.quorum)


@compiled_apart
def give_back(b: int, state: State, buffers: Buffers) -> None:
    """Copy a block to where it lies between chunks."""
    stay_apart()
    copy_rows(buffers.x, state.x[b])
    copy_rows(buffers.v, state.v[b])
    copy_rows(buffers.u, state.u[b])
    copy_rows(buffers.mean, state.mean[b])
    copy_rows(buffers.quorum, state.quorum[b])
