/* accounts: names for the owners that a scan found, from the host's passwd and group databases. */
#ifndef FSTALLY_ACCOUNTS_H
#define FSTALLY_ACCOUNTS_H

#include <stddef.h>

#include "ownermap.h"
#include "writer.h"

struct accounts;

/* Looks every id of the two maps up; an id that the host does not know is left out. Never NULL. */
struct accounts *accounts_look_up(struct ownermap *users, struct ownermap *groups);
void accounts_free(struct accounts *accounts);

/* What was found, by ascending id; borrowed from `accounts`. */
const struct writer_account *accounts_users(const struct accounts *accounts, size_t *count);
const struct writer_account *accounts_groups(const struct accounts *accounts, size_t *count);

#endif
