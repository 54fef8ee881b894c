/* ownertotals: a directory counts once for each owner, and once for each group. */
#include "ownertotals.h"

#include <stdlib.h>

static int by_gid(const void *left, const void *right)
{
    const struct rows_share *a = left;
    const struct rows_share *b = right;
    return (a->usage.gid > b->usage.gid) - (a->usage.gid < b->usage.gid);
}

/* Shares by uid. */
static int add_to_users(struct ownertotals *totals, const struct rows_shares *shares)
{
    const struct cells_count *cell = shares->cells;
    for (size_t i = 0; i < shares->count; i++) {
        const struct rows_usage *usage = &shares->items[i].usage;
        struct ownermap_owner *user = ownermap_get(totals->users, usage->uid);
        dirstat_merge(&user->stat, &usage->stat);
        user->directories += i == 0 || shares->items[i - 1].usage.uid != usage->uid;
        for (const struct cells_count *end = cell + shares->items[i].cells; cell < end; cell++)
            cells_add_to(&user->histogram, cell);
        if (ownerpairs_add(&totals->pairs, usage->uid, usage->gid) != 0)
            return -1;
    }
    return 0;
}

/* Shares by gid. */
static void add_to_groups(struct ownertotals *totals, const struct rows_shares *shares)
{
    for (size_t i = 0; i < shares->count; i++) {
        const struct rows_usage *usage = &shares->items[i].usage;
        struct ownermap_owner *group = ownermap_get(totals->groups, usage->gid);
        dirstat_merge(&group->stat, &usage->stat);
        group->directories += i == 0 || shares->items[i - 1].usage.gid != usage->gid;
    }
}

int ownertotals_add(struct ownertotals *totals, struct rows_shares *shares)
{
    if (add_to_users(totals, shares) != 0)
        return -1;
    if (shares->count > 1)
        qsort(shares->items, shares->count, sizeof *shares->items, by_gid);
    add_to_groups(totals, shares);
    return 0;
}
