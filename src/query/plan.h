/* plan: the way through one database's tables that a listing takes. */
#ifndef FSTALLY_PLAN_H
#define FSTALLY_PLAN_H

struct err;
struct filter;
struct reader;
struct scope;

enum plan_drive {
    PLAN_TREE,  /* the subtree's rows, in the order of dir_id */
    PLAN_SORT,  /* the index of the sort key, until there are enough rows */
    PLAN_OWNER, /* the index of owner_uid; with filter_holds, beside the table owner_usage */
    PLAN_DEPTH, /* the index of depth */
    PLAN_NAMES, /* the directories whose names match */
};

struct plan {
    enum plan_drive drive;
};

/* All borrowed. Looks into the database where a count decides. */
int plan_choose(struct plan *out, struct reader *reader, const struct filter *filter,
                const struct scope *scope, struct err *err);

#endif
