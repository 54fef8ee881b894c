/* schema: the tables of a fstally database as SQL text, and the marks by which a file is known as
 * one. */
#ifndef FSTALLY_SCHEMA_H
#define FSTALLY_SCHEMA_H

#define SCHEMA_APPLICATION_ID 0x46537461 /* "FSta": PRAGMA application_id of every database */
#define SCHEMA_VERSION        3          /* PRAGMA user_version; a reader refuses any other */

/* Directories that a row of owner_usage_block (of directory_names) stands for: the ids from a
 * first_id with (first_id - 1) % BLOCK = 0 on. A question about a subtree reads the blocks that lie
 * in it, and at both ends fewer than a block of directories one by one: with 1,024 some 2 ms at the
 * most. A block's names are some 40 KB, which fill the pages that they lie on but for the last. */
#define SCHEMA_OWNER_BLOCK 1024
#define SCHEMA_NAME_BLOCK  4096

/* Each a list of statements for sqlite3_exec. Static; one thread. */
const char *schema_tables(void);  /* every CREATE TABLE */
const char *schema_views(void);   /* every CREATE VIEW: after the tables */
const char *schema_indexes(void); /* every CREATE INDEX: after the rows */

#endif
