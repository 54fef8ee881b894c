/* query_report: the answer to --report. */
#ifndef FSTALLY_QUERY_REPORT_H
#define FSTALLY_QUERY_REPORT_H

struct datadir_choice;
struct err;
struct federation;
struct query_options;
struct render_output;

/* Writes the page about the one database of a federation. The output is opened
 * here, once the question has been understood. */
int query_report_answer(struct federation *federation, const struct query_options *options,
                        const struct datadir_choice *databases, struct render_output *output,
                        struct err *err);

#endif
