/* previous: a database written with writer.h comes back as the counters it was made of. */
#include "previous.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "dirmap.h"
#include "gather.h"
#include "rollup.h"
#include "unit_database.h"
#include "unit_support.h"

static atomic_bool cancelled;
static size_t bytes_most; /* of the directories in memory */

static struct gather *begin_gathering(void)
{
    return gather_new(&(struct gather_options){
        .bytes_most = bytes_most, .temporary = "temporary", .threads = 2, .cancelled = &cancelled});
}

static void add(struct gather *dirs, const char *path, uint32_t uid, uint32_t gid, uint64_t files,
                uint64_t size, int64_t atime)
{
    struct slice slice = slice_from(path);
    struct dirmap_delta delta = {
        .hash = dirmap_hash(slice),
        .path = path,
        .path_len = (uint32_t)slice.len,
        .uid = uid,
        .gid = gid,
        .stat = {files, size, 3 * size, atime, atime == ENTRY_NO_TIME ? atime : atime + 60},
        .cell_count = files != 0};
    const struct cells_count cell = {files, size, cells_index(3, (unsigned)(files % 10))};
    assert_int_equal(dirmap_fold(gather_map(dirs), &delta, 1, &cell), 0);
    struct err err = {0};
    if (gather_is_full(dirs) && gather_relieve(dirs, &err) != 0)
        fail_msg("%s", err.text);
}

static uint64_t rest(uint64_t sum, uint64_t less)
{
    return sum > INT64_MAX ? DIRSTAT_OVERFLOW : sum - less;
}

/* Writes what is in the maps to the file at `path`. */
static void save(const char *path, struct gather *dirs, struct ownermap *users)
{
    struct writer_scan scans[] = {
        {.source_file = {"\xe9.log", 5},
         .scan_instant = 951782400,
         .import_instant = 1000000000,
         .filesystem = "fs",
         .format = "find",
         .directories = 1,
         .files = 2,
         .headers = 3,
         .rejected = 4,
         .excluded = 5,
         .lines = 15,
         .flawed = 6,
         .scan_errors = 7,
         .saturated = true,
         .age_by = "mtime",
         .size = 11,
         .alloc = 12,
         .source_size = 13,
         .source_mtime_ns = 1234567890123456789,
         .version = "0.1"},
        {.source_file = {"two.log", 7},
         .filesystem = "fs",
         .format = NULL,
         .age_by = "atime",
         .version = "0.1"},
    };
    const struct writer_options options = {
        .batch_rows = 1000, .threads = 2, .cancelled = &cancelled};
    struct ownermap *groups = ownermap_new();
    struct err err = {0};
    struct writer *writer = NULL;
    unit_support_write(path, "", 0);
    struct rollup_sums sums;
    assert_int_equal(gather_finish(dirs, users, groups, &sums, &err), 0);
    /* The second log has what the first has not. */
    scans[1].files = sums.own.files - scans[0].files;
    scans[1].lines = scans[1].files;
    scans[1].size = rest(sums.own.size, scans[0].size);
    scans[1].alloc = rest(sums.own.alloc, scans[0].alloc);
    const struct rows *rows = gather_rows(dirs);
    if (writer_open(&writer, path, &options, &err) != 0 ||
        writer_put_rows(writer, rows, &err) != 0 || writer_index(writer, rows, &err) != 0 ||
        writer_put_totals(writer, users, groups, &err) != 0 ||
        writer_put_scans(writer, scans, 2, &err) != 0 || writer_finish(writer, &err) != 0)
        fail_msg("%s", err.text);
    ownermap_free(groups);
}

/* Several owners, one, none; groups that are not recorded; a name that is not UTF-8. */
static struct gather *some_directories(void)
{
    struct gather *dirs = begin_gathering();
    add(dirs, "/", 1, 1, 1, 5, 100);
    add(dirs, "/a", 1, 1, 2, 50, -86400);
    add(dirs, "/a", 2, 1, 3, 60, ENTRY_NO_TIME);
    add(dirs, "/a", 2, ENTRY_NO_GROUP, 4, 70, 0);
    add(dirs, "/a/one", 1, 1, 5, 80, 1);
    add(dirs, "/a/one/nogroup", 1, ENTRY_NO_GROUP, 6, 90, 2);
    add(dirs, "/a/\xff\x80", ENTRY_ID_MAX, ENTRY_ID_MAX, 7, 100, 3);
    add(dirs, "/empty/below", 0, 0, 0, 0, ENTRY_NO_TIME);
    return dirs;
}

static const char everything[] =
    "SELECT path, dir_id, last_id, file_count_nr, dir_count_nr, total_size_nr, total_alloc_nr, "
    "max_atime_nr, file_count_r, dir_count_r, total_size_r, total_alloc_r, max_atime_r, "
    "owner_uid, owner_gid FROM directories JOIN directory_stats USING (dir_id) ORDER BY dir_id";

static struct previous *load(const char *path, struct gather *dirs)
{
    struct previous *previous = previous_new();
    struct err err = {0};
    if (previous_load(previous, path, dirs, &cancelled, &err) != 0)
        fail_msg("%s", err.text);
    return previous;
}

/* Read back and saved again, it is the same database. */
static void there_and_back(void **state)
{
    (void)state;
    struct gather *dirs = some_directories();
    struct ownermap *users = ownermap_new();
    save("first.db", dirs, users);
    gather_free(dirs);
    ownermap_free(users);

    dirs = begin_gathering();
    users = ownermap_new();
    struct previous *previous = load("first.db", dirs);
    save("second.db", dirs, users);
    static const struct {
        const char *sql;
        int columns;
    } parts[] = {
        {everything, 15},
        {"SELECT path, typeof(path), name, typeof(name) FROM directories ORDER BY dir_id", 4},
        {"SELECT path, max_mtime_nr, max_mtime_r FROM directory ORDER BY dir_id", 3},
        {"SELECT * FROM owner_usage ORDER BY 1, 2, 3", 7},
        {"SELECT * FROM owner_summary ORDER BY 1", 5},
        {"SELECT * FROM group_summary ORDER BY 1", 5},
        {"SELECT * FROM access_histogram ORDER BY 1, 2", 4},
        {"SELECT * FROM size_histogram ORDER BY 1, 2", 4},
        {"SELECT * FROM facts_owner ORDER BY 1", 3},
        {"SELECT block, hex(data) FROM facts ORDER BY 1", 2},
    };
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char *first = unit_database_read("first.db", parts[i].sql, parts[i].columns);
        assert_true(strlen(first) > 0);
        unit_database_expect("second.db", parts[i].sql, parts[i].columns, first);
        free(first);
    }
    previous_free(previous);
    gather_free(dirs);
    ownermap_free(users);
}

/* Into maps that hold something already: sums. */
static void it_adds_to_what_is_there(void **state)
{
    (void)state;
    struct gather *dirs = some_directories();
    struct ownermap *users = ownermap_new();
    save("first.db", dirs, users);
    struct gather *more = begin_gathering();
    struct ownermap *more_users = ownermap_new();
    add(more, "/a/one", 1, 1, 1, 1000, 500);
    add(more, "/new", 3, 3, 1, 2000, 600);
    struct previous *previous = load("first.db", more);
    save("sum.db", more, more_users);
    unit_database_expect("sum.db",
                         "SELECT path, file_count_nr, total_size_nr, max_atime_nr, owner_uid "
                         "FROM directories JOIN directory_stats USING (dir_id) "
                         "WHERE path IN ('/a/one', '/new') ORDER BY dir_id",
                         5,
                         "/a/one|6|1080|1970-01-01 00:08:20|1\n"
                         "/new|1|2000|1970-01-01 00:10:00|3\n");
    unit_database_expect("sum.db", "SELECT * FROM access_histogram WHERE owner_uid IN (1, 3)", 4,
                         "1|3|15|1225\n3|3|1|2000\n");
    previous_free(previous);
    gather_free(dirs);
    gather_free(more);
    ownermap_free(users);
    ownermap_free(more_users);
}

/* 2^63-1 in a database says that much or more: more added to it changes nothing. */
static void sums_that_have_passed_63_bits_come_back(void **state)
{
    (void)state;
    struct gather *dirs = begin_gathering();
    struct ownermap *users = ownermap_new();
    add(dirs, "/a", 1, 1, 2, DIRSTAT_OVERFLOW, 7);
    save("x.db", dirs, users);
    gather_free(dirs);
    ownermap_free(users);
    unit_database_expect("x.db", "SELECT total_size_nr FROM directory_stats", 1,
                         "9223372036854775807\n");

    dirs = begin_gathering();
    struct previous *previous = load("x.db", dirs);
    uint32_t id = dirmap_next(gather_map(dirs), DIRMAP_NONE, 0, 1);
    for (unsigned part = 1; id == DIRMAP_NONE; part++)
        id = dirmap_next(gather_map(dirs), DIRMAP_NONE, part, 64);
    const struct dirmap_dir *dir = dirmap_at(gather_map(dirs), id);
    assert_true(slice_equal((struct slice){dir->path, dir->path_len}, slice_from("/a")));
    assert_int_equal(dir->stat.files, 2);
    assert_true(dir->stat.size == DIRSTAT_OVERFLOW);
    struct cells_count cells[CELLS];
    assert_int_equal(dirmap_cells(gather_map(dirs), id, NULL, cells), 1);
    assert_int_equal(cells[0].files, 2);
    assert_true(cells[0].size == DIRSTAT_OVERFLOW);
    previous_free(previous);
    gather_free(dirs);
}

static void scans_are_kept_in_their_order(void **state)
{
    (void)state;
    struct gather *dirs = some_directories();
    struct ownermap *users = ownermap_new();
    add(dirs, "/huge", 9, 9, 1, INT64_MAX - 20, 0); /* with the others too much */
    save("x.db", dirs, users);
    struct gather *back = begin_gathering();
    struct previous *previous = load("x.db", back);
    size_t count;
    const struct writer_scan *scans = previous_scans(previous, &count);
    assert_int_equal(count, 2);
    assert_true(slice_equal(scans[0].source_file, slice_from("\xe9.log")));
    assert_int_equal(scans[0].scan_instant, 951782400);
    assert_int_equal(scans[0].import_instant, 1000000000);
    assert_string_equal(scans[0].filesystem, "fs");
    assert_string_equal(scans[0].format, "find");
    assert_int_equal(scans[0].directories, 1);
    assert_int_equal(scans[0].files, 2);
    assert_int_equal(scans[0].headers, 3);
    assert_int_equal(scans[0].rejected, 4);
    assert_int_equal(scans[0].excluded, 5);
    assert_int_equal(scans[0].lines, 15);
    assert_int_equal(scans[0].flawed, 6);
    assert_int_equal(scans[0].scan_errors, 7);
    assert_true(scans[0].saturated);
    assert_string_equal(scans[0].age_by, "mtime");
    assert_int_equal(scans[0].size, 11);
    assert_int_equal(scans[0].alloc, 12);
    assert_int_equal(scans[0].source_size, 13);
    assert_int_equal(scans[0].source_mtime_ns, 1234567890123456789);
    assert_string_equal(scans[0].version, "0.1");
    assert_true(slice_equal(scans[1].source_file, slice_from("two.log")));
    assert_true(scans[1].size == DIRSTAT_OVERFLOW);
    assert_false(scans[1].saturated);
    assert_string_equal(scans[1].age_by, "atime");
    assert_null(scans[1].format);
    previous_free(previous);
    gather_free(dirs);
    gather_free(back);
    ownermap_free(users);
    struct previous *none = previous_new();
    assert_null(previous_scans(none, &count));
    previous_free(none);
    assert_int_equal(count, 0);
    previous_free(NULL);
}

/* More directories than one batch of deltas. */
static void many_directories(void **state)
{
    (void)state;
    enum { DIRS = 5000 };
    struct gather *dirs = begin_gathering();
    struct ownermap *users = ownermap_new();
    for (int i = 0; i < DIRS; i++) {
        char path[32];
        snprintf(path, sizeof path, "/d/%d", i);
        add(dirs, path, 1, 1, 1, (uint64_t)i, i);
        add(dirs, path, 2, 1, 1, 1, i);
    }
    save("x.db", dirs, users);
    struct gather *back = begin_gathering();
    struct ownermap *back_users = ownermap_new();
    struct previous *previous = load("x.db", back);
    save("y.db", back, back_users);
    char *expected = unit_database_read("x.db", everything, 15);
    unit_database_expect("y.db", everything, 15, expected);
    unit_database_expect("y.db",
                         "SELECT file_count_r, total_size_r FROM directory_stats "
                         "WHERE dir_id = 1",
                         2, "10000|12502500\n"); /* 0 + ... + 4999, and 5000 */
    free(expected);
    previous_free(previous);
    gather_free(dirs);
    gather_free(back);
    ownermap_free(users);
    ownermap_free(back_users);
}

static void expect_no_load(const char *path)
{
    struct gather *dirs = begin_gathering();
    struct ownermap *users = ownermap_new();
    struct previous *previous = previous_new();
    struct err err = {0};
    assert_int_equal(previous_load(previous, path, dirs, &cancelled, &err), -1);
    assert_int_equal(err.status, ERR_FAILED);
    previous_free(previous);
    gather_free(dirs);
    ownermap_free(users);
}

static void what_cannot_be_loaded(void **state)
{
    (void)state;
    unit_support_write_text("text", "not a database, but a text that is longer than a header of "
                                    "SQLite is, which takes one hundred bytes\n");
    expect_no_load("missing.db");
    expect_no_load("text");
    struct gather *dirs = some_directories();
    struct ownermap *users = ownermap_new();
    save("x.db", dirs, users);
    gather_free(dirs);
    ownermap_free(users);
    atomic_store(&cancelled, true);
    expect_no_load("x.db");
    atomic_store(&cancelled, false);
}

static int check_replaceable(const char *path)
{
    struct err err = {0};
    int status = previous_check_replaceable(path, &err);
    if (status != 0)
        assert_non_null(strstr(err.text, path));
    return status;
}

/* Ours may be damaged beyond the header; another program's file stays. */
static void what_may_be_replaced(void **state)
{
    (void)state;
    struct gather *dirs = some_directories();
    struct ownermap *users = ownermap_new();
    save("x.db", dirs, users);
    gather_free(dirs);
    ownermap_free(users);
    size_t len;
    char *bytes = unit_support_read("x.db", &len);
    memset(bytes + 200, 0x55, len - 200);
    unit_support_write("damaged.db", bytes, len);
    unit_support_write("header.db", bytes, 72);
    unit_support_write("short.db", bytes, 71);
    bytes[70] ^= 1; /* the application id: bytes 68 to 71 */
    unit_support_write("foreign.db", bytes, len);
    free(bytes);
    unit_support_write("empty.db", "", 0);
    unit_support_write_text("text", "some text that is certainly longer than seventy-two bytes, "
                                    "which is what is looked at\n");
    assert_int_equal(check_replaceable("x.db"), 0);
    assert_int_equal(check_replaceable("missing.db"), 0);
    assert_int_equal(check_replaceable("empty.db"), 0);
    assert_int_equal(check_replaceable("damaged.db"), 0);
    assert_int_equal(check_replaceable("header.db"), 0);
    assert_int_equal(check_replaceable("short.db"), -1);
    assert_int_equal(check_replaceable("foreign.db"), -1);
    assert_int_equal(check_replaceable("text"), -1);
    struct err err = {0};
    assert_int_equal(previous_exists("x.db", &err), 1);
    assert_int_equal(previous_exists("text", &err), 1);
    assert_int_equal(previous_exists("missing.db", &err), 0);
    assert_int_equal(previous_exists("empty.db", &err), 0);
    assert_int_equal(err.status, ERR_NONE);
    /* Neither there nor not there, as far as anybody can tell. */
    assert_int_equal(previous_exists("text/x.db", &err), -1);
    assert_int_equal(err.status, ERR_FAILED);
}

int main(void)
{
#define IN_A_FOLDER(test)                                                                          \
    cmocka_unit_test_setup_teardown(test, unit_support_enter, unit_support_leave)
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(there_and_back),
        IN_A_FOLDER(it_adds_to_what_is_there),
        IN_A_FOLDER(sums_that_have_passed_63_bits_come_back),
        IN_A_FOLDER(scans_are_kept_in_their_order),
        IN_A_FOLDER(many_directories),
        IN_A_FOLDER(what_cannot_be_loaded),
        IN_A_FOLDER(what_may_be_replaced),
    };
    const struct CMUnitTest in_runs[] = {
        IN_A_FOLDER(there_and_back),
        IN_A_FOLDER(it_adds_to_what_is_there),
        IN_A_FOLDER(scans_are_kept_in_their_order),
    };
    int failed = cmocka_run_group_tests_name("previous", tests, NULL, NULL);
    bytes_most = 1; /* a run for each directory that is added, and for each batch that is read */
    return failed + cmocka_run_group_tests_name("previous in runs", in_runs, NULL, NULL);
}
