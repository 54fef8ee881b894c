/* hostnames: users and groups of this host, from its passwd and group databases, which may be on a
 * directory server. */
#ifndef FSTALLY_HOSTNAMES_H
#define FSTALLY_HOSTNAMES_H

#include <grp.h>
#include <pwd.h>
#include <stddef.h>

/* The entry that was asked for last. Zero-initialise. One thread. */
struct hostnames {
    char *buffer; /* owned; what the entry's fields point into */
    size_t size;  /* of the buffer, in bytes; 0: none yet */
    struct passwd user;
    struct group group;
};

void hostnames_dispose(struct hostnames *hostnames);

/* The entry with this name or number, borrowed until the next call. NULL: the host has none, or
 * cannot say. */
const struct passwd *hostnames_user(struct hostnames *hostnames, const char *name);
const struct passwd *hostnames_user_of(struct hostnames *hostnames, uid_t uid);
const struct group *hostnames_group(struct hostnames *hostnames, const char *name);
const struct group *hostnames_group_of(struct hostnames *hostnames, gid_t gid);

#endif
