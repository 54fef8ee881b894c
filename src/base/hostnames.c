/* hostnames: an entry is written into a buffer, which grows until the entry fits.
 *
 * Nothing says beforehand how long an entry is: a group has the names of all its members, and one
 * of some thousand passes any fixed size. A name service that answers with an error counts as not
 * knowing, but for want of memory. Any number of threads, each with a buffer of its own. */
#include "hostnames.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "mem.h"

/* Most entries fit at once. A million members of 32 characters, each with a pointer, take 40 MiB:
 * what asks for more than the second is no group. */
enum { BUFFER_FIRST = 16 << 10, BUFFER_MOST = 64 << 20 };

void hostnames_dispose(struct hostnames *hostnames)
{
    free(hostnames->buffer);
    *hostnames = (struct hostnames){.buffer = NULL};
}

/* The C library takes no NULL for a buffer. */
static void begin(struct hostnames *hostnames)
{
    if (hostnames->buffer != NULL)
        return;
    hostnames->size = hostnames->size == 0 ? BUFFER_FIRST : hostnames->size;
    hostnames->buffer = mem_new(hostnames->size);
}

/* Whether to ask again, after an answer of `status`: the buffer was too small, and has grown. */
static bool must_grow(struct hostnames *hostnames, int status)
{
    if (status == ENOMEM)
        mem_exhausted();
    if (status != ERANGE || hostnames->size >= BUFFER_MOST)
        return false;
    hostnames->size *= 2;
    free(hostnames->buffer);
    hostnames->buffer = mem_new(hostnames->size);
    return true;
}

const struct passwd *hostnames_user(struct hostnames *hostnames, const char *name)
{
    struct passwd *found = NULL;
    int status;
    begin(hostnames);
    do
        status = getpwnam_r(name, &hostnames->user, hostnames->buffer, hostnames->size, &found);
    while (must_grow(hostnames, status));
    return found;
}

const struct passwd *hostnames_user_of(struct hostnames *hostnames, uid_t uid)
{
    struct passwd *found = NULL;
    int status;
    begin(hostnames);
    do
        status = getpwuid_r(uid, &hostnames->user, hostnames->buffer, hostnames->size, &found);
    while (must_grow(hostnames, status));
    return found;
}

const struct group *hostnames_group(struct hostnames *hostnames, const char *name)
{
    struct group *found = NULL;
    int status;
    begin(hostnames);
    do
        status = getgrnam_r(name, &hostnames->group, hostnames->buffer, hostnames->size, &found);
    while (must_grow(hostnames, status));
    return found;
}

const struct group *hostnames_group_of(struct hostnames *hostnames, gid_t gid)
{
    struct group *found = NULL;
    int status;
    begin(hostnames);
    do
        status = getgrgid_r(gid, &hostnames->group, hostnames->buffer, hostnames->size, &found);
    while (must_grow(hostnames, status));
    return found;
}
