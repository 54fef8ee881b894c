/* idcache: the numbers of users and groups that a list gives by name. */
#ifndef FSTALLY_IDCACHE_H
#define FSTALLY_IDCACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "slice.h"

/* What was looked up before; zero-initialise. One thread. */
struct idcache {
    struct idcache_name *users;
    struct idcache_name *groups;
};

void idcache_dispose(struct idcache *cache);

/* The uid of the user `name` on this host; a name of digits alone is a number. False: there is no
 * such user, or the name is empty. */
bool idcache_user(struct idcache *cache, struct slice name, uint32_t *uid);

/* The same for a group. */
bool idcache_group(struct idcache *cache, struct slice name, uint32_t *gid);

#endif
