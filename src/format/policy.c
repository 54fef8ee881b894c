/* policy: the texts of --print-policy. Attributes and functions of the GPFS policy language are
 * those of IBM's "Policy rules: Syntax" and "Policy rules: Terms"; MODE prints as ls(1) does. The
 * directives of lfs find's -printf are those of lfs-find(1), %LF being the FID. */
#include "policy.h"

const char *policy_text(struct slice format)
{
    if (slice_equal(format, slice_from("gpfs")))
        return "/* Save as fstally.pol and run, as root, on a node of the cluster:\n"
               "\n"
               "       mmapplypolicy /gpfs/FS -P fstally.pol -I defer -f /DIR/$(date +%Y%m%d)_FS\n"
               "\n"
               "   It writes /DIR/YYYYMMDD_FS.list.all. For names that hold newlines, write\n"
               "   RULE 'files' EXTERNAL LIST 'all' EXEC '' ESCAPE '%' : such a list is recognised. */\n"
               "RULE 'files' EXTERNAL LIST 'all' EXEC ''\n"
               "RULE 'all' LIST 'all' DIRECTORIES_PLUS\n"
               "     SHOW('s=' || VARCHAR(FILE_SIZE) ||\n"
               "          ' a=' || VARCHAR(KB_ALLOCATED) ||\n"
               "          ' u=' || VARCHAR(USER_ID) ||\n"
               "          ' g=' || VARCHAR(GROUP_ID) ||\n"
               "          ' p=' || MODE ||\n"
               "          ' ac=' || VARCHAR(ACCESS_TIME) ||\n"
               "          ' mt=' || VARCHAR(MODIFICATION_TIME))\n";
    if (slice_equal(format, slice_from("lustre")))
        return "# As root, on a client:\n"
               "lfs find /lustre/FS -printf "
               "'%LF s=%s b=%b u=%U g=%G type=%y a=%A@ m=%T@ -- %p\\n' >$(date +%Y%m%d)_FS.lfs-scan\n";
    if (slice_equal(format, slice_from("find")))
        return "# As root. DIR must be absolute. With \\0 instead of \\n, names may hold newlines: import\n"
               "# the list with --null then.\n"
               "find DIR -printf "
               "'%i s=%s b=%b u=%U g=%G type=%y a=%A@ m=%T@ -- %p\\n' >$(date +%Y%m%d)_FS.find\n";
    return 0;
}
