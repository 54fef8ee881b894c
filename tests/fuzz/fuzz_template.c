/* fuzz_template: a template in the first line, after a byte that says how it is meant; a log that
 * it is to read in the others. */
#include "fuzz_lines.h"

#include "err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    unsigned how = data[0];
    const struct layout_options options = {.head = (enum layout_head)(how & 3),
                                           .times = (enum layout_times)(how / 4 % 3),
                                           .escape = (enum layout_escape)(how / 16 % 3),
                                           .any_order = (how & 64) != 0,
                                           .null_ended = (how & 128) != 0};
    char *text = fuzz_copy(data + 1, size - 1);
    const char *newline = memchr(text, '\n', size - 1);
    size_t len = newline == NULL ? size - 1 : (size_t)(newline - text);
    struct layout layout;
    struct err err = {0};
    int status = layout_compile(&layout, "--fields", (struct slice){text, len}, &options, &err);
    fuzz_check((status == 0) == (err.status == ERR_NONE));
    if (status == 0 && newline != NULL) {
        const struct record_log log = {.layout = &layout,
                                       .path_escape = layout.escape,
                                       .null_ended = layout.null_ended,
                                       .scan_day = 1767225600};
        char *lines = fuzz_copy((const uint8_t *)newline + 1, size - 2 - len);
        fuzz_lines(&log, (struct slice){lines, size - 2 - len});
        free(lines);
    }
    free(text);
    return 0;
}
