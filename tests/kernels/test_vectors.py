"""Lanes side by side have the bits of plain numbers."""

import numpy as np
import pytest

from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.intrinsics import (
    any_of,
    bits_of,
    choose_odd,
    choose_zero,
    float_of_bits,
    fma,
    shift_in,
)
from sdeopt.kernels.vectors import load, no_words, splat, store

SHIFT, ONE = np.uint64(13), np.uint64(1)


@compiled
def arithmetic(a, b):
    """Use every operation on numbers and on words."""
    total = fma(a, b, 0.5) - 3.0 * a + (1.0 - b) * a
    total += a * b
    total -= b
    word = (bits_of(total) ^ bits_of(b)) & (ONE | bits_of(a))
    word = shift_in(word + ONE, bits_of(a) * SHIFT, SHIFT) | (word >> ONE) | (word << SHIFT)
    kept = choose_odd(word, total, a)
    return choose_zero(word & ONE, kept, float_of_bits(bits_of(kept) ^ ONE))


def in_blocks_of(width):
    @compiled
    def run(a, b, out):
        for row in range(a.shape[0]):
            for lane in range(0, a.shape[1], width):
                value = arithmetic(load(a, row, lane, width), load(b, row, lane, width))
                store(out, row, lane, value)

    return run


@pytest.mark.parametrize("width", [1, 4, 8, 32])
def test_lanes_have_the_bits_of_numbers(width):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 64)), rng.normal(size=(2, 64))
    out = np.empty_like(a)
    in_blocks_of(width)(a, b, out)
    expected = [
        [arithmetic(x, y) for x, y in zip(*rows, strict=True)] for rows in zip(a, b, strict=True)
    ]
    np.testing.assert_array_equal(out, expected)


@compiled
def any_beyond(words, out):
    found = no_words(8) | load(words, 0, 0, 8)
    store(out, 0, 0, splat(2.5, 8))
    return any_of(found)


@pytest.mark.parametrize("where", [None, 0, 7])
def test_a_word_in_any_lane_is_found(where):
    words, out = np.zeros((1, 8), np.uint64), np.zeros((1, 8))
    if where is not None:
        words[0, where] = 1 << 63
    assert any_beyond(words, out) == (where is not None)
    assert (out == 2.5).all()


def test_lanes_of_different_width_do_not_mix():
    @compiled
    def mixed(a):
        return any_of(bits_of(load(a, 0, 0, 4) + load(a, 0, 0, 8)))

    with pytest.raises(Exception, match=r"Numbers\(4\), Numbers\(8\)"):
        mixed(np.zeros((1, 8)))
