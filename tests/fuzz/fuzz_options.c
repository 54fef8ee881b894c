/* fuzz_options: the arguments of either program, a line each. */
#include "fuzz.h"

#include "err.h"
#include "import_options.h"
#include "query_options.h"

enum { ARGUMENTS = 64 };

/* Cuts the text at its newlines; returns how many arguments there are, the program's name too. */
static int cut(char *argv[ARGUMENTS + 1], char *text)
{
    int argc = 0;
    argv[argc++] = (char *)"fstally";
    for (char *line = strtok(text, "\n"); line != NULL && argc < ARGUMENTS;
         line = strtok(NULL, "\n"))
        argv[argc++] = line;
    argv[argc] = NULL;
    return argc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *argv[ARGUMENTS + 1];
    struct err err = {0};
    setenv("HOME", "/nonexistent", 1);
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    for (int program = 0; program < 2; program++) {
        char *text = malloc(size + 1);
        fuzz_check(text != NULL);
        memcpy(text, data, size);
        text[size] = '\0';
        int argc = cut(argv, text);
        int status;
        err.status = ERR_NONE;
        err.text[0] = '\0';
        if (program == 0) {
            struct import_options options;
            status = import_options_parse(&options, argc, argv, &err);
            if (status == 0)
                import_options_free(&options);
        } else {
            struct query_options options;
            status = query_options_parse(&options, argc, argv, &err);
            query_options_free(&options);
        }
        fuzz_check((status == 0) == (err.status == ERR_NONE));
        fuzz_check(strchr(err.text, '\n') == NULL);
        free(text);
    }
    return 0;
}
