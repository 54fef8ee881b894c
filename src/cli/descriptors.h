/* descriptors: standard input, output and error are there, whatever started the program. */
#ifndef FSTALLY_DESCRIPTORS_H
#define FSTALLY_DESCRIPTORS_H

/* Opens /dev/null on those of descriptors 0 to 2 that are closed, so that no file that is opened
 * later gets such a number and is written to by mistake. First thing in main. */
void descriptors_complete(void);

#endif
