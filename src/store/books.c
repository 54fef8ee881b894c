/* books: each sum is a row with the name of its table, the logs' first; a column that a table does
 * not have is NULL. The tables have a row for each log or owner, and the directories without a parent
 * come from an index, so that the number of directories does not matter. One thread. */
#include "books.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char lines[] =
    "SELECT scan_id, lines FROM scan_metadata "
    "WHERE headers + total_files + total_directories + rejected + excluded <> lines LIMIT 1";

static const char sums[] =
    "SELECT 'scan_metadata', saturating_sum(total_files), saturating_sum(total_size), "
    "saturating_sum(total_alloc) FROM scan_metadata "
    "UNION ALL SELECT 'owner_summary', saturating_sum(total_files), saturating_sum(total_size), "
    "saturating_sum(total_alloc) FROM owner_summary "
    "UNION ALL SELECT 'group_summary', saturating_sum(total_files), saturating_sum(total_size), "
    "saturating_sum(total_alloc) FROM group_summary "
    "UNION ALL SELECT 'access_histogram', saturating_sum(file_count), saturating_sum(total_size), "
    "NULL FROM access_histogram "
    "UNION ALL SELECT 'size_histogram', saturating_sum(file_count), saturating_sum(total_size), "
    "NULL FROM size_histogram "
    "UNION ALL SELECT 'directory_stats', saturating_sum(file_count_r), "
    "saturating_sum(total_size_r), saturating_sum(total_alloc_r) FROM directory_stats "
    "WHERE dir_id IN (SELECT dir_id FROM directories WHERE parent_id IS NULL)";

enum { FIGURES = 3 };

static const char *const figure_names[FIGURES] = {"files", "bytes", "allocated bytes"};

/* Looks at one row of sums; the first one says what the others have to be. */
static void compare(sqlite3_stmt *row, bool is_first, sqlite3_int64 *expected, char *fault,
                    size_t room)
{
    for (int i = 0; i < FIGURES; i++) {
        sqlite3_int64 sum = sqlite3_column_int64(row, i + 1); /* no row at all: 0 */
        bool is_held = is_first || i != 2 || sqlite3_column_type(row, i + 1) != SQLITE_NULL;
        if (is_first)
            expected[i] = sum;
        else if (is_held && sum != expected[i] && *fault == '\0')
            snprintf(fault, room, "the logs have %lld %s, table %s has %lld", expected[i],
                     figure_names[i], (const char *)sqlite3_column_text(row, 0), sum);
    }
}

static int check_sums(sqlite3 *db, char *fault, size_t room)
{
    sqlite3_stmt *row = NULL;
    sqlite3_int64 expected[FIGURES];
    bool is_first = true;
    int code = sqlite3_prepare_v2(db, sums, -1, &row, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(row)) == SQLITE_ROW) {
        compare(row, is_first, expected, fault, room);
        is_first = false;
        code = SQLITE_OK;
    }
    sqlite3_finalize(row);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

int books_check(sqlite3 *db, char *fault, size_t room)
{
    sqlite3_stmt *row = NULL;
    *fault = '\0';
    int code = sqlite3_prepare_v2(db, lines, -1, &row, NULL);
    if (code == SQLITE_OK && (code = sqlite3_step(row)) == SQLITE_ROW)
        snprintf(fault, room,
                 "the lines of scan %lld are %lld, but not those of its kinds together",
                 sqlite3_column_int64(row, 0), sqlite3_column_int64(row, 1));
    sqlite3_finalize(row);
    if (code == SQLITE_ROW)
        return SQLITE_OK;
    return code == SQLITE_DONE ? check_sums(db, fault, room) : code;
}
