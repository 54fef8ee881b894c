/* fuzz_formatfile: a format file. */
#include "fuzz.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "err.h"
#include "layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("format", MFD_CLOEXEC);
    char path[64];
    struct layout layout;
    struct err err = {0};
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    fuzz_check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    int status = layout_load(&layout, path, &err);
    fuzz_check((status == 0) == (err.status == ERR_NONE));
    fuzz_check(strchr(err.text, '\n') == NULL);
    close(fd);
    return 0;
}
