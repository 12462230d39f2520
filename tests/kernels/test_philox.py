"""The generator's published test vectors, and the layout of its counter."""

import numpy as np
import pytest

from sdeopt import rng
from sdeopt.errors import InvalidArgumentError
from sdeopt.kernels.compilation import compiled
from sdeopt.kernels.philox import UNKNOWN, fill_words
from sdeopt.kernels.vectors import NARROW, WIDE

# Random123, kat_vectors, philox4x32 with 10 rounds: counter, key, output.
VECTORS = [
    ([0, 0, 0, 0], [0, 0], [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    (
        [0xFFFFFFFF] * 4,
        [0xFFFFFFFF] * 2,
        [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD],
    ),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]


@compiled
def fill(seed, purpose, block, agents, replicas, cached, cached_for, out):
    fill_words(seed, purpose, block, agents, replicas, cached, cached_for, out, 0, 2)


@pytest.mark.parametrize("lanes", [NARROW, WIDE, WIDE + NARROW])
@pytest.mark.parametrize(("counter", "key", "expected"), VECTORS)
def test_published_vectors_in_every_lane(counter, key, expected, lanes):
    out, cached = np.empty((2, lanes), np.uint64), np.empty((2, lanes), np.uint64)
    cached_for = np.array([UNKNOWN])
    block = np.uint64(counter[0] | (counter[1] & 0xFFFFFF) << 32)
    purpose = np.uint64(counter[1] >> 24)
    seed = np.uint64(key[0] | key[1] << 32)
    agents, replicas = (np.full(lanes, word, np.uint64) for word in counter[2:])
    fill(seed, purpose, block, agents, replicas, cached, cached_for, out)
    halves = np.stack([out[0] & 0xFFFFFFFF, out[0] >> 32, out[1] & 0xFFFFFFFF, out[1] >> 32])
    np.testing.assert_array_equal(halves, np.tile(np.array(expected, np.uint64)[:, None], lanes))


@compiled
def fill_rows(seed, block, agents, replicas, cached, cached_for, out, row, end):
    fill_words(seed, np.uint64(0), block, agents, replicas, cached, cached_for, out, row, end)


@pytest.mark.parametrize(("first", "end"), [(0, 6), (2, 5), (4, 4)])
def test_several_blocks_are_those_that_one_asks_for_singly(first, end):
    # the second of them has another word 1 of its counter
    lanes, block = WIDE + NARROW, 2**32 - 1
    agents = replicas = np.arange(lanes, dtype=np.uint64)
    together, singly = np.zeros((2, 6, lanes), np.uint64)
    cached, seed = np.empty((2, lanes), np.uint64), np.uint64(5)
    fill_rows(
        seed, np.uint64(block), agents, replicas, cached, np.array([UNKNOWN]), together, first, end
    )
    for number, row in enumerate(range(first, end, 2)):
        unseen = np.array([UNKNOWN])
        at = np.uint64(block + number)
        fill_rows(seed, at, agents, replicas, cached, unseen, singly, row, row + 1)
    np.testing.assert_array_equal(together, singly)


def test_words_are_addressed_by_replica_agent_and_element():
    all_of_it = rng.words(7, rng.NOISE, np.arange(5), 4, 6)
    part = rng.words(7, rng.NOISE, np.array([3]), 2, 5)
    np.testing.assert_array_equal(part[0], all_of_it[3, :2, :5])


def test_purposes_seeds_replicas_and_agents_never_share_a_word():
    drawn = [
        rng.words(seed, purpose, np.arange(8), 8, 8)
        for seed in (0, 1, 2**32, 2**64 - 1)
        for purpose in (rng.NOISE, rng.NOISE_AREA, rng.INITIAL, rng.MINIBATCH)
    ]
    assert np.unique(np.stack(drawn)).size == np.stack(drawn).size


@pytest.mark.parametrize("seed", [-1, 2**64, 1.5, "seven", None])
def test_bad_seeds_are_refused(seed):
    with pytest.raises(InvalidArgumentError, match="seed"):
        rng.as_seed(seed)
