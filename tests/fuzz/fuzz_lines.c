/* fuzz_lines: what is true of every record, whatever its bytes. */
#include "fuzz_lines.h"

#include "arena.h"

static void check_entry(const struct entry *entry)
{
    fuzz_check(entry->path.len > 0 && entry->path.ptr[0] == '/');
    fuzz_check(memchr(entry->path.ptr, '\0', entry->path.len) == NULL);
    fuzz_check(entry->size >= 0 && entry->alloc >= 0);
}

static void check_same(const struct entry *a, const struct entry *b)
{
    fuzz_check(slice_equal(a->path, b->path));
    fuzz_check(a->size == b->size && a->alloc == b->alloc && a->uid == b->uid && a->gid == b->gid);
    fuzz_check(a->atime == b->atime && a->mtime == b->mtime);
    fuzz_check(a->is_directory == b->is_directory);
}

/* Reads the record, which is all of the text, without what others have taught. */
static void read_alone(const struct record_log *log, struct slice record, enum record_kind expected,
                       const struct entry *entry, const struct reject *reject)
{
    struct record_reader alone = {.line = {NULL, 0}};
    struct entry same;
    struct reject why = {.reason = REJECT_NONE};
    fuzz_check(record_next(log, &alone, &record, &same, &why) == expected);
    if (expected == RECORD_ENTRY)
        check_same(entry, &same);
    if (expected != RECORD_HEADER)
        fuzz_check(why.reason == reject->reason);
    record_reader_dispose(&alone);
}

void fuzz_lines(const struct record_log *log, struct slice text)
{
    struct record_reader reader = {.line = {NULL, 0}};
    while (text.len > 0) {
        struct slice before = text;
        struct entry entry;
        struct reject reject = {.reason = REJECT_NONE};
        enum record_kind kind = record_next(log, &reader, &text, &entry, &reject);
        fuzz_check(text.len < before.len && text.ptr + text.len == before.ptr + before.len);
        fuzz_check(kind != RECORD_NO_MEMORY);
        if (kind == RECORD_ENTRY)
            check_entry(&entry);
        struct slice record = {before.ptr, before.len - text.len};
        read_alone(log, record, kind, &entry, &reject);
    }
    record_reader_dispose(&reader);
}
