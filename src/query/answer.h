/* answer: rows with columns, whatever the question was. Each producer (directories.h, totals.h,
 * summary.h, distribution.h, diff.h) makes one; whoever shows it works from the columns' kinds. */
#ifndef FSTALLY_ANSWER_H
#define FSTALLY_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "reader.h"

struct err;

/* What a column's values are, and so how people see them. */
enum answer_kind {
    ANSWER_TEXT,
    ANSWER_PATH,
    ANSWER_NUMBER, /* that stands for itself: a depth, an id */
    ANSWER_COUNT,
    ANSWER_BYTES,
    ANSWER_COUNT_CHANGE,
    ANSWER_BYTES_CHANGE,
    ANSWER_DAY,   /* of a time stamp */
    ANSWER_OWNER, /* uid or gid; -1: none; NULL: several. `beside`: the column of its name */
    ANSWER_PART,  /* a file system; NULL: all together */
};

struct answer_column {
    const char *name;    /* for programs: as the database's */
    const char *heading; /* for people; NULL: not for them */
    enum answer_kind kind;
    size_t beside;
};

enum { ANSWER_COLUMNS = 32 };

struct answer {
    struct answer_column columns[ANSWER_COLUMNS]; /* in the order for programs */
    size_t count;
    size_t people[ANSWER_COLUMNS]; /* the columns for people, in their order */
    size_t people_count;
    /* 1: a row, a value for each column, borrowed until the next; 0: no more; -1: err is filled. */
    int (*next)(struct answer *answer, const struct reader_value **values, struct err *err);
    void (*close)(struct answer *answer); /* frees the answer */
    bool cut;                             /* once all rows are out: the limit left some out */
};

/* Adds a column for programs, and, with a heading, for people next. Returns its place. */
static inline size_t answer_add(struct answer *answer, const char *name, const char *heading,
                                enum answer_kind kind)
{
    answer->columns[answer->count] = (struct answer_column){name, heading, kind, answer->count};
    if (heading != NULL)
        answer->people[answer->people_count++] = answer->count;
    return answer->count++;
}

/* Shows a column to people next. */
static inline void answer_show(struct answer *answer, size_t column, const char *heading)
{
    answer->columns[column].heading = heading;
    answer->people[answer->people_count++] = column;
}

static inline void answer_close(struct answer *answer)
{
    if (answer != NULL)
        answer->close(answer);
}

static inline struct reader_value answer_null(void)
{
    return (struct reader_value){.type = READER_NULL};
}

static inline struct reader_value answer_integer(int64_t integer)
{
    return (struct reader_value){.type = READER_INTEGER, .integer = integer};
}

/* NULL: no value. Borrowed. */
static inline struct reader_value answer_text(const char *text)
{
    if (text == NULL)
        return answer_null();
    return (struct reader_value){.type = READER_TEXT, .text = slice_from(text)};
}

#endif
