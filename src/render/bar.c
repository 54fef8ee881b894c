/* bar: blocks of the width of a column, U+2588, and a last one of 1 to 7 eighths, U+258F to U+2589;
 * in other locales whole columns of '#'. One thread, as the locale is one of the process. */
#include "bar.h"

#include <langinfo.h>
#include <stdbool.h>
#include <string.h>

enum { EIGHTHS = 8 };

/* The bar's length in `steps` of a whole, to the nearest. */
static size_t measure(size_t steps, int64_t part, int64_t whole)
{
    if (part <= 0 || whole <= 0 || steps == 0)
        return 0;
    size_t length = (size_t)((double)part / (double)whole * (double)steps + 0.5);
    return length == 0 ? 1 : length;
}

/* All of U+2588 to U+258F: eighths is 8 to 1. */
static char *put_block(char *out, size_t eighths)
{
    *out++ = (char)0xe2;
    *out++ = (char)0x96;
    *out++ = (char)(0x90 - eighths);
    return out;
}

void bar_draw(char *out, size_t columns, int64_t part, int64_t whole)
{
    bool blocks = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    if (!blocks) {
        size_t length = measure(columns, part, whole);
        memset(out, '#', length);
        out[length] = '\0';
        return;
    }
    size_t eighths = measure(columns * EIGHTHS, part, whole);
    for (; eighths >= EIGHTHS; eighths -= EIGHTHS)
        out = put_block(out, EIGHTHS);
    if (eighths > 0)
        out = put_block(out, eighths);
    *out = '\0';
}
