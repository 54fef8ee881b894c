/* layout: compiles descriptions of formats.
 *
 * The three formats that are built in are rows of a table with the same fields as a format file, so
 * that there is one way from a description to an entry. GPFS: MODE, KB_ALLOCATED and the time
 * stamps of the policy rules' attributes; lfs find and GNU find: the directives of -printf, of
 * which %b counts blocks of 512 bytes. Any thread; no state. */
#include "layout.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <string.h>

#include "bytescan.h"
#include "err.h"

enum { KIB = 1024, BLOCK = 512 };

static const struct builtin {
    const char *name;
    const char *fields;
    struct layout_options options;
} builtins[LAYOUT_BUILTINS] = {
    {"gpfs",
     "s=%size a=%alloc_kb u=%uid g=%gid p=%mode ac=%atime mt=%mtime",
     {.head = LAYOUT_HEAD_GPFS, .times = LAYOUT_TIMES_DATE, .any_order = true}},
    {"lustre",
     "s=%size b=%alloc_blocks u=%uid g=%gid type=%type a=%atime m=%mtime",
     {.head = LAYOUT_HEAD_LUSTRE, .times = LAYOUT_TIMES_EPOCH, .any_order = true}},
    {"find",
     "s=%size b=%alloc_blocks u=%uid g=%gid type=%type a=%atime m=%mtime",
     {.head = LAYOUT_HEAD_FIND, .times = LAYOUT_TIMES_EPOCH, .any_order = true}},
};

static const struct value_name {
    const char *name;
    enum layout_value value;
    int64_t unit;
} value_names[] = {
    {"*", LAYOUT_SKIP, 0},
    {"size", LAYOUT_SIZE, 1},
    {"alloc", LAYOUT_ALLOC, 1},
    {"alloc_kb", LAYOUT_ALLOC, KIB},
    {"alloc_blocks", LAYOUT_ALLOC, BLOCK},
    {"uid", LAYOUT_UID, 0},
    {"gid", LAYOUT_GID, 0},
    {"user", LAYOUT_USER, 0},
    {"group", LAYOUT_GROUP, 0},
    {"mode", LAYOUT_MODE, 0},
    {"type", LAYOUT_TYPE, 0},
    {"atime", LAYOUT_ATIME, 0},
    {"mtime", LAYOUT_MTIME, 0},
    {"atime_days", LAYOUT_ATIME_DAYS, 0},
    {"mtime_days", LAYOUT_MTIME_DAYS, 0},
    {"path", LAYOUT_PATH, 0},
};

/* A name and the number that it means, ended by a NULL name. */
struct word {
    const char *name;
    int value;
};

static const struct word heads[] = {{"gpfs", LAYOUT_HEAD_GPFS},
                                    {"lustre", LAYOUT_HEAD_LUSTRE},
                                    {"find", LAYOUT_HEAD_FIND},
                                    {"none", LAYOUT_HEAD_NONE},
                                    {NULL, 0}};
static const struct word escapes[] = {{"none", LAYOUT_PLAIN},
                                      {"percent", LAYOUT_PERCENT},
                                      {"backslash", LAYOUT_BACKSLASH},
                                      {NULL, 0}};
static const struct word times[] = {{"either", LAYOUT_TIMES_EITHER},
                                    {"date", LAYOUT_TIMES_DATE},
                                    {"epoch", LAYOUT_TIMES_EPOCH},
                                    {NULL, 0}};
static const struct word orders[] = {{"fixed", false}, {"any", true}, {NULL, 0}};
static const struct word records[] = {{"newline", false}, {"null", true}, {NULL, 0}};

static bool find_word(const struct word *words, struct slice name, int *value)
{
    for (; words->name != NULL; words++)
        if (slice_equal(name, slice_from(words->name))) {
            *value = words->value;
            return true;
        }
    return false;
}

bool layout_head_find(enum layout_head *head, struct slice name)
{
    int value;
    if (!find_word(heads, name, &value))
        return false;
    *head = (enum layout_head)value;
    return true;
}

bool layout_escape_find(enum layout_escape *escape, struct slice name)
{
    int value;
    if (!find_word(escapes, name, &value))
        return false;
    *escape = (enum layout_escape)value;
    return true;
}

const char *layout_names(void)
{
    return "gpfs, lustre, find";
}

static bool is_name_letter(char c)
{
    return (c >= 'a' && c <= 'z') || c == '_';
}

/* A template while it is read. */
struct compiler {
    struct layout *layout;
    const char *where;
    struct slice text;
    size_t at;         /* the next character */
    unsigned text_len; /* of layout->text */
    struct err *err;
};

static int fail(const struct compiler *compiler, const char *why)
{
    return err_usage(compiler->err, "%s \"%.*s\": %s", compiler->where, (int)compiler->text.len,
                     compiler->text.ptr, why);
}

/* Takes the characters up to the next %NAME into layout->text; several blanks count as one. */
static int take_literal(struct compiler *compiler, unsigned *begin, unsigned *len)
{
    struct layout *layout = compiler->layout;
    *begin = compiler->text_len;
    while (compiler->at < compiler->text.len) {
        const char *p = compiler->text.ptr + compiler->at;
        bool is_last = compiler->at + 1 == compiler->text.len;
        if (*p == '%' && (is_last || p[1] != '%'))
            break;
        compiler->at += *p == '%' ? 2 : 1;
        char c = bytescan_is_blank(*p) ? ' ' : *p;
        if (c == ' ' && compiler->text_len != *begin && layout->text[compiler->text_len - 1] == ' ')
            continue;
        if (compiler->text_len == LAYOUT_TEXT_MAX)
            return fail(compiler, "is too long: at most 256 characters between the values");
        layout->text[compiler->text_len++] = c;
    }
    *len = compiler->text_len - *begin;
    return 0;
}

/* Takes a %NAME. */
static int take_value(struct compiler *compiler, struct layout_field *field)
{
    const char *name = compiler->text.ptr + ++compiler->at;
    size_t room = compiler->text.len - compiler->at;
    size_t len = room != 0 && *name == '*';
    while (len < room && *name != '*' && is_name_letter(name[len]))
        len++;
    compiler->at += len;
    for (size_t i = 0; i < sizeof value_names / sizeof value_names[0]; i++)
        if (slice_equal((struct slice){name, len}, slice_from(value_names[i].name))) {
            field->value = value_names[i].value;
            field->unit = value_names[i].unit;
            return 0;
        }
    return err_usage(compiler->err,
                     "%s \"%.*s\": unknown value %%%.*s; use %%size %%alloc %%alloc_kb "
                     "%%alloc_blocks %%uid %%gid %%user %%group %%mode %%type %%atime %%mtime "
                     "%%atime_days %%mtime_days %%path or %%*",
                     compiler->where, (int)compiler->text.len, compiler->text.ptr, (int)len, name);
}

/* What a value says, as one bit: a template may give a size, an owner and so on once only. */
static unsigned meaning(enum layout_value value)
{
    switch (value) {
    case LAYOUT_USER:
        return 1u << LAYOUT_UID;
    case LAYOUT_GROUP:
        return 1u << LAYOUT_GID;
    case LAYOUT_MODE:
    case LAYOUT_TYPE:
        return 1u << LAYOUT_MODE;
    case LAYOUT_ATIME_DAYS:
        return 1u << LAYOUT_ATIME;
    case LAYOUT_MTIME_DAYS:
        return 1u << LAYOUT_MTIME;
    case LAYOUT_SKIP:
        return 0;
    default:
        return 1u << value;
    }
}

/* In any order, the text before a value is its key: ` KEY=`. */
static int take_key(const struct compiler *compiler, struct layout_field *field)
{
    const char *key = compiler->layout->text + field->text_begin;
    unsigned len = field->text_len;
    if (len != 0 && *key == ' ') {
        key++;
        len--;
    }
    bool is_key = len >= 2 && len <= LAYOUT_KEY_MAX + 1 && key[len - 1] == '=';
    field->key = 0;
    for (unsigned i = 0; is_key && i < len - 1; i++) {
        is_key = isalnum((unsigned char)key[i]) || key[i] == '_';
        field->key |= (uint64_t)(unsigned char)key[i] << 8 * i;
    }
    if (!is_key)
        return fail(compiler,
                    "in any order each word must be KEY=%NAME, KEY having 1 to 8 letters");
    for (unsigned i = 0; i < compiler->layout->count; i++)
        if (compiler->layout->field[i].key == field->key)
            return fail(compiler, "has a key twice");
    return 0;
}

static int take_fields(struct compiler *compiler)
{
    struct layout *layout = compiler->layout;
    unsigned given = 0;
    for (;;) {
        struct layout_field field = {.stop = ' '};
        if (take_literal(compiler, &field.text_begin, &field.text_len) != 0)
            return -1;
        if (layout->count != 0 && field.text_len != 0)
            layout->field[layout->count - 1].stop = layout->text[field.text_begin];
        if (compiler->at == compiler->text.len) {
            layout->tail_begin = field.text_begin;
            layout->tail_len = field.text_len;
            break;
        }
        if (layout->count != 0 && field.text_len == 0)
            return fail(compiler, "two values need a character between them");
        if (layout->count == LAYOUT_FIELDS_MAX)
            return fail(compiler, "has more than 32 values");
        if (take_value(compiler, &field) != 0 ||
            (layout->any_order && take_key(compiler, &field) != 0))
            return -1;
        if ((given & meaning(field.value)) != 0)
            return fail(compiler, "gives the same thing twice");
        given |= meaning(field.value);
        layout->field[layout->count++] = field;
    }
    layout->has_path = (given & 1u << LAYOUT_PATH) != 0;
    layout->has_owner = (given & 1u << LAYOUT_UID) != 0;
    layout->has_kind = (given & 1u << LAYOUT_MODE) != 0;
    if ((given & 1u << LAYOUT_SIZE) == 0)
        return fail(compiler, "has no %size, which every record needs");
    if (layout->any_order && (layout->has_path || layout->tail_len != 0))
        return fail(compiler,
                    "in any order there can be no %path and no text after the last value");
    return 0;
}

int layout_compile(struct layout *layout, const char *where, struct slice template_text,
                   const struct layout_options *options, struct err *err)
{
    while (template_text.len != 0 && bytescan_is_blank(*template_text.ptr)) {
        template_text.ptr++;
        template_text.len--;
    }
    while (template_text.len != 0 && bytescan_is_blank(template_text.ptr[template_text.len - 1]))
        template_text.len--;
    *layout = (struct layout){.head = options->head,
                              .times = options->times,
                              .escape = options->escape,
                              .any_order = options->any_order,
                              .null_ended = options->null_ended};
    snprintf(layout->name, sizeof layout->name, "%s", "fields");
    struct compiler compiler = {
        .layout = layout, .where = where, .text = template_text, .err = err};
    return take_fields(&compiler);
}

void layout_builtin(struct layout *layout, unsigned i)
{
    struct err err = {0};
    const struct builtin *builtin = &builtins[i];
    layout_compile(layout, "", slice_from(builtin->fields), &builtin->options, &err);
    snprintf(layout->name, sizeof layout->name, "%s", builtin->name);
}

bool layout_find(struct layout *layout, struct slice name)
{
    for (unsigned i = 0; i < LAYOUT_BUILTINS; i++)
        if (slice_equal(name, slice_from(builtins[i].name))) {
            layout_builtin(layout, i);
            return true;
        }
    return false;
}

/* A format file while it is read. */
struct file {
    FILE *stream;
    int line;    /* the one read last, from 1 */
    bool is_cut; /* it is longer than inih reads */
    char name[LAYOUT_NAME_MAX];
    char fields[LAYOUT_TEXT_MAX * 2];
    struct layout_options options;
};

/* The settings whose values are words. */
enum setting {
    SETTING_HEAD,
    SETTING_TIMES,
    SETTING_UNESCAPE,
    SETTING_ORDER,
    SETTING_RECORDS,
    SETTINGS
};

static const struct {
    const char *key;
    const struct word *words;
} settings[SETTINGS] = {
    [SETTING_HEAD] = {"head", heads},           [SETTING_TIMES] = {"times", times},
    [SETTING_UNESCAPE] = {"unescape", escapes}, [SETTING_ORDER] = {"order", orders},
    [SETTING_RECORDS] = {"records", records},
};

static void set_word(struct layout_options *options, enum setting setting, int value)
{
    switch (setting) {
    case SETTING_HEAD:
        options->head = (enum layout_head)value;
        break;
    case SETTING_TIMES:
        options->times = (enum layout_times)value;
        break;
    case SETTING_UNESCAPE:
        options->escape = (enum layout_escape)value;
        break;
    case SETTING_ORDER:
        options->any_order = value;
        break;
    case SETTING_RECORDS:
        options->null_ended = value;
        break;
    case SETTINGS:
        break;
    }
}

/* Copies a value. False: it is too long. */
static bool set_text(char *to, size_t room, const char *value)
{
    return (size_t)snprintf(to, room, "%s", value) < room;
}

/* Adds a line of the template to those before. False: it is too long. */
static bool add_fields(struct file *file, const char *value)
{
    size_t used = strlen(file->fields);
    size_t room = sizeof file->fields - used;
    return (size_t)snprintf(file->fields + used, room, "%s%s", used == 0 ? "" : " ", value) < room;
}

/* One `key = value`; an indented line comes with the key of the line before. False: unknown, or too
 * long. */
static bool take_setting(struct file *file, const char *key, const char *value)
{
    if (strcmp(key, "name") == 0)
        return set_text(file->name, sizeof file->name, value);
    if (strcmp(key, "fields") == 0)
        return add_fields(file, value);
    for (int i = 0; i < SETTINGS; i++) {
        int word;
        if (strcmp(key, settings[i].key) == 0 &&
            find_word(settings[i].words, slice_from(value), &word)) {
            set_word(&file->options, (enum setting)i, word);
            return true;
        }
    }
    return false;
}

static int on_setting(void *context, const char *section, const char *key, const char *value)
{
    struct file *file = context;
    return strcmp(section, "format") == 0 && take_setting(file, key, value);
}

/* The next line for inih, which would take the rest of one that it has no room for as another. */
static char *next_line(char *out, int room, void *context)
{
    struct file *file = context;
    if (fgets(out, room, file->stream) == NULL)
        return NULL;
    file->line++;
    if (strchr(out, '\n') != NULL)
        return out;
    int next = fgetc(file->stream);
    file->is_cut = next != EOF;
    return file->is_cut ? NULL : out;
}

int layout_load(struct layout *layout, const char *path, struct err *err)
{
    struct file file = {.stream = fopen(path, "re")};
    if (file.stream == NULL)
        return err_usage(err, "%s: cannot read the format file: %s", path, strerror(errno));
    int line = ini_parse_stream(next_line, &file, on_setting, &file);
    bool failed = ferror(file.stream) != 0;
    fclose(file.stream);
    if (failed)
        return err_set(err, "%s: cannot read the format file", path);
    if (file.is_cut)
        return err_usage(err,
                         "%s:%d: the line is too long; go on with the template in an indented "
                         "line",
                         path, file.line);
    if (line != 0)
        return err_usage(err,
                         "%s:%d: unknown setting or value; a format file has a section "
                         "[format] with name, head (gpfs, lustre, find, none), fields, order "
                         "(fixed, any), times (either, date, epoch), unescape (none, percent, "
                         "backslash), records (newline, null)",
                         path, line);
    if (file.fields[0] == '\0')
        return err_usage(err, "%s: has no fields: add a line fields = TEMPLATE under [format]",
                         path);
    char where[512];
    snprintf(where, sizeof where, "%.480s: fields", path);
    if (layout_compile(layout, where, slice_from(file.fields), &file.options, err) != 0)
        return -1;
    if (file.name[0] != '\0')
        memcpy(layout->name, file.name, sizeof layout->name);
    return 0;
}
