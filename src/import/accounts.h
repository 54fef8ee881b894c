/* accounts: names for the owners that a scan found, from the host's passwd and group databases. */
#ifndef FSTALLY_ACCOUNTS_H
#define FSTALLY_ACCOUNTS_H

#include <stddef.h>

#include "ownermap.h"
#include "writer.h"

struct accounts;

/* Begins to look every id of the two maps up, which are not to be touched until accounts_wait has
 * returned. An id that the host does not know is left out; after `seconds` no more ids are looked up.
 * Never NULL. */
struct accounts *accounts_begin(struct ownermap *users, struct ownermap *groups, double seconds);
void accounts_wait(struct accounts *accounts);
void accounts_free(struct accounts *accounts); /* waits too; NULL is nothing */

/* How many ids were not looked up for want of time, after accounts_wait. */
size_t accounts_skipped(const struct accounts *accounts);

/* What was found, by ascending id, after accounts_wait; borrowed from `accounts`. */
const struct writer_account *accounts_users(const struct accounts *accounts, size_t *count);
const struct writer_account *accounts_groups(const struct accounts *accounts, size_t *count);

#endif
