/* accounts: names are looked up while the importing host still knows them: the database may be read
 * years later and elsewhere. A name service that answers with an error counts as not knowing.
 * One thread. */
#include "accounts.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "layout.h"
#include "mem.h"

struct list {
    struct writer_account *account;
    size_t count;
    size_t room;
};

struct accounts {
    struct list users;
    struct list groups;
    struct arena names;
};

static const char *keep(struct accounts *accounts, const char *text)
{
    size_t bytes = strlen(text) + 1;
    const char *copy = arena_copy(&accounts->names, text, bytes);
    return copy == NULL ? "" : copy;
}

static void append(struct list *list, struct writer_account account)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 64 : 2 * list->room;
        struct writer_account *more = realloc(list->account, room * sizeof *more);
        if (more == NULL)
            return; /* a name less, no figure less */
        list->account = more;
        list->room = room;
    }
    list->account[list->count++] = account;
}

/* The first field of the GECOS text: the full name. */
static const char *full_name(struct accounts *accounts, const char *gecos)
{
    if (gecos == NULL || *gecos == '\0' || *gecos == ',')
        return NULL;
    char name[256];
    size_t len = strcspn(gecos, ",");
    len = len < sizeof name ? len : sizeof name - 1;
    memcpy(name, gecos, len);
    name[len] = '\0';
    return keep(accounts, name);
}

/* Where the name service writes an entry; a group's list of members may be long. */
struct scratch {
    char *buffer;
    size_t size;
};

enum { SCRATCH_FIRST = 16384 };

static void grow(struct scratch *scratch)
{
    free(scratch->buffer);
    scratch->size *= 2;
    scratch->buffer = mem_new(scratch->size);
}

struct accounts *accounts_look_up(struct ownermap *users, struct ownermap *groups)
{
    struct accounts *accounts = mem_new(sizeof *accounts);
    struct scratch scratch = {mem_new(SCRATCH_FIRST), SCRATCH_FIRST};
    const struct ownermap_owner *owner = NULL;
    while ((owner = ownermap_next(users, owner)) != NULL) {
        struct passwd entry;
        struct passwd *found = NULL;
        while (getpwuid_r((uid_t)owner->id, &entry, scratch.buffer, scratch.size, &found) == ERANGE)
            grow(&scratch);
        if (owner->id == LAYOUT_UNKNOWN_OWNER)
            append(&accounts->users, (struct writer_account){owner->id, "unknown", NULL});
        else if (found != NULL)
            append(&accounts->users,
                   (struct writer_account){owner->id, keep(accounts, found->pw_name),
                                           full_name(accounts, found->pw_gecos)});
    }
    while ((owner = ownermap_next(groups, owner)) != NULL) {
        struct group entry;
        struct group *found = NULL;
        while (owner->id >= 0 &&
               getgrgid_r((gid_t)owner->id, &entry, scratch.buffer, scratch.size, &found) == ERANGE)
            grow(&scratch);
        if (found != NULL)
            append(&accounts->groups,
                   (struct writer_account){owner->id, keep(accounts, found->gr_name), NULL});
    }
    free(scratch.buffer);
    return accounts;
}

void accounts_free(struct accounts *accounts)
{
    if (accounts == NULL)
        return;
    free(accounts->users.account);
    free(accounts->groups.account);
    arena_clear(&accounts->names);
    free(accounts);
}

const struct writer_account *accounts_users(const struct accounts *accounts, size_t *count)
{
    *count = accounts->users.count;
    return accounts->users.account;
}

const struct writer_account *accounts_groups(const struct accounts *accounts, size_t *count)
{
    *count = accounts->groups.count;
    return accounts->groups.account;
}
