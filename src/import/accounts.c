/* accounts: names are looked up while the importing host still knows them: the database may be read
 * years later and elsewhere. The unknown owner, whom layout.h gives to files without one, has a
 * name of its own. A name service takes 10 to 100 microseconds for each, so it is asked on a thread
 * of its own while the directories are stored; starting and joining that is all the order there
 * is. */
#include "accounts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "arena.h"
#include "clock.h"
#include "hostnames.h"
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
    struct ownermap *user_ids; /* borrowed while they are looked up, as group_ids */
    struct ownermap *group_ids;
    uv_thread_t thread;
    bool is_running; /* on that thread */
    uint64_t begun;  /* a clock_now_ns */
    double seconds;  /* that it may take */
    size_t skipped;  /* owners not looked up for want of time */
};

static const char *keep(struct accounts *accounts, const char *text)
{
    const char *copy = arena_copy(&accounts->names, text, strlen(text) + 1);
    if (copy == NULL)
        mem_exhausted();
    return copy;
}

static void append(struct list *list, struct writer_account account)
{
    struct writer_account *longer =
        mem_grow(list->account, &list->room, list->count, sizeof *longer);
    if (longer == NULL)
        mem_exhausted();
    list->account = longer;
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

/* Whether the time is over: then the owner counts as skipped. */
static bool is_late(struct accounts *accounts)
{
    bool late = clock_seconds_since(accounts->begun) >= accounts->seconds;
    accounts->skipped += late;
    return late;
}

static void look_up_users(struct accounts *accounts, struct ownermap *users,
                          struct hostnames *hostnames)
{
    const struct ownermap_owner *owner = NULL;
    while ((owner = ownermap_next(users, owner)) != NULL) {
        if (owner->id == LAYOUT_UNKNOWN_OWNER) { /* no user of any host */
            append(&accounts->users, (struct writer_account){owner->id, "unknown", NULL});
            continue;
        }
        if (is_late(accounts))
            continue;
        const struct passwd *found = hostnames_user_of(hostnames, (uid_t)owner->id);
        if (found != NULL)
            append(&accounts->users,
                   (struct writer_account){owner->id, keep(accounts, found->pw_name),
                                           full_name(accounts, found->pw_gecos)});
    }
}

/* A negative id is of files whose group the log does not give. */
static void look_up_groups(struct accounts *accounts, struct ownermap *groups,
                           struct hostnames *hostnames)
{
    const struct ownermap_owner *owner = NULL;
    while ((owner = ownermap_next(groups, owner)) != NULL) {
        if (owner->id < 0 || is_late(accounts))
            continue;
        const struct group *found = hostnames_group_of(hostnames, (gid_t)owner->id);
        if (found != NULL)
            append(&accounts->groups,
                   (struct writer_account){owner->id, keep(accounts, found->gr_name), NULL});
    }
}

static void look_up(void *argument)
{
    struct accounts *accounts = argument;
    struct hostnames hostnames = {.buffer = NULL};
    look_up_users(accounts, accounts->user_ids, &hostnames);
    look_up_groups(accounts, accounts->group_ids, &hostnames);
    hostnames_dispose(&hostnames);
}

struct accounts *accounts_begin(struct ownermap *users, struct ownermap *groups, double seconds)
{
    struct accounts *accounts = mem_new(sizeof *accounts);
    accounts->begun = clock_now_ns();
    accounts->seconds = seconds;
    accounts->user_ids = users;
    accounts->group_ids = groups;
    accounts->is_running = uv_thread_create(&accounts->thread, look_up, accounts) == 0;
    if (!accounts->is_running)
        look_up(accounts);
    return accounts;
}

void accounts_wait(struct accounts *accounts)
{
    if (accounts->is_running)
        uv_thread_join(&accounts->thread);
    accounts->is_running = false;
}

void accounts_free(struct accounts *accounts)
{
    if (accounts == NULL)
        return;
    accounts_wait(accounts);
    free(accounts->users.account);
    free(accounts->groups.account);
    arena_clear(&accounts->names);
    free(accounts);
}

size_t accounts_skipped(const struct accounts *accounts)
{
    return accounts->skipped;
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
