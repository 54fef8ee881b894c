/* query_report: carries the tables of a report to the page that shows them. One thread. */
#include "query_report.h"

#include "datadir.h"
#include "err.h"
#include "query_options.h"
#include "query_output.h"
#include "query_view.h"
#include "reader.h"
#include "report.h"
#include "reportpage.h"

enum { MOST_COLUMNS = 20 };

static int print_table(struct report *report, enum report_table table, struct reportpage *page,
                       struct err *err)
{
    const char *names[MOST_COLUMNS];
    struct render_cell cells[MOST_COLUMNS];
    size_t count = report_column_count(table);
    for (size_t i = 0; i < count; i++)
        names[i] = report_column_name(table, i);
    if (report_start(report, table, err) != 0)
        return -1;
    reportpage_table(page, report_table_name(table), names, count);
    const struct reader_value *values;
    int status;
    while ((status = report_next(report, &values, err)) == 1) {
        for (size_t i = 0; i < count; i++)
            cells[i] = query_view_cell(&values[i]);
        if (reportpage_row(page, cells, count, err) != 0)
            return -1;
    }
    return status;
}

static int print_page(struct report *report, struct render_output *output, struct err *err)
{
    struct reportpage page = {.output = output};
    reportpage_begin(&page, FSTALLY_VERSION);
    for (enum report_table table = 0; table < REPORT_TABLES; table++)
        if (print_table(report, table, &page, err) != 0)
            return -1;
    return reportpage_end(&page, err);
}

int query_report_answer(struct federation *federation, const struct query_options *options,
                        const struct datadir_choice *databases, struct render_output *output,
                        struct err *err)
{
    struct report *report;
    if (report_open(&report, federation, &options->filter, err) != 0)
        return -1;
    int status = query_output_open(output, options->report, databases, err);
    if (status == 0) {
        status = print_page(report, output, err);
        if (query_output_close(output, err) != 0)
            status = -1;
    }
    report_close(report);
    return status;
}
