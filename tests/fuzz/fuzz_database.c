/* fuzz_database: a database of which some bytes are changed: four of the input for each, three for its
 * place and one that is added to it. It is verified, and loaded to be added to. */
#include "fuzz.h"

#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "err.h"
#include "gather.h"
#include "pipeline.h"
#include "previous.h"
#include "reader.h"
#include "verify.h"

static const char list[] =
    "1 s=100 b=8 u=1000 g=100 type=f a=1700000000 m=1600000000 -- /d/a/one\n"
    "2 s=20000 b=40 u=1001 g=100 type=f a=1500000000 m=1600000000 -- /d/a/two\n"
    "3 s=3000000 b=6000 u=1000 g=101 type=f a=1768000000 m=1600000000 -- /d/a-b/three\n"
    "4 s=0 b=0 u=1000 g=100 type=d a=1700000000 m=1600000000 -- /d/empty\n"
    "5 s=5 b=8 u=0 g=0 type=f a=1700000000 m=1600000000 -- /d/\xff/five\n";

static char *whole; /* the unchanged database */
static size_t whole_size;

static void ignore(void *context, const char *line)
{
    (void)context;
    (void)line;
}

static void write_file(const char *path, const char *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");
    fuzz_check(file != NULL && fwrite(bytes, 1, len, file) == len && fclose(file) == 0);
}

static void read_file(const char *path)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    fuzz_check(file != NULL && fstat(fileno(file), &info) == 0);
    whole_size = (size_t)info.st_size;
    whole = malloc(whole_size);
    fuzz_check(whole != NULL && fread(whole, 1, whole_size, file) == whole_size);
    fclose(file);
}

static void make_whole(void)
{
    char folder[] = "/tmp/fuzz-database-XXXXXX";
    char log[64];
    char database[64];
    fuzz_check(mkdtemp(folder) != NULL);
    snprintf(log, sizeof log, "%s/x.find", folder);
    snprintf(database, sizeof database, "%s/x.db", folder);
    write_file(log, list, sizeof list - 1);
    const char *const inputs[] = {log};
    const struct pipeline_options options = {.inputs = inputs,
                                             .input_count = 1,
                                             .database = database,
                                             .filesystem = "x",
                                             .batch_rows = 1000,
                                             .threads = 1,
                                             .page_size = 4096,
                                             .version = "0",
                                             .tell = ignore};
    struct pipeline_state state = {0};
    struct pipeline_report report = {0};
    struct err err = {0};
    fuzz_check(pipeline_run(&options, &state, &report, &err) == 0);
    pipeline_close(&state);
    read_file(database);
    unlink(database);
    unlink(log);
    rmdir(folder);
}

static void expect_one_line(int status, const struct err *err)
{
    fuzz_check((status == 0) == (err->status == ERR_NONE));
    fuzz_check(strchr(err->text, '\n') == NULL);
}

static void verify(const char *path)
{
    struct reader *reader;
    struct verify_result result;
    struct err err = {0};
    int status = reader_open(&reader, path, &err);
    if (status == 0) {
        status = verify_database(&result, reader, &err);
        reader_close(reader);
    }
    expect_one_line(status, &err);
}

static void load(const char *path)
{
    static atomic_bool cancelled;
    struct gather *dirs =
        gather_new(&(struct gather_options){.threads = 1, .cancelled = &cancelled});
    struct previous *previous = previous_new();
    struct err err = {0};
    expect_one_line(previous_load(previous, path, dirs, &cancelled, &err), &err);
    previous_free(previous);
    gather_free(dirs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    if (whole == NULL)
        make_whole();
    char *changed = fuzz_copy((const uint8_t *)whole, whole_size);
    for (size_t i = 0; i + 4 <= size; i += 4) {
        size_t place = (size_t)data[i] << 16 | (size_t)data[i + 1] << 8 | data[i + 2];
        changed[place % whole_size] = (char)(changed[place % whole_size] + (char)data[i + 3]);
    }
    int fd = memfd_create("database", MFD_CLOEXEC);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    fuzz_check(fd >= 0 && write(fd, changed, whole_size) == (ssize_t)whole_size);
    free(changed);
    verify(path);
    load(path);
    close(fd);
    return 0;
}
