/* sqlwriter: the large tables and their indexes through SQL alone: the plain way, against which
 * pagewriter is tested. One thread. */
#ifndef FSTALLY_SQLWRITER_H
#define FSTALLY_SQLWRITER_H

struct err;
struct rows;
struct session;

/* Puts the rows into the tables of columns.h, a batch of the session a transaction. */
int sqlwriter_put_rows(struct session *session, const struct rows *rows, struct err *err);

/* Makes the indexes. */
int sqlwriter_index(struct session *session, struct err *err);

#endif
