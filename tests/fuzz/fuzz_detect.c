/* fuzz_detect: the beginning of a log of unknown format, then all of it in the format that was
 * found. The first byte says how records end and what was asked for. */
#include "fuzz_lines.h"

#include "detect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    unsigned how = data[0];
    struct layout given;
    struct detect detect;
    layout_builtin(&given, how / 2 % LAYOUT_BUILTINS);
    char *text = fuzz_copy(data + 1, size - 1);
    struct slice head = {text, size - 1};
    detect_log(&detect, head, (how & 64) != 0 ? &given : NULL, (enum layout_escape)(how / 8 % 3),
               (how & 1) != 0, 1767225600);
    if (detect.found)
        fuzz_lines(&detect.log, head);
    free(text);
    return 0;
}
