/* schema: the tables of a fstally database as SQL text, and the marks by which a file is known as
 * one. */
#ifndef FSTALLY_SCHEMA_H
#define FSTALLY_SCHEMA_H

#define SCHEMA_APPLICATION_ID 0x46537461 /* "FSta": PRAGMA application_id of every database */
#define SCHEMA_VERSION        4          /* PRAGMA user_version; a reader refuses any other */

/* Each a list of statements for sqlite3_exec. Static; one thread. */
const char *schema_tables(void);  /* every CREATE TABLE */
const char *schema_views(void);   /* every CREATE VIEW: after the tables */
const char *schema_indexes(void); /* every CREATE INDEX: after the rows */

#endif
