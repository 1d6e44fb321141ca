/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs of another system: what they may do, and that nothing of them is left. This computer is the other system. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Before cmocka, whose macro fail() would cover the function of that name. */
#include "agent/base/program.h"
#include "agent/system/chroot_run.h"

#include <cmocka.h>

static int root;

static int confined(const char *command, unsigned seconds, struct failure *f)
{
    const char *const argv[] = {"/bin/sh", "-c", command, NULL};

    return chroot_run(root, argv, seconds, f);
}

static void job_command(const char *command, struct program_result *r)
{
    const char *const argv[] = {"/bin/sh", "-c", command, NULL};
    const struct program p = {.argv = argv, .seconds = 120, .enter = chroot_enter, .arg = &root};
    struct failure f;

    assert_int_equal(program_run(&p, "command", r, &f), 0);
    assert_true(r->in_time);
}

/* Whether a process of this computer has `argument` as its second word. */
static bool runs(const char *argument)
{
    char path[64], line[256];
    struct dirent *entry;
    DIR *proc = opendir("/proc");
    bool found = false;

    assert_non_null(proc);
    while ((entry = readdir(proc))) {
        snprintf(path, sizeof(path), "/proc/%.20s/cmdline", entry->d_name);
        int fd = open(path, O_RDONLY);
        ssize_t n = fd < 0 ? 0 : read(fd, line, sizeof(line) - 1);
        if (fd >= 0)
            close(fd);
        line[n > 0 ? n : 0] = '\0';
        found = found || (n > 0 && strlen(line) + 1 < (size_t)n && strcmp(line + strlen(line) + 1, argument) == 0);
    }
    closedir(proc);
    return found;
}

static void wait_until(const char *argument, bool wanted)
{
    for (unsigned waited = 0; runs(argument) != wanted; waited++) {
        assert_true(waited < 6000);
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
}

static void the_end_is_told(void **state)
{
    struct program_result r;
    struct failure f;

    (void)state;
    assert_int_equal(confined("exit 0", 120, &f), 0);
    assert_int_equal(confined("exit 3", 120, &f), -1);
    assert_non_null(strstr(f.message, "ended with status 3"));
    assert_int_equal(confined("kill -TERM $$", 120, &f), -1);
    assert_non_null(strstr(f.message, "died of signal 15"));
    assert_int_equal(confined("sleep 600", 1, &f), -1);
    assert_non_null(strstr(f.message, "took more than 1 s"));
    job_command("echo words; exit 4", &r);
    assert_int_equal(r.status, 4);
    assert_string_equal(r.output, "words\n");
    job_command("kill -KILL $$", &r);
    assert_int_equal(r.signal, 9);
}

/* A shell's own test commands: status 0 is what is wanted. */
static void the_confined_may_little(void **state)
{
    static const char *const holds[] = {
        "test \"$(cd /dev; echo *)\" = 'null random urandom zero'",
        "echo x > /dev/null && test $(head -c 5 /dev/zero | wc -c) = 5 && test $(head -c 5 /dev/urandom | wc -c) = 5",
        "! mknod /dev/disk b 8 0 2>/dev/null",
        "! mount -t tmpfs none /mnt 2>/dev/null",
        "! chroot / true 2>/dev/null",
        "test $(ip -o link | wc -l) -le 1",
        "test $(id -u) = 0",
        "umask 077; d=$(mktemp -d) && chown 1:1 $d && echo x > $d/file && rm -r $d",
    };
    struct failure f;

    (void)state;
    for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++)
        if (confined(holds[i], 120, &f))
            fail_msg("%s: %s", holds[i], f.message);
}

static void a_job_command_sees_devices_and_its_own_processes(void **state)
{
    struct program_result r;

    (void)state;
    job_command("test -c /dev/tty && set -- /proc/[0-9]* && test $# -lt 5 && echo $1", &r);
    assert_int_equal(r.status, 0);
    assert_string_equal(r.output, "/proc/1\n");
}

static void nothing_stays_behind(void **state)
{
    struct program_result r;
    struct failure f;

    (void)state;
    /* It holds the output open, in a session of its own. */
    job_command("setsid sleep 86411 & exec 2>&1; until grep -q 86411 /proc/[0-9]*/cmdline; do :; done; echo up", &r);
    assert_int_equal(r.status, 0);
    assert_string_equal(r.output, "up\n");
    assert_false(runs("86411"));
    assert_int_equal(confined("setsid sleep 86412 & exit 0", 120, &f), 0);
    assert_false(runs("86412"));
    assert_int_equal(confined("setsid sleep 86413 & sleep 600", 1, &f), -1);
    wait_until("86413", false);
}

static void it_goes_with_its_starter(void **state)
{
    struct failure f;
    pid_t pid = fork();

    (void)state;
    if (pid == 0)
        _exit(confined("setsid sleep 86414 & sleep 600", 600, &f) != 0);
    wait_until("86414", true);
    kill(pid, SIGKILL);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    wait_until("86414", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_is_told),
        cmocka_unit_test(the_confined_may_little),
        cmocka_unit_test(a_job_command_sees_devices_and_its_own_processes),
        cmocka_unit_test(nothing_stays_behind),
        cmocka_unit_test(it_goes_with_its_starter),
    };

    root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
