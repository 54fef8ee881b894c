/* progress: draws at most some ten times a second, whatever the run does. Rates are over the whole
 * stage, so that they do not jump. The thread that runs the event loop. */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "clock.h"
#include "mem.h"
#include "units.h"

enum { BAR_MAX = 40, LINE_ROOM = 256 };

struct progress {
    const char *program;
    uint64_t interval;
    uint64_t next_report; /* lines */
    uint64_t begin;       /* of the first show with a total, clock_now_ns; 0: not yet */
    uint64_t begin_done;  /* what had been done then */
    uint64_t begin_lines;
    bool silent;
    bool is_terminal;
    bool is_drawn;
};

struct progress *progress_new(const char *program, int64_t interval, bool silent)
{
    struct progress *progress = mem_new(sizeof *progress);
    progress->program = program;
    progress->interval = (uint64_t)interval;
    progress->next_report = (uint64_t)interval;
    progress->silent = silent;
    progress->is_terminal = isatty(STDERR_FILENO);
    return progress;
}

/* "  62%  3,412,000 lines/s  0:07 left" */
static void describe(const struct progress *progress, char *text, size_t room, uint64_t done,
                     uint64_t total, uint64_t lines)
{
    double seconds = clock_seconds_since(progress->begin);
    double percent = 100 * (double)done / (double)total;
    if (done == progress->begin_done) { /* nothing to take a rate from yet */
        snprintf(text, room, "%3.0f%%", percent);
        return;
    }
    char rate[UNITS_TEXT];
    units_count(rate, (int64_t)((double)(lines - progress->begin_lines) / seconds));
    uint64_t left =
        (uint64_t)(seconds * (double)(total - done) / (double)(done - progress->begin_done) + 0.5);
    snprintf(text, room, "%3.0f%%  %s lines/s  %" PRIu64 ":%02" PRIu64 " left", percent, rate,
             left / 60, left % 60);
}

static unsigned terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

static void draw(struct progress *progress, const char *stage, uint64_t done, uint64_t total,
                 uint64_t lines)
{
    char text[LINE_ROOM] = "";
    char bar[BAR_MAX + 3] = "";
    if (total != 0) {
        describe(progress, text, sizeof text, done, total, lines);
        size_t used = strlen(stage) + strlen(text) + 8;
        unsigned width = terminal_width();
        size_t cells = width > used ? width - used : 0;
        cells = cells < BAR_MAX ? cells : BAR_MAX;
        size_t full = (size_t)((double)cells * (double)done / (double)total);
        memset(bar, '#', full);
        memset(bar + full, '.', cells - full);
    }
    fprintf(stderr, "\r\033[K%s  %s  %s", stage, bar, text);
    fflush(stderr);
    progress->is_drawn = true;
}

void progress_show(struct progress *progress, const char *stage, uint64_t done, uint64_t total,
                   uint64_t lines)
{
    if (progress->silent)
        return;
    if (progress->begin == 0 && total != 0) {
        progress->begin = clock_now_ns();
        progress->begin_done = done;
        progress->begin_lines = lines;
    }
    if (progress->is_terminal) {
        draw(progress, stage, done, total, lines);
        return;
    }
    if (total == 0 || lines < progress->next_report)
        return;
    char text[LINE_ROOM];
    describe(progress, text, sizeof text, done, total, lines);
    fprintf(stderr, "%s: %s: %" PRIu64 " lines, %s\n", progress->program, stage, lines, text);
    progress->next_report = lines - lines % progress->interval + progress->interval;
}

void progress_clear(struct progress *progress)
{
    if (progress->is_drawn)
        fputs("\r\033[K", stderr);
    progress->is_drawn = false;
}

void progress_free(struct progress *progress)
{
    if (progress == NULL)
        return;
    progress_clear(progress);
    free(progress);
}
