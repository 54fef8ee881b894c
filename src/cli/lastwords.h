/* lastwords: how a signal's handler ends the process. */
#ifndef FSTALLY_LASTWORDS_H
#define FSTALLY_LASTWORDS_H

/* Writes `PROGRAM: WHAT: WHY` as one line on standard error, by system calls alone, and ends the
 * process with `status`. Control characters of `what` become ?, and no more of it is written than a
 * path is long. Several threads may come here: one of them speaks, the others wait for the end. */
_Noreturn void lastwords_exit(const char *program, const char *what, const char *why, int status);

#endif
