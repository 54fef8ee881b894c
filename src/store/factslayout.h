/* factslayout: the table `facts`, a row a block of directories with consecutive ids, and what its
 * BLOB holds (docs/DATABASE.md). For the files of store/ only, but for the enumeration.
 *
 * A block begins with a header of FACTS_HEADER bytes, all of its numbers little-endian:
 *
 *      0  magic          4
 *      4  directories    4   in the block
 *      8  shares         4   of these, see facts.h
 *     12  cells          4   of all shares
 *     16  names          4   offset of the directories' names, each followed by a NUL
 *     20  bytes of names 4
 *     24  columns        4   FACTS_COLUMNS
 *     28  a descriptor of FACTS_DESCRIPTOR bytes for each column:
 *         low 8, high 8, offset 4, count 4, exceptions 4, width 1, shift 1, nulls 1, zero 1
 *
 * The columns' packed values (packed.h) and the names follow. */
#ifndef FSTALLY_FACTSLAYOUT_H
#define FSTALLY_FACTSLAYOUT_H

#include "facts.h"

enum {
    FACTS_MAGIC = 0x31465346, /* "FSF1" */
    FACTS_DESCRIPTOR = 32,
    FACTS_HEADER = 28 + FACTS_COLUMNS * FACTS_DESCRIPTOR,
};

#endif
