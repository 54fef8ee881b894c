/* writer: hand-made rows into a file, as pages and through SQL, and read back with reader. */
#include "writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "ownerpairs.h"
#include "unit_database.h"
#include "unit_support.h"
#include "utf8.h"

/* The last change was a minute after the last access. */
#define STAT(files, size, atime)                                                                   \
    {                                                                                              \
        files, size, 2 * (size), atime, (atime) == ENTRY_NO_TIME ? ENTRY_NO_TIME : (atime) + 60    \
    }

/* / with a/ (two owners, one of them twice) and a name that is not UTF-8 (no files). */
static const struct rows_dir tree[] = {
    {1,
     0,
     3,
     {"/", 1},
     0,
     STAT(0, 0, ENTRY_NO_TIME),
     STAT(4, 1000, 951782400),
     2,
     2,
     ROWS_SEVERAL,
     50},
    {2,
     1,
     2,
     {"/a b", 4},
     1,
     STAT(4, 1000, 951782400),
     STAT(4, 1000, 951782400),
     0,
     0,
     ROWS_SEVERAL,
     50},
    {3,
     1,
     3,
     {"/\xff\xc3", 3},
     1,
     STAT(0, 0, ENTRY_NO_TIME),
     STAT(0, 0, ENTRY_NO_TIME),
     0,
     0,
     -1,
     -1},
};

static const struct rows_usage usages[] = {
    {2, 7, 50, STAT(3, 600, -1)},
    {2, INT64_C(4294967294), -1, STAT(1, 400, ENTRY_NO_TIME)},
};

/* Rows out of arrays. */
struct source {
    const struct rows_dir *tree;
    const struct rows_usage *owned;
    size_t owned_count;
};

static void dir_of(const void *state, size_t i, struct rows_dir *row)
{
    *row = ((const struct source *)state)->tree[i];
}

static struct rows_place place_of_dir(const struct rows_dir *dir)
{
    return (struct rows_place){
        .parent_id = dir->parent_id,
        .last_id = dir->last_id,
        .path_is_blob = !utf8_is_valid(dir->path),
        .depth = dir->depth,
        .subtree_files = dir->subtree.files,
        .subtree_size = dir->subtree.size,
        .uid = dir->uid,
    };
}

static void place_of(const void *state, size_t i, struct rows_place *row)
{
    *row = place_of_dir(&((const struct source *)state)->tree[i]);
}

static struct slice path_of(const void *state, size_t i)
{
    return ((const struct source *)state)->tree[i].path;
}

static void usage_of(const void *state, size_t i, struct rows_usage *row)
{
    *row = ((const struct source *)state)->owned[i];
}

/* A share of some files, all of one cell. */
static int add_share(struct rows_shares *shares, const struct rows_usage *usage)
{
    if (rows_shares_grow(shares) != 0)
        return -1;
    shares->items[shares->count++] = (struct rows_share){*usage, 1};
    shares->cells[shares->cell_count++] =
        (struct cells_count){usage->stat.files, usage->stat.size, 34};
    return 0;
}

static int shares_of(const void *state, size_t i, struct rows_shares *shares)
{
    const struct source *source = state;
    const struct rows_dir *dir = &source->tree[i];
    int status = 0;
    for (size_t u = 0; u < source->owned_count && status == 0; u++)
        if (source->owned[u].dir_id == dir->id)
            status = add_share(shares, &source->owned[u]);
    if (dir->uid == ROWS_SEVERAL || dir->gid == ROWS_SEVERAL || dir->own.files == 0)
        return status;
    return add_share(shares, &(struct rows_usage){dir->id, dir->uid, dir->gid, dir->own});
}

/* Of all that the tests have. */
static struct ownerpairs_pair pair_items[] = {{7, -1}, {7, 50}, {7, 60}, {INT64_C(4294967294), -1}};
static const struct ownerpairs pairs = {.items = pair_items, .count = 4, .sorted = 4};

static struct rows rows_of(const struct source *source, size_t dirs)
{
    return (struct rows){.state = source,
                         .dirs = dirs,
                         .usages = source->owned_count,
                         .pairs = &pairs,
                         .dir = dir_of,
                         .place = place_of,
                         .path = path_of,
                         .usage = usage_of,
                         .shares = shares_of};
}

static const struct source all = {.tree = tree, .owned = usages, .owned_count = 2};

static struct rows all_rows(void)
{
    return rows_of(&all, 3);
}

/* How the tests write: all of them run for each kind of writer. */
static enum writer_kind kind = WRITER_PAGES;
static size_t page_size = 0;

static atomic_bool cancelled;

static struct writer *open_writer(const char *path, int64_t batch_rows)
{
    const struct writer_options options = {.kind = kind,
                                           .batch_rows = batch_rows,
                                           .threads = 2,
                                           .page_size = page_size,
                                           .cancelled = &cancelled};
    struct writer *writer = NULL;
    struct err err = {0};
    atomic_store(&cancelled, false);
    unit_support_write(path, "", 0);
    if (writer_open(&writer, path, &options, &err) != 0)
        fail_msg("%s", err.text);
    return writer;
}

static struct ownermap *some_users(void)
{
    struct ownermap *users = ownermap_new();
    struct ownermap_owner *user = ownermap_get(users, 7);
    user->stat = (struct dirstat)STAT(3, 600, -1);
    user->directories = 1;
    histogram_add(&user->histogram, 0, 0, 100);
    histogram_add(&user->histogram, 9, 0, 200);
    histogram_add(&user->histogram, 9, 1, 300);
    ownermap_get(users, INT64_C(4294967294))->stat = (struct dirstat)STAT(1, 400, ENTRY_NO_TIME);
    return users;
}

static struct ownermap *some_groups(void)
{
    struct ownermap *groups = ownermap_new();
    ownermap_get(groups, 50)->stat = (struct dirstat)STAT(3, 600, -1);
    ownermap_get(groups, -1)->stat = (struct dirstat)STAT(1, 400, ENTRY_NO_TIME);
    return groups;
}

static const struct writer_scan scans[] = {
    {.source_file = {"z.log", 5},
     .scan_instant = 951782400,
     .import_instant = 1000000000,
     .filesystem = "fs",
     .format = "gpfs",
     .directories = 1,
     .files = 2,
     .headers = 3,
     .rejected = 4,
     .excluded = 5,
     .lines = 15,
     .flawed = 6,
     .scan_errors = 7,
     .saturated = true,
     .age_by = "latest",
     .size = 11,
     .alloc = 12,
     .source_size = 13,
     .source_mtime_ns = -14,
     .version = "9.8"},
    {.source_file = {"\xe9.log", 5},
     .scan_instant = 0,
     .import_instant = 0,
     .filesystem = "fs",
     .format = NULL,
     .size = DIRSTAT_OVERFLOW,
     .age_by = "atime",
     .version = "9.8"},
};

static const struct writer_account users_known[] = {{7, "seven", "Seven, of Nine"},
                                                    {8, "eight", NULL}};
static const struct writer_account groups_known[] = {{50, "fif\xff", NULL}};

/* Puts all rows and what belongs to them. */
static int put_rows(struct writer *writer, const struct rows *rows, struct err *err)
{
    return writer_put_rows(writer, rows, err) != 0 ? -1 : writer_index(writer, rows, err);
}

/* The whole of a database, in the order of the steps. */
static void write_database(const char *path, int64_t batch_rows)
{
    struct writer *writer = open_writer(path, batch_rows);
    struct err err = {0};
    struct rows rows = all_rows();
    struct ownermap *users = some_users();
    struct ownermap *groups = some_groups();
    if (put_rows(writer, &rows, &err) != 0 || writer_put_totals(writer, users, groups, &err) != 0 ||
        writer_put_scans(writer, scans, 2, &err) != 0 ||
        writer_put_accounts(writer, users_known, 2, groups_known, 1, &err) != 0 ||
        writer_finish(writer, &err) != 0)
        fail_msg("%s", err.text);
    ownermap_free(users);
    ownermap_free(groups);
}

static void expect(const char *sql, int columns, const char *expected)
{
    unit_database_expect("x.db", sql, columns, expected);
}

static void directories(void **state)
{
    (void)state;
    write_database("x.db", 100);
    expect("SELECT dir_id, parent_id, path, depth, last_id, name FROM directories ORDER BY dir_id",
           6,
           "1|-|/|0|3|/\n"
           "2|1|/a b|1|2|a b\n"
           "3|1|/\xff\xc3|1|3|\xff\xc3\n");
    expect("SELECT * FROM directory_stats ORDER BY dir_id", 15,
           "1|0|2|0|0|-|-|4|2|1000|2000|2000-02-29 00:00:00|2000-02-29 00:01:00|-|50\n"
           "2|4|0|1000|2000|2000-02-29 00:00:00|2000-02-29 00:01:00|"
           "4|0|1000|2000|2000-02-29 00:00:00|2000-02-29 00:01:00|-|50\n"
           "3|0|0|0|0|-|-|0|0|0|0|-|-|-1|-1\n");
    expect("SELECT * FROM owner_usage ORDER BY dir_id, owner_uid", 7,
           "2|7|50|3|600|1200|1969-12-31 23:59:59\n"
           "2|4294967294|-1|1|400|800|-\n");
}

static void summaries_and_histograms(void **state)
{
    (void)state;
    write_database("x.db", 100);
    expect("SELECT * FROM owner_summary ORDER BY owner_uid", 5,
           "7|600|1200|3|1\n"
           "4294967294|400|800|1|0\n");
    expect("SELECT * FROM group_summary ORDER BY owner_gid", 5,
           "-1|400|800|1|0\n"
           "50|600|1200|3|0\n");
    expect("SELECT * FROM access_histogram ORDER BY owner_uid, bucket_index", 4,
           "7|0|1|100\n"
           "7|9|2|500\n");
    expect("SELECT * FROM size_histogram ORDER BY owner_uid, bucket_index", 4,
           "7|0|2|300\n"
           "7|1|1|300\n");
}

static void pairs_of_the_facts(void **state)
{
    (void)state;
    write_database("x.db", 100);
    expect("SELECT * FROM facts_owner", 3, "0|7|-1\n1|7|50\n2|7|60\n3|4294967294|-1\n");
    expect("SELECT block, typeof(data), substr(hex(data), 1, 32) FROM facts", 3,
           "0|blob|46534631030000000200000002000000\n"); /* 3 directories, 2 shares, 2 cells */
}

/* Each kind's buckets join without a gap, from 0 to no bound. */
static void buckets_describe_themselves(void **state)
{
    (void)state;
    write_database("x.db", 100);
    expect("SELECT kind, count(*), min(bucket_index), max(bucket_index), min(lower), "
           "sum(upper IS NULL) FROM histogram_bucket GROUP BY kind ORDER BY kind",
           6,
           "access|10|0|9|0|1\n"
           "size|10|0|9|0|1\n");
    expect("SELECT count(*) FROM histogram_bucket a JOIN histogram_bucket b "
           "ON a.kind = b.kind AND b.bucket_index = a.bucket_index + 1 AND b.lower = a.upper",
           1, "18\n");
    expect("SELECT lower, upper FROM histogram_bucket WHERE kind = 'size' AND bucket_index = 8", 2,
           "10737418240|107374182400\n");
}

static void scans_and_accounts(void **state)
{
    (void)state;
    write_database("x.db", 100);
    expect("SELECT * FROM scan_metadata ORDER BY scan_id", 21,
           "1|z.log|2000-02-29 00:00:00|2001-09-09 01:46:40|fs|gpfs|1|2|11|12|15|3|4|6|7|1|latest|"
           "9.8|13|-14|5\n"
           "2|\xe9.log|1970-01-01 00:00:00|1970-01-01 00:00:00|fs|-|0|0|9223372036854775807|0|0|0|"
           "0|0|0|0|atime|9.8|0|0|0\n");
    expect("SELECT * FROM user_info ORDER BY uid", 3, "7|seven|Seven, of Nine\n8|eight|-\n");
    expect("SELECT * FROM group_info", 2, "50|fif\xff\n");
}

static void a_finished_file_is_whole(void **state)
{
    (void)state;
    write_database("x.db", 100);
    assert_int_equal(unit_support_count_files(), 1); /* no -wal, no -shm, no -journal */
    expect("PRAGMA integrity_check", 1, "ok\n");
    expect("PRAGMA foreign_key_check", 1, "");
    expect("PRAGMA journal_mode", 1, "delete\n");
    expect("SELECT name FROM sqlite_master WHERE name LIKE 'ix_%' ORDER BY name", 1,
           "ix_directories_depth\nix_directories_parent\nix_stats_files_r\nix_stats_owner\n"
           "ix_stats_size_r\n");
    /* A path is there once, and is found by an index. */
    expect("SELECT \"unique\", origin FROM pragma_index_list('directories') WHERE \"unique\"", 2,
           "1|c\n");
    expect("SELECT dir_id FROM directories WHERE path = '/a b'", 1, "2\n");
}

/* A BLOB is what Python makes bytes of, where it fails on a TEXT. */
static void what_is_not_utf8_is_a_blob(void **state)
{
    (void)state;
    write_database("x.db", 100);
    expect("SELECT typeof(path), typeof(name) FROM directories ORDER BY dir_id", 2,
           "text|text\ntext|text\nblob|blob\n");
    expect("SELECT dir_id FROM directories WHERE path = x'2fffc3' AND name = x'ffc3'", 1, "3\n");
    expect("SELECT typeof(source_file) FROM scan_metadata ORDER BY scan_id", 1, "text\nblob\n");
    expect("SELECT typeof(groupname) FROM group_info", 1, "blob\n");
}

static void views_have_names_beside_numbers(void **state)
{
    (void)state;
    write_database("x.db", 100);
    expect("SELECT dir_id, parent_id, path, name, depth, last_id, file_count_nr, max_mtime_nr, "
           "file_count_r, dir_count_r, max_mtime_r, owner_uid, username, owner_gid, groupname "
           "FROM directory ORDER BY dir_id",
           15,
           "1|-|/|/|0|3|0|-|4|2|2000-02-29 00:01:00|-|-|50|fif\xff\n"
           "2|1|/a b|a b|1|2|4|2000-02-29 00:01:00|4|0|2000-02-29 00:01:00|-|-|50|fif\xff\n"
           "3|1|/\xff\xc3|\xff\xc3|1|3|0|-|0|0|-|-1|-|-1|-\n");
    expect("SELECT * FROM owner_files ORDER BY dir_id, owner_uid", 10,
           "/a b|2|7|seven|50|fif\xff|3|600|1200|1969-12-31 23:59:59\n"
           "/a b|2|4294967294|-|-1|-|1|400|800|-\n");
}

/* A directory of one owner has no rows in owner_usage. */
static void one_owner_is_in_owner_files_too(void **state)
{
    (void)state;
    static const struct rows_dir alone[] = {
        {1, 0, 1, {"/a", 2}, 1, STAT(2, 20, 60), STAT(2, 20, 60), 0, 0, 7, -1},
    };
    struct writer *writer = open_writer("x.db", 10);
    struct err err = {0};
    const struct source source = {.tree = alone};
    struct rows rows = rows_of(&source, 1);
    if (put_rows(writer, &rows, &err) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(writer_finish(writer, &err), 0);
    expect("SELECT * FROM owner_files", 10, "/a|1|7|-|-1|-|2|20|40|1970-01-01 00:01:00\n");
}

/* / has several owners, /a and /b one. */
static void sums_stay_at_63_bits(void **state)
{
    (void)state;
#define MUCH                                                                                       \
    {                                                                                              \
        1, DIRSTAT_OVERFLOW, INT64_MAX, ENTRY_NO_TIME, ENTRY_NO_TIME                               \
    }
    static const struct rows_dir large[] = {
        {1, 0, 3, {"/", 1}, 0, MUCH, MUCH, 2, 2, ROWS_SEVERAL, 50},
        {2, 1, 2, {"/a", 2}, 1, MUCH, MUCH, 0, 0, 7, 50},
        {3, 1, 3, {"/b", 2}, 1, MUCH, MUCH, 0, 0, 7, 50},
    };
    static const struct rows_usage parts[] = {{1, 7, 50, MUCH}};
#undef MUCH
    struct writer *writer = open_writer("x.db", 10);
    struct err err = {0};
    const struct source source = {.tree = large, .owned = parts, .owned_count = 1};
    struct rows rows = rows_of(&source, 3);
    assert_int_equal(put_rows(writer, &rows, &err), 0);
    assert_int_equal(writer_finish(writer, &err), 0);
#define MOST "9223372036854775807"
    expect("SELECT total_size_nr, total_alloc_r, typeof(total_size_r) FROM directory_stats", 3,
           MOST "|" MOST "|integer\n" MOST "|" MOST "|integer\n" MOST "|" MOST "|integer\n");
    expect("SELECT total_size, total_alloc FROM owner_usage", 2, MOST "|" MOST "\n");
#undef MOST
    expect("PRAGMA integrity_check", 1, "ok\n"); /* in the indexes too */
}

static void the_batch_size_changes_nothing(void **state)
{
    (void)state;
    static const char sql[] =
        "SELECT path, name, last_id, file_count_r, max_atime_r, owner_uid, owner_gid "
        "FROM directories JOIN directory_stats USING (dir_id) ORDER BY dir_id";
    write_database("x.db", 1000);
    char *expected = unit_database_read("x.db", sql, 7);
    char *expected_usage = unit_database_read("x.db", "SELECT * FROM owner_usage", 7);
    for (int64_t batch = 1; batch <= 4; batch++) {
        write_database("x.db", batch);
        unit_database_expect("x.db", sql, 7, expected);
        unit_database_expect("x.db", "SELECT * FROM owner_usage", 7, expected_usage);
        unit_database_expect("x.db", "SELECT count(*) FROM histogram_bucket", 1, "20\n");
    }
    write_database("x.db", INT64_MAX);
    unit_database_expect("x.db", sql, 7, expected);
    free(expected);
    free(expected_usage);
}

static void no_rows_at_all(void **state)
{
    (void)state;
    struct writer *writer = open_writer("x.db", 10);
    struct err err = {0};
    struct rows rows = rows_of(&all, 0);
    rows.usages = 0;
    struct ownermap *none = ownermap_new();
    assert_int_equal(put_rows(writer, &rows, &err), 0);
    assert_int_equal(writer_put_totals(writer, none, none, &err), 0);
    assert_int_equal(writer_put_scans(writer, NULL, 0, &err), 0);
    assert_int_equal(writer_put_accounts(writer, NULL, 0, NULL, 0, &err), 0);
    assert_int_equal(writer_finish(writer, &err), 0);
    ownermap_free(none);
    expect("SELECT (SELECT count(*) FROM directories), (SELECT count(*) FROM directory_stats)", 2,
           "0|0\n");
}

/* Two rows of one number: whatever goes wrong in SQLite is a failure, with the file's name. */
static void rows_that_contradict(void **state)
{
    (void)state;
    struct writer *writer = open_writer("x.db", 10);
    static const struct writer_account twice[] = {{7, "a", NULL}, {7, "b", NULL}};
    struct err err = {0};
    struct rows rows = rows_of(&all, 0);
    rows.usages = 0;
    assert_int_equal(put_rows(writer, &rows, &err), 0);
    assert_int_equal(writer_put_accounts(writer, twice, 2, NULL, 0, &err), -1);
    assert_int_equal(err.status, ERR_FAILED);
    assert_non_null(strstr(err.text, "x.db"));
    writer_close(writer);
    writer_close(NULL);
}

/* Many rows; the flag is set on the way. */
static _Thread_local char many_path[32];
static atomic_size_t many_asked;

static void count_asked(void)
{
    if (atomic_fetch_add(&many_asked, 1) == 1000)
        atomic_store(&cancelled, true);
}

static void dir_of_many(const void *state, size_t i, struct rows_dir *row)
{
    (void)state;
    count_asked();
    snprintf(many_path, sizeof many_path, "/%08zu", i);
    *row = tree[0];
    row->id = (int64_t)i + 1;
    row->path = slice_from(many_path);
}

static void place_of_many(const void *state, size_t i, struct rows_place *row)
{
    struct rows_dir dir;
    dir_of_many(state, i, &dir);
    *row = place_of_dir(&dir);
}

static struct slice path_of_many(const void *state, size_t i)
{
    struct rows_dir dir;
    dir_of_many(state, i, &dir);
    return dir.path;
}

static int no_shares(const void *state, size_t i, struct rows_shares *shares)
{
    (void)state, (void)i, (void)shares;
    return 0;
}

static void cancelling_ends_it(void **state)
{
    (void)state;
    enum { MANY = 5000000 };
    struct writer *writer = open_writer("x.db", INT64_MAX);
    struct err err = {0};
    struct rows rows = rows_of(&all, MANY);
    rows.usages = 0;
    rows.shares = no_shares;
    rows.dir = dir_of_many;
    rows.place = place_of_many;
    rows.path = path_of_many;
    atomic_store(&many_asked, 0);
    assert_int_equal(writer_put_rows(writer, &rows, &err), -1);
    assert_string_equal(err.text, "interrupted");
    assert_true(atomic_load(&many_asked) < 1000000); /* soon, not at the end */
    writer_close(writer);
    atomic_store(&cancelled, false);
}

/* Every page size holds the same rows, from the same schema. */
static void page_sizes(void **state)
{
    (void)state;
    static const char sql[] = "SELECT * FROM directory JOIN owner_usage USING (dir_id)";
    static const char schema[] = "SELECT type, name, tbl_name, sql FROM sqlite_master";
    enum writer_kind kind_before = kind;
    kind = WRITER_SQL;
    write_database("x.db", 100);
    kind = kind_before;
    char *rows_expected = unit_database_read("x.db", sql, 22);
    char *schema_expected = unit_database_read("x.db", schema, 4);
    for (page_size = 4096; page_size <= 65536; page_size *= 2) {
        char size[32];
        write_database("x.db", 100);
        snprintf(size, sizeof size, "%zu\n", page_size);
        expect("PRAGMA page_size", 1, size);
        expect("PRAGMA integrity_check", 1, "ok\n");
        expect(sql, 22, rows_expected);
        expect(schema, 4, schema_expected);
    }
    page_size = 0;
    free(rows_expected);
    free(schema_expected);
}

static void a_file_that_cannot_be_opened(void **state)
{
    (void)state;
    const struct writer_options options = {
        .kind = kind, .batch_rows = 10, .threads = 1, .cancelled = &cancelled};
    struct writer *writer = NULL;
    struct err err = {0};
    assert_int_equal(writer_open(&writer, "missing/x.db", &options, &err), -1);
    assert_null(writer);
    assert_non_null(strstr(err.text, "missing/x.db"));
}

int main(void)
{
#define IN_A_FOLDER(test)                                                                          \
    cmocka_unit_test_setup_teardown(test, unit_support_enter, unit_support_leave)
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(directories),
        IN_A_FOLDER(summaries_and_histograms),
        IN_A_FOLDER(pairs_of_the_facts),
        IN_A_FOLDER(buckets_describe_themselves),
        IN_A_FOLDER(scans_and_accounts),
        IN_A_FOLDER(a_finished_file_is_whole),
        IN_A_FOLDER(what_is_not_utf8_is_a_blob),
        IN_A_FOLDER(views_have_names_beside_numbers),
        IN_A_FOLDER(one_owner_is_in_owner_files_too),
        IN_A_FOLDER(sums_stay_at_63_bits),
        IN_A_FOLDER(the_batch_size_changes_nothing),
        IN_A_FOLDER(no_rows_at_all),
        IN_A_FOLDER(rows_that_contradict),
        IN_A_FOLDER(cancelling_ends_it),
        IN_A_FOLDER(page_sizes),
        IN_A_FOLDER(a_file_that_cannot_be_opened),
    };
    int failed = cmocka_run_group_tests_name("writer, pages", tests, NULL, NULL);
    kind = WRITER_SQL;
    return failed + cmocka_run_group_tests_name("writer, SQL", tests, NULL, NULL);
}
