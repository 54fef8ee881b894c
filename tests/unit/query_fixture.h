/* query_fixture: small databases for the tests of the query layer, and what is asked of them. */
#ifndef FSTALLY_QUERY_FIXTURE_H
#define FSTALLY_QUERY_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "federation.h"
#include "store_fixture.h"

/* What a federation has reported: the lines, each ended. */
static char query_fixture_told[2048];

static inline void query_fixture_tell(void *context, const char *text)
{
    (void)context;
    size_t len = strlen(query_fixture_told);
    snprintf(query_fixture_told + len, sizeof query_fixture_told - len, "%s\n", text);
}

/* Opens a federation of x.db, or of x.db and y.db. */
static inline void query_fixture_federate(struct federation *federation, size_t count,
                                          unsigned threads)
{
    static char x[] = "x.db", y[] = "y.db", one[] = "x", two[] = "y";
    static char *paths[] = {x, y};
    static char *names[] = {one, two};
    struct err err = {0};
    query_fixture_told[0] = '\0';
    *federation = (struct federation){.threads = threads, .tell = query_fixture_tell};
    if (federation_open(federation, paths, names, count, &err) != 0)
        fail_msg("%s", err.text);
}

static inline void query_fixture_print(FILE *out, const struct reader_value *value)
{
    if (value->type == READER_INTEGER)
        fprintf(out, "%lld", (long long)value->integer);
    else if (value->type == READER_TEXT)
        fprintf(out, "%.*s", (int)value->text.len, value->text.ptr);
    else
        fputc('-', out);
}

/* The rows of an answer, which is then closed: those columns, parted by `|`. Counts from 0. */
static inline void query_fixture_expect(struct answer *answer, const size_t *columns, size_t count,
                                        const char *expected)
{
    struct err err = {0};
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    const struct reader_value *values;
    int status;
    while ((status = answer->next(answer, &values, &err)) == 1)
        for (size_t i = 0; i < count; i++) {
            query_fixture_print(out, &values[columns[i]]);
            fputc(i + 1 < count ? '|' : '\n', out);
        }
    fclose(out);
    answer_close(answer);
    if (status != 0)
        fail_msg("%s", err.text);
    assert_string_equal(text, expected);
    free(text);
}

#endif
