/* idcache: asks the host for a name once, because a lookup may go to a directory server; names that
 * do not exist are remembered too. Each worker of an import has a cache of its own, so the host is
 * asked once for each name and worker: workers are few, and none waits for another's lookup. */
#include "idcache.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "entry.h"
#include "hostnames.h"
#include "mem.h"
#include "num.h"

/* Longer names are not looked up: useradd(8) allows 32 characters, directories somewhat more. */
enum { NAME_MAX_LEN = 255 };

struct idcache_name {
    bool exists;
    uint32_t id;
    UT_hash_handle hh;
    char name[NAME_MAX_LEN + 1];
};

static bool ask_user(const char *name, uint32_t *id)
{
    struct hostnames hostnames = {.buffer = NULL};
    const struct passwd *found = hostnames_user(&hostnames, name);
    if (found != NULL)
        *id = found->pw_uid;
    hostnames_dispose(&hostnames);
    return found != NULL;
}

static bool ask_group(const char *name, uint32_t *id)
{
    struct hostnames hostnames = {.buffer = NULL};
    const struct group *found = hostnames_group(&hostnames, name);
    if (found != NULL)
        *id = found->gr_gid;
    hostnames_dispose(&hostnames);
    return found != NULL;
}

/* Whether the name is a number, and one that an account can have. */
static bool read_number(struct slice name, uint32_t *id)
{
    const char *p = name.ptr;
    const char *end = p + name.len;
    int64_t value;
    if (num_decimal(&p, end, &value) != NUM_OK || p != end || value > ENTRY_ID_MAX)
        return false;
    *id = (uint32_t)value;
    return true;
}

static bool find(struct idcache_name **names, struct slice name, uint32_t *id,
                 bool (*ask)(const char *, uint32_t *))
{
    if (name.len == 0 || name.len > NAME_MAX_LEN)
        return false;
    struct idcache_name *known;
    HASH_FIND(hh, *names, name.ptr, name.len, known);
    if (known == NULL) {
        known = mem_new(sizeof *known);
        memcpy(known->name, name.ptr, name.len);
        known->exists = ask(known->name, &known->id) || read_number(name, &known->id);
        HASH_ADD_KEYPTR(hh, *names, known->name, name.len, known);
    }
    *id = known->id;
    return known->exists;
}

bool idcache_user(struct idcache *cache, struct slice name, uint32_t *uid)
{
    return find(&cache->users, name, uid, ask_user);
}

bool idcache_group(struct idcache *cache, struct slice name, uint32_t *gid)
{
    return find(&cache->groups, name, gid, ask_group);
}

static void free_names(struct idcache_name *names)
{
    struct idcache_name *name = names;
    HASH_CLEAR(hh, names); /* leaves the items, and the list that they are in */
    while (name != NULL) {
        struct idcache_name *next = name->hh.next;
        free(name);
        name = next;
    }
}

void idcache_dispose(struct idcache *cache)
{
    free_names(cache->users);
    free_names(cache->groups);
    *cache = (struct idcache){NULL, NULL};
}
