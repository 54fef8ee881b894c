/* btree_fail: the study's way out: one line on standard error, exit status 1. */
#ifndef FSTALLY_BTREE_FAIL_H
#define FSTALLY_BTREE_FAIL_H

#include <stddef.h>

/* "btree-build: " and the message. Any thread. */
_Noreturn void btree_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* mem_array that does not return NULL. */
void *btree_fail_array(size_t count, size_t size);

#endif
