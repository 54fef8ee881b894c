/* report_text: report.html with report.css and report.js in it, as made by make_report.cmake when
 * the program is built: what comes before the data, and what comes after. */
#ifndef FSTALLY_REPORT_TEXT_H
#define FSTALLY_REPORT_TEXT_H

#include <stddef.h>

extern const char report_text_head[];
extern const size_t report_text_head_length; /* bytes */
extern const char report_text_tail[];
extern const size_t report_text_tail_length;

#endif
