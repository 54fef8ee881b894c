/* schema: the tables of a fstally database as SQL text (contract, section 3), and the marks by
 * which a file is known as one. */
#ifndef FSTALLY_SCHEMA_H
#define FSTALLY_SCHEMA_H

#define SCHEMA_APPLICATION_ID 0x46537461 /* "FSta": PRAGMA application_id of every database */
#define SCHEMA_VERSION        1          /* PRAGMA user_version; a reader refuses a newer one */

/* Static strings, each a list of statements for sqlite3_exec. */
const char *schema_tables(void);  /* every CREATE TABLE, `directories` in a form fit for loading */
const char *schema_indexes(void); /* every CREATE INDEX: after the rows */
const char *schema_completion(void); /* `directories` in its final form: after the indexes */

#endif
