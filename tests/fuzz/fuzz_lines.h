/* fuzz_lines: reads a text by a layout, and checks what comes of each record. */
#ifndef FSTALLY_FUZZ_LINES_H
#define FSTALLY_FUZZ_LINES_H

#include "fuzz.h"
#include "record.h"

/* Reads all records twice: by one reader, which learns from record to record, and each by a new one,
 * which walks. Both must say the same. */
void fuzz_lines(const struct record_log *log, struct slice text);

#endif
