/* btree_fail: the study's way out: one line on standard error, exit status 1. */
#ifndef FSTALLY_BTREE_FAIL_H
#define FSTALLY_BTREE_FAIL_H

#include <stddef.h>

/* "btree-build: " and the message. Any thread. */
_Noreturn void btree_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The file that a failure removes, since it is not whole; NULL: none. Borrows the name. Set while
 * there is one thread. */
void btree_fail_removes(const char *path);

/* mem_array that does not return NULL. */
void *btree_fail_array(size_t count, size_t size);

#endif
