/* progress: the percentage is of the whole run: each stage counts with its usual share of the time,
 * and a stage that cannot tell how far it is moves on by the clock, at the pace of the stages
 * before. The time left is the time so far, carried on. Draws at most some ten times a second, whatever the run does. The thread that
 * runs the event loop. */
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

enum { BAR_MOST = 40, BAR_LEAST = 5 };

/* Before that, a rate says more about how the run started than about how it goes on. */
static const double early_fraction = 0.01;
static const double early_seconds = 0.5;

struct progress {
    const char *program;
    const struct progress_stage *stages;
    size_t stage_count;
    uint64_t interval;
    uint64_t next_report;   /* lines */
    uint64_t begin;         /* of the run, clock_now_ns */
    uint64_t reading_begin; /* of the first state that reads; 0: not yet */
    uint64_t reading_lines; /* the lines then */
    size_t stage;           /* shown last */
    uint64_t stage_begin;   /* when it was shown first */
    double fraction;        /* shown last: a later one is never below it */
    bool silent;
    bool is_terminal;
    bool is_drawn;
};

double progress_fraction(const struct progress_stage *stages, size_t count,
                         const struct progress_state *state)
{
    double before = 0;
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += stages[i].weight;
        if (i < state->stage)
            before += stages[i].weight;
    }
    if (state->stage < count && state->total != 0)
        before += stages[state->stage].weight * (double)state->done / (double)state->total;
    return before < sum ? before / sum : 1;
}

double progress_guess(double seconds, double expected)
{
    if (expected <= 0)
        return 0;
    double share = seconds / expected;
    return share < 0.95 ? share : 0.95;
}

int64_t progress_left(double fraction, double seconds)
{
    if (fraction < early_fraction || seconds < early_seconds)
        return -1;
    return (int64_t)(seconds * (1 - fraction) / fraction + 0.5);
}

/* 100 is for the end alone. */
static unsigned percent_of(double fraction)
{
    return fraction >= 1 ? 100 : (unsigned)(100 * fraction);
}

/* "0:07", "12:34", "1:02:03" */
static void write_duration(char out[UNITS_TEXT], int64_t seconds)
{
    if (seconds < 3600)
        snprintf(out, UNITS_TEXT, "%" PRId64 ":%02" PRId64, seconds / 60, seconds % 60);
    else
        snprintf(out, UNITS_TEXT, "%" PRId64 ":%02" PRId64 ":%02" PRId64, seconds / 3600,
                 seconds / 60 % 60, seconds % 60);
}

static void write_rate(char out[UNITS_TEXT + 16], int64_t rate)
{
    char number[UNITS_TEXT];
    units_count(number, rate);
    snprintf(out, UNITS_TEXT + 16, "  %s lines/s", number);
}

static void write_left(char out[UNITS_TEXT + 16], int64_t left)
{
    char duration[UNITS_TEXT];
    write_duration(duration, left);
    snprintf(out, UNITS_TEXT + 16, "  %s left", duration);
}

void progress_text(char out[PROGRESS_ROOM], const char *stage, double fraction, int64_t rate,
                   int64_t left, unsigned width)
{
    char percent[16];
    char name[64];
    char rate_text[UNITS_TEXT + 16] = "";
    char left_text[UNITS_TEXT + 16] = "";
    snprintf(percent, sizeof percent, "%3u%%", percent_of(fraction));
    snprintf(name, sizeof name, "%-7s  ", stage); /* the longest is `publish` */
    if (rate >= 0)
        write_rate(rate_text, rate);
    if (left >= 0)
        write_left(left_text, left);
    /* The last column stays empty: some terminals begin a new line once it is written. */
    size_t room = width > 1 ? width - 1 : 0;
    size_t used = strlen(name) + strlen(percent) + strlen(rate_text) + strlen(left_text);
    if (used > room) {
        used -= strlen(rate_text);
        rate_text[0] = '\0';
    }
    if (used > room) {
        used -= strlen(left_text);
        left_text[0] = '\0';
    }
    if (used > room) {
        used -= strlen(name);
        name[0] = '\0';
    }
    if (used > room) {
        out[0] = '\0';
        return;
    }
    char bar[BAR_MOST + 1] = "";
    size_t cells = room - used > 2 ? room - used - 2 : 0; /* two blanks after it */
    cells = cells < BAR_MOST ? cells : BAR_MOST;
    if (cells >= BAR_LEAST) {
        size_t full = (size_t)((double)cells * fraction);
        memset(bar, '#', full);
        memset(bar + full, '.', cells - full);
    }
    snprintf(out, PROGRESS_ROOM, "%s%s%s%s%s%s", name, bar, *bar != '\0' ? "  " : "", percent,
             rate_text, left_text);
}

struct progress *progress_new(const char *program, const struct progress_stage *stages,
                              size_t count, int64_t interval, bool silent)
{
    struct progress *progress = mem_new(sizeof *progress);
    progress->program = program;
    progress->stages = stages;
    progress->stage_count = count;
    progress->interval = (uint64_t)interval;
    progress->next_report = (uint64_t)interval;
    progress->begin = progress->stage_begin = clock_now_ns();
    progress->silent = silent;
    progress->is_terminal = isatty(STDERR_FILENO);
    return progress;
}

/* Asked each time: the window may have been resized. */
static unsigned terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

/* Lines a second since the first state that read; -1: none yet, or the stage reads none. */
static int64_t rate_of(const struct progress *progress, const struct progress_state *state)
{
    double seconds = clock_seconds_since(progress->reading_begin);
    uint64_t lines = state->lines - progress->reading_lines;
    return state->reading && lines != 0 && seconds > 0 ? (int64_t)((double)lines / seconds) : -1;
}

static void draw(struct progress *progress, const char *stage, int64_t rate, int64_t left)
{
    char text[PROGRESS_ROOM];
    progress_text(text, stage, progress->fraction, rate, left, terminal_width());
    fprintf(stderr, "\r\033[K%s", text);
    fflush(stderr);
    progress->is_drawn = true;
}

static void print_line(const struct progress *progress, const char *stage, uint64_t lines,
                       int64_t rate, int64_t left)
{
    char number[UNITS_TEXT];
    char rate_text[UNITS_TEXT + 16] = "";
    char left_text[UNITS_TEXT + 16] = "";
    units_count(number, (int64_t)lines);
    if (rate >= 0)
        write_rate(rate_text, rate);
    if (left >= 0)
        write_left(left_text, left);
    fprintf(stderr, "%s: %s: %s lines, %3u%%%s%s\n", progress->program, stage, number,
            percent_of(progress->fraction), rate_text, left_text);
}

/* How far the run is. A stage without a measure gets one from the time that it has taken. */
static double fraction_of(struct progress *progress, const struct progress_state *state)
{
    double begin = progress_fraction(progress->stages, progress->stage_count,
                                     &(struct progress_state){.stage = state->stage});
    if (state->stage != progress->stage) {
        progress->stage = state->stage;
        progress->stage_begin = clock_now_ns();
    }
    if (state->total != 0)
        return progress_fraction(progress->stages, progress->stage_count, state);
    double end = progress_fraction(progress->stages, progress->stage_count,
                                   &(struct progress_state){.stage = state->stage + 1});
    double before = (double)(progress->stage_begin - progress->begin) / 1e9;
    double expected = begin > 0 ? before / begin * (end - begin) : 0;
    return begin +
           (end - begin) * progress_guess(clock_seconds_since(progress->stage_begin), expected);
}

void progress_show(struct progress *progress, const struct progress_state *state)
{
    if (progress->silent)
        return;
    if (state->reading && progress->reading_begin == 0) {
        progress->reading_begin = clock_now_ns();
        progress->reading_lines = state->lines;
    }
    double fraction = fraction_of(progress, state);
    if (fraction > progress->fraction)
        progress->fraction = fraction;
    const char *stage =
        state->stage < progress->stage_count ? progress->stages[state->stage].name : "done";
    int64_t rate = rate_of(progress, state);
    int64_t left = progress_left(progress->fraction, clock_seconds_since(progress->begin));
    if (progress->is_terminal) {
        draw(progress, stage, rate, left);
    } else if (state->reading && state->lines >= progress->next_report) {
        print_line(progress, stage, state->lines, rate, left);
        progress->next_report =
            state->lines - state->lines % progress->interval + progress->interval;
    }
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
