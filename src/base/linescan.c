/* linescan: one loop over blocks of 64 bytes, and as many ways to look at a block as the
 * processor has widths of vectors.
 *
 * Which way is decided once, at the first call, by what the processor can do: compilers know
 * nothing about it, so that one binary runs on every node of a cluster. A block that would reach
 * beyond the end is looked at in a copy that newlines fill up, so that an end needs no code of
 * its own. Any thread. */
#include "linescan.h"

#include <stdatomic.h>
#include <string.h>

#include "bytescan.h"

/* Prefetch distance: a page, because beyond its end the processor does not look
 * ahead by itself, and finding the next page takes as long as some lines. Of 11 million lines, the
 * import's scan took 1.9 s instead of 2.1 s with it; 1 or 2 KiB ahead did as well. */
enum { AHEAD = 4096 };

/* Which bytes a block of 64 has, a bit a byte. */
struct marks {
    uint64_t newline;
    uint64_t nul;
    uint64_t blank;
    uint64_t equal;
    uint64_t hyphen;
    uint64_t slash;
};

typedef struct marks look_fn(const char *block);

/* Keeps the marks of block i, less those after the first byte that ends the line. Returns all bytes
 * that end one. */
static inline uint64_t keep(struct linescan *scan, unsigned i, struct marks marks, bool null_ended,
                            uint64_t *nuls)
{
    uint64_t newlines = null_ended ? marks.nul : marks.newline;
    /* All bits below the first newline; all there are where there is none. */
    uint64_t line = (newlines - 1) & ~newlines;
    *nuls |= marks.nul & line;
    scan->blank[i] = marks.blank | ~line;
    scan->equal[i] = marks.equal & line;
    scan->hyphen[i] = marks.hyphen & line;
    scan->slash[i] = marks.slash & line;
    return newlines;
}

/* Fills *scan. Returns the first newline (null_ended: the first NUL), `end` where the text ends
 * before one comes, or NULL where the window is full. Inlined with its `look`. Nothing is called in
 * the loop, so that what `look` compares with stays in registers: 80 of some 650 instructions a
 * line. */
__attribute__((always_inline)) static inline const char *fill(look_fn *look, struct linescan *scan,
                                                              const char *p, const char *end,
                                                              bool null_ended, bool *nul)
{
    size_t left = (size_t)(end - p);
    uint64_t nuls = 0;
    uint64_t newlines = 0;
    unsigned i = 0;
    const char *block = p;
    scan->begin = p;
    for (; i < LINESCAN_BLOCKS && newlines == 0 && left >= LINESCAN_BLOCK; i++) {
        __builtin_prefetch((const void *)((uintptr_t)block + AHEAD)); /* may be nobody's byte */
        newlines = keep(scan, i, look(block), null_ended, &nuls);
        block += LINESCAN_BLOCK;
        left -= LINESCAN_BLOCK;
    }
    if (i < LINESCAN_BLOCKS && newlines == 0) {
        char copy[LINESCAN_BLOCK];
        memset(copy, null_ended ? '\0' : '\n', sizeof copy);
        memcpy(copy, block, left);
        newlines = keep(scan, i++, look(copy), null_ended, &nuls);
    }
    scan->blocks = i;
    scan->blank[i] = UINT64_MAX;
    scan->hyphen[i] = 0;
    *nul = nuls != 0;
    if (newlines == 0)
        return NULL;
    return p + (size_t)(i - 1) * LINESCAN_BLOCK + __builtin_ctzll(newlines);
}

typedef const char *fill_fn(struct linescan *scan, const char *p, const char *end, bool null_ended,
                            bool *nul);

#ifdef __SSE2__

#include <immintrin.h>

static inline struct marks look_16(const char *block)
{
    struct marks marks = {0, 0, 0, 0, 0, 0};
    for (unsigned i = 0; i < LINESCAN_BLOCK; i += 16) {
        __m128i bytes = bytescan_load(block + i);
        marks.newline |= (uint64_t)bytescan_equal(bytes, '\n') << i;
        marks.nul |= (uint64_t)bytescan_equal(bytes, '\0') << i;
        marks.blank |= (uint64_t)(bytescan_equal(bytes, ' ') | bytescan_equal(bytes, '\t')) << i;
        marks.equal |= (uint64_t)bytescan_equal(bytes, '=') << i;
        marks.hyphen |= (uint64_t)bytescan_equal(bytes, '-') << i;
        marks.slash |= (uint64_t)bytescan_equal(bytes, '/') << i;
    }
    return marks;
}

__attribute__((target("avx2"))) static inline uint64_t equal_32(__m256i low, __m256i high, char c)
{
    __m256i wanted = _mm256_set1_epi8(c);
    uint32_t low_bits = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted));
    uint32_t high_bits = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted));
    return (uint64_t)high_bits << 32 | low_bits;
}

__attribute__((target("avx2"))) static inline uint32_t blank_half(__m256i bytes)
{
    __m256i spaces = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(' '));
    __m256i tabs = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\t'));
    return (uint32_t)_mm256_movemask_epi8(_mm256_or_si256(spaces, tabs));
}

__attribute__((target("avx2"))) static inline uint64_t blank_32(__m256i low, __m256i high)
{
    return (uint64_t)blank_half(high) << 32 | blank_half(low);
}

__attribute__((target("avx2"))) static inline struct marks look_32(const char *block)
{
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)block);
    __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(block + 32));
    return (struct marks){
        .newline = equal_32(low, high, '\n'),
        .nul = equal_32(low, high, '\0'),
        .blank = blank_32(low, high),
        .equal = equal_32(low, high, '='),
        .hyphen = equal_32(low, high, '-'),
        .slash = equal_32(low, high, '/'),
    };
}

__attribute__((target("avx512bw"))) static inline uint64_t equal_64(__m512i bytes, char c)
{
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(c));
}

__attribute__((target("avx512bw"))) static inline struct marks look_64(const char *block)
{
    __m512i bytes = _mm512_loadu_si512(block);
    return (struct marks){
        .newline = equal_64(bytes, '\n'),
        .nul = equal_64(bytes, '\0'),
        .blank = equal_64(bytes, ' ') | equal_64(bytes, '\t'),
        .equal = equal_64(bytes, '='),
        .hyphen = equal_64(bytes, '-'),
        .slash = equal_64(bytes, '/'),
    };
}

static const char *fill_16(struct linescan *scan, const char *p, const char *end, bool null_ended,
                           bool *nul)
{
    return null_ended ? fill(look_16, scan, p, end, true, nul)
                      : fill(look_16, scan, p, end, false, nul);
}

__attribute__((target("avx2"))) static const char *
fill_32(struct linescan *scan, const char *p, const char *end, bool null_ended, bool *nul)
{
    return null_ended ? fill(look_32, scan, p, end, true, nul)
                      : fill(look_32, scan, p, end, false, nul);
}

__attribute__((target("avx512bw"))) static const char *
fill_64(struct linescan *scan, const char *p, const char *end, bool null_ended, bool *nul)
{
    return null_ended ? fill(look_64, scan, p, end, true, nul)
                      : fill(look_64, scan, p, end, false, nul);
}

static fill_fn *const kinds[] = {fill_16, fill_32, fill_64};

unsigned linescan_kinds(void)
{
    if (__builtin_cpu_supports("avx512bw"))
        return 3;
    return __builtin_cpu_supports("avx2") ? 2 : 1;
}

#else

static struct marks look_1(const char *block)
{
    struct marks marks = {0, 0, 0, 0, 0, 0};
    for (unsigned i = 0; i < LINESCAN_BLOCK; i++) {
        marks.newline |= (uint64_t)(block[i] == '\n') << i;
        marks.nul |= (uint64_t)(block[i] == '\0') << i;
        marks.blank |= (uint64_t)(block[i] == ' ' || block[i] == '\t') << i;
        marks.equal |= (uint64_t)(block[i] == '=') << i;
        marks.hyphen |= (uint64_t)(block[i] == '-') << i;
        marks.slash |= (uint64_t)(block[i] == '/') << i;
    }
    return marks;
}

static const char *fill_1(struct linescan *scan, const char *p, const char *end, bool null_ended,
                          bool *nul)
{
    return null_ended ? fill(look_1, scan, p, end, true, nul)
                      : fill(look_1, scan, p, end, false, nul);
}

static fill_fn *const kinds[] = {fill_1};

unsigned linescan_kinds(void)
{
    return 1;
}

#endif

static const char *choose(struct linescan *scan, const char *p, const char *end, bool null_ended,
                          bool *nul);

/* The way in use. Set by the first call in each thread that comes before it is set, all to the
 * same; read by all. Relaxed: the functions that it names are always there. */
static _Atomic(fill_fn *) way = choose;

void linescan_use(unsigned kind)
{
    atomic_store_explicit(&way, kinds[kind], memory_order_relaxed);
}

static const char *choose(struct linescan *scan, const char *p, const char *end, bool null_ended,
                          bool *nul)
{
    linescan_use(linescan_kinds() - 1);
    return atomic_load_explicit(&way, memory_order_relaxed)(scan, p, end, null_ended, nul);
}

const char *linescan_line(struct linescan *scan, const char *p, const char *end, bool *nul)
{
    const char *newline =
        atomic_load_explicit(&way, memory_order_relaxed)(scan, p, end, false, nul);
    if (newline != NULL)
        return newline;
    bool more;
    newline = bytescan_line(p + LINESCAN_BYTES, end, &more);
    *nul |= more;
    return newline;
}

const char *linescan_record(struct linescan *scan, const char *p, const char *end)
{
    bool nul;
    const char *stop = atomic_load_explicit(&way, memory_order_relaxed)(scan, p, end, true, &nul);
    if (stop != NULL)
        return stop;
    p += LINESCAN_BYTES;
    stop = memchr(p, '\0', (size_t)(end - p));
    return stop == NULL ? end : stop;
}

void linescan_window(struct linescan *scan, const char *p, const char *end, bool null_ended)
{
    bool nul;
    atomic_load_explicit(&way, memory_order_relaxed)(scan, p, end, null_ended, &nul);
}
