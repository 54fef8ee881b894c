/* schema: the database's tables, in one place; the columns of the large ones are in columns.c.
 *
 * Indexes come after the rows: made once they cost less than kept in order row by row. That
 * includes the one that keeps paths unique, which is why it is an index of its own and not a UNIQUE
 * in the text of the table (1,000,000 rows: 0.6 s against 1.5 s). All of this is read by SQLite
 * 3.26. Nothing here runs: the writer does. */
#include "schema.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "columns.h"

/* SQL text that grows. */
struct text {
    char *bytes;
    size_t room;
    size_t len;
};

static void append(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text->bytes + text->len, text->room - text->len, format, arguments);
    va_end(arguments);
    assert(len >= 0 && (size_t)len < text->room - text->len);
    text->len += (size_t)len;
}

static void append_table(struct text *text, const struct columns *columns)
{
    append(text, "CREATE TABLE %s(", columns->table);
    for (size_t i = 0; i < columns->count; i++)
        append(text, "%s%s %s", i == 0 ? "" : ", ", columns->items[i].name,
               columns->items[i].declaration);
    if (columns->primary_key != NULL)
        append(text, ", PRIMARY KEY (%s)) WITHOUT ROWID;", columns->primary_key);
    else
        append(text, ");");
}

/* The tables that columns.c does not have: their rows are few. */
static const char small_tables[] =
    /* What every question is answered from: facts.h says what a block is, factslayout.h how it is
     * stored. */
    "CREATE TABLE facts("
    "block INTEGER PRIMARY KEY, " /* from 0: the ids from 4096 * block + 1 on */
    "data BLOB NOT NULL);"
    /* The owners and groups that the facts' shares name by number, from 0. */
    "CREATE TABLE facts_owner("
    "pair INTEGER PRIMARY KEY, "
    "owner_uid INTEGER NOT NULL, "
    "owner_gid INTEGER NOT NULL);"

    "CREATE TABLE owner_summary("
    "owner_uid INTEGER PRIMARY KEY, "
    "total_size INTEGER NOT NULL, "
    "total_alloc INTEGER NOT NULL, "
    "total_files INTEGER NOT NULL, "
    "directory_count INTEGER NOT NULL);"

    "CREATE TABLE group_summary("
    "owner_gid INTEGER PRIMARY KEY, "
    "total_size INTEGER NOT NULL, "
    "total_alloc INTEGER NOT NULL, "
    "total_files INTEGER NOT NULL, "
    "directory_count INTEGER NOT NULL);"

    "CREATE TABLE access_histogram("
    "owner_uid INTEGER NOT NULL, "
    "bucket_index INTEGER NOT NULL, "
    "file_count INTEGER NOT NULL, "
    "total_size INTEGER NOT NULL, "
    "PRIMARY KEY (owner_uid, bucket_index)) WITHOUT ROWID;"

    "CREATE TABLE size_histogram("
    "owner_uid INTEGER NOT NULL, "
    "bucket_index INTEGER NOT NULL, "
    "file_count INTEGER NOT NULL, "
    "total_size INTEGER NOT NULL, "
    "PRIMARY KEY (owner_uid, bucket_index)) WITHOUT ROWID;"

    "CREATE TABLE histogram_bucket("
    "kind TEXT NOT NULL, "            /* 'access': days before the scan; 'size': bytes */
    "bucket_index INTEGER NOT NULL, " /* from 0 */
    "label TEXT NOT NULL, "
    "lower INTEGER NOT NULL, " /* [lower, upper) */
    "upper INTEGER, "          /* NULL: no bound */
    "PRIMARY KEY (kind, bucket_index)) WITHOUT ROWID;"

    "CREATE TABLE user_info("
    "uid INTEGER PRIMARY KEY, "
    "username TEXT NOT NULL, "
    "full_name TEXT);"
    "CREATE TABLE group_info(gid INTEGER PRIMARY KEY, groupname TEXT NOT NULL);"

    "CREATE TABLE scan_metadata("
    "scan_id INTEGER PRIMARY KEY, "
    "source_file TEXT NOT NULL, " /* its last component; a BLOB where it is not UTF-8 */
    "scan_timestamp TIMESTAMP NOT NULL, "
    "import_timestamp TIMESTAMP NOT NULL, "
    "filesystem TEXT NOT NULL, "
    "format TEXT, " /* NULL: no data line told it */
    "total_directories INTEGER NOT NULL, "
    "total_files INTEGER NOT NULL, "
    "total_size INTEGER NOT NULL, "
    "total_alloc INTEGER NOT NULL, "
    "lines INTEGER NOT NULL, "
    "headers INTEGER NOT NULL, "
    "rejected INTEGER NOT NULL, "
    "flawed INTEGER NOT NULL, "      /* data lines with a value that could not be used */
    "scan_errors INTEGER NOT NULL, " /* header lines that say the scan itself failed */
    "saturated INTEGER NOT NULL, "   /* 1: a sum of the import passed 2^63-1 */
    "age_by TEXT NOT NULL, "         /* the time that access_histogram goes by */
    "fstally_version TEXT NOT NULL, "
    "source_size INTEGER NOT NULL, "  /* bytes */
    "source_mtime INTEGER NOT NULL, " /* ns since 1970-01-01 UTC */
    "excluded INTEGER NOT NULL);";    /* lines left out on request */

const char *schema_tables(void)
{
    static char sql[8192];
    struct text text = {sql, sizeof sql, 0};
    for (size_t i = 0; i < COLUMNS_TABLES; i++)
        append_table(&text, &columns_tables[i]);
    append(&text, "%s", small_tables);
    return sql;
}

/* Names beside the numbers of s, for the views. */
#define OWNER_NAMES                                                                                \
    "LEFT JOIN user_info u ON u.uid = s.owner_uid LEFT JOIN group_info g ON g.gid = s.owner_gid"

const char *schema_views(void)
{
    return "CREATE VIEW directory AS "
           "SELECT d.dir_id, d.parent_id, d.path, d.name, d.depth, d.last_id, "
           "s.file_count_nr, s.dir_count_nr, s.total_size_nr, s.total_alloc_nr, "
           "s.max_atime_nr, s.max_mtime_nr, "
           "s.file_count_r, s.dir_count_r, s.total_size_r, s.total_alloc_r, "
           "s.max_atime_r, s.max_mtime_r, "
           "s.owner_uid, u.username, s.owner_gid, g.groupname "
           "FROM directories d JOIN directory_stats s ON s.dir_id = d.dir_id " OWNER_NAMES ";"

           /* A directory with one owner and one group below it has no rows in owner_usage. */
           "CREATE VIEW owner_files AS "
           "SELECT d.path, d.dir_id, s.owner_uid, u.username, s.owner_gid, g.groupname, "
           "s.file_count, s.total_size, s.total_alloc, s.max_atime "
           "FROM owner_usage s JOIN directories d ON d.dir_id = s.dir_id " OWNER_NAMES " "
           "UNION ALL "
           "SELECT d.path, d.dir_id, s.owner_uid, u.username, s.owner_gid, g.groupname, "
           "s.file_count_nr, s.total_size_nr, s.total_alloc_nr, s.max_atime_nr "
           "FROM directory_stats s JOIN directories d ON d.dir_id = s.dir_id " OWNER_NAMES " "
           "WHERE s.owner_uid IS NOT NULL AND s.owner_gid IS NOT NULL AND s.file_count_nr > 0;";
}

const char *schema_indexes(void)
{
    static char sql[1024];
    struct text text = {sql, sizeof sql, 0};
    for (size_t i = 0; i < COLUMNS_INDEXES; i++) {
        const struct columns_index *index = &columns_indexes[i];
        append(&text, "CREATE %sINDEX %s ON %s(%s);", index->unique ? "UNIQUE " : "", index->name,
               columns_tables[index->table].table, index->column);
    }
    return sql;
}
