/* btree: random trees, written by btree_write and read by SQLite. Tables with and without rowid,
 * with and without an index; rows of every kind of value, many longer than a page. Every run of the
 * test makes the same trees. */
#include "btree.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "btree_fixture.h"
#include "unit_support.h"

/* The sanitizers make it some ten times slower; GCC says that they are there. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { TREES = 1000 };
#else
enum { TREES = 10000 };
#endif

enum {
    PER_FILE = 40,    /* trees of a file */
    WORN_FILES = 20,  /* one file in 20 is changed afterwards */
    ROWS_MOST = 3000, /* of a tree */
    POOL = 1 << 20,   /* bytes of which all texts are parts */
};

static uint64_t seed = 88172645463325252u;
static char *pool;

static uint64_t random_bits(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed >> 11;
}

/* In [0, n). */
static size_t random_below(size_t n)
{
    return random_bits() % n;
}

enum value_kind { VALUE_NULL, VALUE_INTEGER, VALUE_TEXT, VALUE_BLOB }; /* in SQLite's order */

struct value {
    enum value_kind kind;
    int64_t integer;
    struct slice bytes;
};

/* A table in memory, with its index. */
struct made {
    char name[16];
    bool rowid;     /* has one */
    bool alias;     /* its first column is the rowid */
    size_t columns; /* in SQL */
    size_t keys;    /* the first columns are the primary key; 0 in a table with rowid */
    size_t indexed; /* column of the index; SIZE_MAX: there is none */
    size_t rows;
    int64_t *rowids;
    struct value *values; /* rows x columns */
    size_t *order;        /* rows in the index's order */
};

static int64_t random_integer(void)
{
    switch (random_below(4)) {
    case 0:
        return (int64_t)random_below(3) - 1;
    case 1: /* about the bounds of the serial types */
        return (int64_t)((UINT64_C(1) << random_below(64)) - random_below(3));
    case 2:
        return (int64_t)((random_bits() << 11 ^ random_bits()) >> random_below(64));
    default:
        return -(int64_t)(random_bits() >> random_below(52));
    }
}

static struct slice random_bytes(size_t longest)
{
    size_t most = random_below(40);
    if (random_below(60) == 0)
        most = longest;
    else if (random_below(20) == 0)
        most = 500;
    size_t len = random_below(most + 1);
    return (struct slice){pool + random_below(POOL - len), len};
}

static struct value random_value(size_t longest)
{
    struct value value = {.kind = (enum value_kind)random_below(4)};
    if (value.kind == VALUE_INTEGER)
        value.integer = random_integer();
    else if (value.kind != VALUE_NULL)
        value.bytes = random_bytes(longest);
    return value;
}

static int compare_values(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->kind == VALUE_INTEGER)
        return (a->integer > b->integer) - (a->integer < b->integer);
    return slice_compare(a->bytes, b->bytes);
}

static int compare_rows(const struct made *made, size_t a, size_t b)
{
    if (made->rowid)
        return (made->rowids[a] > made->rowids[b]) - (made->rowids[a] < made->rowids[b]);
    int order = 0;
    for (size_t k = 0; k < made->keys && order == 0; k++)
        order = compare_values(&made->values[a * made->columns + k],
                               &made->values[b * made->columns + k]);
    return order;
}

static int compare_entries(const void *a, const void *b, void *context)
{
    const struct made *made = context;
    const size_t *x = a, *y = b;
    int order = compare_values(&made->values[*x * made->columns + made->indexed],
                               &made->values[*y * made->columns + made->indexed]);
    return order != 0 ? order : compare_rows(made, *x, *y);
}

static int compare_keys(const void *a, const void *b, void *context)
{
    const size_t *x = a, *y = b;
    return compare_rows(context, *x, *y);
}

static int compare_integers(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static size_t random_rows(void)
{
    switch (random_below(40)) {
    case 0:
        return random_below(ROWS_MOST);
    case 1:
    case 2:
    case 3:
        return random_below(400);
    case 4:
        return random_below(2);
    default:
        return random_below(30);
    }
}

/* Ascending, none twice: rows may become fewer. */
static void make_rowids(struct made *made)
{
    for (size_t i = 0; i < made->rows; i++)
        made->rowids[i] = random_below(3) == 0 ? random_integer() : (int64_t)random_below(100000);
    qsort(made->rowids, made->rows, sizeof *made->rowids, compare_integers);
    size_t rows = 0;
    for (size_t i = 0; i < made->rows; i++)
        if (i == 0 || made->rowids[i] != made->rowids[i - 1])
            made->rowids[rows++] = made->rowids[i];
    made->rows = rows;
}

/* Puts the rows of a table without rowid in the order of their keys; those of equal keys go. */
static void sort_rows(struct made *made)
{
    size_t *order = malloc((made->rows + 1) * sizeof *order);
    struct value *values = malloc((made->rows + 1) * made->columns * sizeof *values);
    for (size_t i = 0; i < made->rows; i++)
        order[i] = i;
    qsort_r(order, made->rows, sizeof *order, compare_keys, made);
    size_t rows = 0;
    for (size_t i = 0; i < made->rows; i++) {
        if (i > 0 && compare_rows(made, order[i - 1], order[i]) == 0)
            continue;
        memcpy(values + rows * made->columns, made->values + order[i] * made->columns,
               made->columns * sizeof *values);
        rows++;
    }
    free(order);
    free(made->values);
    made->values = values;
    made->rows = rows;
}

static void make_values(struct made *made, size_t page_size)
{
    /* Long ones are rare where rows are many: the test is to take seconds. */
    size_t longest = made->rows > 400 ? page_size : 5 * page_size;
    for (size_t i = 0; i < made->rows; i++)
        for (size_t c = 0; c < made->columns; c++) {
            struct value *value = &made->values[i * made->columns + c];
            do
                *value = random_value(longest);
            while (c < made->keys && value->kind == VALUE_NULL);
            if (made->alias && c == 0)
                *value = (struct value){.kind = VALUE_INTEGER, .integer = made->rowids[i]};
        }
}

static void make(struct made *made, size_t number, size_t page_size)
{
    size_t columns = 1 + (random_below(10) == 0 ? random_below(32) : random_below(6));
    *made = (struct made){.rowid = random_below(3) != 0, .columns = columns, .rows = random_rows()};
    snprintf(made->name, sizeof made->name, "t%zu", number);
    made->alias = made->rowid && random_below(2) == 0;
    if (!made->rowid)
        made->keys = 1 + random_below(columns < 3 ? columns : 3);
    made->rowids = malloc((made->rows + 1) * sizeof *made->rowids);
    make_rowids(made);
    made->values = malloc((made->rows + 1) * columns * sizeof *made->values);
    make_values(made, page_size);
    if (!made->rowid)
        sort_rows(made);
    made->indexed = random_below(4) == 0 ? SIZE_MAX : made->keys + random_below(columns);
    if (made->indexed >= columns || (made->alias && made->indexed == 0))
        made->indexed = SIZE_MAX;
    made->order = malloc((made->rows + 1) * sizeof *made->order);
    for (size_t i = 0; i < made->rows; i++)
        made->order[i] = i;
    if (made->indexed != SIZE_MAX)
        qsort_r(made->order, made->rows, sizeof *made->order, compare_entries, made);
}

static void dispose(struct made *made)
{
    free(made->rowids);
    free(made->values);
    free(made->order);
}

static void print_schema(FILE *out, const struct made *made)
{
    fprintf(out, "CREATE TABLE %s(", made->name);
    for (size_t c = 0; c < made->columns; c++)
        fprintf(out, "%sc%zu%s", c == 0 ? "" : ",", c,
                made->alias && c == 0 ? " INTEGER PRIMARY KEY" : "");
    for (size_t k = 0; k < made->keys; k++)
        fprintf(out, "%sc%zu%s", k == 0 ? ",PRIMARY KEY(" : ",", k, k + 1 < made->keys ? "" : ")");
    fprintf(out, ")%s;\n", made->rowid ? "" : "WITHOUT ROWID");
    if (made->indexed != SIZE_MAX)
        fprintf(out, "CREATE INDEX i%s ON %s(c%zu);\n", made->name, made->name, made->indexed);
}

static void put_value(struct cell *cell, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NULL:
        cell_null(cell);
        break;
    case VALUE_INTEGER:
        cell_integer(cell, value->integer);
        break;
    case VALUE_TEXT:
        cell_text(cell, value->bytes);
        break;
    case VALUE_BLOB:
        cell_blob(cell, value->bytes);
        break;
    }
}

static int put_row(const void *context, size_t row, struct cell *cell)
{
    const struct made *made = context;
    if (made->rowid)
        cell_begin_row(cell, made->rowids[row]);
    else
        cell_begin_entry(cell);
    for (size_t c = 0; c < made->columns; c++)
        if (made->alias && c == 0)
            cell_null(cell);
        else
            put_value(cell, &made->values[row * made->columns + c]);
    return 0;
}

static int put_entry(const void *context, size_t row, struct cell *cell)
{
    const struct made *made = context;
    const struct value *values = &made->values[made->order[row] * made->columns];
    cell_begin_entry(cell);
    put_value(cell, &values[made->indexed]);
    if (made->rowid)
        cell_integer(cell, made->rowids[made->order[row]]);
    for (size_t k = 0; k < made->keys; k++)
        put_value(cell, &values[k]);
    return 0;
}

static void compare_value(sqlite3_stmt *statement, int column, const struct value *value)
{
    static const int types[] = {SQLITE_NULL, SQLITE_INTEGER, SQLITE_TEXT, SQLITE_BLOB};
    assert_int_equal(sqlite3_column_type(statement, column), types[value->kind]);
    if (value->kind == VALUE_INTEGER)
        assert_int_equal(sqlite3_column_int64(statement, column), value->integer);
    if (value->kind != VALUE_TEXT && value->kind != VALUE_BLOB)
        return;
    const void *bytes = sqlite3_column_blob(statement, column);
    assert_int_equal(sqlite3_column_bytes(statement, column), value->bytes.len);
    if (value->bytes.len > 0)
        assert_memory_equal(bytes, value->bytes.ptr, value->bytes.len);
}

/* The table reads as it was put. */
static void compare_table(sqlite3 *db, const struct made *made)
{
    char sql[128];
    sqlite3_stmt *statement = NULL;
    if (made->rowid)
        snprintf(sql, sizeof sql, "SELECT rowid,* FROM %.15s NOT INDEXED", made->name);
    else /* the table itself, by the name of the index that it is */
        snprintf(sql, sizeof sql, "SELECT 0,* FROM %.15s INDEXED BY sqlite_autoindex_%.15s_1",
                 made->name, made->name);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    for (size_t i = 0; i < made->rows; i++) {
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        if (made->rowid)
            assert_int_equal(sqlite3_column_int64(statement, 0), made->rowids[i]);
        for (size_t c = 0; c < made->columns; c++)
            compare_value(statement, (int)c + 1, &made->values[i * made->columns + c]);
    }
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
}

static void bind_value(sqlite3_stmt *statement, const struct value *value)
{
    const char *bytes = value->bytes.ptr;
    if (value->kind == VALUE_INTEGER)
        sqlite3_bind_int64(statement, 1, value->integer);
    else if (value->kind == VALUE_TEXT)
        sqlite3_bind_text(statement, 1, bytes, (int)value->bytes.len, SQLITE_STATIC);
    else if (value->kind == VALUE_BLOB)
        sqlite3_bind_blob(statement, 1, bytes, (int)value->bytes.len, SQLITE_STATIC);
}

/* Reads every row once by its entry in the index, then a range of the index beside a scan. */
static void compare_index(sqlite3 *db, const struct made *made)
{
    static const char *const ways[] = {"INDEXED BY i", "NOT INDEXED"};
    char *answers[2];
    for (size_t i = 0; i < 2; i++) {
        char sql[256];
        sqlite3_stmt *statement = NULL;
        snprintf(
            sql, sizeof sql,
            "SELECT group_concat(key) FROM (SELECT %s AS key FROM %.15s %s%.15s WHERE c%zu >= ?1 "
            "ORDER BY 1)",
            made->rowid ? "rowid" : "quote(c0)", made->name, ways[i], i == 0 ? made->name : "",
            made->indexed);
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
        bind_value(statement, &made->values[made->rows / 2 * made->columns + made->indexed]);
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        const char *answer = (const char *)sqlite3_column_text(statement, 0);
        answers[i] = strdup(answer == NULL ? "" : answer);
        sqlite3_finalize(statement);
    }
    assert_string_equal(answers[0], answers[1]);
    free(answers[0]);
    free(answers[1]);
}

/* SQLite changes what was written, and the file stays sound. */
static void wear(sqlite3 *db, const struct made *made, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char sql[512];
        snprintf(sql, sizeof sql,
                 "BEGIN; DELETE FROM %.15s WHERE abs(random()) %% 3 = 0;"
                 "INSERT OR IGNORE INTO %.15s(c0) SELECT value * 7 FROM "
                 "(WITH RECURSIVE n(value) AS (VALUES(1) UNION ALL SELECT value + 1 FROM n "
                 "LIMIT 500) SELECT value FROM n); COMMIT",
                 made[i].name, made[i].name);
        /* A key of several columns takes no NULL in the others. */
        if (made[i].keys <= 1)
            btree_fixture_run(db, sql);
    }
    btree_fixture_check(db);
    btree_fixture_run(db, "VACUUM");
    btree_fixture_check(db);
}

/* Makes one file, at least PER_FILE trees, and reads it. Returns how many trees it has. */
static size_t check_file(size_t number)
{
    size_t page_size = (size_t)4096 << random_below(5);
    static struct made made[PER_FILE];
    struct btree trees[2 * PER_FILE];
    char *schema = NULL;
    size_t len = 0, count = 0, trees_count = 0;
    FILE *out = open_memstream(&schema, &len);
    fprintf(out, "BEGIN;\n");
    for (; trees_count < PER_FILE; count++) {
        make(&made[count], count, page_size);
        print_schema(out, &made[count]);
        trees_count += made[count].indexed == SIZE_MAX ? 1 : 2;
    }
    fprintf(out, "COMMIT");
    fclose(out);
    btree_fixture_create("random.db", page_size, schema);
    free(schema);

    sqlite3 *db = btree_fixture_open("random.db");
    size_t t = 0;
    for (size_t i = 0; i < count; i++) {
        trees[t++] = (struct btree){made[i].rowid ? BTREE_TABLE : BTREE_INDEX,
                                    made[i].rows,
                                    put_row,
                                    &made[i],
                                    btree_fixture_root(db, made[i].name),
                                    0};
        char name[32];
        snprintf(name, sizeof name, "i%.15s", made[i].name);
        if (made[i].indexed != SIZE_MAX)
            trees[t++] = (struct btree){
                BTREE_INDEX, made[i].rows, put_entry, &made[i], btree_fixture_root(db, name), 0};
    }
    sqlite3_close(db);
    struct btree_file file = {.page_size = page_size, .threads = 1 + (unsigned)random_below(4)};
    /* Runs of a few pages, so that small trees have several. */
    if (random_below(2) == 0)
        file.run_bytes = page_size << random_below(5);
    btree_fixture_write("random.db", trees, t, file);

    db = btree_fixture_open("random.db");
    btree_fixture_check(db);
    for (size_t i = 0; i < count; i++) {
        compare_table(db, &made[i]);
        if (made[i].indexed != SIZE_MAX && made[i].rows > 0)
            compare_index(db, &made[i]);
    }
    if (number % WORN_FILES == 0)
        wear(db, made, count);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    for (size_t i = 0; i < count; i++)
        dispose(&made[i]);
    return t;
}

static void random_trees(void **state)
{
    (void)state;
    pool = malloc(POOL);
    for (size_t i = 0; i < POOL; i++)
        pool[i] = (char)('a' + random_below(20)); /* few letters: many texts begin alike */
    size_t trees = 0;
    for (size_t i = 0; trees < TREES; i++)
        trees += check_file(i);
    print_message("%zu trees\n", trees);
    free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_trees, unit_support_enter, unit_support_leave),
    };
    return cmocka_run_group_tests_name("btree.random", tests, NULL, NULL);
}
