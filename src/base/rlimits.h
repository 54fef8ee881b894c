/* rlimits: which limit of the shell is the likely cause of a failure. */
#ifndef FSTALLY_RLIMITS_H
#define FSTALLY_RLIMITS_H

/* Why a thread could not be started, and the remedy: "WHY; REMEDY". Names the limit on address
 * space where one is set, as a thread's stack is what passes it first; else the limit on processes
 * where one is set; else says that the system has no room for more. Static. */
const char *rlimits_of_threads(void);

/* The same for memory that could not be had: NULL where no limit on address space or
 * data is set. */
const char *rlimits_of_memory(void);

/* The same for a file that could not grow: NULL where no limit on the size of a file is set. */
const char *rlimits_of_files(void);

#endif
