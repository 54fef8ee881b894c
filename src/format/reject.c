/* reject: the words for each reason. They are part of the rejects file, so other tools may match
 * them. */
#include "reject.h"

const char *reject_text(enum reject_reason reason)
{
    switch (reason) {
    case REJECT_NONE:
        break;
    case REJECT_NUL:
        return "NUL byte in the line";
    case REJECT_HEAD:
        return "does not begin like a record of this format";
    case REJECT_SEPARATOR:
        return "no ' -- ' before a path";
    case REJECT_NUMBER:
        return "malformed number";
    case REJECT_OVERFLOW:
        return "number above 9223372036854775807";
    case REJECT_OWNER:
        return "owner or group above 4294967294";
    case REJECT_KIND:
        return "unknown kind of entry";
    case REJECT_DATE_SHAPE:
        return "malformed date";
    case REJECT_DATE:
        return "date does not exist";
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
        return "/ is no directory";
    case REJECT_TWO_RECORDS:
        return "two records on one line";
    }
    return "no reason";
}
