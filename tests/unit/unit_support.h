/* unit_support: a folder of its own for each test, and small files in it. */
#ifndef FSTALLY_UNIT_SUPPORT_H
#define FSTALLY_UNIT_SUPPORT_H

#include <stddef.h>

/* A cmocka setup: makes an empty folder and enters it, so that a test names its files plainly. */
int unit_support_enter(void **state);

/* The teardown to it: leaves the folder and removes it with all that it holds. */
int unit_support_leave(void **state);

/* Writes a file, anew. Ends the test as failed where it cannot. */
void unit_support_write(const char *path, const char *bytes, size_t len);
void unit_support_write_text(const char *path, const char *text);

/* The whole of a file, with a NUL after it; to be freed. *len (may be NULL): its bytes. */
char *unit_support_read(const char *path, size_t *len);

/* Whether there is anything of this name, and how many names the current folder holds. */
int unit_support_exists(const char *path);
size_t unit_support_count_files(void);

#endif
