/* verification: one database after the other, each on all threads (store/verify). */
#include "verification.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "answer.h"
#include "err.h"
#include "federation.h"
#include "verify.h"

enum { FILESYSTEM, DIRECTORIES, FILES, SIZE, DIGEST, DATABASE, COLUMNS };

struct verification {
    struct answer answer; /* first: a pointer to one is a pointer to the other */
    struct federation *federation;
    size_t part; /* the next */
    char digest[33];
    struct reader_value values[COLUMNS];
};

static void make_row(struct verification *verification, const struct federation_part *part,
                     const struct verify_result *result)
{
    snprintf(verification->digest, sizeof verification->digest, "%016" PRIx64 "%016" PRIx64,
             result->digest[0], result->digest[1]);
    verification->values[FILESYSTEM] = answer_text(part->name);
    verification->values[DIRECTORIES] = answer_integer(result->directories);
    verification->values[FILES] = answer_integer(result->files);
    verification->values[SIZE] = answer_integer(result->size);
    verification->values[DIGEST] = answer_text(verification->digest);
    verification->values[DATABASE] = answer_text(part->path);
}

static int next(struct answer *answer, const struct reader_value **values, struct err *err)
{
    struct verification *verification = (struct verification *)answer;
    struct federation *federation = verification->federation;
    while (verification->part < federation->count) {
        size_t i = verification->part++;
        struct verify_result result;
        if (federation->parts[i].left_out)
            continue;
        if (verify_database(&result, federation->parts[i].reader, err) == 0) {
            make_row(verification, &federation->parts[i], &result);
            *values = verification->values;
            return 1;
        }
        if (federation_leave_out(federation, i, err) != 0)
            return -1;
    }
    return 0;
}

static void close(struct answer *answer)
{
    free(answer);
}

int verification_answer(struct answer **out, struct federation *federation, struct err *err)
{
    struct verification *verification = calloc(1, sizeof *verification);
    if (verification == NULL)
        return err_no_memory(err, "--verify");
    struct answer *answer = &verification->answer;
    answer->next = next;
    answer->close = close;
    verification->federation = federation;
    answer_add(answer, "filesystem", "FILESYSTEM", ANSWER_TEXT);
    answer_add(answer, "directories", "DIRS", ANSWER_COUNT);
    answer_add(answer, "file_count", "FILES", ANSWER_COUNT);
    answer_add(answer, "total_size", "SIZE", ANSWER_BYTES);
    answer_add(answer, "digest", "DIGEST OF THE CONTENT", ANSWER_TEXT);
    answer_add(answer, "database", NULL, ANSWER_PATH);
    *out = answer;
    return 0;
}
