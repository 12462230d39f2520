"""Which lanes lie in a set: a box, a sublevel set of the loss, or what a function of the user's says."""

import numpy as np
from numpy.typing import NDArray

from sdeopt.kernels.addresses import call_value
from sdeopt.kernels.compilation import compiled_separately
from sdeopt.kernels.intrinsics import never_inline
from sdeopt.kernels.plan import work_at
from sdeopt.kernels.watched import BOX, SUBLEVEL

Values = NDArray[np.float64]


@compiled_separately
def membership(place: int, which: int, x: Values, out: Values) -> None:
    """Write 1 where a column of x lies in a set, 0 where it does not, NaN where it is not finite.

    What the user's function returns is written as it is.
    """
    never_inline()
    work = work_at(place)
    regions = work.observed.watched.regions
    kind, lanes = regions.kinds[which], out.shape[0]
    if kind == BOX:
        for lane in range(lanes):
            out[lane] = 1.0
        for d in range(x.shape[0]):
            low, high = regions.bounds[which, 0, d], regions.bounds[which, 1, d]
            for lane in range(lanes):
                inside = (low <= x[d, lane]) & (x[d, lane] <= high)
                out[lane] = out[lane] if inside else 0.0
    elif kind == SUBLEVEL:
        level = regions.bounds[which, 0, 0]
        call_value(work.passes.value, x, work.loss, out)
        for lane in range(lanes):
            out[lane] = 1.0 if out[lane] <= level else 0.0
    else:
        call_value(regions.addresses[which], x, work.loss, out)
    for d in range(x.shape[0]):
        for lane in range(lanes):
            out[lane] += x[d, lane] - x[d, lane]
