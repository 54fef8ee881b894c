/* cover: the excluded subtrees cut the scope's range into pieces, and the blocks cut each piece
 * into three: the end of a block, whole blocks, the beginning of a block.
 *
 * Subtrees lie in one another or share nothing, so sorted by their first ids they need no merging:
 * one that ends before the piece begins lies in the one before it. One thread. */
#include "cover.h"

#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "schema.h"

static int by_first(const void *left, const void *right)
{
    const struct scope_range *a = left;
    const struct scope_range *b = right;
    return (a->first > b->first) - (a->first < b->first);
}

static void put(struct scope_range *ranges, size_t *count, int64_t first, int64_t last)
{
    if (first <= last)
        ranges[(*count)++] = (struct scope_range){first, last};
}

/* The last block ends with the last directory, however few it holds. */
static void cut(struct cover *cover, const struct scope *scope, int64_t first, int64_t last)
{
    int64_t begin =
        first + (SCHEMA_OWNER_BLOCK - (first - 1) % SCHEMA_OWNER_BLOCK) % SCHEMA_OWNER_BLOCK;
    int64_t end = last == scope->directories ? last : last - last % SCHEMA_OWNER_BLOCK;
    if (begin > end) {
        put(cover->edges, &cover->edge_count, first, last);
        return;
    }
    put(cover->edges, &cover->edge_count, first, begin - 1);
    put(cover->blocks, &cover->block_count, begin, end);
    put(cover->edges, &cover->edge_count, end + 1, last);
}

int cover_make(struct cover *out, const struct scope *scope, struct err *err)
{
    size_t pieces = scope->excluded_count + 1;
    struct scope_range *excluded = calloc(pieces, sizeof *excluded);
    *out = (struct cover){.blocks = calloc(pieces, sizeof *out->blocks),
                          .edges = calloc(2 * pieces, sizeof *out->edges)};
    if (excluded == NULL || out->blocks == NULL || out->edges == NULL) {
        free(excluded);
        cover_free(out);
        return err_set(err, "query: out of memory");
    }
    if (scope->excluded_count > 0) {
        memcpy(excluded, scope->excluded, scope->excluded_count * sizeof *excluded);
        qsort(excluded, scope->excluded_count, sizeof *excluded, by_first);
    }
    int64_t next = scope->under.first;
    for (size_t i = 0; i < scope->excluded_count; i++) {
        if (excluded[i].last < next || excluded[i].first > scope->under.last)
            continue;
        if (next < excluded[i].first)
            cut(out, scope, next, excluded[i].first - 1);
        next = excluded[i].last + 1;
    }
    if (next <= scope->under.last)
        cut(out, scope, next, scope->under.last);
    free(excluded);
    return 0;
}

void cover_free(struct cover *cover)
{
    free(cover->blocks);
    free(cover->edges);
    *cover = (struct cover){0};
}
