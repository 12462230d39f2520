// Philox4x32-10 with the engine's counter (block low, block high and purpose, agent, replica) and key
// (seed), so that both programs see the same noise. Purpose 0, blocks below 2^32.
//
// Two savings that a program for one layout can make: what the first rounds compute from the agent
// alone is kept for the whole run (Lane), and what they compute from the replica and the block alone is
// shared by all agents (Shared). Rounds 3 to 10 are left for each agent and block.
#pragma once
#include "vector.hpp"

struct Lane {
    Words c0, c2, c3;
};

struct Shared {
    Words high, low;
    uint64_t mixed;
};

struct Pair {
    Words first, second;
};

class Philox {
  public:
    explicit Philox(uint64_t seed) {
        for (uint32_t round = 0; round < 10; ++round) {
            key0[round] = all_words(uint32_t(seed) + round * 0x9E3779B9u);
            key1[round] = all_words(uint32_t(seed >> 32) + round * 0xBB67AE85u);
        }
    }

    Lane lane(Words agent) const {
        const Words product1 = multiply_low(agent, all_words(M1));
        const Words product0 = multiply_low((product1 >> 32) ^ key0[0], all_words(M0));
        return {(product1 & LOW_32) ^ key0[1], product0 >> 32, (product0 & LOW_32) ^ key1[2]};
    }

    Shared shared(Words replica, uint64_t block) const {
        const uint64_t product0 = M0 * block;
        const Words c2 = replica ^ key1[0] ^ all_words(product0 >> 32);
        const Words product1 = multiply_low(c2, all_words(M1));
        return {product1 >> 32, product1, (product0 & LOW_32) ^ key1[1][0]};
    }

    INLINE Pair words(const Lane &lane, const Shared &shared) const {
        Words c0 = shared.high ^ lane.c0, c2 = lane.c2 ^ all_words(shared.mixed);
        Words c3 = multiply_low(c0, all_words(M0)), c1 = multiply_low(c2, all_words(M1));
        c0 = xor3(c1 >> 32, shared.low, key0[2]);
        c2 = (c3 >> 32) ^ lane.c3;
#pragma GCC unroll 7
        for (int round = 3; round < 10; ++round) {
            const Words product0 = multiply_low(c0, all_words(M0));
            const Words product1 = multiply_low(c2, all_words(M1));
            c0 = xor3(product1 >> 32, c1, key0[round]);
            c2 = xor3(product0 >> 32, c3, key1[round]);
            // the upper halves stay: nothing reads them
            c1 = product1;
            c3 = product0;
        }
        return {join(c0, c1), join(c2, c3)};
    }

  private:
    static constexpr uint64_t M0 = 0xD2511F53, M1 = 0xCD9E8D57, LOW_32 = 0xFFFFFFFF;
    Words key0[10], key1[10];
};
