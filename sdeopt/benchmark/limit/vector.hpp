// A vector of doubles as wide as the machine's registers, and the operations on it that GCC's vector
// extensions do not name. Written for AVX-512 and AVX2; other machines get the plain form.
#pragma once
#include <cstdint>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__AVX512F__) && defined(__AVX512DQ__)
#define WIDE 1
constexpr int WIDTH = 8;
#else
constexpr int WIDTH = 4;
#endif

typedef double Vector __attribute__((vector_size(8 * WIDTH)));
typedef uint64_t Words __attribute__((vector_size(8 * WIDTH)));

#define INLINE inline __attribute__((always_inline))

INLINE Vector all(double value) { return value - Vector{}; }
INLINE Words all_words(uint64_t value) { return value - Words{}; }
INLINE Words bits(Vector value) { return (Words)value; }
INLINE Vector number(Words value) { return (Vector)value; }

// The 64-bit products of the low 32 bits.
INLINE Words multiply_low(Words a, Words b) {
#if defined(WIDE)
    return (Words)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    return (Words)_mm256_mul_epu32((__m256i)a, (__m256i)b);
#else
    return (a & 0xFFFFFFFFu) * (b & 0xFFFFFFFFu);
#endif
}

INLINE Words xor3(Words a, Words b, Words c) {
#if defined(WIDE)
    return (Words)_mm512_ternarylogic_epi64((__m512i)a, (__m512i)b, (__m512i)c, 0x96);
#else
    return a ^ b ^ c;
#endif
}

// The low 32 bits of `low`, and above them the low 32 bits of `high`.
INLINE Words join(Words low, Words high) {
#if defined(WIDE)
    return (Words)_mm512_mask_shuffle_epi32((__m512i)low, 0xAAAA, (__m512i)high, _MM_PERM_CCAA);
#elif defined(__AVX2__)
    return (Words)_mm256_blend_epi32((__m256i)low, (__m256i)(high << 32), 0xAA);
#else
    return (low & 0xFFFFFFFFu) | (high << 32);
#endif
}

// The upper 52 bits as the fraction of a double in [1, 2).
INLINE Vector one_to_two(Words word) {
#if defined(WIDE) && defined(__AVX512VBMI2__)
    return (Vector)_mm512_shrdi_epi64((__m512i)word, _mm512_set1_epi64(0x3FF), 12);
#else
    return number((word >> 12) | 0x3FF0000000000000u);
#endif
}

// Where the sign bit of `sign` is set, first = a and second = b; elsewhere the other way round.
INLINE void choose(Words sign, Vector a, Vector b, Vector &first, Vector &second) {
#if defined(WIDE)
    const __mmask8 mask = _mm512_movepi64_mask((__m512i)sign);
    first = (Vector)_mm512_mask_blend_pd(mask, (__m512d)b, (__m512d)a);
    second = (Vector)_mm512_mask_blend_pd(mask, (__m512d)a, (__m512d)b);
#elif defined(__AVX2__)
    first = (Vector)_mm256_blendv_pd((__m256d)b, (__m256d)a, (__m256d)sign);
    second = (Vector)_mm256_blendv_pd((__m256d)a, (__m256d)b, (__m256d)sign);
#else
    const Words difference = (bits(a) ^ bits(b)) & (0 - (sign >> 63));
    first = number(bits(b) ^ difference);
    second = number(bits(a) ^ difference);
#endif
}

INLINE Vector square_root(Vector a) {
#if defined(WIDE)
    return (Vector)_mm512_sqrt_pd((__m512d)a);
#elif defined(__AVX2__)
    return (Vector)_mm256_sqrt_pd((__m256d)a);
#else
    for (int i = 0; i < WIDTH; ++i) a[i] = __builtin_sqrt(a[i]);
    return a;
#endif
}

INLINE Vector swap_halves(Vector a) {
    Vector swapped;
    for (int i = 0; i < WIDTH; ++i) swapped[i] = a[(i + WIDTH / 2) % WIDTH];
    return swapped;
}
