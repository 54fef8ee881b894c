/* fields: one engine for the fields of every layout.
 *
 * A log has the same keys in the same order line after line. So a line of any order is first taken
 * for one of the shape of the line before: its equals signs, which linescan has marked, must be as
 * many, each after the same key; then the values that are wanted are read at their signs, and no
 * key is looked for, none is checked to come once, none is missed. A line of another shape is read
 * word by word, and its shape learned. The fields of a fixed order are walked through by the
 * template.
 *
 * Optional values that cannot be used leave a flaw; required ones reject the line. Reentrant. */
#include "fields.h"

#include <endian.h>
#include <string.h>

#include "bytescan.h"
#include "clock.h"
#include "num.h"

static inline bool is_stop(char c, char stop)
{
    return stop == ' ' ? bytescan_is_blank(c) : c == stop;
}

static inline const char *find_stop(const char *p, const char *end, char stop)
{
    if (stop == ' ')
        return bytescan_blank(p, end);
    const char *found = memchr(p, stop, (size_t)(end - p));
    return found == NULL ? end : found;
}

/* Values. Each function reads one from *at on and leaves *at at its stop; where it fails, *at may
 * be anywhere in the value. */

static inline enum num_status read_number(const char **at, const char *end, char stop,
                                          int64_t *value)
{
    enum num_status status = num_decimal(at, end, value);
    return *at < end && !is_stop(**at, stop) ? NUM_SHAPE : status;
}

/* A uid or gid. */
static inline enum num_status read_id(const char **at, const char *end, char stop, uint32_t *id)
{
    int64_t value = 0;
    enum num_status status = read_number(at, end, stop, &value);
    if (status == NUM_OK && value > ENTRY_ID_MAX)
        return NUM_OVERFLOW;
    *id = (uint32_t)value;
    return status;
}

enum { MODE_LEN = 10 };

/* Which bytes a mode string may hold: as its type letter (1), as a permission (2). */
static const unsigned char mode_letters[256] = {
    ['-'] = 3, ['d'] = 1, ['l'] = 1, ['c'] = 1, ['b'] = 1, ['p'] = 1, ['s'] = 3,
    ['r'] = 2, ['w'] = 2, ['x'] = 2, ['S'] = 2, ['t'] = 2, ['T'] = 2,
};

/* A type letter and nine permissions, as ls(1) writes them; what follows is not looked at. */
static inline bool is_mode(const char *p)
{
    unsigned all = mode_letters[(unsigned char)*p] << 1 & 2;
    for (int i = 1; i < MODE_LEN; i++)
        all &= mode_letters[(unsigned char)p[i]];
    return all != 0;
}

static inline bool read_mode(const char **at, const char *end, char stop, bool *is_directory)
{
    const char *p = *at;
    if (end - p < MODE_LEN)
        return false;
    if (!is_mode(p))
        return false;
    *is_directory = *p == 'd';
    *at = find_stop(p + MODE_LEN, end, stop);
    return true;
}

/* The letters of find's %y (find(1): D is a door, U unknown) and of lfs find, and the words that
 * other tools use. */
static bool read_type_word(struct slice word, bool *is_directory)
{
    static const char *const files[] = {"file", "symlink", "link", "fifo",   "block", "char",
                                        "blk",  "chr",     "sock", "socket", "pipe",  "regular"};
    *is_directory =
        slice_equal(word, slice_from("dir")) || slice_equal(word, slice_from("directory"));
    for (size_t i = 0; !*is_directory && i < sizeof files / sizeof files[0]; i++)
        if (slice_equal(word, slice_from(files[i])))
            return true;
    return *is_directory;
}

/* Which letters are a type: of lfs find (1), of find (2). */
static const unsigned char type_letters[256] = {
    ['d'] = 3, ['f'] = 3, ['l'] = 3, ['p'] = 3, ['s'] = 3,
    ['b'] = 3, ['c'] = 3, ['?'] = 3, ['D'] = 2, ['U'] = 2,
};

static inline bool is_type_letter(const struct layout *layout, char c)
{
    unsigned wanted = layout->head == LAYOUT_HEAD_LUSTRE ? 1 : 2;
    return (type_letters[(unsigned char)c] & wanted) != 0;
}

static inline bool read_type(const struct layout *layout, const char **at, const char *end,
                             char stop, bool *is_directory)
{
    const char *p = *at;
    *at = find_stop(p, end, stop);
    if (*at - p != 1)
        return !layout->any_order &&
               read_type_word((struct slice){p, (size_t)(*at - p)}, is_directory);
    *is_directory = *p == 'd';
    return is_type_letter(layout, *p);
}

/* Notes a value that cannot be used, [value, its stop), and leaves *at there. The first flaw of a
 * line is kept, unless the line is rejected later. */
static __attribute__((cold)) enum reject_reason unusable(const struct fields *to,
                                                         enum reject_reason reason,
                                                         const char *value, const char **at,
                                                         const char *end, char stop)
{
    *at = find_stop(value, end, stop);
    bool is_flaw = reject_class(reason) == REJECT_FLAWED;
    if (!is_flaw || to->reject->reason == REJECT_NONE) {
        to->reject->reason = reason;
        to->reject->value = (struct slice){value, (size_t)(*at - value)};
    }
    return is_flaw ? REJECT_NONE : reason;
}

/* Skips blanks and a word that is a time of day, `10:00` or `10:00:00.5`, whether it exists or not: the
 * second half of a stamp that cannot be used. Returns p where there is none. */
static const char *skip_time_of_day(const char *p, const char *end)
{
    const char *word = bytescan_skip_blanks(p, end);
    const char *stop = bytescan_blank(word, end);
    bool has_colon = false;
    for (const char *c = word; c < stop; c++) {
        if (!num_is_digit(*c) && *c != ':' && *c != '.')
            return p;
        has_colon |= *c == ':';
    }
    return has_colon && num_is_digit(*word) ? stop : p;
}

/* Leaves a time out that cannot be used. */
static __attribute__((cold, noinline)) enum reject_reason
unusable_time(const struct fields *to, const struct layout_field *field, enum instant_status status,
              const char *value, const char **at, const char *end)
{
    bool is_atime = field->value == LAYOUT_ATIME || field->value == LAYOUT_ATIME_DAYS;
    *(is_atime ? &to->entry->atime : &to->entry->mtime) = ENTRY_NO_TIME;
    /* The reasons come in the order of the statuses: malformed, no such date, out of range. */
    int malformed = is_atime ? REJECT_ATIME : REJECT_MTIME;
    const char *stamp_end = *at;
    enum reject_reason reason =
        unusable(to, (enum reject_reason)(malformed + (int)status - (int)INSTANT_SHAPE), value, at,
                 end, field->stop);
    if (status == INSTANT_DATE) /* a stamp of two words was read to its end */
        *at = stamp_end;
    else if (field->stop == ' ')
        *at = skip_time_of_day(*at, end);
    return reason;
}

/* A date and time, or seconds. Dates with slashes are for templates, which say what they expect. */
static inline enum instant_status read_time(const struct layout *layout, const char **at,
                                            const char *end, char stop, struct instant_day *day,
                                            int64_t *instant)
{
    char fifth = end - *at > 4 ? (*at)[4] : '\0'; /* the byte after the year of a date */
    if (fifth == '/' && layout->any_order)
        return INSTANT_SHAPE;
    bool is_date = fifth == '-' || fifth == '/';
    if (layout->times == LAYOUT_TIMES_EPOCH || (layout->times == LAYOUT_TIMES_EITHER && !is_date))
        return instant_epoch(at, end, stop, instant);
    return instant_stamp(at, end, stop, day, instant);
}

/* Reads the value of a field from *at on and leaves *at at its stop. */
__attribute__((always_inline)) static inline enum reject_reason
take_value(const struct fields *to, const struct layout_field *field, const char **at,
           const char *end)
{
    struct entry *entry = to->entry;
    const char stop = field->stop;
    const char *value = *at;
    enum num_status status;
    enum instant_status time_status = INSTANT_OK;
    enum reject_reason reason = REJECT_NONE;
    switch (field->value) {
    case LAYOUT_SIZE:
        status = read_number(at, end, stop, &entry->size);
        if (status != NUM_OK)
            reason = status == NUM_SHAPE ? REJECT_SIZE : REJECT_SIZE_OVERFLOW;
        break;
    case LAYOUT_ALLOC:
        status = read_number(at, end, stop, &entry->alloc);
        if (status == NUM_OK && __builtin_mul_overflow(entry->alloc, field->unit, &entry->alloc))
            status = NUM_OVERFLOW;
        if (status != NUM_OK) {
            entry->alloc = 0;
            reason = status == NUM_SHAPE ? REJECT_ALLOC : REJECT_ALLOC_OVERFLOW;
        }
        break;
    case LAYOUT_UID:
        status = read_id(at, end, stop, &entry->uid);
        if (status != NUM_OK)
            reason = status == NUM_SHAPE ? REJECT_OWNER : REJECT_OWNER_OVERFLOW;
        break;
    case LAYOUT_GID:
        status = read_id(at, end, stop, &entry->gid);
        if (status != NUM_OK) {
            entry->gid = ENTRY_NO_GROUP;
            reason = status == NUM_SHAPE ? REJECT_GROUP : REJECT_GROUP_OVERFLOW;
        }
        break;
    case LAYOUT_MODE:
        if (!read_mode(at, end, stop, &entry->is_directory))
            reason = REJECT_MODE;
        break;
    case LAYOUT_TYPE:
        if (!read_type(to->layout, at, end, stop, &entry->is_directory))
            reason = REJECT_TYPE;
        break;
    case LAYOUT_ATIME:
        time_status = read_time(to->layout, at, end, stop, &to->reader->day[0], &entry->atime);
        break;
    case LAYOUT_MTIME:
        time_status = read_time(to->layout, at, end, stop, &to->reader->day[1], &entry->mtime);
        break;
    case LAYOUT_ATIME_DAYS:
        time_status = instant_age(at, end, stop, to->scan_day, &entry->atime);
        break;
    case LAYOUT_MTIME_DAYS:
        time_status = instant_age(at, end, stop, to->scan_day, &entry->mtime);
        break;
    case LAYOUT_USER:
        *at = find_stop(value, end, stop);
        if (!idcache_user(&to->reader->ids, (struct slice){value, (size_t)(*at - value)},
                          &entry->uid))
            reason = REJECT_USER;
        break;
    case LAYOUT_GROUP:
        *at = find_stop(value, end, stop);
        if (!idcache_group(&to->reader->ids, (struct slice){value, (size_t)(*at - value)},
                           &entry->gid)) {
            entry->gid = ENTRY_NO_GROUP;
            reason = REJECT_GROUP_NAME;
        }
        break;
    case LAYOUT_SKIP:
    case LAYOUT_PATH:
    case LAYOUT_VALUES:
        *at = find_stop(value, end, stop);
        break;
    }
    if (time_status != INSTANT_OK)
        return unusable_time(to, field, time_status, value, at, end);
    return reason == REJECT_NONE ? REJECT_NONE : unusable(to, reason, value, at, end, stop);
}

/* Any order, by the shape of the line before */

/* Where in block i a `--` begins with blanks on both sides; `before`: the byte before the block is a
 * blank, as a bit. */
static inline uint64_t separators(const struct linescan *marks, unsigned i, uint64_t before)
{
    uint64_t hyphen = marks->hyphen[i];
    uint64_t blank = marks->blank[i];
    return hyphen & (hyphen >> 1 | marks->hyphen[i + 1] << 63) &
           (blank >> 2 | marks->blank[i + 1] << 62) & (blank << 1 | before);
}

/* The eight bytes before `sign`, the nearest the highest. */
static inline uint64_t word_before(const char *sign)
{
    uint64_t word;
    memcpy(&word, sign - 8, 8);
    return le64toh(word);
}

/* Finds the equals signs of a line of the shape that was learned, and where its separator ends.
 * NULL: it has another shape, or its fields reach beyond the marks. */
static inline const char *find_signs(const struct fields *to, const char *at, const char *end,
                                     const char **sign)
{
    const struct linescan *marks = &to->reader->marks;
    const struct fields_shape *shape = &to->reader->shape;
    const struct fields_key *key = shape->key;
    const struct fields_key *last = key + shape->signs;
    size_t from = (size_t)(at - marks->begin);
    unsigned i = (unsigned)(from / LINESCAN_BLOCK);
    uint64_t wanted = UINT64_MAX << from % LINESCAN_BLOCK;
    uint64_t blank_before = 1; /* a word begins at `at` */
    uint64_t different = 0;
    if (shape->signs == 0 || at - to->floor < 8)
        return NULL;
    for (; i < marks->blocks; i++) {
        const char *block = marks->begin + (size_t)i * LINESCAN_BLOCK;
        uint64_t separator = separators(marks, i, blank_before) & wanted;
        uint64_t equal = marks->equal[i] & wanted & ((separator & -separator) - 1);
        for (; equal != 0; equal &= equal - 1) {
            if (key == last)
                return NULL;
            const char *p = block + __builtin_ctzll(equal);
            different |= (word_before(p) & key->mask) ^ key->word;
            key++;
            *sign++ = p;
        }
        if (separator != 0) {
            const char *after = block + __builtin_ctzll(separator) + 2;
            return key == last && different == 0 && after < end ? after : NULL;
        }
        wanted = UINT64_MAX;
        blank_before = marks->blank[i] >> 63;
    }
    return NULL;
}

/* Any order, word by word */

/* A key as layout_field has it; 0: no layout could have it. */
static uint64_t key_word(const char *key, size_t len)
{
    uint64_t letters = 0;
    for (size_t i = 0; len <= LAYOUT_KEY_MAX && i < len; i++)
        letters |= (uint64_t)(unsigned char)key[i] << 8 * i;
    return letters;
}

static const struct layout_field *find_field(const struct layout *layout, uint64_t key)
{
    for (unsigned i = 0; key != 0 && i < layout->count; i++)
        if (layout->field[i].key == key && layout->field[i].value != LAYOUT_SKIP)
            return &layout->field[i];
    return NULL;
}

/* The required values are there; `seen` has a bit a value. */
static enum reject_reason complete(const struct layout *layout, unsigned seen)
{
    if ((seen & 1u << LAYOUT_SIZE) == 0)
        return REJECT_NO_SIZE;
    if (layout->has_owner && (seen & (1u << LAYOUT_UID | 1u << LAYOUT_USER)) == 0)
        return REJECT_NO_OWNER;
    if (layout->has_kind && (seen & (1u << LAYOUT_MODE | 1u << LAYOUT_TYPE)) == 0)
        return REJECT_NO_KIND;
    return REJECT_NONE;
}

/* A shape being learned. */
struct learning {
    struct fields_shape shape;
    bool fits; /* so far, a line of this shape can be known by the bytes before its signs */
};

/* Learns the word [word, stop), whose key of `len` letters is that of `field` or, where that is
 * NULL, of none. */
static void learn_word(struct learning *learning, const struct fields *to,
                       const struct layout_field *field, const char *word, size_t len,
                       const char *stop)
{
    const char *sign = word + len;
    struct fields_shape *shape = &learning->shape;
    if (memchr(sign + 1, '=', (size_t)(stop - sign) - 1) != NULL || len == 0 ||
        sign - to->floor < 8 || shape->signs == FIELDS_SIGNS_MAX)
        learning->fits = false;
    if (!learning->fits)
        return;
    /* The letters and the blank before them; of a key too long for that, its last eight letters,
     * which must not be the whole of another. */
    uint64_t mask = len < 8 ? UINT64_MAX << 8 * (7 - len) : UINT64_MAX;
    uint64_t text = word_before(sign) & mask;
    if (len >= 8 && (field != NULL || find_field(to->layout, text) != NULL))
        learning->fits = false;
    if (field != NULL) {
        shape->field[field->value] = field;
        shape->sign[field->value] = shape->last = shape->signs;
    }
    shape->key[shape->signs++] = (struct fields_key){mask, text};
}

static __attribute__((noinline)) enum reject_reason take_words(const struct fields *to,
                                                               const char **at, const char *end)
{
    struct learning learning = {.fits = true};
    unsigned seen = 0;
    const char *p = *at;
    for (;;) {
        const char *word = bytescan_skip_blanks(p, end);
        if (word == end)
            return REJECT_SEPARATOR;
        const char *stop = bytescan_blank(word, end);
        p = stop;
        if (stop - word == 2 && word[0] == '-' && word[1] == '-' && stop != end)
            break;
        const char *sign = memchr(word, '=', (size_t)(stop - word));
        if (sign == NULL)
            continue;
        size_t len = (size_t)(sign - word);
        const struct layout_field *field = find_field(to->layout, key_word(word, len));
        learn_word(&learning, to, field, word, len, stop);
        if (field == NULL)
            continue;
        if ((seen & 1u << field->value) != 0)
            return REJECT_TWO_RECORDS;
        seen |= 1u << field->value;
        p = sign + 1;
        enum reject_reason reason = take_value(to, field, &p, end);
        if (reason != REJECT_NONE)
            return reason;
    }
    *at = p;
    enum reject_reason reason = complete(to->layout, seen);
    /* Names and ages are looked up and computed by the word, too. */
    const unsigned others =
        1u << LAYOUT_USER | 1u << LAYOUT_GROUP | 1u << LAYOUT_ATIME_DAYS | 1u << LAYOUT_MTIME_DAYS;
    if (reason == REJECT_NONE && learning.fits && (seen & others) == 0)
        to->reader->shape = learning.shape;
    return reason;
}

/* Any order, a line that nothing is wrong with */

/* Bytes after a sign that may be read without comparing with the line's end: two words of digits, a
 * mode. */
enum { CLEAN_REACH = 32 };

/* The value of the digits from p on, at most 15, and how many they are; 0: none, or too many. */
static inline unsigned clean_digits(const char *p, int64_t *value)
{
    uint64_t sum;
    unsigned count = num_up_to_eight(p, &sum);
    if (count == 8) {
        uint64_t more;
        unsigned rest = num_up_to_eight(p + 8, &more);
        sum = sum * num_power_of_ten[rest & 7] + more;
        count = rest == 8 ? 0 : count + rest;
    }
    *value = (int64_t)sum;
    return count;
}

/* The digits from p on, up to a blank. */
static inline bool clean_number(const char *p, int64_t *value)
{
    unsigned count = clean_digits(p, value);
    return count != 0 && bytescan_is_blank(p[count]);
}

static inline bool clean_id(const char *p, uint32_t *id)
{
    int64_t value;
    bool is_clean = clean_number(p, &value) && value <= ENTRY_ID_MAX;
    *id = (uint32_t)value;
    return is_clean;
}

/* A date with hyphens and a time of day, or seconds since 1970, up to a blank. */
static inline bool clean_time(const struct layout *layout, const char *p, const char *end,
                              struct instant_day *day, int64_t *instant)
{
    if (p[4] == '-' && layout->times != LAYOUT_TIMES_EPOCH)
        return instant_stamp(&p, end, ' ', day, instant) == INSTANT_OK;
    if (layout->times == LAYOUT_TIMES_DATE)
        return false;
    unsigned count = clean_digits(p, instant);
    p += count;
    if (*p == '.') {
        const char *digits = p + 1;
        p = num_skip_digits(digits, end);
        if (p == digits)
            return false;
    }
    return count != 0 && *instant <= CLOCK_MAX && bytescan_is_blank(*p);
}

/* Reads the values of a record of the learned shape, each after its sign. False: one of them is not
 * as usual; the line is to be read word by word, which can say what is wrong. */
static inline bool take_clean(const struct fields *to, const char *const *sign, const char *end)
{
    const struct fields_shape *shape = &to->reader->shape;
    const struct layout_field *const *field = shape->field;
    struct entry *entry = to->entry;
    if (end - sign[shape->last] <= CLEAN_REACH)
        return false;
#define AFTER_SIGN(value) (sign[shape->sign[value]] + 1)
    if (!clean_number(AFTER_SIGN(LAYOUT_SIZE), &entry->size))
        return false;
    if (field[LAYOUT_ALLOC] != NULL &&
        (!clean_number(AFTER_SIGN(LAYOUT_ALLOC), &entry->alloc) ||
         __builtin_mul_overflow(entry->alloc, field[LAYOUT_ALLOC]->unit, &entry->alloc)))
        return false;
    if (field[LAYOUT_UID] != NULL && !clean_id(AFTER_SIGN(LAYOUT_UID), &entry->uid))
        return false;
    if (field[LAYOUT_GID] != NULL && !clean_id(AFTER_SIGN(LAYOUT_GID), &entry->gid))
        return false;
    if (field[LAYOUT_MODE] != NULL) {
        const char *mode = AFTER_SIGN(LAYOUT_MODE);
        if (!is_mode(mode))
            return false;
        entry->is_directory = *mode == 'd';
    }
    if (field[LAYOUT_TYPE] != NULL) {
        const char *type = AFTER_SIGN(LAYOUT_TYPE);
        if (!is_type_letter(to->layout, *type) || !bytescan_is_blank(type[1]))
            return false;
        entry->is_directory = *type == 'd';
    }
    struct instant_day *day = to->reader->day;
    if (field[LAYOUT_ATIME] != NULL &&
        !clean_time(to->layout, AFTER_SIGN(LAYOUT_ATIME), end, &day[0], &entry->atime))
        return false;
    return field[LAYOUT_MTIME] == NULL ||
           clean_time(to->layout, AFTER_SIGN(LAYOUT_MTIME), end, &day[1], &entry->mtime);
#undef AFTER_SIGN
}

/* FIELDS of KEY=VALUE and the separator. */
static inline enum reject_reason take_any_order(const struct fields *to, const char **at,
                                                const char *end)
{
    const char *sign[FIELDS_SIGNS_MAX];
    const char *after = find_signs(to, *at, end, sign);
    if (after == NULL || !take_clean(to, sign, end))
        return take_words(to, at, end);
    *at = after;
    return REJECT_NONE;
}

/* Fixed order */

/* Whether the template's text of up to eight bytes comes at *at as it is written there: nearly every
 * text does. Eight bytes of `text` are readable. */
static inline bool take_text_as_is(const char *text, unsigned len, const char **at, const char *end)
{
    const char *p = *at;
    if (len > 8 || len == 0 || end - p <= 8)
        return false;
    uint64_t wanted;
    uint64_t found;
    memcpy(&wanted, text, 8);
    memcpy(&found, p, 8);
    if ((le64toh(wanted) ^ le64toh(found)) << (64 - 8 * len) != 0)
        return false;
    if (text[len - 1] == ' ' && bytescan_is_blank(p[len]))
        return false; /* more blanks than one */
    *at = p + len;
    return true;
}

/* Whether the template's text comes at *at; a blank of it takes one or more blanks. */
static inline bool take_text(const char *text, unsigned len, const char **at, const char *end)
{
    if (take_text_as_is(text, len, at, end))
        return true;
    const char *p = *at;
    for (unsigned i = 0; i < len; i++) {
        if (p == end)
            return false;
        if (text[i] == ' ') {
            if (!bytescan_is_blank(*p))
                return false;
            p = bytescan_skip_blanks(p, end);
        } else if (*p++ != text[i]) {
            return false;
        }
    }
    *at = p;
    return true;
}

/* A path with fields after it: up to the template's next text. */
static void take_path(const struct fields *to, const struct layout_field *field, const char **at,
                      const char *end)
{
    const struct layout *layout = to->layout;
    bool is_last = field + 1 == layout->field + layout->count;
    const char *text = layout->text + (is_last ? layout->tail_begin : field[1].text_begin);
    unsigned len = is_last ? layout->tail_len : field[1].text_len;
    const char *begin = *at;
    const char *p = begin;
    const char *after = p;
    while (len != 0 && p < end && !take_text(text, len, &after, end)) {
        p += *p == '\\' && end - p > 1 && to->escape == LAYOUT_BACKSLASH ? 2 : 1;
        after = p;
    }
    *at = len == 0 ? end : p;
    to->entry->path = (struct slice){begin, (size_t)(*at - begin)};
}

/* The fields of a template, and the separator where it holds no path; *at is left after `--`. */
static enum reject_reason take_fixed_order(const struct fields *to, const char **at,
                                           const char *end)
{
    const struct layout *layout = to->layout;
    const char *p = *at;
    if (layout->head == LAYOUT_HEAD_NONE) /* a first column may be set flush right */
        p = bytescan_skip_blanks(p, end);
    for (unsigned i = 0; i < layout->count; i++) {
        const struct layout_field *field = &layout->field[i];
        if (!take_text(layout->text + field->text_begin, field->text_len, &p, end))
            return REJECT_TEMPLATE;
        enum reject_reason reason = REJECT_NONE;
        if (field->value == LAYOUT_PATH)
            take_path(to, field, &p, end);
        else
            reason = take_value(to, field, &p, end);
        if (reason != REJECT_NONE)
            return reason;
    }
    if (!take_text(layout->text + layout->tail_begin, layout->tail_len, &p, end))
        return REJECT_TEMPLATE;
    *at = p;
    if (layout->has_path)
        return p == end ? REJECT_NONE : REJECT_TEMPLATE;
    p = bytescan_skip_blanks(p, end);
    if (p == *at || end - p < 3 || p[0] != '-' || p[1] != '-' || !bytescan_is_blank(p[2]))
        return fields_separator(*at, end) == NULL ? REJECT_SEPARATOR : REJECT_TEMPLATE;
    *at = p + 2;
    return REJECT_NONE;
}

const char *fields_separator(const char *p, const char *end)
{
    for (; (p = bytescan_pair(p, end, '-')) != end; p++)
        if (bytescan_is_blank(p[-1]) && end - p >= 3 && bytescan_is_blank(p[2]))
            return p;
    return NULL;
}

enum reject_reason fields_take(const struct fields *to, const char **at, const char *end)
{
    struct fields_reader *reader = to->reader;
    *to->reject = (struct reject){REJECT_NONE, 0, {NULL, 0}};
    if (reader->layout != to->layout) {
        reader->layout = to->layout;
        reader->shape.signs = 0;
    }
    return to->layout->any_order ? take_any_order(to, at, end) : take_fixed_order(to, at, end);
}
