/* err: why something failed, in a place that the caller owns. Libraries fill it; only cli/ and bin/
 * print it. A failed function returns -1 and leaves exactly one message here. */
#ifndef FSTALLY_ERR_H
#define FSTALLY_ERR_H

/* The exit status that a failure leads to. */
enum err_status {
    ERR_NONE = 0,
    ERR_FAILED = 1,  /* cannot read, cannot write, damaged database */
    ERR_USAGE = 2,   /* wrong options or arguments */
    ERR_REJECTS = 3, /* too many rejected lines, or errors of the scan */
};

struct err {
    enum err_status status;
    char text[8192]; /* "WHAT: WHY; REMEDY", one line, NUL-terminated, cut where it is too long */
};

/* Control bytes of a text become `?`, in place. */
void err_make_printable(char *text);

/* Each returns -1, so that `return err_set(...)` reads as the failure that it is. Control bytes in
 * the text are shown as `?`: a message is one line whatever a file is called. The first message
 * stays: a later failure while undoing does not hide the cause. */
int err_set(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
int err_usage(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "WHAT: out of memory", where `format` says WHAT, and which limit of the shell is the likely
 * cause where one is set. */
int err_no_memory(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
int err_status(struct err *err, enum err_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
