/* optiontable: what a wrong word may have meant, and what the help says of a right one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "optiontable.h"

static int take(void *options, const char *option, const char *value, struct err *err)
{
    (void)option;
    (void)err;
    *(const char **)options = value;
    return 0;
}

static const struct optiontable_row rows[] = {
    {.help = "What"},
    {"owner", 'u', OPTIONTABLE_REQUIRED, "NAME", take, 1, "of this owner\nor that one"},
    {"min-size", 0, OPTIONTABLE_REQUIRED, "SIZE", take, 1, "at least so large"},
    {"min-files", 0, OPTIONTABLE_REQUIRED, "N", take, 1, "at least that number"},
    {.help = "How"},
    {"hot-spots", 0, OPTIONTABLE_OPTIONAL, "PERCENT", take, 1, "where data is"},
    {"quiet", 'q', OPTIONTABLE_NONE, NULL, take, 3, "say less"},
};
static const struct optiontable table = {rows, sizeof rows / sizeof *rows};

/* Parses words until one is wrong, as both programs do. NULL: all are right. */
static void expect(const char *words, const char *complaint)
{
    char text[128];
    char *argv[16] = {"program"};
    int argc = 1;
    struct optiontable_getopt ours;
    struct err err = {0};
    int status = 0;
    int code;
    strcpy(text, words);
    for (char *word = strtok(text, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    optiontable_make_getopt(&ours, &table);
    optind = 0;
    opterr = 0;
    while (status == 0 && (code = getopt_long(argc, argv, ours.letters, ours.names, NULL)) != -1) {
        const char *value = NULL;
        if (code == ':' || code == '?')
            status = optiontable_complain(ours.names, ours.letters, code, argv[optind - 1], optopt,
                                          &err);
        else
            status = rows[optiontable_find(&table, code)].take(&value, "", optarg, &err);
    }
    optiontable_free_getopt(&ours);
    assert_int_equal(status, complaint == NULL ? 0 : -1);
    if (complaint != NULL) {
        assert_int_equal(err.status, ERR_USAGE);
        assert_string_equal(err.text, complaint);
    }
}

static void right_words(void **state)
{
    (void)state;
    expect("-u ann --owner bob --min-size=5 --hot-spots --hot-spots=50 -qu ann x y", NULL);
    expect("--own ann --q", NULL); /* as long as they are clear */
    expect("", NULL);
}

static void wrong_words(void **state)
{
    (void)state;
    expect("--ownr 7", "--ownr: unknown option; did you mean --owner?");
    expect("--wner 7", "--wner: unknown option; did you mean --owner?");
    expect("--onwer=7", "--onwer: unknown option; did you mean --owner?");
    expect("--minsize 7", "--minsize: unknown option; did you mean --min-size?");
    expect("--min 7", "--min: ambiguous option; it may be one of --min-size, --min-files");
    expect("--something-else", "--something-else: unknown option; see --help");
    expect("--x", "--x: unknown option; see --help");
    expect("--a-word-of-more-than-forty-letters-that-none-is-like", /* is not compared at all */
           "--a-word-of-more-than-forty-letters-that-none-is-like: unknown option; see --help");
    expect("-z", "-z: unknown option; see --help");
    expect("-qz", "-z: unknown option; see --help");
    expect("-u", "-u: needs a value; see --help");
    expect("-qu", "-u: needs a value; see --help");
    expect("--owner", "--owner: needs a value; see --help");
    expect("--quiet=yes", "--quiet=yes: takes no value; see --help");
}

static void help(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&text, &length);
    optiontable_print(file, &table);
    fclose(file);
    assert_string_equal(text, "\nWhat:\n"
                              "  -u, --owner NAME            of this owner\n"
                              "                              or that one\n"
                              "      --min-size SIZE         at least so large\n"
                              "      --min-files N           at least that number\n"
                              "\nHow:\n"
                              "      --hot-spots [PERCENT]   where data is\n"
                              "  -q, --quiet                 say less\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_words),
        cmocka_unit_test(wrong_words),
        cmocka_unit_test(help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
