// Elementary functions on vectors. The polynomials are minimax fits (Remez) of our own, made by
// benchmarks/coefficients.py; every function is accurate to a few units of 1e-16.
#pragma once
#include "vector.hpp"

constexpr double PI = 3.14159265358979323846, LOG_2 = 0.69314718055994530942;
// Adding and subtracting it rounds to an integer, whose bits are then the low ones of the sum.
constexpr double ROUNDER = 0x1.8p52;

template <int N> INLINE Vector polynomial(const double (&coefficients)[N], Vector s) {
    Vector p = all(coefficients[N - 1]);
#pragma GCC unroll 16
    for (int i = N - 2; i >= 0; --i) p = p * s + all(coefficients[i]);
    return p;
}

// amplitude * sin(frequency * x), with the amplitude in the coefficients and the frequency in the
// reduction, for |frequency * x| up to about 1e6.
class Wave {
  public:
    Wave(double amplitude, double frequency) : half_turns(all(frequency / PI)) {
        // sin(pi r) / r in r^2, |r| <= 1/2
        const double sine[8] = {3.14159265358979,       -5.167712780049385,    2.550164039844567,
                                -0.5992645284957718,    0.08214587559565845,   -0.007370347464887948,
                                0.0004659420578713646,  -2.1085678109743012e-05};
        for (int i = 0; i < 8; ++i) scaled[i] = amplitude * sine[i];
    }

    INLINE Vector add_to(Vector sum, Vector x) const {
        const Vector rounded = x * half_turns + all(ROUNDER);
        const Vector r = x * half_turns - (rounded - all(ROUNDER));
        const Vector signed_r = number(bits(r) ^ (bits(rounded) << 63));
        return polynomial(scaled, r * r) * signed_r + sum;
    }

  private:
    Vector half_turns;
    double scaled[8];
};

// Cosine and sine of `quadrant` + r quarter turns, |r| <= 1/2; the low two bits of quadrant count.
INLINE void rotate(Vector r, Words quadrant, Vector &cosine, Vector &sine) {
    constexpr double SINE[7] = {1.5707963267948966,    -0.6459640975062443,    0.07969262624603957,
                                -0.004681754132282454, 0.00016044115029189453, -3.5986417551299964e-06,
                                5.633721075556274e-08};
    constexpr double COSINE[7] = {1.0,
                                  -1.2337005501361513,
                                  0.2536695078998656,
                                  -0.020863480734961075,
                                  0.0009192599501521089,
                                  -2.5200135652635974e-05,
                                  4.655301316926533e-07};
    const Vector s = r * r;
    Vector x, y;
    choose(quadrant << 63, polynomial(SINE, s) * r, polynomial(COSINE, s), x, y);
    cosine = number(bits(x) ^ (((quadrant + 1) >> 1) << 63));
    sine = number(bits(y) ^ ((quadrant >> 1) << 63));
}

INLINE void cosine_sine(Vector x, Vector quarter_turns, Vector &cosine, Vector &sine) {
    const Vector rounded = x * quarter_turns + all(ROUNDER);
    rotate(x * quarter_turns - (rounded - all(ROUNDER)), bits(rounded), cosine, sine);
}

// -2 log(u) for u in (0, 1): u = 2^k m, m in [sqrt(1/2), sqrt(2)), log m = 2 atanh((m - 1) / (m + 1))
INLINE Vector minus_two_log(Vector u) {
    constexpr uint64_t ONE = 0x3FF0000000000000u, SQRT_HALF = 0x3FE6A09E667F3BCDu;
    // (2 atanh(s) / s - 2) / s^2 in s^2, |s| <= 0.1716
    constexpr double ATANH[6] = {0.6666666666651468, 0.4000000008078044, 0.2857141322661709,
                                 0.2222361400595955, 0.1811665133137861, 0.16896032598065489};
    const Words shifted = bits(u) + (ONE - SQRT_HALF);
    const Vector k = number((shifted >> 52) | 0x4330000000000000u) - all(0x1p52 + 1023);
    const Vector f = number((shifted & 0x000FFFFFFFFFFFFFu) + SQRT_HALF) - 1.0;
    const Vector s = f / (f + 2.0);
    const Vector z = s * s;
    return k * all(-2 * LOG_2) - 2.0 * (f - s * (f - z * polynomial(ATANH, z)));
}

// Two normal variates of standard deviation `scale`, by Box and Muller.
INLINE void gaussian(Words first, Words second, Vector scale, Vector &a, Vector &b) {
    const Vector u = one_to_two(first) - all(1 - 0x1p-53);
    const Vector radius = scale * square_root(minus_two_log(u));
    Vector cosine, sine;
    rotate(one_to_two(second << 2) - all(1.5 - 0x1p-53), second >> 62, cosine, sine);
    a = radius * cosine;
    b = radius * sine;
}
