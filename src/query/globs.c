/* globs: patterns put to the names of directories a block at a time.
 *
 * A pattern costs 25 to 150 ns a name (bench/micro.c), most of it to find out that the name is not
 * alike. So the longest run of plain letters in it is looked for first, through a whole block as
 * if it were one text, and only a name that holds it is compared with the pattern. A stray byte
 * is no plain letter: it may be a part of one in the name. Patterns are shared; each thread has
 * a memory of its own. */
#include "globs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bytescan.h"
#include "err.h"
#include "filter.h"
#include "globmatch.h"
#include "utf8.h"

/* ASCII characters, a bit each. */
struct characters {
    uint64_t bits[2];
};

struct pattern {
    char *glob; /* owned; in lower case where case is ignored, but for its sets */
    size_t glob_len;
    bool ignore_case;
    struct slice plain; /* in glob: the longest run that a name must hold; none where it is empty */
    bool simple;        /* the pattern is that run, but for stars before and after it: */
    bool open_begin;
    bool open_end;
    const char *tail; /* what follows a star that is the only one, all of it ASCII; else NULL */
    size_t tail_len;  /* the characters that it matches */
    struct characters *takes; /* owned: of each of them, those that match */
};

struct globs {
    struct pattern *patterns;
    size_t count;
    bool ignore_case;
};

static int out_of_memory(struct err *err)
{
    return err_set(err, "--name-pattern: out of memory");
}

/* ---- Patterns ---- */

/* ASCII letters only, whatever the locale. */
static void fold(char *out, const char *in, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (char)(in[i] >= 'A' && in[i] <= 'Z' ? in[i] + ('a' - 'A') : in[i]);
}

/* What follows the set that begins here; one without an end takes the rest. */
static const char *skip_set(const char *at)
{
    const char *end = globmatch_set_end(at);
    return end != NULL ? end : at + strlen(at);
}

/* Puts a pattern in lower case, but for its sets: their ranges would be others. */
static void fold_pattern(char *glob)
{
    for (size_t i = 0; glob[i] != '\0';) {
        size_t end = glob[i] == '[' ? (size_t)(skip_set(glob + i) - glob) : i + 1;
        if (glob[i] != '[')
            fold(glob + i, glob + i, 1);
        i = end;
    }
}

static bool is_ascii_byte(char byte)
{
    return (unsigned char)byte < 0x80;
}

/* The bytes of the plain letter at `at`; 0: there is none. */
static size_t plain_length(const char *at)
{
    size_t stray;
    if (strchr("*?[", *at) != NULL) /* the NUL, too */
        return 0;
    return is_ascii_byte(*at) ? 1 : utf8_length(slice_from(at), &stray);
}

static void find_plain(struct pattern *pattern)
{
    const char *at = pattern->glob;
    pattern->plain = (struct slice){at, 0};
    while (*at != '\0') {
        const char *begin = at;
        for (size_t length; (length = plain_length(at)) > 0;)
            at += length;
        if ((size_t)(at - begin) > pattern->plain.len)
            pattern->plain = (struct slice){begin, (size_t)(at - begin)};
        if (*at == '[')
            at = skip_set(at);
        else if (*at != '\0')
            at++;
    }
    const char *plain_end = pattern->plain.ptr + pattern->plain.len;
    size_t before = strspn(pattern->glob, "*");
    size_t after = strspn(plain_end, "*");
    pattern->simple = pattern->plain.len > 0 && pattern->glob + before == pattern->plain.ptr &&
                      plain_end[after] == '\0';
    pattern->open_begin = before > 0;
    pattern->open_end = after > 0;
}

static void find_tail(struct pattern *pattern)
{
    const char *at = pattern->glob + strspn(pattern->glob, "*");
    if (at == pattern->glob)
        return;
    pattern->tail = at;
    for (; *at != '\0'; pattern->tail_len++) {
        if (*at == '*' || !is_ascii_byte(*at)) {
            pattern->tail = NULL;
            return;
        }
        at = *at == '[' ? skip_set(at) : at + 1;
    }
}

/* For each character of the tail, tabulates which ASCII characters match it: that part of the
 * pattern is compared with each of them as a name of one character. */
static int tabulate_tail(struct pattern *pattern, struct err *err)
{
    pattern->takes = calloc(pattern->tail_len + 1, sizeof *pattern->takes);
    if (pattern->takes == NULL)
        return out_of_memory(err);
    const char *at = pattern->tail;
    for (size_t i = 0; i < pattern->tail_len; i++) {
        const char *next = *at == '[' ? skip_set(at) : at + 1;
        for (unsigned char c = 1; c < 0x80; c++)
            if (globmatch_name((struct slice){at, (size_t)(next - at)},
                               (struct slice){(const char[]){(char)c}, 1}, pattern->ignore_case))
                pattern->takes[i].bits[c / 64] |= UINT64_C(1) << c % 64;
        at = next;
    }
    return 0;
}

static bool matches_whole(const struct pattern *pattern, struct slice name)
{
    return globmatch_name((struct slice){pattern->glob, pattern->glob_len}, name,
                          pattern->ignore_case);
}

/* Whether the end of a name matches a pattern's tail. The table holds where each byte is a
 * character; else the last characters begin elsewhere, and the pattern itself decides. */
static bool tail_matches(const struct pattern *pattern, const char *name, const char *end)
{
    if ((size_t)(end - name) < pattern->tail_len)
        return false;
    const char *at = end - pattern->tail_len;
    unsigned all = 0;
    bool takes = true;
    for (size_t i = 0; i < pattern->tail_len; i++) {
        unsigned c = (unsigned char)at[i];
        all |= c;
        takes &= pattern->takes[i].bits[c / 64 & 1] >> c % 64 & 1;
    }
    return all < 0x80 ? takes : matches_whole(pattern, (struct slice){name, (size_t)(end - name)});
}

/* As the pattern has it, but looks only at the end of the name where that is all that matters: a
 * star before tries the rest of the pattern at each byte. */
static bool matches_glob(const struct pattern *pattern, struct slice name)
{
    return pattern->tail == NULL ? matches_whole(pattern, name)
                                 : tail_matches(pattern, name.ptr, name.ptr + name.len);
}

/* The name holds the pattern's run, and is followed by a NUL. */
static bool matches(const struct pattern *pattern, struct slice name)
{
    const struct slice plain = pattern->plain;
    if (!pattern->simple)
        return matches_glob(pattern, name);
    if (pattern->open_begin && pattern->open_end)
        return true;
    if (!pattern->open_begin && !pattern->open_end)
        return name.len == plain.len;
    const char *at = pattern->open_begin ? name.ptr + name.len - plain.len : name.ptr;
    return memcmp(at, plain.ptr, plain.len) == 0;
}

/* ---- Blocks ---- */

/* Goes on to the first name from *at on that holds the pattern's run: *at and *index are its
 * own. False: there is none. The names passed over are counted by their NULs: looking for the
 * end of each took a third of a question's processor time. */
static bool seek(const char **at, size_t *index, const struct pattern *pattern, const char *end)
{
    if (pattern->plain.len == 0)
        return *at < end;
    const char *hit = memmem(*at, (size_t)(end - *at), pattern->plain.ptr, pattern->plain.len);
    if (hit == NULL)
        return false;
    const char *nul = memrchr(*at, '\0', (size_t)(hit - *at));
    if (nul != NULL) {
        *index += bytescan_count(*at, nul + 1, '\0');
        *at = nul + 1;
    }
    return true;
}

/* Marks the names whose ends match a tail, going from NUL to NUL: 64 bytes a step are faster than a
 * call for each name (41 ms against 48 for the totals of a million directories). */
static void search_tails(uint64_t *bits, const struct pattern *pattern, struct slice names)
{
    const char *name = names.ptr;
    const char *end = names.ptr + names.len;
    size_t i = 0;
    for (const char *p = names.ptr; p < end; p += 64)
        for (uint64_t nuls = bytescan_mask(p, end, '\0'); nuls != 0; nuls &= nuls - 1, i++) {
            const char *nul = p + __builtin_ctzll(nuls);
            bits[i / 64] |= (uint64_t)tail_matches(pattern, name, nul) << i % 64;
            name = nul + 1;
        }
}

/* Marks the names that a pattern matches. `names` ends with a NUL. */
static void search(uint64_t *bits, const struct pattern *pattern, struct slice names)
{
    const char *at = names.ptr;
    const char *end = names.ptr + names.len;
    if (pattern->plain.len == 0 && pattern->tail != NULL) {
        search_tails(bits, pattern, names);
        return;
    }
    for (size_t i = 0; seek(&at, &i, pattern, end); i++) {
        const char *nul = memchr(at, '\0', (size_t)(end - at));
        if (matches(pattern, (struct slice){at, (size_t)(nul - at)}))
            bits[i / 64] |= UINT64_C(1) << i % 64;
        at = nul + 1;
    }
}

int globs_match(uint64_t *bits, const struct globs *globs, struct slice names,
                struct globs_memory *memory, struct err *err)
{
    if (globs->ignore_case) {
        if (names.len > memory->room) {
            free(memory->folded);
            memory->room = 0;
            memory->folded = malloc(2 * names.len);
            if (memory->folded == NULL)
                return out_of_memory(err);
            memory->room = 2 * names.len;
        }
        fold(memory->folded, names.ptr, names.len);
        names.ptr = memory->folded;
    }
    for (size_t i = 0; i < globs->count; i++)
        search(bits, &globs->patterns[i], names);
    return 0;
}

void globs_memory_dispose(struct globs_memory *memory)
{
    free(memory->folded);
}

/* ---- The whole ---- */

static int take_patterns(struct globs *globs, const struct filter *filter, struct err *err)
{
    globs->ignore_case = filter->ignore_case;
    globs->patterns = calloc(filter->pattern_count, sizeof *globs->patterns);
    if (globs->patterns == NULL)
        return out_of_memory(err);
    for (size_t i = 0; i < filter->pattern_count; i++) {
        const struct slice text = filter->patterns[i];
        struct pattern *pattern = &globs->patterns[globs->count++];
        pattern->glob = strndup(text.ptr, text.len);
        if (pattern->glob == NULL)
            return out_of_memory(err);
        pattern->glob_len = text.len;
        pattern->ignore_case = filter->ignore_case;
        if (filter->ignore_case)
            fold_pattern(pattern->glob);
        find_plain(pattern);
        find_tail(pattern);
        if (pattern->tail != NULL && tabulate_tail(pattern, err) != 0)
            return -1;
    }
    return 0;
}

int globs_new(struct globs **out, const struct filter *filter, struct err *err)
{
    *out = NULL;
    if (filter->pattern_count == 0)
        return 0;
    struct globs *globs = calloc(1, sizeof *globs);
    if (globs == NULL)
        return out_of_memory(err);
    if (take_patterns(globs, filter, err) != 0) {
        globs_free(globs);
        return -1;
    }
    *out = globs;
    return 0;
}

static void free_pattern(struct pattern *pattern)
{
    free(pattern->glob);
    free(pattern->takes);
}

void globs_free(struct globs *globs)
{
    if (globs == NULL)
        return;
    for (size_t i = 0; i < globs->count; i++)
        free_pattern(&globs->patterns[i]);
    free(globs->patterns);
    free(globs);
}
