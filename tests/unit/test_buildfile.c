/* buildfile: the lock, orphans, publishing and discarding, in a folder of their own. */
#include "buildfile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#include "unit_support.h"

static struct buildfile *create(const char *target)
{
    struct buildfile *build = NULL;
    struct err err = {0};
    if (buildfile_create(&build, target, &err) != 0)
        fail_msg("%s", err.text);
    return build;
}

static void publish(struct buildfile *build)
{
    struct err err = {0};
    if (buildfile_publish(build, &err) != 0)
        fail_msg("%s", err.text);
}

static void expect_content(const char *path, const char *expected)
{
    char *text = unit_support_read(path, NULL);
    assert_string_equal(text, expected);
    free(text);
}

static mode_t mode_of(const char *path)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return info.st_mode & 07777;
}

static void publishing_puts_it_in_place(void **state)
{
    (void)state;
    struct buildfile *build = create("new.db");
    assert_false(unit_support_exists("new.db"));
    assert_true(unit_support_exists(buildfile_path(build)));
    unit_support_write_text(buildfile_path(build), "content");
    publish(build);
    buildfile_discard(build); /* comes too late */
    buildfile_close(build);
    expect_content("new.db", "content");
    assert_int_equal(unit_support_count_files(), 1);
}

static void publishing_replaces_and_readers_keep_the_old(void **state)
{
    (void)state;
    unit_support_write_text("old.db", "old");
    assert_int_equal(chmod("old.db", 0640), 0);
    FILE *reader = fopen("old.db", "r");
    struct buildfile *build = create("old.db");
    unit_support_write_text(buildfile_path(build), "new");
    expect_content("old.db", "old");
    publish(build);
    buildfile_close(build);
    expect_content("old.db", "new");
    char text[8] = "";
    assert_int_equal(fread(text, 1, sizeof text - 1, reader), 3);
    assert_string_equal(text, "old");
    fclose(reader);
    struct stat info;
    assert_int_equal(stat("old.db", &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640); /* who may read it does not change */
    assert_int_equal(unit_support_count_files(), 1);
}

static void closing_discards(void **state)
{
    (void)state;
    unit_support_write_text("old.db", "old");
    struct buildfile *build = create("old.db");
    unit_support_write_text(buildfile_path(build), "half");
    char beside[4200];
    snprintf(beside, sizeof beside, "%s-wal", buildfile_path(build));
    unit_support_write_text(beside, "wal");
    snprintf(beside, sizeof beside, "%s-journal", buildfile_path(build));
    unit_support_write_text(beside, "journal");
    buildfile_close(build);
    expect_content("old.db", "old");
    assert_int_equal(unit_support_count_files(), 1);
    buildfile_close(NULL);
}

static void discarding_removes_it(void **state)
{
    (void)state;
    struct buildfile *build = create("x.db");
    buildfile_discard(build);
    assert_int_equal(unit_support_count_files(), 0);
    buildfile_close(build);
    assert_int_equal(unit_support_count_files(), 0);
}

static void what_has_been_taken_away_is_not_published(void **state)
{
    (void)state;
    for (int other = 0; other < 2; other++) {
        struct buildfile *build = create("x.db");
        struct err err = {0};
        assert_int_equal(unlink(buildfile_path(build)), 0);
        if (other)
            unit_support_write_text(buildfile_path(build), "somebody else's");
        assert_int_equal(buildfile_publish(build, &err), -1);
        assert_non_null(strstr(err.text, "was taken away"));
        assert_false(unit_support_exists("x.db"));
        buildfile_close(build);
    }
}

static void only_one_builds_at_a_time(void **state)
{
    (void)state;
    struct buildfile *first = create("x.db");
    struct buildfile *other = create("y.db"); /* another database is another matter */
    struct buildfile *second = NULL;
    struct err err = {0};
    assert_int_equal(buildfile_create(&second, "x.db", &err), -1);
    assert_null(second);
    assert_int_equal(err.status, ERR_FAILED);
    assert_non_null(strstr(err.text, "x.db"));
    assert_non_null(strstr(err.text, "another import"));
    char pid[32];
    snprintf(pid, sizeof pid, "(process %ld on ", (long)getpid());
    if (setxattr(buildfile_path(other), "user.test", "1", 1, 0) == 0)
        assert_non_null(strstr(err.text, pid));
    /* The refused one has not taken the first one's file away, nor its lock. */
    assert_true(unit_support_exists(buildfile_path(first)));
    assert_int_equal(buildfile_create(&second, "./x.db", &(struct err){0}), -1);
    unit_support_write_text(buildfile_path(first), "first");
    publish(first);
    buildfile_close(first);
    expect_content("x.db", "first");
    assert_int_equal(getxattr("x.db", "user.fstally.builder", NULL, 0), -1);
    buildfile_close(create("x.db")); /* now it is free */
    buildfile_close(other);
    assert_int_equal(unit_support_count_files(), 1);
}

/* A process that is killed leaves its file, but not its lock. */
static void an_orphan_is_removed(void **state)
{
    (void)state;
    char path[4096];
    struct buildfile *probe = create("x.db");
    snprintf(path, sizeof path, "%s", buildfile_path(probe));
    buildfile_close(probe);
    pid_t child = fork();
    if (child == 0) {
        struct buildfile *build;
        struct err err = {0};
        _exit(buildfile_create(&build, "x.db", &err) == 0 ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_true(unit_support_exists(path));
    unit_support_write_text(path, "left by a dead process");
    assert_int_equal(chmod(path, 0666), 0);
    FILE *kept = fopen(path, "r"); /* somebody has it open still */
    char wal[4200];
    snprintf(wal, sizeof wal, "%s-wal", path);
    unit_support_write_text(wal, "left too");

    struct buildfile *build = create("x.db");
    assert_string_equal(buildfile_path(build), path);
    expect_content(path, ""); /* begun anew */
    assert_int_equal(mode_of(path), 0600);
    unit_support_write_text(path, "new");
    char text[8];
    assert_int_equal(fread(text, 1, 4, kept), 4); /* the old file: the new one is another */
    assert_memory_equal(text, "left", 4);
    fclose(kept);
    assert_false(unit_support_exists(wal));
    buildfile_close(build);
    assert_int_equal(unit_support_count_files(), 0);
}

/* A file of another user is none of ours to remove. */
static void a_planted_file_is_refused(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip(); /* only root can give a file away */
    struct buildfile *build = NULL;
    struct err err = {0};
    unit_support_write_text(".x.db.build", "planted");
    assert_int_equal(chown(".x.db.build", 12345, 12345), 0);
    assert_int_equal(buildfile_create(&build, "x.db", &err), -1);
    assert_non_null(strstr(err.text, "belongs to user 12345"));
    expect_content(".x.db.build", "planted");
    assert_int_equal(unlink(".x.db.build"), 0);

    assert_int_equal(mkfifo(".x.db.build", 0666), 0); /* opening it must not wait */
    err = (struct err){0};
    assert_int_equal(buildfile_create(&build, "x.db", &err), -1);
    assert_non_null(strstr(err.text, "not a plain file"));
    assert_int_equal(unlink(".x.db.build"), 0);

    unit_support_write_text("mine", "mine");
    assert_int_equal(symlink("mine", ".x.db.build"), 0);
    assert_int_equal(buildfile_create(&build, "x.db", &(struct err){0}), -1);
    assert_int_equal(unlink(".x.db.build"), 0);
    assert_int_equal(link("mine", ".x.db.build"), 0);
    assert_int_equal(buildfile_create(&build, "x.db", &(struct err){0}), -1);
    expect_content("mine", "mine");
}

/* Private while it is built; then as the umask has it, or as the database that it replaces. */
static void modes(void **state)
{
    (void)state;
    static const mode_t old[] = {0600, 0640, 0664, 0444};
    mode_t mask = umask(027);
    struct buildfile *build = create("x.db");
    assert_int_equal(mode_of(buildfile_path(build)), 0600);
    publish(build);
    buildfile_close(build);
    assert_int_equal(mode_of("x.db"), 0640);
    for (size_t i = 0; i < sizeof old / sizeof *old; i++) {
        assert_int_equal(chmod("x.db", old[i]), 0);
        build = create("x.db");
        assert_int_equal(mode_of(buildfile_path(build)), 0600);
        publish(build);
        buildfile_close(build);
        assert_int_equal(mode_of("x.db"), old[i]);
    }
    umask(mask);
}

/* A user who may not give the group away must not let another group in. */
static void a_group_that_cannot_be_kept(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    unit_support_write_text("x.db", "old");
    assert_int_equal(chown("x.db", 0, 12345), 0);
    assert_int_equal(chmod("x.db", 0664), 0);
    assert_int_equal(chmod(".", 0777), 0);
    pid_t child = fork();
    if (child == 0) {
        struct buildfile *build;
        struct err err = {0};
        if (setgid(54321) != 0 || setuid(54321) != 0)
            _exit(2);
        _exit(buildfile_create(&build, "x.db", &err) == 0 && buildfile_publish(build, &err) == 0
                  ? 0
                  : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    struct stat info;
    assert_int_equal(stat("x.db", &info), 0);
    assert_int_equal(info.st_gid, 54321);
    assert_int_equal(info.st_mode & 07777, 0644); /* no more than everybody */
}

static void missing_folders_are_made(void **state)
{
    (void)state;
    struct buildfile *build = create("a/b/c/x.db");
    publish(build);
    buildfile_close(build);
    assert_true(unit_support_exists("a/b/c/x.db"));
}

static void a_link_stays_a_link(void **state)
{
    (void)state;
    assert_int_equal(mkdir("elsewhere", 0777), 0);
    unit_support_write_text("elsewhere/real.db", "old");
    assert_int_equal(symlink("elsewhere/real.db", "link.db"), 0);
    struct buildfile *build = create("link.db");
    assert_non_null(strstr(buildfile_target(build), "elsewhere/real.db"));
    assert_non_null(strstr(buildfile_path(build), "elsewhere/")); /* a rename within one folder */
    struct buildfile *second;
    assert_int_equal(buildfile_create(&second, "elsewhere/real.db", &(struct err){0}), -1);
    unit_support_write_text(buildfile_path(build), "new");
    publish(build);
    buildfile_close(build);
    struct stat info;
    assert_int_equal(lstat("link.db", &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    expect_content("elsewhere/real.db", "new");
}

static void expect_refused(const char *target)
{
    struct buildfile *build = NULL;
    struct err err = {0};
    assert_int_equal(buildfile_create(&build, target, &err), -1);
    assert_null(build);
    assert_int_not_equal(err.status, ERR_NONE);
    assert_true(strlen(err.text) > 0);
}

static void targets_that_cannot_be(void **state)
{
    (void)state;
    assert_int_equal(mkdir("folder", 0777), 0);
    unit_support_write_text("file", "");
    expect_refused("folder");
    expect_refused("file/x.db"); /* a folder that is none */
    char longest[5000];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    expect_refused(longest);
    assert_int_equal(unit_support_count_files(), 2);
}

int main(void)
{
#define IN_A_FOLDER(test)                                                                          \
    cmocka_unit_test_setup_teardown(test, unit_support_enter, unit_support_leave)
    const struct CMUnitTest tests[] = {
        IN_A_FOLDER(publishing_puts_it_in_place),
        IN_A_FOLDER(publishing_replaces_and_readers_keep_the_old),
        IN_A_FOLDER(closing_discards),
        IN_A_FOLDER(discarding_removes_it),
        IN_A_FOLDER(only_one_builds_at_a_time),
        IN_A_FOLDER(what_has_been_taken_away_is_not_published),
        IN_A_FOLDER(an_orphan_is_removed),
        IN_A_FOLDER(a_planted_file_is_refused),
        IN_A_FOLDER(modes),
        IN_A_FOLDER(a_group_that_cannot_be_kept),
        IN_A_FOLDER(missing_folders_are_made),
        IN_A_FOLDER(a_link_stays_a_link),
        IN_A_FOLDER(targets_that_cannot_be),
    };
    return cmocka_run_group_tests_name("buildfile", tests, NULL, NULL);
}
