/* policy: texts only. Each writes the fields of the format's example in docs/LOGS.md. The GPFS
 * attributes are those of the policy engine's SQL (VARCHAR makes text of a number or a time stamp,
 * MODE is a string like `-rw-r--r--`); the directives of `lfs find -printf` are GNU find's, and %LF
 * is the FID. */
#include "policy.h"

#include <stddef.h>

static const char gpfs[] =
    "/* Lists every file and directory, one line each, for fstally-import.\n"
    " * Save it as fstally.policy and run\n"
    " *     mmapplypolicy FILESYSTEM -P fstally.policy -f /OUTPUT/DIR/NAME -I defer\n"
    " * which writes /OUTPUT/DIR/NAME.list.all. Where names hold newlines, end the first rule\n"
    " * with ESCAPE '%': the list is percent-encoded then, and recognised. */\n"
    "RULE EXTERNAL LIST 'all' EXEC ''\n"
    "RULE 'everything' LIST 'all' DIRECTORIES_PLUS\n"
    "    SHOW('s=' || VARCHAR(FILE_SIZE) || ' a=' || VARCHAR(KB_ALLOCATED) ||\n"
    "         ' u=' || VARCHAR(USER_ID) || ' g=' || VARCHAR(GROUP_ID) ||\n"
    "         ' p=' || VARCHAR(MODE) ||\n"
    "         ' ac=' || VARCHAR(ACCESS_TIME) || ' mt=' || VARCHAR(MODIFICATION_TIME) ||\n"
    "         ' cr=' || VARCHAR(CREATION_TIME) || ' nl=' || VARCHAR(NLINK))\n";

static const char lustre[] =
    "# Lists every file and directory, one line each, for fstally-import.\n"
    "# Run it as root on a client, with the absolute path of the mount for DIR.\n"
    "lfs find DIR -printf '%LF s=%s b=%b u=%U g=%G type=%y perm=%m a=%A@ m=%T@ c=%C@ -- %p\\n' "
    "> NAME.lfs-scan\n";

static const char find[] =
    "# Lists every file and directory, one line each, for fstally-import.\n"
    "# Run it as root, with an absolute path for DIR. Where names hold newlines,\n"
    "# write \\0 instead of \\n, and import with --null.\n"
    "find DIR -printf '%i s=%s b=%b u=%U g=%G type=%y perm=%m a=%A@ m=%T@ c=%C@ -- %p\\n' "
    "> NAME.find\n";

const char *policy_text(struct slice name)
{
    static const struct {
        const char *name;
        const char *text;
    } policies[] = {{"gpfs", gpfs}, {"lustre", lustre}, {"find", find}};
    for (size_t i = 0; i < sizeof policies / sizeof policies[0]; i++)
        if (slice_equal(name, slice_from(policies[i].name)))
            return policies[i].text;
    return NULL;
}
