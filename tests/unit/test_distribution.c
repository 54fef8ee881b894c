/* distribution: which tables answer, what is added up, and what cannot be answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "distribution.h"
#include "err.h"
#include "filter.h"
#include "query_fixture.h"
#include "reader.h"

#define BUCKETS                                                                                    \
    "WITH RECURSIVE b(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM b WHERE i < 9) "                 \
    "INSERT INTO histogram_bucket SELECT k.column1, i, k.column1 || i, i * 10, "                   \
    "CASE WHEN i < 9 THEN i * 10 + 10 END FROM b, (VALUES ('access'), ('size')) AS k;"

/* /d with /d/a and /d/a/deep (histograms at depth 2 stand for what is deeper), and /e. The tables
 * by owner hold other figures than those by directory, so that it shows which are asked. */
#define TREE                                                                                       \
    "INSERT INTO directories VALUES(1, NULL, '/d', 1, 3, 'd'), (2, 1, '/d/a', 2, 3, 'a'), "        \
    "(3, 2, '/d/a/deep', 3, 3, 'deep'), (4, NULL, '/e', 1, 4, 'e');"                               \
    "INSERT INTO access_histogram VALUES(5, 0, 100, 1000), (7, 0, 1, 2000), (6, 9, 1, 1);"         \
    "INSERT INTO size_histogram VALUES(5, 3, 101, 1001);"                                          \
    "INSERT INTO access_histogram_subtree VALUES(1, 5, 50, 0, 1, 10), (2, 5, 50, 0, 2, 20), "      \
    "(2, 6, 60, 9, 4, 40), (4, 5, 60, 1, 8, 80);"                                                  \
    "INSERT INTO size_histogram_subtree VALUES(2, 6, 60, 9, 4, 40);"                               \
    "INSERT INTO user_info VALUES(5, 'five', NULL);"

#define SCAN(depth)                                                                                \
    "INSERT INTO scan_metadata VALUES(NULL, 'l', '2026-01-01 00:00:00', '2026-01-01 00:00:00', "   \
    "'x', 'find', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'atime', '0', 0, 0, " depth ", 0);"

static char x_name[] = "x.db";
static char y_name[] = "y.db";
static char *const paths[] = {x_name, y_name};

enum { ACCESS = 1U << HISTOGRAM_ACCESS, SIZES = 1U << HISTOGRAM_SIZE };

struct question {
    const char *prefix;
    const char *owner;
    const char *group;
    unsigned kinds;
    int64_t top;
    size_t databases;
};

static int told;

static void tell(void *context, const char *text)
{
    (void)context;
    assert_string_not_equal(text, "");
    told++;
}

static int ask(struct distribution **out, const struct question *question, struct err *err)
{
    struct filter filter;
    filter_init(&filter);
    filter.owner = question->owner;
    filter.group = question->group;
    if (question->prefix != NULL)
        assert_int_equal(filter_set_prefix(&filter, "-P", question->prefix, err), 0);
    const struct distribution_question asked = {
        .filter = &filter, .kinds = question->kinds, .top = question->top};
    int status = distribution_open(out, paths, question->databases, &asked, tell, NULL, err);
    filter_free(&filter);
    return status;
}

/* The rows that are not empty, as "LABEL[/OWNER[=NAME]]:FILES,SIZE ". */
static void expect(struct question question, size_t rows, const char *expected)
{
    struct distribution *distribution = NULL;
    const struct reader_value *values;
    struct err err = {0};
    char found[512] = "";
    if (ask(&distribution, &question, &err) != 0)
        fail_msg("%s", err.text);
    for (; distribution_next(distribution, &values) == 1; rows--) {
        size_t at = strlen(found);
        struct slice label = values[DISTRIBUTION_LABEL].text;
        struct slice name = values[DISTRIBUTION_NAME].text;
        if (values[DISTRIBUTION_FILES].integer == 0)
            continue;
        at += (size_t)snprintf(found + at, sizeof found - at, "%.*s", (int)label.len, label.ptr);
        if (values[DISTRIBUTION_OWNER].type == READER_INTEGER)
            at += (size_t)snprintf(found + at, sizeof found - at, "/%d",
                                   (int)values[DISTRIBUTION_OWNER].integer);
        if (values[DISTRIBUTION_NAME].type == READER_TEXT)
            at += (size_t)snprintf(found + at, sizeof found - at, "=%.*s", (int)name.len, name.ptr);
        snprintf(found + at, sizeof found - at, ":%d,%lld ",
                 (int)values[DISTRIBUTION_FILES].integer,
                 (long long)values[DISTRIBUTION_SIZE].integer);
    }
    assert_string_equal(found, expected);
    assert_int_equal(rows, 0);
    distribution_close(distribution);
}

static void expect_refusal(struct question question, const char *expected)
{
    struct distribution *distribution = NULL;
    struct err err = {0};
    assert_int_equal(ask(&distribution, &question, &err), -1);
    assert_string_equal(err.text, expected);
    assert_int_equal(err.status, ERR_FAILED);
}

enum { NOBODY = DISTRIBUTION_NO_OWNERS };

static void the_whole_is_by_owner(void **state)
{
    (void)state;
    query_fixture_make("x.db", BUCKETS TREE SCAN("0"));
    expect((struct question){NULL, NULL, NULL, ACCESS | SIZES, NOBODY, 1}, 20,
           "access0:101,3000 access9:1,1 size3:101,1001 ");
    expect((struct question){"/", "five", NULL, ACCESS, NOBODY, 1}, 10, "access0:100,1000 ");
}

static void a_part_is_by_directory(void **state)
{
    (void)state;
    query_fixture_make("x.db", BUCKETS TREE SCAN("2"));
    expect((struct question){"/d", NULL, NULL, ACCESS, NOBODY, 1}, 10,
           "access0:3,30 access9:4,40 ");
    expect((struct question){"/d/a", NULL, NULL, ACCESS | SIZES, NOBODY, 1}, 20,
           "access0:2,20 access9:4,40 size9:4,40 ");
    expect((struct question){"/d", "5", NULL, ACCESS, NOBODY, 1}, 10, "access0:3,30 ");
    expect((struct question){"/d", NULL, "60", ACCESS, NOBODY, 1}, 10, "access9:4,40 ");
    expect((struct question){NULL, NULL, "60", ACCESS, NOBODY, 1}, 10,
           "access1:8,80 access9:4,40 ");
    expect((struct question){NULL, "5", "60", ACCESS, NOBODY, 1}, 10, "access1:8,80 ");
}

static void what_is_not_stored_is_refused(void **state)
{
    (void)state;
    /* The least of all logs counts. */
    query_fixture_make("x.db", BUCKETS TREE SCAN("9") SCAN("2"));
    expect_refusal((struct question){"/d/a/deep", NULL, NULL, ACCESS, NOBODY, 1},
                   "x.db: has histograms down to depth 2, and /d/a/deep is at depth 3; import its "
                   "logs again with --replace --histogram-depth 3");
    query_fixture_make("x.db", BUCKETS TREE SCAN("0"));
    expect_refusal((struct question){NULL, NULL, "60", SIZES, NOBODY, 1},
                   "x.db: has no histograms by group; import its logs again with --replace "
                   "--histogram-depth 1");
    expect_refusal((struct question){"/nowhere", NULL, NULL, SIZES, NOBODY, 1},
                   "x.db: no directory /nowhere; it is not in this database");
    expect_refusal((struct question){NULL, "no such", NULL, SIZES, NOBODY, 1},
                   "x.db: no user no such, and this host has none either; give the number");
}

static void strange_databases_are_refused(void **state)
{
    (void)state;
    query_fixture_make("x.db", TREE SCAN("0"));
    expect_refusal((struct question){NULL, NULL, NULL, SIZES, NOBODY, 1},
                   "x.db: its histograms have other buckets; ask it with the version of fstally "
                   "that imported it");
    query_fixture_make("x.db",
                       BUCKETS TREE SCAN("0") "INSERT INTO access_histogram VALUES(5, 10, 1, 1);");
    expect_refusal((struct question){NULL, NULL, NULL, ACCESS, NOBODY, 1},
                   "x.db: damaged database: a histogram that cannot be; import its logs afresh "
                   "with --replace");
}

static void owners_follow_their_bucket(void **state)
{
    (void)state;
    query_fixture_make("x.db", BUCKETS TREE SCAN("0") "INSERT INTO access_histogram VALUES"
                                                      "(8, 0, 5, 1000);");
    expect((struct question){NULL, NULL, NULL, ACCESS, 0, 1}, 14,
           "access0:106,4000 access0/7:1,2000 access0/5=five:100,1000 access0/8:5,1000 "
           "access9:1,1 access9/6:1,1 ");
    expect((struct question){NULL, NULL, NULL, ACCESS, 1, 1}, 12,
           "access0:106,4000 access0/7:1,2000 access9:1,1 access9/6:1,1 ");
}

static void databases_are_added_up(void **state)
{
    (void)state;
    query_fixture_make("x.db", BUCKETS TREE SCAN("0"));
    query_fixture_make("y.db", BUCKETS TREE SCAN("2") "UPDATE user_info SET username = 'cinq';"
                                                      "INSERT INTO user_info VALUES"
                                                      "(6, 'six', NULL);");
    expect((struct question){NULL, NULL, NULL, ACCESS, 2, 2}, 13,
           "access0:202,6000 access0/7:2,4000 access0/5=five:200,2000 access9:2,2 "
           "access9/6=six:2,2 ");
    /* x.db cannot answer this. */
    told = 0;
    expect((struct question){"/d", NULL, NULL, ACCESS, NOBODY, 2}, 10,
           "access0:3,30 access9:4,40 ");
    assert_int_equal(told, 1);
    expect_refusal((struct question){"/d/a/deep", NULL, NULL, ACCESS, NOBODY, 2},
                   "all databases: none can answer");
}

/* Of one database, and of several. */
static void a_sum_stays_at_63_bits(void **state)
{
    (void)state;
    query_fixture_make("x.db", BUCKETS TREE SCAN("0"));
    query_fixture_make("y.db", BUCKETS SCAN("0") "INSERT INTO access_histogram VALUES"
                                                 "(5, 0, 1, 9223372036854775800);");
    expect((struct question){NULL, NULL, NULL, ACCESS, NOBODY, 2}, 10,
           "access0:102,9223372036854775807 access9:1,1 ");
    query_fixture_make("x.db", BUCKETS SCAN("0") "INSERT INTO access_histogram VALUES"
                                                 "(5, 4, 1, 9223372036854775807), "
                                                 "(6, 4, 2, 9223372036854775807), "
                                                 "(6, 9, 3, 9223372036854775807);");
    expect((struct question){NULL, NULL, NULL, ACCESS, NOBODY, 1}, 10,
           "access4:3,9223372036854775807 access9:3,9223372036854775807 ");
}

static void nothing_is_empty_buckets(void **state)
{
    (void)state;
    query_fixture_make("x.db", BUCKETS);
    expect((struct question){NULL, NULL, "1", ACCESS | SIZES, 0, 1}, 20, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_is_by_owner),
        cmocka_unit_test(a_part_is_by_directory),
        cmocka_unit_test(what_is_not_stored_is_refused),
        cmocka_unit_test(strange_databases_are_refused),
        cmocka_unit_test(owners_follow_their_bucket),
        cmocka_unit_test(databases_are_added_up),
        cmocka_unit_test(a_sum_stays_at_63_bits),
        cmocka_unit_test(nothing_is_empty_buckets),
    };
    return cmocka_run_group_tests(tests, unit_support_enter, unit_support_leave);
}
