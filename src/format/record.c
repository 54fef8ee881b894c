/* record: the one engine that reads the lines of every layout.
 *
 * A line is classed as header first and checked for a NUL; then come HEAD, FIELDS and the path. The
 * fields of a layout of any order are found at their equals signs, which linescan has marked; the
 * keys of a log come in the same order line after line, so the last line's order says which field a
 * key is. The fields of a fixed order are walked through by the template. Optional values that
 * cannot be used leave a flaw; required ones reject the line.
 *
 * A line that fails in its fields, or whose path holds a further ` -- `, is searched for a second
 * record, because `lfs find` cuts a record at 1,023 bytes, loses its newline and so glues the next
 * one on. Reentrant; a reader belongs to one thread. */
#include "record.h"

#include <endian.h>

#include "bytescan.h"
#include "clock.h"
#include "escape.h"
#include "num.h"

/* How far before its ` -- ` a second record may begin. Real fields take some 200 bytes; the bound
 * keeps the search short on a path that was made to be slow to search. */
enum { SECOND_RECORD_REACH = 512 };

/* More digits than the number of a real HEAD has. */
enum { DIGITS_MAX = 20 };

enum { MODE_LEN = 10 };

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static inline const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && is_blank(*p))
        p++;
    return p;
}

static inline bool is_stop(char c, char stop)
{
    return stop == ' ' ? is_blank(c) : c == stop;
}

static inline const char *find_stop(const char *p, const char *end, char stop)
{
    if (stop == ' ')
        return bytescan_blank(p, end);
    const char *found = memchr(p, stop, (size_t)(end - p));
    return found == NULL ? end : found;
}

/* HEAD */

/* Digits and the blanks after them. */
static inline bool head_number(const char **at, const char *end)
{
    const char *p = num_skip_digits(*at, end);
    if (p == *at || p == end || !is_blank(*p))
        return false;
    *at = skip_blanks(p, end);
    return true;
}

static bool head_gpfs(const char **at, const char *end)
{
    const char *p = *at;
    if (p < end && *p == '<') {
        const char *digits = ++p;
        p = num_skip_digits(p, end);
        if (p == digits || end - p < 2 || *p != '>' || !is_blank(p[1]))
            return false;
        p = skip_blanks(p + 1, end);
    }
    if (!head_number(&p, end) || !head_number(&p, end) || !head_number(&p, end))
        return false;
    *at = p;
    return true;
}

static bool is_hex_digit(char c)
{
    return num_is_digit(c) || (unsigned char)((c | 0x20) - 'a') < 6;
}

/* Three hexadecimal numbers: sequence, object, version. */
static bool head_lustre(const char **at, const char *end)
{
    const char *p = *at;
    for (int part = 0; part < 3; part++) {
        if (part != 0 && (p == end || *p++ != ':'))
            return false;
        if (end - p < 3 || p[0] != '0' || p[1] != 'x' || !is_hex_digit(p[2]))
            return false;
        p += 3;
        while (p < end && is_hex_digit(*p))
            p++;
    }
    if (p == end || !is_blank(*p))
        return false;
    *at = skip_blanks(p, end);
    return true;
}

bool record_head(enum layout_head head, const char **at, const char *end)
{
    switch (head) {
    case LAYOUT_HEAD_GPFS:
        return head_gpfs(at, end);
    case LAYOUT_HEAD_LUSTRE:
        return head_lustre(at, end);
    case LAYOUT_HEAD_FIND:
        return head_number(at, end);
    case LAYOUT_HEAD_NONE:
        break;
    }
    return true;
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

enum time_status { TIME_OK, TIME_SHAPE, TIME_DATE, TIME_RANGE };

/* Skips `.DIGITS`, if it is there. False: a point without digits. */
static inline bool skip_fraction(const char **at, const char *end)
{
    if (*at == end || **at != '.')
        return true;
    const char *digits = *at + 1;
    *at = num_skip_digits(digits, end);
    return *at != digits;
}

/* [-]SECONDS[.FRACTION]; the fraction is dropped. */
static enum time_status read_epoch(const char **at, const char *end, char stop, int64_t *instant)
{
    bool negative = *at < end && **at == '-';
    *at += negative;
    int64_t seconds = 0;
    enum num_status status = num_decimal(at, end, &seconds);
    if (status == NUM_SHAPE || !skip_fraction(at, end) || (*at < end && !is_stop(**at, stop)))
        return TIME_SHAPE;
    seconds = negative ? -seconds : seconds;
    if (status == NUM_OVERFLOW || seconds < CLOCK_MIN || seconds > CLOCK_MAX)
        return TIME_RANGE;
    *instant = seconds;
    return TIME_OK;
}

/* Eight bytes of a text such as `12:34:56`, the first the lowest, less those of the `pattern`: a
 * digit's value where the pattern has '0', and 0 elsewhere. False: the text is not of that pattern.
 */
static inline bool read_pattern(const char *text, const char *pattern, uint64_t *digits)
{
    uint64_t bytes;
    uint64_t wanted;
    memcpy(&bytes, text, 8);
    memcpy(&wanted, pattern, 8);
    bytes = le64toh(bytes);
    wanted = le64toh(wanted);
    /* What must be added to a right byte's greatest value to reach 0x7F: 0x76 to a digit's 9, 0x7F
     * to the 0 of `-`, `/` and `:`, which differ from '0' in the bit 0x08. A wrong byte gets its
     * top bit, or has it. */
    uint64_t others = wanted >> 3 & UINT64_C(0x0101010101010101);
    uint64_t room = UINT64_C(0x7676767676767676) + others * 9;
    *digits = bytes ^ wanted;
    return (((*digits + room) | *digits) & UINT64_C(0x8080808080808080)) == 0;
}

/* The number that the digits at i and i + 1 make. */
static inline int pair_at(uint64_t digits, unsigned i)
{
    return (int)((digits * 10 + (digits >> 8)) >> 8 * i & 0xFF);
}

/* YYYY-MM-DD or YYYY/MM/DD, RECORD_DATE_LEN readable bytes. */
static enum time_status read_day(const char *date, struct record_day *day)
{
    bool has_slash = date[4] == '/';
    uint64_t front;
    uint64_t back;
    if (!read_pattern(date, has_slash ? "0000/00/" : "0000-00-", &front) ||
        !read_pattern(date + 2, has_slash ? "00/00/00" : "00-00-00", &back))
        return TIME_SHAPE;
    int year = pair_at(front, 0) * 100 + pair_at(back, 0);
    int month = pair_at(back, 3);
    int number = pair_at(back, 6);
    if (!clock_date_exists(year, month, number))
        return TIME_DATE;
    memcpy(day->date, date, RECORD_DATE_LEN);
    day->begin = clock_from_date(year, month, number);
    return TIME_OK;
}

/* HH:MM:SS, 8 readable bytes. */
static inline enum time_status read_time_of_day(const char *time, int64_t *second)
{
    uint64_t digits;
    if (!read_pattern(time, "00:00:00", &digits))
        return TIME_SHAPE;
    int hour = pair_at(digits, 0);
    int minute = pair_at(digits, 3);
    int sixtieth = pair_at(digits, 6);
    *second = hour * 3600 + minute * 60 + sixtieth;
    return hour > 23 || minute > 59 || sixtieth > 59 ? TIME_DATE : TIME_OK;
}

/* A date, a `T` or blanks, and HH:MM:SS[.FRACTION]; the fraction is dropped. */
static inline enum time_status read_stamp(const char **at, const char *end, char stop,
                                          struct record_day *day, int64_t *instant)
{
    const char *date = *at;
    if (end - date <= RECORD_DATE_LEN)
        return TIME_SHAPE;
    const char *time = date + RECORD_DATE_LEN;
    if (*time == 'T')
        time++;
    else if (is_blank(*time))
        time = skip_blanks(time, end);
    else
        return TIME_SHAPE;
    if (end - time < 8)
        return TIME_SHAPE;
    enum time_status day_status = TIME_OK;
    if (memcmp(date, day->date, RECORD_DATE_LEN) != 0)
        day_status = read_day(date, day);
    int64_t second = 0;
    enum time_status time_status = read_time_of_day(time, &second);
    const char *p = time + 8;
    if (day_status == TIME_SHAPE || time_status == TIME_SHAPE || !skip_fraction(&p, end) ||
        (p < end && !is_stop(*p, stop)))
        return TIME_SHAPE;
    *at = p;
    *instant = day->begin + second;
    return day_status != TIME_OK ? day_status : time_status;
}

static inline enum time_status read_time(const struct layout *layout, const char **at,
                                         const char *end, char stop, struct record_day *day,
                                         int64_t *instant)
{
    enum layout_times times = layout->times;
    bool takes_slashes = !layout->any_order;
    if (end - *at > 4 && (*at)[4] == '/' && !takes_slashes)
        return TIME_SHAPE;
    if (times == LAYOUT_TIMES_EITHER) {
        bool is_date = end - *at > 4 && ((*at)[4] == '-' || (*at)[4] == '/');
        times = is_date ? LAYOUT_TIMES_DATE : LAYOUT_TIMES_EPOCH;
    }
    if (times == LAYOUT_TIMES_EPOCH)
        return read_epoch(at, end, stop, instant);
    return read_stamp(at, end, stop, day, instant);
}

/* An age in days before the scan. */
static enum time_status read_age(int64_t scan_day, const char **at, const char *end, char stop,
                                 int64_t *instant)
{
    bool negative = *at < end && **at == '-';
    *at += negative;
    int64_t days = 0;
    enum num_status status = num_decimal(at, end, &days);
    if (status == NUM_SHAPE || !skip_fraction(at, end) || (*at < end && !is_stop(**at, stop)))
        return TIME_SHAPE;
    if (status == NUM_OVERFLOW || days > CLOCK_MAX / CLOCK_DAY * 2)
        return TIME_RANGE;
    int64_t age = days * CLOCK_DAY;
    *instant = negative ? scan_day + age : scan_day - age;
    return *instant < CLOCK_MIN || *instant > CLOCK_MAX ? TIME_RANGE : TIME_OK;
}

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

static inline bool read_type(const struct layout *layout, const char **at, const char *end,
                             char stop, bool *is_directory)
{
    const char *p = *at;
    *at = find_stop(p, end, stop);
    if (*at - p != 1)
        return !layout->any_order &&
               read_type_word((struct slice){p, (size_t)(*at - p)}, is_directory);
    *is_directory = *p == 'd';
    const char *letters = layout->head == LAYOUT_HEAD_LUSTRE ? "dflpsbc?" : "dflpsbc?DU";
    return *p != '\0' && strchr(letters, *p) != NULL;
}

/* Fields */

/* What a record's fields are read with, and where they go. */
struct reading {
    const struct record_log *log;
    struct record_reader *reader;
    struct entry *entry;
    struct reject *reject;
};

/* Notes a value that cannot be used, [value, its stop), and leaves *at there. The first flaw of a
 * line is kept, unless the line is rejected later. */
static __attribute__((cold)) enum reject_reason unusable(const struct reading *to,
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

/* Of three reasons in a row, that of a time: malformed, of a date that does not exist, out of
 * range. */
static enum reject_reason time_reason(enum reject_reason malformed, enum time_status status)
{
    return (enum reject_reason)((int)malformed + (int)status - (int)TIME_SHAPE);
}

static inline enum reject_reason take_time(const struct reading *to,
                                           const struct layout_field *field, const char **at,
                                           const char *end, char stop)
{
    const char *value = *at;
    bool is_atime = field->value == LAYOUT_ATIME || field->value == LAYOUT_ATIME_DAYS;
    int64_t instant = ENTRY_NO_TIME;
    enum time_status status =
        field->value == LAYOUT_ATIME || field->value == LAYOUT_MTIME
            ? read_time(to->log->layout, at, end, stop, &to->reader->day[!is_atime], &instant)
            : read_age(to->log->scan_day, at, end, stop, &instant);
    if (status != TIME_OK) {
        const char *stamp_end = *at;
        enum reject_reason reason = unusable(
            to, time_reason(is_atime ? REJECT_ATIME : REJECT_MTIME, status), value, at, end, stop);
        if (status == TIME_DATE) /* a stamp of two words was read to its end */
            *at = stamp_end;
        return reason;
    }
    *(is_atime ? &to->entry->atime : &to->entry->mtime) = instant;
    return REJECT_NONE;
}

/* Reads the value of a field from *at on and leaves *at at its stop. */
__attribute__((always_inline)) static inline enum reject_reason
take_value(const struct reading *to, const struct layout_field *field, const char **at,
           const char *end, char stop)
{
    struct entry *entry = to->entry;
    const char *value = *at;
    enum num_status status;
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
        if (!read_type(to->log->layout, at, end, stop, &entry->is_directory))
            reason = REJECT_TYPE;
        break;
    case LAYOUT_ATIME:
    case LAYOUT_MTIME:
    case LAYOUT_ATIME_DAYS:
    case LAYOUT_MTIME_DAYS:
        return take_time(to, field, at, end, stop);
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
        *at = find_stop(value, end, stop);
        break;
    }
    return reason == REJECT_NONE ? REJECT_NONE : unusable(to, reason, value, at, end, stop);
}

/* Any order */

/* The blanks before the 64 bytes of block i; before a window there is one. */
static inline uint64_t blanks_before(const struct linescan *marks, unsigned i)
{
    return i == 0 ? UINT64_MAX : marks->blank[i - 1];
}

/* Where in block i a `--` begins with blanks on both sides. */
static inline uint64_t separators(const struct linescan *marks, unsigned i)
{
    bool is_last = i + 1 == marks->blocks;
    uint64_t hyphen = marks->hyphen[i];
    uint64_t blank = marks->blank[i];
    uint64_t next_hyphen = is_last ? 0 : marks->hyphen[i + 1];
    uint64_t next_blank = is_last ? 0 : marks->blank[i + 1];
    return hyphen & (hyphen >> 1 | next_hyphen << 63) & (blank >> 2 | next_blank << 62) &
           (blank << 1 | blanks_before(marks, i) >> 63);
}

/* The letters of the key that ends before the equals sign at `bit` of block i; 0: there is none
 * that a layout could have. */
static unsigned key_length(const struct linescan *marks, unsigned i, unsigned bit)
{
    uint64_t before = blanks_before(marks, i);
    uint64_t blanks = bit == 0 ? before : marks->blank[i] << (64 - bit) | before >> bit;
    unsigned len = blanks == 0 ? 64 : (unsigned)__builtin_clzll(blanks);
    return len <= LAYOUT_KEY_MAX ? len : 0;
}

/* A key as layout_field has it. */
static uint64_t key_word(const char *key, unsigned len, const char *end)
{
    uint64_t letters = 0;
    for (unsigned k = 0; k < len && key + k < end; k++)
        letters |= (uint64_t)(unsigned char)key[k] << 8 * k;
    return letters;
}

/* The eight bytes before `sign`, the nearest the highest. */
static inline uint64_t word_before(const char *sign)
{
    uint64_t word;
    memcpy(&word, sign - 8, 8);
    return le64toh(word);
}

static const struct layout_field *field_of(const struct layout *layout, uint64_t key)
{
    for (unsigned i = 0; i < layout->count; i++)
        if (layout->field[i].key == key)
            return &layout->field[i];
    return NULL;
}

/* The required values are there. */
static inline enum reject_reason complete(const struct layout *layout, unsigned seen)
{
    if ((seen & 1u << LAYOUT_SIZE) == 0)
        return REJECT_NO_SIZE;
    if (layout->has_owner && (seen & (1u << LAYOUT_UID | 1u << LAYOUT_USER)) == 0)
        return REJECT_NO_OWNER;
    if (layout->has_kind && (seen & (1u << LAYOUT_MODE | 1u << LAYOUT_TYPE)) == 0)
        return REJECT_NO_KIND;
    return REJECT_NONE;
}

/* A walk through the equals signs of a line. */
struct walk {
    unsigned seen;               /* a bit a value */
    struct record_key *expected; /* at the next equals sign */
};

/* Learns what comes before the equals sign at `bit` of block i: in the next line the same is
 * expected at the same place. */
static __attribute__((noinline)) const struct layout_field *learn_key(const struct reading *to,
                                                                      struct record_key *expected,
                                                                      unsigned i, unsigned bit,
                                                                      const char *end)
{
    const struct linescan *marks = &to->reader->marks;
    const char *sign = marks->begin + (size_t)i * LINESCAN_BLOCK + bit;
    unsigned len = key_length(marks, i, bit);
    const struct layout_field *field = NULL;
    if (len != 0)
        field = field_of(to->log->layout, key_word(sign - len, len, end));
    *expected = (struct record_key){RECORD_KEY_UNSET, field};
    /* A key of 8 letters, or none that ends here, leaves no room for the blank: learned anew. */
    if (len != 0 && len < LAYOUT_KEY_MAX && sign >= to->reader->first_sign) {
        unsigned spare = 8 * (LAYOUT_KEY_MAX - 1 - len); /* bits before the key and its blank */
        expected->mask = UINT64_MAX << spare;
        expected->word = word_before(sign) & expected->mask;
    }
    return field;
}

/* Reads the fields whose equals signs are the bits of `equal` in block i. */
static inline enum reject_reason take_block(const struct reading *to, struct walk *walk, unsigned i,
                                            uint64_t equal, const char *end)
{
    struct record_reader *reader = to->reader;
    const struct record_key *last = &reader->shape[RECORD_SHAPE_MAX - 1];
    const char *floor = reader->first_sign;
    const char *block = reader->marks.begin + (size_t)i * LINESCAN_BLOCK;
    for (; equal != 0; equal &= equal - 1) {
        unsigned bit = (unsigned)__builtin_ctzll(equal);
        const char *at = block + bit;
        struct record_key *expected = walk->expected;
        walk->expected += expected != last;
        const struct layout_field *field =
            at >= floor && (word_before(at) & expected->mask) == expected->word
                ? expected->field
                : learn_key(to, expected, i, bit, end);
        if (field == NULL)
            continue;
        unsigned told = 1u << field->value;
        if ((walk->seen & told) != 0)
            return REJECT_TWO_RECORDS;
        walk->seen |= told;
        at++;
        enum reject_reason reason = take_value(to, field, &at, end, ' ');
        if (reason != REJECT_NONE)
            return reason;
    }
    return REJECT_NONE;
}

/* Where the last word of a full window begins; `end` where no further word does. */
static const char *last_word(const struct linescan *marks, const char *end)
{
    for (unsigned i = marks->blocks; i-- > 0;)
        if (marks->blank[i] != 0)
            return marks->begin + (size_t)i * LINESCAN_BLOCK + 64 -
                   __builtin_clzll(marks->blank[i]);
    const char *blank = bytescan_blank(marks->begin + LINESCAN_BLOCKS * LINESCAN_BLOCK, end);
    return blank == end ? end : blank + 1;
}

/* FIELDS of KEY=VALUE and the separator; *at is left after the `--`. The marks are of [.., end)
 * from a place at or before *at on, where a word begins. */
static enum reject_reason take_any_order(const struct reading *to, const char **at, const char *end)
{
    struct linescan *marks = &to->reader->marks;
    size_t from = (size_t)(*at - marks->begin);
    to->reader->first_sign = marks->begin + 8;
    struct walk walk = {0, to->reader->shape};
    for (;;) {
        size_t marked = (size_t)marks->blocks * LINESCAN_BLOCK;
        bool is_last = (size_t)(end - marks->begin) <= marked;
        const char *next = is_last ? end : last_word(marks, end);
        size_t limit = (size_t)(next - marks->begin);
        for (unsigned i = (unsigned)(from / LINESCAN_BLOCK); i < marks->blocks; i++) {
            size_t begin = (size_t)i * LINESCAN_BLOCK;
            uint64_t wanted = from > begin ? UINT64_MAX << (from - begin) : UINT64_MAX;
            if (!is_last && limit < begin + LINESCAN_BLOCK)
                wanted &= limit <= begin ? 0 : (UINT64_C(1) << (limit - begin)) - 1;
            uint64_t separator = separators(marks, i) & wanted;
            uint64_t before = separator == 0 ? wanted : wanted & ((separator & -separator) - 1);
            enum reject_reason reason = take_block(to, &walk, i, marks->equal[i] & before, end);
            if (reason != REJECT_NONE)
                return reason;
            if (separator == 0)
                continue;
            *at = marks->begin + begin + __builtin_ctzll(separator) + 2;
            return *at >= end ? REJECT_SEPARATOR : complete(to->log->layout, walk.seen);
        }
        if (next == end)
            return REJECT_SEPARATOR;
        linescan_window(marks, next, end, to->log->null_ended);
        from = 0;
    }
}

/* Fixed order */

/* Whether the template's text comes at *at; a blank of it takes one or more blanks. */
static inline bool take_text(const char *text, unsigned len, const char **at, const char *end)
{
    const char *p = *at;
    for (unsigned i = 0; i < len; i++) {
        if (p == end)
            return false;
        if (text[i] == ' ') {
            if (!is_blank(*p))
                return false;
            p = skip_blanks(p, end);
        } else if (*p++ != text[i]) {
            return false;
        }
    }
    *at = p;
    return true;
}

/* A path with fields after it: up to the template's next text. */
static void take_path(const struct reading *to, const struct layout_field *field, const char **at,
                      const char *end)
{
    const struct layout *layout = to->log->layout;
    bool is_last = field + 1 == layout->field + layout->count;
    const char *text = layout->text + (is_last ? layout->tail_begin : field[1].text_begin);
    unsigned len = is_last ? layout->tail_len : field[1].text_len;
    const char *begin = *at;
    const char *p = begin;
    const char *after = p;
    while (len != 0 && p < end && !take_text(text, len, &after, end)) {
        p += *p == '\\' && end - p > 1 && to->log->path_escape == LAYOUT_BACKSLASH ? 2 : 1;
        after = p;
    }
    *at = len == 0 ? end : p;
    to->entry->path = (struct slice){begin, (size_t)(*at - begin)};
}

/* The fields of a template, and the separator where it holds no path; *at is left after `--`. */
static enum reject_reason take_fixed_order(const struct reading *to, const char **at,
                                           const char *end)
{
    const struct layout *layout = to->log->layout;
    const char *p = *at;
    for (unsigned i = 0; i < layout->count; i++) {
        const struct layout_field *field = &layout->field[i];
        if (!take_text(layout->text + field->text_begin, field->text_len, &p, end))
            return REJECT_TEMPLATE;
        enum reject_reason reason = REJECT_NONE;
        if (field->value == LAYOUT_PATH)
            take_path(to, field, &p, end);
        else
            reason = take_value(to, field, &p, end, field->stop);
        if (reason != REJECT_NONE)
            return reason;
    }
    if (!take_text(layout->text + layout->tail_begin, layout->tail_len, &p, end))
        return REJECT_TEMPLATE;
    *at = p;
    if (layout->has_path)
        return p == end ? REJECT_NONE : REJECT_TEMPLATE;
    p = skip_blanks(p, end);
    if (p == *at || end - p < 3 || p[0] != '-' || p[1] != '-' || !is_blank(p[2]))
        return record_separator(*at, end) == NULL ? REJECT_SEPARATOR : REJECT_TEMPLATE;
    *at = p + 2;
    return REJECT_NONE;
}

static inline enum reject_reason take_fields(const struct reading *to, const char **at,
                                             const char *end)
{
    *to->reject = (struct reject){REJECT_NONE, 0, {NULL, 0}};
    return to->log->layout->any_order ? take_any_order(to, at, end) : take_fixed_order(to, at, end);
}

/* Fields that are percent-encoded, read from a decoded copy. *no_memory: there is none for it. */
static enum reject_reason take_escaped(const struct reading *to, const char **at, const char *end,
                                       bool *no_memory)
{
    static const char separator[] = " -- /";
    const char *stop = record_separator(*at, end);
    if (stop == NULL)
        return REJECT_SEPARATOR;
    size_t len = (size_t)(stop - *at);
    char *copy = arena_alloc(&to->reader->decoded, len + sizeof separator, 1);
    *no_memory = copy == NULL;
    if (copy == NULL)
        return REJECT_NONE;
    len = escape_decode_percent((struct slice){*at, len}, copy);
    memcpy(copy + len, separator, sizeof separator);
    const char *decoded = copy;
    const char *decoded_end = copy + len + sizeof separator - 1;
    linescan_window(&to->reader->marks, decoded, decoded_end, to->log->null_ended);
    enum reject_reason reason = take_fields(to, &decoded, decoded_end);
    *at = stop + 2;
    return reason;
}

/* Second records */

/* The first `--` in [p, end) with blanks on both sides that a path follows, or NULL. p[-1] is
 * readable. */
static const char *path_separator(const char *p, const char *end)
{
    while ((p = record_separator(p, end)) != NULL) {
        const char *path = skip_blanks(p + 2, end);
        if (path < end && *path == '/')
            return p;
        p++;
    }
    return NULL;
}

const char *record_separator(const char *p, const char *end)
{
    for (; (p = bytescan_pair(p, end, '-')) != end; p++)
        if (is_blank(p[-1]) && end - p >= 3 && is_blank(p[2]))
            return p;
    return NULL;
}

/* Whether path_separator may find something in [p, end), by the marks; true where they do not
 * reach that far. */
static bool may_hold_separator(const struct linescan *marks, const char *p, const char *end)
{
    size_t at = (size_t)(p - marks->begin);
    size_t marked = (size_t)marks->blocks * LINESCAN_BLOCK;
    if (p < marks->begin || (size_t)(end - marks->begin) > marked || at >= marked)
        return true;
    unsigned i = (unsigned)(at / LINESCAN_BLOCK);
    uint64_t hyphens = marks->hyphen[i] & UINT64_MAX << at % LINESCAN_BLOCK;
    for (;;) {
        uint64_t next = i + 1 < marks->blocks ? marks->hyphen[i + 1] : 0;
        if ((hyphens & (hyphens >> 1 | next << (LINESCAN_BLOCK - 1))) != 0)
            return true;
        if (++i >= marks->blocks)
            return false;
        hyphens = next;
    }
}

/* Whether a record begins at p: a HEAD, and fields that are right, before a ` -- /`. The marks of
 * the reader are used up. */
static bool is_record(const struct reading *to, const char *p, const char *end)
{
    if (end - p > DIGITS_MAX && num_skip_digits(p, p + DIGITS_MAX) == p + DIGITS_MAX)
        return false; /* do not count its digits again and again */
    const char *reach = end - p > SECOND_RECORD_REACH ? p + SECOND_RECORD_REACH : end;
    if (!record_head(to->log->layout->head, &p, reach))
        return false;
    struct entry entry = {.path = {NULL, 0}};
    struct reject reject;
    struct reading scratch = {to->log, to->reader, &entry, &reject};
    linescan_window(&to->reader->marks, p, end, to->log->null_ended);
    if (take_fields(&scratch, &p, end) != REJECT_NONE)
        return false;
    p = skip_blanks(p, end);
    return p < end && *p == '/';
}

/* Where in [from, end) a record begins, or NULL. Only where a separator still comes can one begin;
 * a HEAD begins with a digit or, with GPFS's thread, with `<`. */
static const char *find_second(const struct reading *to, const char *from, const char *end)
{
    const char *separator = from;
    while ((separator = path_separator(separator + 1, end)) != NULL) {
        if (separator - from > SECOND_RECORD_REACH)
            from = separator - SECOND_RECORD_REACH;
        for (; from < separator; from++)
            if ((num_is_digit(*from) || *from == '<') && is_record(to, from, end))
                return from;
    }
    return NULL;
}

/* Whether no run of fields can be taken for a HEAD, and lines may hold a second record at all. */
static bool has_distinct_head(const struct layout *layout)
{
    return layout->head == LAYOUT_HEAD_GPFS || layout->head == LAYOUT_HEAD_LUSTRE;
}

/* A line whose fields are wrong; it may be two records, the first one cut in its fields. Where HEAD
 * is but a number, any `x=8 s=1` looks like one, so there only a key that comes twice is a sign. */
static __attribute__((noinline)) enum record_kind
rejected_fields(const struct reading *to, const char *fields, enum reject_reason reason)
{
    struct slice line = to->reader->line;
    struct reject found = {
        reason, 0, to->reject->reason == reason ? to->reject->value : (struct slice){NULL, 0}};
    bool may_be_two = reason == REJECT_TWO_RECORDS || has_distinct_head(to->log->layout);
    const char *second = may_be_two && !to->log->fields_are_escaped && !to->log->layout->has_path
                             ? find_second(to, fields, line.ptr + line.len)
                             : NULL;
    if (second != NULL)
        found = (struct reject){REJECT_TWO_RECORDS, (size_t)(second - line.ptr), {NULL, 0}};
    *to->reject = found;
    return RECORD_REJECT;
}

/* Paths */

/* Where in a path, the rest of the line that was marked, the last slash is. */
static size_t last_slash(const struct linescan *marks, struct slice path)
{
    const char *end = path.ptr + path.len;
    unsigned i = marks->blocks;
    if (path.ptr >= marks->begin && (size_t)(end - marks->begin) <= (size_t)i * LINESCAN_BLOCK) {
        while (marks->slash[--i] == 0) /* it has one: it begins with it */
            ;
        size_t bit = LINESCAN_BLOCK - 1 - (size_t)__builtin_clzll(marks->slash[i]);
        return (size_t)i * LINESCAN_BLOCK + bit - (size_t)(path.ptr - marks->begin);
    }
    return (size_t)((const char *)memrchr(path.ptr, '/', path.len) - path.ptr);
}

static enum reject_reason check_path(struct slice path, bool is_directory)
{
    if (path.len == 0)
        return REJECT_EMPTY_PATH;
    if (path.ptr[0] != '/')
        return REJECT_RELATIVE_PATH;
    if (is_directory || (path.len > 1 && path.ptr[1] != '/'))
        return REJECT_NONE;
    size_t slashes = 0;
    while (slashes < path.len && path.ptr[slashes] == '/')
        slashes++;
    return slashes == path.len ? REJECT_ROOT : REJECT_NONE;
}

/* Decodes the entry's path into the reader's memory. -1: out of memory. */
static int decode_path(const struct reading *to)
{
    struct slice path = to->entry->path;
    char *copy = arena_alloc(&to->reader->decoded, path.len + 1, 1);
    if (copy == NULL)
        return -1;
    size_t len = to->log->path_escape == LAYOUT_PERCENT ? escape_decode_percent(path, copy)
                                                        : escape_decode_backslash(path, copy);
    to->entry->path = (struct slice){copy, len};
    return 0;
}

static inline enum record_kind rejected(struct reject *reject, enum reject_reason reason,
                                        size_t second)
{
    *reject = (struct reject){reason, second, {NULL, 0}};
    return RECORD_REJECT;
}

/* The path, which is the rest of the line or was among the fields. */
static inline enum record_kind take_rest(const struct reading *to, const char *at, const char *end)
{
    const struct record_log *log = to->log;
    struct entry *entry = to->entry;
    bool is_marked = !log->layout->has_path && !log->fields_are_escaped;
    if (!log->layout->has_path) {
        at = skip_blanks(at, end);
        entry->path = (struct slice){at, (size_t)(end - at)};
    }
    if (is_marked && may_hold_separator(&to->reader->marks, at, end) &&
        path_separator(at + 1, end) != NULL) {
        struct entry kept = *entry;
        const char *second = find_second(to, at, end);
        if (second != NULL)
            return rejected(to->reject, REJECT_TWO_RECORDS,
                            (size_t)(second - to->reader->line.ptr));
        *entry = kept;
        is_marked = false;
    }
    if (log->path_escape != LAYOUT_PLAIN) {
        if (decode_path(to) != 0)
            return RECORD_NO_MEMORY;
        if (memchr(entry->path.ptr, '\0', entry->path.len) != NULL)
            return rejected(to->reject, REJECT_NUL, 0);
        is_marked = false;
    }
    enum reject_reason reason = check_path(entry->path, entry->is_directory);
    if (reason != REJECT_NONE)
        return rejected(to->reject, reason, 0);
    if (is_marked)
        entry->slash = last_slash(&to->reader->marks, entry->path);
    else
        entry->slash = (size_t)((const char *)memrchr(entry->path.ptr, '/', entry->path.len) -
                                entry->path.ptr);
    return RECORD_ENTRY;
}

/* Headers */

static inline bool is_message(struct slice line)
{
    return line.len >= 3 && line.ptr[0] == '[' && line.ptr[2] == ']' && line.ptr[1] >= 'A' &&
           line.ptr[1] <= 'Z' && (line.len == 3 || is_blank(line.ptr[3]));
}

bool record_is_header(struct slice line)
{
    if (line.len == 0 || *line.ptr == '#' || is_message(line))
        return true;
    return is_blank(*line.ptr) && skip_blanks(line.ptr, line.ptr + line.len) == line.ptr + line.len;
}

static enum record_kind header(struct slice line, struct reject *reject)
{
    if (!is_message(line) || (line.ptr[1] != 'E' && line.ptr[1] != 'X'))
        return RECORD_HEADER;
    *reject = (struct reject){REJECT_SCAN_ERROR, 0, line};
    return RECORD_SCAN_ERROR;
}

/* A record as cut: what the caller has already seen of its bytes is not looked at again. */
static inline enum record_kind take_record(const struct reading *to, bool has_nul)
{
    const struct layout *layout = to->log->layout;
    struct slice line = to->reader->line;
    bool begins_as_most = line.len != 0 && (num_is_digit(*line.ptr) || *line.ptr == '<');
    if (!begins_as_most && record_is_header(line))
        return header(line, to->reject);
    if (has_nul)
        return rejected(to->reject, REJECT_NUL, 0);

    const char *end = line.ptr + line.len;
    const char *at = line.ptr;
    *to->entry = (struct entry){.atime = ENTRY_NO_TIME,
                                .mtime = ENTRY_NO_TIME,
                                .gid = ENTRY_NO_GROUP,
                                .uid = LAYOUT_UNKNOWN_OWNER};
    if (!record_head(layout->head, &at, end))
        return rejected(to->reject, to->log->null_ended ? REJECT_HEAD_NULL_ENDED : REJECT_HEAD, 0);
    const char *fields = at;
    bool no_memory = false;
    enum reject_reason reason = to->log->fields_are_escaped ? take_escaped(to, &at, end, &no_memory)
                                                            : take_fields(to, &at, end);
    if (no_memory)
        return RECORD_NO_MEMORY;
    if (reason != REJECT_NONE)
        return rejected_fields(to, fields, reason);
    return take_rest(to, at, end);
}

enum record_kind record_next(const struct record_log *log, struct record_reader *reader,
                             struct slice *text, struct entry *entry, struct reject *reject)
{
    const char *end = text->ptr + text->len;
    bool has_nul = false;
    const char *stop = log->null_ended ? linescan_record(&reader->marks, text->ptr, end)
                                       : linescan_line(&reader->marks, text->ptr, end, &has_nul);
    reader->line = (struct slice){text->ptr, (size_t)(stop - text->ptr)};
    if (stop != end) {
        if (log->drops_return && reader->line.len != 0 && stop[-1] == '\r')
            reader->line.len--;
        stop++;
    }
    *text = (struct slice){stop, (size_t)(end - stop)};
    if (reader->layout != log->layout) {
        for (int i = 0; i < RECORD_SHAPE_MAX; i++)
            reader->shape[i] = (struct record_key){RECORD_KEY_UNSET, NULL};
        reader->layout = log->layout;
    }
    const struct reading to = {log, reader, entry, reject};
    return take_record(&to, has_nul);
}

void record_reader_forget(struct record_reader *reader)
{
    arena_clear(&reader->decoded);
}

void record_reader_dispose(struct record_reader *reader)
{
    arena_clear(&reader->decoded);
    idcache_dispose(&reader->ids);
}
