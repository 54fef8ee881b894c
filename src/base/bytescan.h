/* bytescan: looking for bytes, 16 at a time where the processor is an x86-64 and one at a time
 * elsewhere. Inline, because a scan of a few bytes costs less than a call. Nothing outside
 * [p, end) is read. */
#ifndef FSTALLY_BYTESCAN_H
#define FSTALLY_BYTESCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>

static inline __m128i bytescan_load(const char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline unsigned bytescan_equal(__m128i bytes, char c)
{
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)));
}

/* All bits of the bytes in [first, first + count). */
static inline __m128i bytescan_range(__m128i bytes, char first, char count)
{
    __m128i values = _mm_sub_epi8(bytes, _mm_set1_epi8(first));
    return _mm_cmpeq_epi8(values, _mm_min_epu8(values, _mm_set1_epi8((char)(count - 1))));
}

/* Which bytes are decimal digits. */
static inline unsigned bytescan_digits(__m128i bytes)
{
    return (unsigned)_mm_movemask_epi8(bytescan_range(bytes, '0', 10));
}

/* Which bytes are hexadecimal digits of either case. */
static inline unsigned bytescan_hex_digits(__m128i bytes)
{
    __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
    return (unsigned)_mm_movemask_epi8(
        _mm_or_si128(bytescan_range(bytes, '0', 10), bytescan_range(lower, 'a', 6)));
}
#endif

static inline bool bytescan_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The first byte in [p, end) that is no space and no tab, or end. */
static inline const char *bytescan_skip_blanks(const char *p, const char *end)
{
    if (p < end && (unsigned char)*p > ' ') /* nearly always the first */
        return p;
    while (p < end && bytescan_is_blank(*p))
        p++;
    return p;
}

/* The first space or tab in [p, end), or end. */
static inline const char *bytescan_blank(const char *p, const char *end)
{
#ifdef __SSE2__
    for (; end - p >= 16; p += 16) {
        __m128i bytes = bytescan_load(p);
        unsigned blanks = bytescan_equal(bytes, ' ') | bytescan_equal(bytes, '\t');
        if (blanks != 0)
            return p + __builtin_ctz(blanks);
    }
#endif
    while (p < end && *p != ' ' && *p != '\t')
        p++;
    return p;
}

/* The first `c` in [p, end) that another `c` follows in [p, end), or end. */
static inline const char *bytescan_pair(const char *p, const char *end, char c)
{
#ifdef __SSE2__
    if (end - p >= 17) {
        for (const char *last = end - 17;; p += 16) {
            p = p < last ? p : last; /* the last step looks at some bytes again, none alone */
            unsigned pairs =
                bytescan_equal(bytescan_load(p), c) & bytescan_equal(bytescan_load(p + 1), c);
            if (pairs != 0)
                return p + __builtin_ctz(pairs);
            if (p == last)
                return end;
        }
    }
#endif
    for (; end - p >= 2; p++)
        if (p[0] == c && p[1] == c)
            return p;
    return end;
}

/* How many bytes in [p, end) are `c`. */
static inline size_t bytescan_count(const char *p, const char *end, char c)
{
    size_t count = 0;
#ifdef __SSE2__
    const __m128i zero = _mm_setzero_si128();
    const __m128i wanted = _mm_set1_epi8(c);
    while (end - p >= 16) {
        /* A byte counts at most 255: then the bytes are added up. A match is -1. */
        __m128i counts = zero;
        for (int i = 0; i < 255 && end - p >= 16; i++, p += 16)
            counts = _mm_sub_epi8(counts, _mm_cmpeq_epi8(bytescan_load(p), wanted));
        __m128i sums = _mm_sad_epu8(counts, zero);
        count += (size_t)_mm_cvtsi128_si32(sums);
        count += (size_t)_mm_cvtsi128_si32(_mm_unpackhi_epi64(sums, sums));
    }
#endif
    for (; p < end; p++)
        count += *p == c;
    return count;
}

/* Which of the 64 bytes from p on, and before `end`, are `c`: bit i for byte i. */
static inline uint64_t bytescan_mask(const char *p, const char *end, char c)
{
    uint64_t mask = 0;
#ifdef __SSE2__
    if (end - p >= 64) {
        for (int i = 0; i < 64; i += 16)
            mask |= (uint64_t)bytescan_equal(bytescan_load(p + i), c) << i;
        return mask;
    }
#endif
    for (int i = 0; i < 64 && p + i < end; i++)
        mask |= (uint64_t)(p[i] == c) << i;
    return mask;
}

/* The first newline in [p, end), or end. Sets *nul where a NUL comes before it. */
static inline const char *bytescan_line(const char *p, const char *end, bool *nul)
{
    *nul = false;
#ifdef __SSE2__
    const __m128i zero = _mm_setzero_si128();
    const __m128i newline = _mm_set1_epi8('\n');
    for (; end - p >= 64; p += 64) {
        __m128i a = bytescan_load(p);
        __m128i b = bytescan_load(p + 16);
        __m128i c = bytescan_load(p + 32);
        __m128i d = bytescan_load(p + 48);
        /* min(x, x ^ '\n') is 0 where x is NUL or a newline, and nowhere else. */
        __m128i least = _mm_min_epu8(_mm_min_epu8(_mm_min_epu8(a, _mm_xor_si128(a, newline)),
                                                  _mm_min_epu8(b, _mm_xor_si128(b, newline))),
                                     _mm_min_epu8(_mm_min_epu8(c, _mm_xor_si128(c, newline)),
                                                  _mm_min_epu8(d, _mm_xor_si128(d, newline))));
        if (_mm_movemask_epi8(_mm_cmpeq_epi8(least, zero)) != 0)
            break;
    }
#endif
    for (;; p += 16) {
#ifdef __SSE2__
        if (end - p >= 16) {
            __m128i bytes = bytescan_load(p);
            unsigned newlines = bytescan_equal(bytes, '\n');
            unsigned nuls = bytescan_equal(bytes, '\0');
            /* Below the first newline; all of them where there is none. */
            *nul |= (nuls & (newlines - 1) & ~newlines) != 0;
            if (newlines != 0)
                return p + __builtin_ctz(newlines);
            continue;
        }
#endif
        for (; p < end && *p != '\n'; p++)
            *nul |= *p == '\0';
        return p;
    }
}

#endif
