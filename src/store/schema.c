/* schema: the database's tables, in one place.
 *
 * What is cheaper once for all rows than for each comes after the rows. That goes for indexes; for
 * the uniqueness of paths, whose index costs 1.5 s a million rows when it is kept in order row by
 * row and 0.6 s when it is sorted once; and for the computed column `name`, which SQLite would
 * compute for every row inserted although it is stored nowhere (10 s a million rows). The last two
 * belong to the text of CREATE TABLE, so that text is completed when the rows are there, which is
 * what PRAGMA writable_schema is for (https://www.sqlite.org/lang_altertable.html, section 7): the
 * unique index is already what the constraint would have made, but for its name. Nothing here runs:
 * the writer does. */
#include "schema.h"

/* Every byte but NUL and '/', so arranged that SQLite, which reads TEXT as UTF-8, takes each as a
 * character of its own (continuation bytes before lead bytes) and meets the common letters first.
 * Trimming these from the right of a path leaves what stands before its last component, whatever
 * bytes the names hold; rtrim(path, replace(path, '/', '')), the usual way, fails on names that are
 * not UTF-8. */
#define NAME_BYTES                                                                                 \
    "6574616F696E7372686C6463756D667067777962766B786A717A303132333435363738395F2D2E41"             \
    "42434445464748494A4B4C4D4E4F505152535455565758595A0102030405060708090A0B0C0D0E0F"             \
    "101112131415161718191A1B1C1D1E1F202122232425262728292A2B2C3A3B3C3D3E3F405B5C5D5E"             \
    "607B7C7D7E7F808182838485868788898A8B8C8D8E8F909192939495969798999A9B9C9D9E9FA0A1"             \
    "A2A3A4A5A6A7A8A9AAABACADAEAFB0B1B2B3B4B5B6B7B8B9BABBBCBDBEBFC0C1C2C3C4C5C6C7C8C9"             \
    "CACBCCCDCECFD0D1D2D3D4D5D6D7D8D9DADBDCDDDEDFE0E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0F1"             \
    "F2F3F4F5F6F7F8F9FAFBFCFDFEFF"

/* Its quotes are doubled: it is written inside a string. */
#define NAME_EXPRESSION                                                                            \
    "CAST(substr(CAST(path AS BLOB), 1 + length(CAST(rtrim(path, CAST(X''" NAME_BYTES              \
    "'' AS TEXT)) AS BLOB))) AS TEXT)"

/* directories as other tools find it, but for the last column. */
#define DIRECTORIES_COLUMNS(unique)                                                                \
    "dir_id INTEGER PRIMARY KEY, "                                                                 \
    "parent_id INTEGER REFERENCES directories(dir_id), "                                           \
    "path TEXT NOT NULL" unique ", "                                                               \
    "depth INTEGER NOT NULL, "                                                                     \
    "last_id INTEGER NOT NULL"

#define SUBTREE_COLUMNS                                                                            \
    "dir_id INTEGER NOT NULL REFERENCES directories(dir_id), "                                     \
    "owner_uid INTEGER NOT NULL, "                                                                 \
    "owner_gid INTEGER NOT NULL, "                                                                 \
    "bucket_index INTEGER NOT NULL, "                                                              \
    "file_count INTEGER NOT NULL, "                                                                \
    "total_size INTEGER NOT NULL, "                                                                \
    "PRIMARY KEY (dir_id, owner_uid, owner_gid, bucket_index)"

const char *schema_tables(void)
{
    return "CREATE TABLE directories(" DIRECTORIES_COLUMNS(
        "") ");"

            "CREATE TABLE directory_stats("
            "dir_id INTEGER PRIMARY KEY REFERENCES directories(dir_id), "
            "file_count_nr INTEGER NOT NULL, "
            "dir_count_nr INTEGER NOT NULL, "
            "total_size_nr INTEGER NOT NULL, "
            "total_alloc_nr INTEGER NOT NULL, "
            "max_atime_nr TIMESTAMP, "
            "file_count_r INTEGER NOT NULL, "
            "dir_count_r INTEGER NOT NULL, "
            "total_size_r INTEGER NOT NULL, "
            "total_alloc_r INTEGER NOT NULL, "
            "max_atime_r TIMESTAMP, "
            "owner_uid INTEGER DEFAULT -1, "
            "owner_gid INTEGER DEFAULT -1);"

            "CREATE TABLE owner_usage("
            "dir_id INTEGER NOT NULL REFERENCES directories(dir_id), "
            "owner_uid INTEGER NOT NULL, "
            "owner_gid INTEGER NOT NULL, "
            "file_count INTEGER NOT NULL, "
            "total_size INTEGER NOT NULL, "
            "total_alloc INTEGER NOT NULL, "
            "max_atime TIMESTAMP, "
            "PRIMARY KEY (dir_id, owner_uid, owner_gid)) WITHOUT ROWID;"

            /* The sums of owner_usage, and of directory_stats where that has no rows, over a block
             * of directories. A directory counts once for each owner and group in
             * directory_count. For an owner over all groups directory_count_owner adds up, for a
             * group over all owners directory_count_group: there it counts under the smallest
             * group (owner) alone. */
            "CREATE TABLE owner_usage_block("
            "first_id INTEGER NOT NULL REFERENCES directories(dir_id), " /* of SCHEMA_OWNER_BLOCK */
            "owner_uid INTEGER NOT NULL, "
            "owner_gid INTEGER NOT NULL, "
            "file_count INTEGER NOT NULL, "
            "total_size INTEGER NOT NULL, "
            "total_alloc INTEGER NOT NULL, "
            "max_atime TIMESTAMP, "
            "directory_count INTEGER NOT NULL, "
            "directory_count_owner INTEGER NOT NULL, "
            "directory_count_group INTEGER NOT NULL, "
            "PRIMARY KEY (first_id, owner_uid, owner_gid)) WITHOUT ROWID;"

            /* The names of a block of directories in the order of dir_id, each with a NUL behind
             * it. */
            "CREATE TABLE directory_names("
            "first_id INTEGER PRIMARY KEY REFERENCES directories(dir_id), " /* of SCHEMA_NAME_BLOCK */
            "names BLOB NOT NULL);"

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

            /* The same for the files that a directory stands for, its own or, at the deepest
             * level that has histograms, all below it: the sum over a subtree is the subtree's
             * histogram. */
            "CREATE TABLE access_histogram_subtree(" SUBTREE_COLUMNS ") WITHOUT ROWID;"
            "CREATE TABLE size_histogram_subtree(" SUBTREE_COLUMNS ") WITHOUT ROWID;"

            "CREATE TABLE histogram_bucket("
            "kind TEXT NOT NULL, "            /* 'access': days before the scan; 'size': bytes */
            "bucket_index INTEGER NOT NULL, " /* from 0 */
            "label TEXT NOT NULL, "
            "lower INTEGER NOT NULL, " /* [lower, upper) */
            "upper INTEGER, "          /* NULL: no bound */
            "PRIMARY KEY (kind, bucket_index)) WITHOUT ROWID;"

            "CREATE TABLE user_info(uid INTEGER PRIMARY KEY, username TEXT NOT NULL, full_name TEXT);"
            "CREATE TABLE group_info(gid INTEGER PRIMARY KEY, groupname TEXT NOT NULL);"

            "CREATE TABLE scan_metadata("
            "scan_id INTEGER PRIMARY KEY, "
            "source_file TEXT NOT NULL, "
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
            "fstally_version TEXT NOT NULL, "
            "source_size INTEGER NOT NULL, "      /* bytes */
            "source_mtime INTEGER NOT NULL, "     /* ns since 1970-01-01 UTC */
            "histogram_depth INTEGER NOT NULL);"; /* subtree histograms go down to here; 0: none */
}

const char *schema_indexes(void)
{
    return "CREATE UNIQUE INDEX ux_directories_path ON directories(path);"
           "CREATE INDEX ix_directories_parent ON directories(parent_id);"
           "CREATE INDEX ix_directories_depth ON directories(depth);"
           "CREATE INDEX ix_stats_owner ON directory_stats(owner_uid);"
           "CREATE INDEX ix_stats_size_r ON directory_stats(total_size_r);"
           "CREATE INDEX ix_stats_files_r ON directory_stats(file_count_r);";
}

const char *schema_completion(void)
{
    return "PRAGMA writable_schema = ON;"
           "UPDATE sqlite_schema SET sql = 'CREATE TABLE directories(" DIRECTORIES_COLUMNS(
               " UNIQUE") ", name TEXT GENERATED ALWAYS AS (" NAME_EXPRESSION ") VIRTUAL)' "
                          "WHERE type = 'table' AND name = 'directories';"
                          "UPDATE sqlite_schema SET name = 'sqlite_autoindex_directories_1', sql = NULL "
                          "WHERE type = 'index' AND name = 'ux_directories_path';"
                          "PRAGMA writable_schema = RESET;";
}
