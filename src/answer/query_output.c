/* query_output: opened as late as can be, so that a wrong question leaves an old file alone, and
 * never over a database. One thread. */
#include "query_output.h"

#include "datadir.h"
#include "err.h"
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTPUT_BUFFER = 1 << 16 };

static bool is_database(const char *name)
{
    char begin[READER_HEADER_STRING];
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t got = pread(file, begin, sizeof begin, 0);
    close(file);
    return got == (ssize_t)sizeof begin && reader_is_sqlite(begin);
}

static int refuse_database(int file, const char *name, const struct datadir_choice *databases,
                           struct err *err)
{
    struct stat output;
    struct stat database;
    if (fstat(file, &output) != 0)
        return err_set(err, "%s: cannot write: %s", name, strerror(errno));
    for (size_t i = 0; i < databases->count; i++)
        if (stat(databases->paths[i], &database) == 0 && database.st_dev == output.st_dev &&
            database.st_ino == output.st_ino)
            return err_usage(err, "--output: %s is the database itself; name another file", name);
    if (S_ISREG(output.st_mode) && is_database(name))
        return err_usage(err, "--output: %s is a database; name another file, or remove it", name);
    return 0;
}

/* Opens the file and empties it, unless it is a database. */
static int open_file(struct render_output *out, const char *name,
                     const struct datadir_choice *databases, struct err *err)
{
    int file = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (file < 0)
        return err_set(err, "%s: cannot open for writing: %s", name, strerror(errno));
    if (refuse_database(file, name, databases, err) != 0) {
        close(file);
        return -1;
    }
    /* A pipe or a device has nothing to cut; for a file it would be strange to fail. */
    if (ftruncate(file, 0) != 0 && errno != EINVAL) {
        err_set(err, "%s: cannot write: %s", name, strerror(errno));
        close(file);
        return -1;
    }
    out->name = name;
    out->file = fdopen(file, "w");
    if (out->file == NULL) {
        close(file);
        return err_set(err, "%s: cannot write: out of memory", name);
    }
    return 0;
}

int query_output_open(struct render_output *out, const char *name,
                      const struct datadir_choice *databases, struct err *err)
{
    *out = (struct render_output){.file = stdout, .name = "standard output"};
    if (name != NULL && strcmp(name, "-") != 0 && open_file(out, name, databases, err) != 0)
        return -1;
    setvbuf(out->file, NULL, _IOFBF, OUTPUT_BUFFER);
    return 0;
}

int query_output_close(struct render_output *output, struct err *err)
{
    if (fflush(output->file) != 0 && render_check(output, err) != 0)
        return -1;
    /* Some file systems tell only now that the disk is full. */
    if (output->file != stdout && fclose(output->file) != 0)
        return err_set(err, "%s: cannot write: %s", output->name, strerror(errno));
    return 0;
}

size_t query_output_width(const struct render_output *output)
{
    if (!isatty(fileno(output->file)))
        return 0;
    const char *text = getenv("COLUMNS");
    long columns = text == NULL ? 0 : strtol(text, NULL, 10);
    struct winsize size;
    if (columns > 0 && columns < 100000)
        return (size_t)columns;
    return ioctl(fileno(output->file), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
