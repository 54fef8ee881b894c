/* sqltext: the one place that decides between TEXT and BLOB. One thread for each statement. */
#include "sqltext.h"

#include "utf8.h"

/* SQLite takes a NULL pointer for NULL, an empty slice is an empty text. */
static const char *start_of(struct slice bytes)
{
    return bytes.len == 0 ? "" : bytes.ptr;
}

int sqltext_bind(sqlite3_stmt *statement, int place, struct slice bytes,
                 sqlite3_destructor_type lifetime)
{
    if (utf8_is_valid(bytes))
        return sqlite3_bind_text64(statement, place, start_of(bytes), bytes.len, lifetime,
                                   SQLITE_UTF8);
    return sqlite3_bind_blob64(statement, place, bytes.ptr, bytes.len, lifetime);
}

void sqltext_result(sqlite3_context *to, struct slice bytes)
{
    if (utf8_is_valid(bytes))
        sqlite3_result_text64(to, start_of(bytes), bytes.len, SQLITE_STATIC, SQLITE_UTF8);
    else
        sqlite3_result_blob64(to, bytes.ptr, bytes.len, SQLITE_STATIC);
}
