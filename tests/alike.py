"""Whether claims are alike on processors, or of arrays, whose sums are rounded otherwise."""

import pytest


def same(found, kept):
    """Return whether nested values are equal, and numbers but for the last digits."""
    if isinstance(found, dict) and isinstance(kept, dict):
        return found.keys() == kept.keys() and all(same(found[key], kept[key]) for key in found)
    if isinstance(found, list | tuple) and isinstance(kept, type(found)):
        return len(found) == len(kept) and all(map(same, found, kept))
    if isinstance(found, float) and isinstance(kept, float):
        return found == pytest.approx(kept, rel=1e-12, nan_ok=True)
    return type(found) is type(kept) and found == kept
