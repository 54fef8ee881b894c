/* optiontable: getopt_long does the cutting, so that options look and behave as everywhere.
 *
 * What a misspelt option may have meant is the one whose beginning takes the fewest changes, at
 * most a third of the word: people shorten names, and mistype what they write of them. */
#include "optiontable.h"

#include <assert.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "mem.h"

void optiontable_make_getopt(struct optiontable_getopt *out, const struct optiontable *table)
{
    assert(table->count <= OPTIONTABLE_MOST);
    *out = (struct optiontable_getopt){.letters = ":"};
    out->names = mem_new((table->count + 1) * sizeof *out->names);
    size_t names = 0;
    size_t letters = 1;
    for (size_t i = 0; i < table->count; i++) {
        const struct optiontable_row *row = &table->rows[i];
        if (row->name == NULL)
            continue;
        int code = row->letter != 0 ? row->letter : OPTIONTABLE_FIRST_CODE + (int)i;
        out->names[names++] = (struct option){row->name, (int)row->takes, NULL, code};
        if (row->letter == 0)
            continue;
        out->letters[letters++] = row->letter;
        if (row->takes != OPTIONTABLE_NONE)
            out->letters[letters++] = ':';
    }
}

void optiontable_free_getopt(struct optiontable_getopt *getopt)
{
    free(getopt->names);
    *getopt = (struct optiontable_getopt){0};
}

size_t optiontable_find(const struct optiontable *table, int code)
{
    if (code >= OPTIONTABLE_FIRST_CODE)
        return (size_t)(code - OPTIONTABLE_FIRST_CODE);
    size_t i = 0;
    while (table->rows[i].name == NULL || table->rows[i].letter != code)
        i++;
    return i;
}

/* ---- What was meant ---- */

enum { LONGEST = 40 }; /* letters of a word that are looked at */

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Letters to insert, drop, change or swap until the word is a beginning of the name. */
static unsigned distance(const char *word, size_t len, const char *name)
{
    unsigned rows[3]
                 [LONGEST + 1]; /* of the last two letters and this one, by letters of the name */
    size_t name_len = strlen(name) < LONGEST ? strlen(name) : LONGEST;
    for (size_t n = 0; n <= name_len; n++)
        rows[0][n] = (unsigned)n;
    for (size_t w = 1; w <= len; w++) {
        unsigned *now = rows[w % 3];
        const unsigned *last = rows[(w + 2) % 3];
        now[0] = (unsigned)w;
        for (size_t n = 1; n <= name_len; n++) {
            now[n] =
                least(least(last[n], now[n - 1]) + 1, last[n - 1] + (word[w - 1] != name[n - 1]));
            if (w > 1 && n > 1 && word[w - 1] == name[n - 2] && word[w - 2] == name[n - 1])
                now[n] = least(now[n], rows[(w + 1) % 3][n - 2] + 1);
        }
    }
    unsigned best = (unsigned)len;
    for (size_t n = 0; n <= name_len; n++)
        best = least(best, rows[len % 3][n]);
    return best;
}

/* The name that the word may have meant; NULL: none is like it. */
static const char *find_nearest(const struct option *names, const char *word, size_t len)
{
    const char *nearest = NULL;
    unsigned best = (unsigned)len / 3 + 1;
    if (len == 0 || len > LONGEST)
        return NULL;
    for (; names->name != NULL; names++) {
        unsigned changes = distance(word, len, names->name);
        if (changes < best) {
            best = changes;
            nearest = names->name;
        }
    }
    return nearest;
}

/* Which names begin so, for a word that is not clear. Returns how many. */
static size_t list_candidates(char *out, size_t room, const struct option *names, const char *word,
                              size_t len)
{
    size_t count = 0;
    size_t used = 0;
    *out = '\0';
    for (; names->name != NULL; names++) {
        if (strncmp(names->name, word, len) != 0 || used + strlen(names->name) + 5 > room)
            continue;
        used += (size_t)snprintf(out + used, room - used, "%s--%s", count == 0 ? "" : ", ",
                                 names->name);
        count++;
    }
    return count;
}

static int complain_unknown(const struct option *names, const char *word, struct err *err)
{
    char candidates[512];
    const char *name = word + 2;
    size_t len = strcspn(name, "=");
    if (list_candidates(candidates, sizeof candidates, names, name, len) > 1)
        return err_usage(err, "%.*s: ambiguous option; it may be one of %s", (int)(len + 2), word,
                         candidates);
    const char *nearest = find_nearest(names, name, len);
    if (nearest != NULL)
        return err_usage(err, "%.*s: unknown option; did you mean --%s?", (int)(len + 2), word,
                         nearest);
    return err_usage(err, "%.*s: unknown option; see --help", (int)(len + 2), word);
}

int optiontable_complain(const struct option *names, const char *letters, int code,
                         const char *word, int letter, struct err *err)
{
    bool is_name = strncmp(word, "--", 2) == 0;
    if (code == ':' && !is_name && letter > 0 && letter < OPTIONTABLE_FIRST_CODE)
        return err_usage(err, "-%c: needs a value; see --help", letter);
    if (code == ':')
        return err_usage(err, "%s: needs a value; see --help", word);
    /* A letter that is none of ours; a long option with a value too many leaves its own code. */
    if (letter != 0 && letter < OPTIONTABLE_FIRST_CODE && strchr(letters, letter) == NULL)
        return err_usage(err, "-%c: unknown option; see --help", letter);
    if (letter != 0 || !is_name)
        return err_usage(err, "%s: takes no value; see --help", word);
    return complain_unknown(names, word, err);
}

/* ---- Help ---- */

enum { TEXT_COLUMN = 30 };

static void print_row(FILE *file, const struct optiontable_row *row)
{
    char head[64];
    int len = row->letter != 0 ? snprintf(head, sizeof head, "  -%c, --%s", row->letter, row->name)
                               : snprintf(head, sizeof head, "      --%s", row->name);
    if (row->takes == OPTIONTABLE_REQUIRED)
        len += snprintf(head + len, sizeof head - (size_t)len, " %s", row->value);
    else if (row->takes == OPTIONTABLE_OPTIONAL)
        len += snprintf(head + len, sizeof head - (size_t)len, " [%s]", row->value);
    fputs(head, file);
    if (len >= TEXT_COLUMN) {
        fputc('\n', file);
        len = 0;
    }
    for (const char *line = row->help;; len = 0) {
        size_t length = strcspn(line, "\n");
        fprintf(file, "%*s%.*s\n", length == 0 ? 0 : TEXT_COLUMN - len, "", (int)length, line);
        if (line[length] == '\0')
            return;
        line += length + 1;
    }
}

void optiontable_print(FILE *file, const struct optiontable *table)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->rows[i].name == NULL)
            fprintf(file, "\n%s:\n", table->rows[i].help);
        else
            print_row(file, &table->rows[i]);
    }
}
