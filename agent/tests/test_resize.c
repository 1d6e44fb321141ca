/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of a file system when the programs that resize it fail, and how programs are run. */
#include "agent/fs/resize.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MIB (UINT64_C(1) << 20)

/* What the programs do, call after call; the last one repeats. */
struct step {
    int status; /* -1: killed */
    const char *output;
};

struct script {
    const struct step *steps;
    unsigned at;
    bool late, stopped;
    char log[2048]; /* the command lines, without the programs' folders */
};

static int play(void *arg, const struct program *p, struct program_result *ret, struct failure *f)
{
    struct script *s = arg;
    size_t n = strlen(s->log);

    (void)f;
    for (unsigned i = 0; p->argv[i]; i++) {
        const char *word = i ? p->argv[i] : strrchr(p->argv[0], '/') + 1;
        n += (size_t)snprintf(s->log + n, sizeof(s->log) - n, "%s%s", i ? " " : "", word);
    }
    snprintf(s->log + n, sizeof(s->log) - n, "\n");
    *ret = (struct program_result){
        .in_time = !s->late, .stopped = s->stopped, .status = s->steps[s->at].status, .signal = 9};
    snprintf(ret->output, sizeof(ret->output), "%s", s->steps[s->at].output);
    s->at++;
    return 0;
}

static void expect(const char *fs_type, struct script *s, enum resize_result result, const char *reason,
                   const char *message, const char *log)
{
    const struct resize_volume v = {.path = "VOLUME", .fs_type = fs_type, .size = 200 * MIB, .run = play, .arg = s};
    struct failure f = {.message = ""};

    assert_int_equal(resize_fs(&v, &f), result);
    if (message && (strcmp(f.reason, reason) || !strstr(f.message, message)))
        fail_msg("%s: %s", f.reason, f.message);
    if (strcmp(s->log, log))
        fail_msg("ran:\n%s", s->log);
}

#define STEPS(...) .steps = (const struct step[])__VA_ARGS__
#define CHECK "e2fsck -f -p VOLUME\n"
#define RESIZE2FS "resize2fs VOLUME 204800K\n"
#define VERIFY "e2fsck -f -n VOLUME\n"
#define INFO "ntfsresize --force --bad-sectors --no-progress-bar --info VOLUME\n"
#define NTFS(size, mode) "ntfsresize --force --bad-sectors --no-progress-bar --size " size " VOLUME" mode "\n"
#define DRY " --no-action"

static void test_ext(void **state)
{
    (void)state;
    expect("ext4", &(struct script){STEPS({{1, ""}, {0, ""}, {0, ""}})}, RESIZE_DONE, "", NULL, CHECK RESIZE2FS VERIFY);
    expect("ext4", &(struct script){STEPS({{0, ""}, {0, ""}, {4, "a\nlost block\n"}})}, RESIZE_BROKEN, "resize",
           "e2fsck after the resize ended with status 4: a lost block", CHECK RESIZE2FS VERIFY);
    expect("ext4", &(struct script){STEPS({{0, ""}, {0, ""}, {-1, ""}})}, RESIZE_BROKEN, "resize",
           "e2fsck died of signal 9", CHECK RESIZE2FS VERIFY);
    expect("ext2", &(struct script){STEPS({{4, "a\nUNEXPECTED INCONSISTENCY\n"}})}, RESIZE_LEFT, "resize",
           "e2fsck ended with status 4: a UNEXPECTED INCONSISTENCY", CHECK);
    expect("ext3", &(struct script){STEPS({{0, ""}, {1, "No space left"}, {0, ""}})}, RESIZE_LEFT, "resize",
           "resize2fs ended with status 1: No space left", CHECK RESIZE2FS CHECK);
    expect("ext4", &(struct script){STEPS({{0, ""}, {-1, ""}, {4, ""}})}, RESIZE_BROKEN, "resize",
           "resize2fs died of signal 9", CHECK RESIZE2FS CHECK);
}

/* What e2fsck was writing when it was killed, nobody knows; one that could not be started wrote nothing. */
static void test_check_killed(void **state)
{
    (void)state;
    expect("ext4", &(struct script){STEPS({{-1, ""}}), .late = true}, RESIZE_BROKEN, "resize", "took more than", CHECK);
    expect("ext4", &(struct script){STEPS({{-1, ""}}), .stopped = true}, RESIZE_BROKEN, "cancelled", "stopped", CHECK);
    expect("ext4", &(struct script){STEPS({{-1, ""}})}, RESIZE_BROKEN, "resize", "e2fsck died of signal 9", CHECK);
    expect("ext4", &(struct script){STEPS({{PROGRAM_NOT_FOUND, ""}})}, RESIZE_LEFT, "resize", "status 127", CHECK);
    /* Nor is it whole when the check after a failure was killed. */
    expect("ext4", &(struct script){STEPS({{0, ""}, {1, "No space left"}, {-1, ""}})}, RESIZE_BROKEN, "resize",
           "resize2fs ended with status 1", CHECK RESIZE2FS CHECK);
    /* A dry run writes nothing. */
    expect("ntfs", &(struct script){STEPS({{-1, ""}, {-1, ""}})}, RESIZE_LEFT, "resize", "died of signal 9",
           NTFS("209715200", DRY) NTFS("142606336", DRY));
}

/* FOG's users meet both: no space for what is moved, and a list of bad sectors. */
static void test_ntfs(void **state)
{
    (void)state;
    expect("ntfs", &(struct script){STEPS({{0, ""}, {0, ""}, {0, ""}})}, RESIZE_DONE, "", NULL,
           NTFS("209715200", DRY) NTFS("209715200", "") INFO);
    expect("ntfs", &(struct script){STEPS({{0, ""}, {0, ""}, {1, "Cluster accounting failed"}})}, RESIZE_BROKEN,
           "resize", "ntfsresize after the resize ended with status 1: Cluster accounting failed",
           NTFS("209715200", DRY) NTFS("209715200", "") INFO);
    expect("ntfs", &(struct script){STEPS({{1, "ERROR(28): No space left"}, {0, ""}, {0, ""}, {0, ""}})}, RESIZE_DONE,
           "", NULL, NTFS("209715200", DRY) NTFS("142606336", DRY) NTFS("142606336", "") INFO);
    expect("ntfs", &(struct script){STEPS({{1, "ERROR: This software has detected bad sectors"}, {1, "other"}})},
           RESIZE_LEFT, "resize", "detected bad sectors", NTFS("209715200", DRY) NTFS("142606336", DRY));
    expect("ntfs", &(struct script){STEPS({{0, ""}, {1, "half way"}})}, RESIZE_BROKEN, "resize", "half way",
           NTFS("209715200", DRY) NTFS("209715200", ""));
}

static void test_others(void **state)
{
    (void)state;
    expect("vfat", &(struct script){STEPS({{0, ""}})}, RESIZE_LEFT, "resize", "nothing here can resize vfat", "");
    expect("", &(struct script){STEPS({{0, ""}})}, RESIZE_LEFT, "resize", "an unknown file system", "");
    expect("ext5", &(struct script){STEPS({{0, ""}})}, RESIZE_LEFT, "resize", "ext5", "");
}

static void check_size(const char *fs_type, struct script *s, const char *reason, const char *message)
{
    const struct resize_volume v = {.path = "VOLUME", .fs_type = fs_type, .size = 200 * MIB, .run = play, .arg = s};
    struct failure f = {.message = ""};

    assert_int_equal(resize_check(&v, 4096, &f), reason ? -1 : 0);
    if (reason && (strcmp(f.reason, reason) || !strstr(f.message, message)))
        fail_msg("%s: %s", f.reason, f.message);
}

static void test_check(void **state)
{
    static const char fits[] = "resize2fs 1.47.0\nEstimated minimum size of the filesystem: 51200\n";
    static const char too_large[] = "Estimated minimum size of the filesystem: 51201\n";

    (void)state;
    check_size("ext4", &(struct script){STEPS({{0, fits}})}, NULL, NULL);
    check_size("ext4", &(struct script){STEPS({{0, too_large}})}, "target-too-small", "needs 209719296 bytes");
    check_size("ext4", &(struct script){STEPS({{1, "Bad magic"}})}, "resize", "Bad magic");
    check_size("ext4", &(struct script){STEPS({{0, "nothing"}})}, "resize", "nothing");
    check_size("ntfs", &(struct script){STEPS({{0, ""}})}, NULL, NULL);
    check_size("ntfs", &(struct script){STEPS({{1, "too many clusters"}})}, "target-too-small", "too many clusters");
}

static void run_shell(const char *command, unsigned seconds, struct program_result *r)
{
    const char *const argv[] = {"/bin/sh", "-c", command, NULL};
    const struct program p = {.argv = argv, .seconds = seconds};
    struct failure f;

    assert_int_equal(program_run(&p, "resize", r, &f), 0);
}

static bool stop_at_once(void *arg)
{
    ++*(unsigned *)arg;
    return true;
}

static void test_stopped(void **state)
{
    unsigned asked = 0;
    const char *const argv[] = {"/bin/sh", "-c", "sleep 600 & sleep 600", NULL};
    const struct program p = {.argv = argv, .seconds = 300, .stopped = stop_at_once, .stopped_arg = &asked};
    struct program_result r;
    struct failure f;

    (void)state;
    assert_int_equal(program_run(&p, "resize", &r, &f), 0);
    assert_true(r.stopped);
    assert_int_equal(r.signal, 9);
    assert_int_equal(asked, 1);
}

/* The pipe's writing end is open as long as one of the two lives. */
static void test_gone_with_its_caller(void **state)
{
    struct program_result r;
    struct pollfd p;
    int fds[2];
    pid_t pid;

    (void)state;
    assert_int_equal(pipe(fds), 0);
    pid = fork();
    if (pid == 0) {
        dup2(fds[1], 9);
        run_shell("echo >&9; exec sleep 3600", 3600, &r);
        _exit(0);
    }
    close(fds[1]);
    assert_int_equal(read(fds[0], &(char){0}, 1), 1);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    p = (struct pollfd){.fd = fds[0], .events = POLLIN};
    assert_int_equal(poll(&p, 1, 120 * 1000), 1);
    assert_int_equal(p.revents, POLLHUP);
    close(fds[0]);
}

static void test_programs(void **state)
{
    struct program_result r;
    struct failure f;
    char path[512];

    (void)state;
    run_shell("echo one; printf 'two\\033' >&2; cat; exit 3", 60, &r);
    assert_true(r.in_time);
    assert_int_equal(r.status, 3);
    assert_string_equal(r.output, "one\ntwo?");
    assert_string_equal(program_last_words(&r), "one two?");
    run_shell("seq 100000; echo last", 60, &r);
    assert_int_equal(r.status, 0);
    assert_int_equal(strlen(r.output), sizeof(r.output) - 1);
    assert_string_equal(r.output + sizeof(r.output) - 1 - 12, "100000\nlast\n");
    assert_int_equal(strlen(program_last_words(&r)), 200);
    run_shell("kill -TERM $$", 60, &r);
    assert_int_equal(r.status, -1);
    assert_int_equal(r.signal, 15);
    /* As a shell expects it, whatever the agent does about its own. */
    signal(SIGPIPE, SIG_IGN);
    run_shell("kill -PIPE $$", 60, &r);
    signal(SIGPIPE, SIG_DFL);
    assert_int_equal(r.signal, 13);
    /* What it started goes with it. */
    run_shell("sleep 600 & sleep 600", 1, &r);
    assert_false(r.in_time);
    assert_int_equal(r.status, -1);
    assert_int_equal(
        program_run(&(struct program){.argv = (const char *const[]){"/nonexistent", NULL}, .seconds = 60}, "x", &r, &f),
        0);
    assert_int_equal(r.status, PROGRAM_NOT_FOUND);
    assert_true(program_find("sh", path, sizeof(path)));
    assert_int_equal(access(path, X_OK), 0);
    assert_false(program_find("no-such-program", path, sizeof(path)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ext),     cmocka_unit_test(test_check_killed),
        cmocka_unit_test(test_ntfs),    cmocka_unit_test(test_others),
        cmocka_unit_test(test_check),   cmocka_unit_test(test_programs),
        cmocka_unit_test(test_stopped), cmocka_unit_test(test_gone_with_its_caller),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
