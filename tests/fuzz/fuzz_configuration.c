/* fuzz_configuration: a configuration file, for either program. */
#include "fuzz.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "err.h"
#include "import_options.h"
#include "query_options.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("configuration", MFD_CLOEXEC);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    fuzz_check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    for (int program = 0; program < 2; program++) {
        char *argv[] = {(char *)"fstally", (char *)"--config", path, (char *)"x.db", NULL};
        struct err err = {0};
        int status;
        if (program == 0) {
            struct import_options options;
            status = import_options_parse(&options, 4, argv, &err);
            if (status == 0)
                import_options_free(&options);
        } else {
            struct query_options options;
            status = query_options_parse(&options, 4, argv, &err);
            query_options_free(&options);
        }
        fuzz_check((status == 0) == (err.status == ERR_NONE));
        fuzz_check(strchr(err.text, '\n') == NULL);
    }
    close(fd);
    return 0;
}
