/* engine: SQLite as this process uses it. For the files of store/ only. */
#ifndef FSTALLY_ENGINE_H
#define FSTALLY_ENGINE_H

/* Sets SQLite up, the first time; does nothing later. To be called before any database is opened.
 * From then on only one thread at a time may be inside store/. */
void engine_start(void);

#endif
