/* idcache: asks the host once for each name, because a lookup may go to a directory server. Names
 * that do not exist are remembered too. */
#include "idcache.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <uthash.h>

#include "entry.h"
#include "mem.h"
#include "num.h"

/* Longer names are not looked up: useradd(8) allows 32 characters, directories somewhat more. */
enum { NAME_MAX_LEN = 255, LOOKUP_ROOM = 64 << 10 };

struct idcache_name {
    bool exists;
    uint32_t id;
    UT_hash_handle hh;
    char name[NAME_MAX_LEN + 1];
};

static bool ask_user(const char *name, char *room, uint32_t *id)
{
    struct passwd user;
    struct passwd *found = NULL;
    if (getpwnam_r(name, &user, room, LOOKUP_ROOM, &found) != 0 || found == NULL)
        return false;
    *id = user.pw_uid;
    return true;
}

static bool ask_group(const char *name, char *room, uint32_t *id)
{
    struct group group;
    struct group *found = NULL;
    if (getgrnam_r(name, &group, room, LOOKUP_ROOM, &found) != 0 || found == NULL)
        return false;
    *id = group.gr_gid;
    return true;
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
                 bool (*ask)(const char *, char *, uint32_t *))
{
    if (name.len == 0 || name.len > NAME_MAX_LEN)
        return false;
    struct idcache_name *known;
    HASH_FIND(hh, *names, name.ptr, name.len, known);
    if (known == NULL) {
        known = mem_new(sizeof *known);
        memcpy(known->name, name.ptr, name.len);
        char *room = mem_new(LOOKUP_ROOM);
        known->exists = ask(known->name, room, &known->id) || read_number(name, &known->id);
        free(room);
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
    struct idcache_name *name;
    struct idcache_name *next;
    HASH_ITER (hh, names, name, next) {
        HASH_DEL(names, name);
        free(name);
    }
}

void idcache_dispose(struct idcache *cache)
{
    free_names(cache->users);
    free_names(cache->groups);
    *cache = (struct idcache){NULL, NULL};
}
