/* lastwords: nothing here takes a lock or allocates. Any thread. */
#include "lastwords.h"

#include <limits.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

enum { ROOM = PATH_MAX + 512 };

/* Appends the text as far as the line has room for, but for a last byte. */
static size_t append(char *line, size_t len, const char *text, size_t most)
{
    for (size_t i = 0; text[i] != '\0' && i < most && len < ROOM - 1; i++)
        line[len++] = (unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i];
    return len;
}

void lastwords_exit(const char *program, const char *what, const char *why, int status)
{
    static atomic_flag is_said = ATOMIC_FLAG_INIT;
    while (atomic_flag_test_and_set(&is_said))
        pause();
    char line[ROOM];
    size_t len = append(line, 0, program, ROOM);
    len = append(line, len, ": ", ROOM);
    len = append(line, len, what, PATH_MAX);
    len = append(line, len, ": ", ROOM);
    len = append(line, len, why, ROOM);
    line[len++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, len);
    (void)ignored;
    _exit(status);
}
