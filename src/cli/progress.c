/* progress: drawn some ten times a second, whatever the run does. The share of each stage is fixed,
 * so the bar moves at an even pace only where the run is a usual one; but it never goes back and is
 * full only at the end. The thread that runs the event loop. */
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

enum { BAR_MAX = 40, BAR_LEAST = 8, WIDTH_MAX = 256 };

struct progress {
    const char *program;
    const struct progress_stage *stages;
    size_t stage_count;
    uint64_t interval;
    uint64_t next_report; /* lines */
    uint64_t begin;       /* of the run, clock_now_ns */
    size_t stage;         /* the one shown last */
    uint64_t stage_begin; /* clock_now_ns */
    double fraction;      /* the greatest shown */
    double line_rate;     /* over the stage that reads lines */
    bool silent;
    bool is_terminal;
    bool is_drawn;
};

struct progress *progress_new(const char *program, const struct progress_stage *stages,
                              size_t stage_count, int64_t interval, bool silent)
{
    struct progress *progress = mem_new(sizeof *progress);
    progress->program = program;
    progress->stages = stages;
    progress->stage_count = stage_count;
    progress->interval = (uint64_t)interval;
    progress->next_report = (uint64_t)interval;
    progress->begin = progress->stage_begin = clock_now_ns();
    progress->silent = silent;
    progress->is_terminal = isatty(STDERR_FILENO);
    return progress;
}

double progress_fraction(const struct progress_stage *stages, size_t stage, double in_stage)
{
    double before = 0;
    for (size_t i = 0; i < stage; i++)
        before += stages[i].share;
    double fraction = before + stages[stage].share * (in_stage < 1 ? in_stage : 1);
    return fraction < 1 ? fraction : 1;
}

double progress_guess(const struct progress_stage *stages, size_t stage, double seconds,
                      double seconds_before)
{
    double share_before = 0;
    for (size_t i = 0; i < stage; i++)
        share_before += stages[i].share;
    if (seconds_before <= 0 || share_before <= 0)
        return 0;
    double expected = seconds_before / share_before * stages[stage].share;
    double guess = expected <= 0 ? 0 : seconds / expected;
    /* A stage that takes longer than usual comes close to its end, and waits there. */
    return guess < 0.9 ? guess : 0.9 + 0.1 * (1 - 0.9 / guess);
}

/* "  62%  3,412,000 lines/s  0:07 left" */
static void describe(char *text, size_t room, const struct progress_moment *moment)
{
    size_t used = (size_t)snprintf(text, room, "%3.0f%%", 100 * moment->fraction);
    if (moment->line_rate >= 1) {
        char rate[UNITS_TEXT];
        units_count(rate, (int64_t)moment->line_rate);
        used += (size_t)snprintf(text + used, room - used, "  %s lines/s", rate);
    }
    if (moment->fraction < 0.01)
        return; /* nothing to guess the rest from yet */
    double left = moment->seconds / moment->fraction * (1 - moment->fraction) + 0.5;
    uint64_t seconds = left < 1e9 ? (uint64_t)left : 1000000000;
    if (seconds < 3600)
        snprintf(text + used, room - used, "  %" PRIu64 ":%02" PRIu64 " left", seconds / 60,
                 seconds % 60);
    else
        snprintf(text + used, room - used, "  %" PRIu64 ":%02" PRIu64 ":%02" PRIu64 " left",
                 seconds / 3600, seconds / 60 % 60, seconds % 60);
}

void progress_line(char *text, unsigned width, const struct progress_moment *moment)
{
    char figures[WIDTH_MAX];
    char bar[BAR_MAX + 3] = "";
    describe(figures, sizeof figures, moment);
    size_t used = strlen(moment->stage) + 2 + strlen(figures) + 2;
    size_t cells = width > used ? width - used : 0;
    cells = cells < BAR_MAX ? cells : BAR_MAX;
    if (cells >= BAR_LEAST) {
        size_t full = (size_t)((double)cells * moment->fraction);
        memset(bar, '#', full);
        memset(bar + full, '.', cells - full);
        memcpy(bar + cells, "  ", 3);
    }
    snprintf(text, (size_t)width + 1, "%s  %s%s", moment->stage, bar, figures);
}

static unsigned terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col < WIDTH_MAX ? size.ws_col : WIDTH_MAX;
}

static void draw(struct progress *progress, const struct progress_moment *moment)
{
    char text[WIDTH_MAX + 1];
    progress_line(text, terminal_width() - 1, moment); /* the cursor takes a column */
    fprintf(stderr, "\r\033[K%s", text);
    fflush(stderr);
    progress->is_drawn = true;
}

static void print_line(struct progress *progress, const struct progress_moment *moment)
{
    char text[WIDTH_MAX];
    char lines[UNITS_TEXT];
    if (moment->lines < progress->next_report)
        return;
    describe(text, sizeof text, moment);
    units_count(lines, (int64_t)moment->lines);
    fprintf(stderr, "%s: %s: %s lines, %.1f s, %s\n", progress->program, moment->stage, lines,
            moment->seconds, text);
    progress->next_report = moment->lines - moment->lines % progress->interval + progress->interval;
}

void progress_show(struct progress *progress, size_t stage, uint64_t done, uint64_t total,
                   uint64_t lines)
{
    if (progress->silent || stage >= progress->stage_count)
        return;
    if (stage != progress->stage) {
        progress->stage = stage;
        progress->stage_begin = clock_now_ns();
    }
    double in_stage_seconds = clock_seconds_since(progress->stage_begin);
    double seconds = clock_seconds_since(progress->begin);
    double in_stage = total != 0 ? (double)done / (double)total
                                 : progress_guess(progress->stages, stage, in_stage_seconds,
                                                  seconds - in_stage_seconds);
    double fraction = progress_fraction(progress->stages, stage, in_stage);
    if (fraction > progress->fraction)
        progress->fraction = fraction;
    if (total != 0 && in_stage_seconds > 0)
        progress->line_rate = (double)lines / in_stage_seconds;
    const struct progress_moment moment = {progress->stages[stage].name, progress->fraction,
                                           seconds, lines, progress->line_rate};
    if (progress->is_terminal)
        draw(progress, &moment);
    else
        print_line(progress, &moment);
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
