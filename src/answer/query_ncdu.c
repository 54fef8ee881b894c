/* query_ncdu: joins the walk through a database (ncdu) to what writes it (ncdujson), and finds the
 * words for what ncdu has no entry for. One thread. */
#include "query_ncdu.h"

#include "datadir.h"
#include "err.h"
#include "ncdu.h"
#include "ncdujson.h"
#include "query_options.h"
#include "query_output.h"

#include <inttypes.h>
#include <stdio.h>

/* "[COUNT WORD]": brackets, so that nobody takes it for a name. */
static void put_entry(struct render_output *output, const struct ncdu_step *step)
{
    const char *words = step->kind == NCDU_FILES
                            ? (step->count == 1 ? "file" : "files")
                            : (step->count == 1 ? "directory not shown" : "directories not shown");
    char name[64];
    snprintf(name, sizeof name, "[%" PRId64 " %s]", step->count, words);
    const struct ncdujson_info info = {step->uid, step->gid, step->mtime};
    ncdujson_entry(output, slice_from(name), step->size, step->alloc, &info);
}

static void open_directory(struct render_output *output, const struct ncdu_step *step)
{
    const struct ncdujson_info info = {step->uid, step->gid, step->mtime};
    ncdujson_open(output, step->name, &info);
}

static int print_tree(struct ncdu *ncdu, struct render_output *output, struct err *err)
{
    struct ncdu_step step;
    int status;
    ncdujson_begin(output, "fstally", FSTALLY_VERSION, ncdu_scanned(ncdu));
    while ((status = ncdu_next(ncdu, &step, err)) == 1) {
        if (step.kind == NCDU_OPEN)
            open_directory(output, &step);
        else if (step.kind == NCDU_CLOSE)
            ncdujson_close(output);
        else
            put_entry(output, &step);
        if (render_check(output, err) != 0)
            return -1;
    }
    return status != 0 ? -1 : ncdujson_end(output, err);
}

int query_ncdu_answer(struct federation *federation, const struct query_options *options,
                      const struct datadir_choice *databases, struct render_output *output,
                      struct err *err)
{
    struct ncdu *ncdu;
    if (ncdu_open(&ncdu, federation, &options->filter, err) != 0)
        return -1;
    int status = query_output_open(output, options->output, databases, err);
    if (status == 0) {
        status = print_tree(ncdu, output, err);
        if (query_output_close(output, err) != 0)
            status = -1;
    }
    ncdu_close(ncdu);
    return status;
}
