/* columns: one list a table, so that the schema, the plain writer and the one that lays out pages
 * cannot come apart. Any thread, each with its own row. */
#include "columns.h"

#include "pathname.h"
#include "utf8.h"

static const struct column directories[] = {
    {"dir_id", "INTEGER PRIMARY KEY", COLUMNS_ID},
    {"parent_id", "INTEGER REFERENCES directories(dir_id)", COLUMNS_PARENT},
    {"path", "TEXT NOT NULL", COLUMNS_PATH},
    {"depth", "INTEGER NOT NULL", COLUMNS_DEPTH},
    {"last_id", "INTEGER NOT NULL", COLUMNS_LAST},
    {"name", "TEXT NOT NULL", COLUMNS_NAME},
};

static const struct column stats[] = {
    {"dir_id", "INTEGER PRIMARY KEY REFERENCES directories(dir_id)", COLUMNS_ID},
    {"file_count_nr", "INTEGER NOT NULL", COLUMNS_OWN_FILES},
    {"dir_count_nr", "INTEGER NOT NULL", COLUMNS_OWN_DIRS},
    {"total_size_nr", "INTEGER NOT NULL", COLUMNS_OWN_SIZE},
    {"total_alloc_nr", "INTEGER NOT NULL", COLUMNS_OWN_ALLOC},
    {"max_atime_nr", "TIMESTAMP", COLUMNS_OWN_ATIME},
    {"max_mtime_nr", "TIMESTAMP", COLUMNS_OWN_MTIME},
    {"file_count_r", "INTEGER NOT NULL", COLUMNS_SUBTREE_FILES},
    {"dir_count_r", "INTEGER NOT NULL", COLUMNS_SUBTREE_DIRS},
    {"total_size_r", "INTEGER NOT NULL", COLUMNS_SUBTREE_SIZE},
    {"total_alloc_r", "INTEGER NOT NULL", COLUMNS_SUBTREE_ALLOC},
    {"max_atime_r", "TIMESTAMP", COLUMNS_SUBTREE_ATIME},
    {"max_mtime_r", "TIMESTAMP", COLUMNS_SUBTREE_MTIME},
    {"owner_uid", "INTEGER DEFAULT -1", COLUMNS_UID},
    {"owner_gid", "INTEGER DEFAULT -1", COLUMNS_GID},
};

#define OF_A_DIRECTORY "INTEGER NOT NULL REFERENCES directories(dir_id)"

static const struct column usage[] = {
    {"dir_id", OF_A_DIRECTORY, COLUMNS_ID},
    {"owner_uid", "INTEGER NOT NULL", COLUMNS_UID},
    {"owner_gid", "INTEGER NOT NULL", COLUMNS_GID},
    {"file_count", "INTEGER NOT NULL", COLUMNS_OWN_FILES},
    {"total_size", "INTEGER NOT NULL", COLUMNS_OWN_SIZE},
    {"total_alloc", "INTEGER NOT NULL", COLUMNS_OWN_ALLOC},
    {"max_atime", "TIMESTAMP", COLUMNS_OWN_ATIME},
};

#define OWNER "dir_id, owner_uid, owner_gid"

#define COLUMNS(list) list, sizeof(list) / sizeof(list)[0]

const struct columns columns_tables[COLUMNS_TABLES] = {
    [COLUMNS_DIRECTORIES] = {"directories", COLUMNS(directories), NULL},
    [COLUMNS_STATS] = {"directory_stats", COLUMNS(stats), NULL},
    [COLUMNS_USAGE] = {"owner_usage", COLUMNS(usage), OWNER},
};

const struct columns_index columns_indexes[COLUMNS_INDEXES] = {
    [COLUMNS_BY_PATH] = {"ux_directories_path", true, COLUMNS_DIRECTORIES, "path"},
    [COLUMNS_BY_PARENT] = {"ix_directories_parent", false, COLUMNS_DIRECTORIES, "parent_id"},
    [COLUMNS_BY_DEPTH] = {"ix_directories_depth", false, COLUMNS_DIRECTORIES, "depth"},
    [COLUMNS_BY_OWNER] = {"ix_stats_owner", false, COLUMNS_STATS, "owner_uid"},
    [COLUMNS_BY_SIZE] = {"ix_stats_size_r", false, COLUMNS_STATS, "total_size_r"},
    [COLUMNS_BY_FILES] = {"ix_stats_files_r", false, COLUMNS_STATS, "file_count_r"},
};

size_t columns_count(const struct rows *rows, enum columns_table table)
{
    switch (table) {
    case COLUMNS_USAGE:
        return rows->usages;
    default:
        return rows->dirs;
    }
}

void columns_fetch(struct columns_row *row, const struct rows *rows, enum columns_table table,
                   size_t i)
{
    row->table = table;
    switch (table) {
    case COLUMNS_USAGE:
        rows->usage(rows->state, i, &row->usage);
        break;
    case COLUMNS_DIRECTORIES:
        row->id = (int64_t)i + 1;
        rows->place(rows->state, i, &row->place);
        row->path = rows->path(rows->state, i);
        break;
    default:
        rows->dir(rows->state, i, &row->dir);
    }
}

static struct columns_value value_integer(int64_t value)
{
    return (struct columns_value){COLUMNS_INTEGER, value, {NULL, 0}};
}

static struct columns_value value_sum(uint64_t sum)
{
    return value_integer(columns_sum(sum));
}

static struct columns_value value_owner(int64_t id)
{
    return id == ROWS_SEVERAL ? (struct columns_value){.type = COLUMNS_NULL} : value_integer(id);
}

static struct columns_value value_instant(struct columns_row *row, int64_t instant)
{
    if (instant == ENTRY_NO_TIME)
        return (struct columns_value){.type = COLUMNS_NULL};
    clock_format(instant, row->time);
    return (struct columns_value){COLUMNS_TEXT, 0, {row->time, CLOCK_TEXT - 1}};
}

static struct columns_value value_bytes(struct slice bytes, bool is_text)
{
    return (struct columns_value){is_text ? COLUMNS_TEXT : COLUMNS_BLOB, 0, bytes};
}

/* The name of a path that is UTF-8 is too; another one's may be. */
static struct columns_value value_name(const struct columns_row *row)
{
    struct slice name = pathname_last(row->path);
    return value_bytes(name, !row->place.path_is_blob || utf8_is_valid(name));
}

static struct columns_value usage_value(struct columns_row *row, enum columns_source source)
{
    const struct rows_usage *of = &row->usage;
    switch (source) {
    case COLUMNS_ID:
        return value_integer(of->dir_id);
    case COLUMNS_UID:
        return value_integer(of->uid);
    case COLUMNS_GID:
        return value_integer(of->gid);
    case COLUMNS_OWN_FILES:
        return value_sum(of->stat.files);
    case COLUMNS_OWN_SIZE:
        return value_sum(of->stat.size);
    case COLUMNS_OWN_ALLOC:
        return value_sum(of->stat.alloc);
    default:
        return value_instant(row, of->stat.max_atime);
    }
}

static struct columns_value directory_value(const struct columns_row *row,
                                            enum columns_source source)
{
    const struct rows_place *of = &row->place;
    switch (source) {
    case COLUMNS_ID:
        return value_integer(row->id);
    case COLUMNS_PARENT:
        return of->parent_id == 0 ? (struct columns_value){.type = COLUMNS_NULL}
                                  : value_integer(of->parent_id);
    case COLUMNS_PATH:
        return value_bytes(row->path, !of->path_is_blob);
    case COLUMNS_NAME:
        return value_name(row);
    case COLUMNS_DEPTH:
        return value_integer(of->depth);
    default:
        return value_integer(of->last_id);
    }
}

static struct columns_value stats_value(struct columns_row *row, enum columns_source source)
{
    const struct rows_dir *of = &row->dir;
    switch (source) {
    case COLUMNS_ID:
        return value_integer(of->id);
    case COLUMNS_OWN_FILES:
        return value_sum(of->own.files);
    case COLUMNS_OWN_DIRS:
        return value_sum(of->own_dirs);
    case COLUMNS_OWN_SIZE:
        return value_sum(of->own.size);
    case COLUMNS_OWN_ALLOC:
        return value_sum(of->own.alloc);
    case COLUMNS_OWN_ATIME:
        return value_instant(row, of->own.max_atime);
    case COLUMNS_OWN_MTIME:
        return value_instant(row, of->own.max_mtime);
    case COLUMNS_SUBTREE_FILES:
        return value_sum(of->subtree.files);
    case COLUMNS_SUBTREE_DIRS:
        return value_sum(of->subtree_dirs);
    case COLUMNS_SUBTREE_SIZE:
        return value_sum(of->subtree.size);
    case COLUMNS_SUBTREE_ALLOC:
        return value_sum(of->subtree.alloc);
    case COLUMNS_SUBTREE_ATIME:
        return value_instant(row, of->subtree.max_atime);
    case COLUMNS_SUBTREE_MTIME:
        return value_instant(row, of->subtree.max_mtime);
    case COLUMNS_UID:
        return value_owner(of->uid);
    default:
        return value_owner(of->gid);
    }
}

struct columns_value columns_value(struct columns_row *row, enum columns_source source)
{
    switch (row->table) {
    case COLUMNS_USAGE:
        return usage_value(row, source);
    case COLUMNS_DIRECTORIES:
        return directory_value(row, source);
    default:
        return stats_value(row, source);
    }
}
