/* reject: the words for each reason. They are part of the rejects file, so other tools may match
 * them. */
#include "reject.h"

const char *reject_text(enum reject_reason reason)
{
    switch (reason) {
    case REJECT_NONE:
    case REJECT_REJECTED_END:
    case REJECT_FLAWED_END:
        break;
    case REJECT_NUL:
        return "NUL byte in the line; if records end in NUL, import with --null";
    case REJECT_LONG:
        return "line of more than 64 MiB";
    case REJECT_NUL_DECODED:
        return "NUL byte in the path";
    case REJECT_HEAD:
        return "does not begin like a record: perhaps the rest of a name that holds a newline, "
               "which --null or a policy's ESCAPE avoids";
    case REJECT_HEAD_NULL_ENDED:
        return "does not begin like a record";
    case REJECT_SEPARATOR:
        return "no ' -- ' before a path";
    case REJECT_TEMPLATE:
        return "does not match the fields of the format";
    case REJECT_SIZE:
        return "size is not a number";
    case REJECT_SIZE_OVERFLOW:
        return "size above 9223372036854775807";
    case REJECT_OWNER:
        return "owner is not a number";
    case REJECT_OWNER_OVERFLOW:
        return "owner above 4294967294";
    case REJECT_USER:
        return "no user of this name";
    case REJECT_MODE:
        return "mode is not a mode string such as drwxr-xr-x";
    case REJECT_TYPE:
        return "unknown type of entry";
    case REJECT_NO_SIZE:
        return "no size";
    case REJECT_NO_OWNER:
        return "no owner";
    case REJECT_NO_KIND:
        return "no kind of entry";
    case REJECT_EMPTY_PATH:
        return "empty path";
    case REJECT_RELATIVE_PATH:
        return "relative path";
    case REJECT_ROOT:
        return "/ is not a directory";
    case REJECT_DEEP_PATH:
        return "path of more than 8192 levels";
    case REJECT_TWO_RECORDS:
        return "two records on one line";
    case REJECT_NOT_UNDER:
        return "not below the directory that the log is about";
    case REJECT_ALLOC:
        return "allocated size is not a number";
    case REJECT_ALLOC_OVERFLOW:
        return "allocated bytes above 9223372036854775807";
    case REJECT_GROUP:
        return "group is not a number";
    case REJECT_GROUP_OVERFLOW:
        return "group above 4294967294";
    case REJECT_GROUP_NAME:
        return "no group of this name";
    case REJECT_ATIME:
        return "malformed access time";
    case REJECT_ATIME_DATE:
        return "access time does not exist";
    case REJECT_ATIME_RANGE:
        return "access time outside the years 1 to 9999";
    case REJECT_MTIME:
        return "malformed modification time";
    case REJECT_MTIME_DATE:
        return "modification time does not exist";
    case REJECT_MTIME_RANGE:
        return "modification time outside the years 1 to 9999";
    case REJECT_SCAN_ERROR:
        return "the scan reports an error";
    }
    return "no reason";
}
