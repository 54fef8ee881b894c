/* linescan: a line's bytes looked at once, 64 at a time: where it ends, and where its blanks,
 * equals signs, hyphens and slashes are, as one bit a byte. A parser then goes from bit to bit
 * instead of from byte to byte. Uses the widest vectors that the processor has. */
#ifndef FSTALLY_LINESCAN_H
#define FSTALLY_LINESCAN_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes that a word has bits for, and words in a window: fields take some 200 bytes and nearly
 * every path fewer than 800. */
enum {
    LINESCAN_BLOCK = 64,
    LINESCAN_BLOCKS = 16,
    LINESCAN_BYTES = LINESCAN_BLOCK * LINESCAN_BLOCKS
};

/* The longest line, in bytes, that is taken for a record. What is longer is no scan log: a hole
 * that a crash left, say. */
enum { LINESCAN_LONGEST = 64 << 20 };

/* The marks of a line's bytes from `begin` on: all of them, or as many as fit. Of the bytes
 * begin[64 * i] to begin[64 * i + 63], word i has the bit of the first lowest. Bits after the
 * line's end say blank and nothing else. After the last word, one more is all blanks and one has no
 * hyphens, so that a reader may look at the word that follows. */
struct linescan {
    const char *begin;
    unsigned blocks;                     /* words filled, [1, LINESCAN_BLOCKS] */
    uint64_t blank[LINESCAN_BLOCKS + 1]; /* spaces and tabs */
    uint64_t equal[LINESCAN_BLOCKS];
    uint64_t hyphen[LINESCAN_BLOCKS + 1];
    uint64_t slash[LINESCAN_BLOCKS];
};

/* Fills *scan from p, which begins a line. Returns the line's newline, or `end` where [p, end) has
 * none; *nul: whether a NUL comes before. Borrows the bytes; nothing outside [p, end) is read. */
const char *linescan_line(struct linescan *scan, const char *p, const char *end, bool *nul);

/* The same for a record that ends in NUL: returns the NUL or `end`. Newlines are ordinary bytes. */
const char *linescan_record(struct linescan *scan, const char *p, const char *end);

/* Fills *scan with the marks of [p, end), which lies within a line or a record, or with as many as
 * fit. A newline or NUL in [p, end) ends the marks. */
void linescan_window(struct linescan *scan, const char *p, const char *end, bool null_ended);

/* The kinds of vectors that this processor could be made to use, in ascending width; for tests.
 * With linescan_use(i), i in [0, linescan_kinds()), all threads use that kind. */
unsigned linescan_kinds(void);
void linescan_use(unsigned kind);

#endif
