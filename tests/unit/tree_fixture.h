/* tree_fixture: one small tree for the tests of what draws trees.
 *
 *     /d        1 file of 1 byte, 10 allocated    ids 1 to 5
 *       a       2 files, 20 bytes, 200 allocated
 *         b     3 files, 300 bytes, 3000 allocated
 *       c       nothing
 *       e       4 files, 20 bytes, 400 allocated
 */
#ifndef FSTALLY_TREE_FIXTURE_H
#define FSTALLY_TREE_FIXTURE_H

#include "query_fixture.h"

/* Columns of directory_stats: id; files, directories, size, allocated, last access, last change
 * directly; the same below; owner, group. */
static const char tree_fixture_rows[] =
    "INSERT INTO directories VALUES"
    "(1, NULL, '/d', 1, 5, 'd'), (2, 1, '/d/a', 2, 3, 'a'), (3, 2, '/d/a/b', 3, 3, 'b'), "
    "(4, 1, '/d/c', 2, 4, 'c'), (5, 1, '/d/e', 2, 5, 'e');"
    "INSERT INTO directory_stats VALUES"
    "(1, 1, 3, 1, 10, '2020-01-01 01:02:03', NULL, 10, 4, 341, 3610, '2021-02-03 04:05:06', NULL, "
    "7, 7),"
    "(2, 2, 1, 20, 200, NULL, NULL, 5, 1, 320, 3200, '2021-02-03 04:05:06', NULL, 7, 7),"
    "(3, 3, 0, 300, 3000, '2021-02-03 04:05:06', NULL, 3, 0, 300, 3000, '2021-02-03 04:05:06', "
    "NULL, 7, 7),"
    "(4, 0, 0, 0, 0, NULL, NULL, 0, 0, 0, 0, NULL, NULL, -1, -1),"
    "(5, 4, 0, 20, 400, NULL, NULL, 4, 0, 20, 400, NULL, NULL, 7, 7);";

/* Two roots, of 5 and 6 bytes in one file each. */
static const char tree_fixture_two_roots[] =
    "INSERT INTO directories VALUES"
    "(1, NULL, '/x', 1, 1, 'x'), (2, NULL, '/y', 1, 2, 'y');"
    "INSERT INTO directory_stats VALUES"
    "(1, 1, 0, 5, 50, NULL, NULL, 1, 0, 5, 50, NULL, NULL, 7, 7), "
    "(2, 1, 0, 6, 60, NULL, NULL, 1, 0, 6, 60, NULL, NULL, 7, 7);";

#endif
