/* schema: the tables of a fstally database as SQL text, and the marks by which a file is known as
 * one. */
#ifndef FSTALLY_SCHEMA_H
#define FSTALLY_SCHEMA_H

#define SCHEMA_APPLICATION_ID 0x46537461 /* "FSta": PRAGMA application_id of every database */
#define SCHEMA_VERSION        4          /* PRAGMA user_version; a reader refuses any other */

/* The tables that columns.h does not have, as rows of a VALUES clause. */
#define SCHEMA_SMALL_TABLES                                                                        \
    "('facts'), ('facts_owner'), ('owner_summary'), ('group_summary'), ('access_histogram'), "     \
    "('size_histogram'), ('histogram_bucket'), ('user_info'), ('group_info'), ('scan_metadata')"

/* Each a list of statements for sqlite3_exec. Static; one thread. */
const char *schema_tables(void);  /* every CREATE TABLE */
const char *schema_views(void);   /* every CREATE VIEW: after the tables */
const char *schema_indexes(void); /* every CREATE INDEX: after the rows */

#endif
