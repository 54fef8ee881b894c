/* fuzz_record: a log in one of the formats that are built in. The first byte says which, and how
 * records end and paths are escaped. */
#include "fuzz_lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    unsigned how = data[0];
    struct layout layout;
    layout_builtin(&layout, how % LAYOUT_BUILTINS);
    const struct record_log log = {
        .layout = &layout,
        .path_escape = (enum layout_escape)(how / 4 % 3),
        .fields_are_escaped = (how & 16) != 0,
        .null_ended = (how & 32) != 0,
        .drops_return = (how & 64) != 0,
        .scan_day = 1767225600, /* 2026-01-01 */
    };
    char *text = fuzz_copy(data + 1, size - 1);
    fuzz_lines(&log, (struct slice){text, size - 1});
    free(text);
    return 0;
}
