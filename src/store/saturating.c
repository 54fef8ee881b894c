/* saturating: the sum over a group, kept by SQLite between the rows. One thread. */
#include "saturating.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* SQLite hands it out zeroed. */
struct total {
    int64_t sum;
    bool begun; /* a value that is not NULL has been seen */
};

static void on_step(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    struct total *total = sqlite3_aggregate_context(context, sizeof *total);
    if (total == NULL || sqlite3_value_type(values[0]) == SQLITE_NULL)
        return;
    total->begun = true;
    if (__builtin_add_overflow(total->sum, sqlite3_value_int64(values[0]), &total->sum))
        total->sum = INT64_MAX;
}

static void on_final(sqlite3_context *context)
{
    const struct total *total = sqlite3_aggregate_context(context, 0);
    if (total != NULL && total->begun)
        sqlite3_result_int64(context, total->sum);
}

int saturating_offer(sqlite3 *db)
{
    return sqlite3_create_function(db, "saturating_sum", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                   NULL, NULL, on_step, on_final);
}
