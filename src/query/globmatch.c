/* globmatch: goes along name and pattern together. Where they part, the last star takes one
 * character more and the rest is tried again; earlier stars need not be, since what the later
 * one can take, an earlier one can leave to it. SQLite's GLOB, and fnmatch, take different stray
 * bytes for the same character. Any thread. */
#include "globmatch.h"

#include <stdint.h>
#include <string.h>

#include "utf8.h"

/* A stray byte counts as a character of its own: STRAY + the byte, above the last of Unicode. */
enum { STRAY = 0x110000 };

/* The character at *at, which moves on; *at < end. */
static inline uint32_t next_character(const char **at, const char *end)
{
    unsigned char first = (unsigned char)**at;
    if (first < 0x80) {
        ++*at;
        return first;
    }
    size_t stray;
    const unsigned char *bytes = (const unsigned char *)*at;
    size_t length = utf8_length((struct slice){*at, (size_t)(end - *at)}, &stray);
    if (length == 0) {
        ++*at;
        return STRAY + first;
    }
    uint32_t character = first & (0x7fu >> length);
    for (size_t i = 1; i < length; i++)
        character = character << 6 | (bytes[i] & 0x3fu);
    *at += length;
    return character;
}

static uint32_t other_case(uint32_t character)
{
    if (character >= 'a' && character <= 'z')
        return character - 'a' + 'A';
    return character;
}

/* Whether the set that begins after the [ at *at matches a character; *at moves past its ]. A set
 * without an end matches none. */
static bool set_matches(const char **at, const char *end, uint32_t character, bool ignore_case)
{
    uint32_t other = ignore_case ? other_case(character) : character;
    bool negated = *at < end && **at == '^';
    bool found = false;
    *at += negated;
    for (bool first = true; *at < end; first = false) {
        bool is_end = **at == ']';
        if (is_end && !first) {
            ++*at;
            return found != negated;
        }
        uint32_t low = next_character(at, end);
        uint32_t high = low;
        if (!is_end && end - *at > 1 && **at == '-' && (*at)[1] != ']') {
            ++*at;
            high = next_character(at, end);
        }
        if (high <
            low) /* an empty range, but its first character is in the set, as in SQLite's GLOB */
            high = low;
        found |= (low <= character && character <= high) || (low <= other && other <= high);
    }
    return false;
}

/* Whether the pattern's part at *at, no star, matches a character; *at moves past that part. */
static inline bool part_matches(const char **at, const char *end, uint32_t character,
                                bool ignore_case)
{
    uint32_t part = next_character(at, end);
    if (part == '?')
        return true;
    return part == '[' ? set_matches(at, end, character, ignore_case) : part == character;
}

/* Where from `at` on the name can hold what the pattern has after a star. NULL: nowhere. A byte
 * that begins a character of UTF-8 is a part of no other. */
static const char *find_begin(const char *at, const char *end, struct slice pattern)
{
    size_t stray;
    if (*pattern.ptr == '?' || *pattern.ptr == '[' || *pattern.ptr == '*' ||
        utf8_length(pattern, &stray) == 0)
        return at;
    return memchr(at, *pattern.ptr, (size_t)(end - at));
}

bool globmatch_name(struct slice pattern, struct slice name, bool ignore_case)
{
    const char *p = pattern.ptr;
    const char *pattern_end = p + pattern.len;
    const char *n = name.ptr;
    const char *name_end = n + name.len;
    const char *after_star = NULL; /* in the pattern */
    const char *retry = NULL;      /* in the name: where what follows the star was tried */
    for (;;) {
        if (p < pattern_end && *p == '*') {
            after_star = ++p;
            if (p == pattern_end)
                return true;
            retry = n;
        } else if (n == name_end && p == pattern_end) {
            return true;
        } else if (n < name_end && p < pattern_end &&
                   part_matches(&p, pattern_end, next_character(&n, name_end), ignore_case)) {
            continue;
        } else {
            if (after_star == NULL || retry == name_end)
                return false;
            next_character(&retry, name_end);
        }
        retry = find_begin(retry, name_end,
                           (struct slice){after_star, (size_t)(pattern_end - after_star)});
        if (retry == NULL)
            return false;
        n = retry;
        p = after_star;
    }
}

const char *globmatch_set_end(const char *set)
{
    const char *first = set + (set[1] == '^' ? 2 : 1);
    const char *end = *first == '\0' ? NULL : strchr(first + 1, ']');
    return end == NULL ? NULL : end + 1;
}
