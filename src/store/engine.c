/* engine: what SQLite spends on generality that neither program needs.
 *
 * Each program uses SQLite from one thread, so no mutex is needed around every call and every
 * allocation; and nobody asks how much memory SQLite has. */
#include "engine.h"

#include <sqlite3.h>

void engine_start(void)
{
    /* Refused, as misuse, once SQLite runs: then this has been done before. */
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
