/* facts: what a database of two blocks says of each directory and share; no block that was changed
 * is followed. */
#include "facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "factslayout.h"
#include "ownerpairs.h"
#include "store_fixture.h"

enum { HOMES = 5000, DIRECTORIES = HOMES + 1, TRIES = 2000 };

/* Imports /d with HOMES homes below it: home i has i + 1 files of an owner, but every tenth none, and
 * every seventh has two files of another. */
static void make(const char *path)
{
    struct store_fixture_files *files = calloc(2 * HOMES, sizeof *files);
    char(*names)[16] = calloc(HOMES, sizeof *names);
    size_t count = 0;
    for (unsigned i = 0; i < HOMES; i++) {
        snprintf(names[i], sizeof names[i], "/d/%06u", i);
        uint64_t own = i % 10 == 9 ? 0 : i + 1;
        files[count++] =
            (struct store_fixture_files){names[i], 7, 1, own, 100000 * own, own, 1000 + i, i % 10};
        if (i % 7 == 0)
            files[count++] = (struct store_fixture_files){names[i], 8, 2, 2, 30, 4, 50, 3};
    }
    store_fixture_import(path, files, count);
    free(files);
    free(names);
}

static struct facts *open_facts(struct reader **reader)
{
    struct facts *facts = NULL;
    struct err err = {0};
    *reader = store_fixture_open("x.db");
    if (facts_open(&facts, *reader, DIRECTORIES, &err) != 0)
        fail_msg("%s", err.text);
    return facts;
}

static void turn(struct facts *facts, size_t block)
{
    struct err err = {0};
    if (facts_turn(facts, block, &err) != 0)
        fail_msg("%s", err.text);
}

static const int64_t *values_of(struct facts *facts, enum facts_column column)
{
    struct err err = {0};
    const int64_t *values = facts_values(facts, column, &err);
    if (values == NULL)
        fail_msg("%s", err.text);
    for (uint32_t i = 0; i < facts_count(facts); i++)
        if (values[i] != FACTS_NULL)
            assert_true(values[i] >= facts_bounds(facts, column)->low &&
                        values[i] <= facts_bounds(facts, column)->high);
    return values;
}

/* The tables have these columns too. */
static void columns_are_those_of_the_tables(void **state)
{
    (void)state;
    static const enum facts_column columns[] = {
        FACTS_DEPTH,   FACTS_PARENT,   FACTS_DIRS_R,  FACTS_DIRS_NR,  FACTS_FILES_R, FACTS_FILES_NR,
        FACTS_SIZE_R,  FACTS_SIZE_NR,  FACTS_ALLOC_R, FACTS_ALLOC_NR, FACTS_ATIME_R, FACTS_ATIME_NR,
        FACTS_MTIME_R, FACTS_MTIME_NR, FACTS_OWNER,   FACTS_GROUP};
    static const char sql[] =
        "SELECT d.name, d.depth, d.dir_id - d.parent_id, dir_count_r, dir_count_nr, file_count_r, "
        "file_count_nr, total_size_r, total_size_nr, total_alloc_r, total_alloc_nr, "
        "CAST(strftime('%s', max_atime_r) AS INTEGER), CAST(strftime('%s', max_atime_nr) AS INTEGER), CAST(strftime('%s', max_mtime_r) AS INTEGER), "
        "CAST(strftime('%s', max_mtime_nr) AS INTEGER), owner_uid, owner_gid "
        "FROM directories d JOIN directory_stats s ON s.dir_id = d.dir_id ORDER BY d.dir_id";
    struct reader *reader;
    struct reader_rows *rows;
    struct err err = {0};
    struct slice names;
    struct facts *facts = open_facts(&reader);
    int64_t id = 1;
    assert_int_equal(facts_blocks(facts), 2);
    assert_int_equal(reader_run(&rows, reader, sql, NULL, 0, &err), 0);
    for (size_t block = 0; block < 2; block++) {
        turn(facts, block);
        assert_int_equal(facts_first_id(facts), id);
        assert_int_equal(facts_names(&names, facts, &err), 0);
        const char *name = names.ptr;
        for (uint32_t i = 0; i < facts_count(facts); i++, id++, name += strlen(name) + 1) {
            assert_int_equal(reader_rows_next(rows, &err), 1);
            assert_string_equal(name, reader_rows_text(rows, 0).ptr);
            for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
                assert_int_equal(values_of(facts, columns[c])[i],
                                 reader_rows_is_null(rows, (int)c + 1)
                                     ? FACTS_NULL
                                     : reader_rows_integer(rows, (int)c + 1));
        }
        assert_ptr_equal(name, names.ptr + names.len);
    }
    assert_int_equal(id, DIRECTORIES + 1);
    assert_int_equal(reader_rows_next(rows, &err), 0);
    reader_rows_close(rows);
    facts_close(facts);
    reader_close(reader);
}

/* Expects a share, and that its cells add up to it. */
static void expect_share(const struct facts_share *share, const struct facts_cells *cells,
                         const int64_t figures[FACTS_SHARE_FIGURES], int64_t cell)
{
    for (int f = 0; f < FACTS_SHARE_FIGURES; f++)
        assert_int_equal(share->figures[f], figures[f]);
    assert_int_equal(share->cells_end - share->cells_begin, 1);
    assert_int_equal(cells->index[share->cells_begin], cell);
    assert_int_equal(cells->files[share->cells_begin], figures[FACTS_SHARE_FILES]);
    assert_int_equal(cells->size[share->cells_begin], figures[FACTS_SHARE_SIZE]);
}

static void shares_are_the_files(void **state)
{
    (void)state;
    struct reader *reader;
    struct facts *facts = open_facts(&reader);
    struct ownerpairs_pair *pairs;
    size_t pair_count;
    struct err err = {0};
    assert_int_equal(facts_pairs(&pairs, &pair_count, reader, &err), 0);
    assert_int_equal(pair_count, 2);
    assert_int_equal(pairs[0].uid, 7);
    assert_int_equal(pairs[1].gid, 2);
    for (size_t block = 0; block < 2; block++) {
        const struct facts_share *shares;
        struct facts_cells cells;
        size_t count;
        turn(facts, block);
        assert_int_equal(facts_shares(&shares, &count, facts, FACTS_WANT_ALL, pair_count, &err), 0);
        assert_int_equal(facts_cells(&cells, facts, &err), 0);
        const struct facts_share *share = shares;
        for (uint32_t d = block == 0 ? 1 : 0; d < facts_count(facts); d++) {
            int64_t i = facts_first_id(facts) + d - 2; /* /d is 1, the first home 2 */
            if (i % 10 != 9) {
                assert_int_equal(share->directory, d);
                assert_int_equal(share->pair, 0);
                expect_share(share++, &cells,
                             (const int64_t[]){i + 1, 100000 * (i + 1), i + 1, 1000 + i},
                             cells_index((unsigned)(i % 10), 0));
            }
            if (i % 7 == 0) {
                assert_int_equal(share->directory, d);
                assert_int_equal(share->pair, 1);
                expect_share(share++, &cells, (const int64_t[]){2, 30, 4, 50}, cells_index(3, 0));
            }
        }
        assert_ptr_equal(share, shares + count);
        /* A file that names an owner beyond those that it lists is not followed. */
        assert_int_equal(facts_shares(&shares, &count, facts, FACTS_WANT_SIZE, 1, &err), -1);
        assert_non_null(strstr(err.text, "damaged"));
    }
    free(pairs);
    facts_close(facts);
    reader_close(reader);
}

/* Reads all of a block that may be anything. Whether it was refused. */
static bool read_all(struct facts *facts)
{
    const struct facts_share *shares;
    struct facts_cells cells;
    const uint32_t *starts;
    struct slice names;
    size_t count;
    struct err err = {0};
    if (facts_turn(facts, 0, &err) == 0) {
        for (enum facts_column c = 0; c < FACTS_COLUMNS; c++)
            (void)facts_values(facts, c, &err);
        (void)facts_names(&names, facts, &err);
        if (facts_shares(&shares, &count, facts, FACTS_WANT_ALL, 2, &err) == 0)
            for (size_t s = 0; s < count; s++)
                assert_true(shares[s].directory < facts_count(facts) && shares[s].pair < 2 &&
                            shares[s].cells_begin <= shares[s].cells_end);
        (void)facts_cells(&cells, facts, &err);
        if (facts_cell_starts(&starts, facts, &err) == 0)
            for (uint32_t i = 0; i < facts_count(facts); i++)
                assert_true(starts[i] <= starts[i + 1]);
    }
    if (err.text[0] != '\0')
        assert_non_null(strstr(err.text, "x.db: damaged database"));
    return err.text[0] != '\0';
}

static void run_sql(const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open("x.db", &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(db));
    sqlite3_close(db);
}

/* Sets one byte of the first block: of its header, where offsets, counts and widths are, or anywhere. */
static void changed_blocks_are_not_followed(void **state)
{
    (void)state;
    uint32_t random = 1;
    int refused = 0;
    run_sql("CREATE TABLE kept AS SELECT data FROM facts WHERE block = 0");
    for (int i = 0; i < TRIES; i++) {
        char sql[256];
        struct reader *reader;
        random = random * 1664525u + 1013904223u;
        unsigned at = (random >> 8) % (i % 2 == 0 ? FACTS_HEADER : 20000);
        snprintf(sql, sizeof sql,
                 "UPDATE facts SET data = (SELECT CAST(substr(data, 1, %u) || x'%02x' || "
                 "substr(data, %u) AS BLOB) FROM kept) WHERE block = 0",
                 at, i * 37 % 256, at + 2);
        run_sql(sql);
        struct facts *facts = open_facts(&reader);
        refused += read_all(facts);
        facts_close(facts);
        reader_close(reader);
    }
    /* An offset, a count or a width that is another makes nonsense; some bounds and values do not. */
    assert_in_range(refused, TRIES / 10, TRIES);
    run_sql("UPDATE facts SET data = (SELECT data FROM kept) WHERE block = 0");
    struct reader *reader;
    struct facts *facts = open_facts(&reader);
    assert_false(read_all(facts));
    facts_close(facts);
    reader_close(reader);
}

static int set_up(void **state)
{
    int status = unit_support_enter(state);
    make("x.db");
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_those_of_the_tables),
        cmocka_unit_test(shares_are_the_files),
        cmocka_unit_test(changed_blocks_are_not_followed),
    };
    return cmocka_run_group_tests(tests, set_up, unit_support_leave);
}
