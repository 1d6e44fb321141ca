/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What confirm leaves in a system, and the terminals of those who are logged in. */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Before cmocka, whose macro fail() would cover the function of that name. */
#include "agent/base/key_value.h"
#include "agent/identity/confirm.h"
#include "agent/production/terminals.h"

#include <cmocka.h>

static char top[64];
static int root;

static int start(void **state)
{
    (void)state;
    strcpy(top, "/tmp/confirm-XXXXXX");
    root = mkdtemp(top) ? open(top, O_RDONLY | O_DIRECTORY) : -1;
    return root < 0;
}

static int end(void **state)
{
    char command[100];

    (void)state;
    close(root);
    snprintf(command, sizeof(command), "rm -r %s", top);
    return system(command);
}

static void make_systemd(void)
{
    int fd;

    mkdirat(root, "usr", 0755);
    mkdirat(root, "usr/lib", 0755);
    mkdirat(root, "usr/lib/systemd", 0755);
    mkdirat(root, "etc", 0755);
    fd = openat(root, "usr/lib/systemd/systemd", O_WRONLY | O_CREAT, 0755);
    assert_true(fd >= 0);
    close(fd);
}

static mode_t mode_of(const char *path)
{
    struct stat s;

    return fstatat(root, path, &s, AT_SYMLINK_NOFOLLOW) == 0 ? s.st_mode : 0;
}

static void a_unit_and_this_program_are_installed(void **state)
{
    char target[100] = "", text[300] = "";
    struct failure f;
    int fd;

    (void)state;
    make_systemd();
    for (unsigned i = 0; i < 2; i++) /* a deploy that is done again */
        assert_int_equal(confirm_install(root, "http://10.0.0.2:8077", 7, "abcdef", &f), 0);
    assert_int_equal(mode_of("usr/local/lib/slipway/slipway-confirm"), S_IFREG | 0755);
    assert_int_equal(mode_of("usr/local/lib/slipway/confirm"), S_IFREG | 0600);
    assert_int_equal(mode_of("etc/systemd/system/slipway-confirm.service"), S_IFREG | 0644);
    assert_true(readlinkat(root, "etc/systemd/system/multi-user.target.wants/slipway-confirm.service", target,
                           sizeof(target) - 1) > 0);
    assert_string_equal(target, "/etc/systemd/system/slipway-confirm.service");
    fd = openat(root, "usr/local/lib/slipway/confirm", O_RDONLY);
    assert_true(read(fd, text, sizeof(text) - 1) > 0);
    close(fd);
    assert_string_equal(text, "server=http://10.0.0.2:8077\njob=7\ntoken=abcdef\n");
}

static void what_was_never_sent_is_taken_out(void **state)
{
    struct failure f;

    (void)state;
    make_systemd();
    assert_int_equal(confirm_remove(root), 0);
    assert_int_equal(confirm_install(root, "http://10.0.0.2:8077", 7, "abcdef", &f), 0);
    assert_int_equal(confirm_remove(root), 4);
    assert_int_equal(mode_of("usr/local/lib/slipway"), 0);
    assert_int_equal(mode_of("etc/systemd/system/slipway-confirm.service"), 0);
    assert_int_equal(mode_of("etc/systemd/system/multi-user.target.wants/slipway-confirm.service"), 0);
    assert_int_equal(confirm_remove(root), 0);
}

static void a_folder_of_ours_that_leads_elsewhere(void **state)
{
    (void)state;
    make_systemd();
    mkdirat(root, "usr/local", 0755);
    mkdirat(root, "usr/local/lib", 0755);
    assert_int_equal(symlinkat("slipway", root, "usr/local/lib/slipway"), 0);
    assert_int_equal(confirm_remove(root), -1);
}

static void a_system_without_systemd_is_left_alone(void **state)
{
    struct failure f;

    (void)state;
    assert_int_equal(confirm_install(root, "http://10.0.0.2:8077", 7, "abcdef", &f), 0);
    assert_int_equal(mode_of("usr"), 0);
    assert_int_equal(mode_of("etc"), 0);
}

static void make_record(uint8_t record[TERMINALS_RECORD], unsigned type, const char *line)
{
    memset(record, 0, TERMINALS_RECORD);
    record[0] = (uint8_t)type;
    memcpy(record + 8, line, strlen(line));
}

static void records_of_users_only(void **state)
{
    static const char *const bad[] = {"", "/etc/passwd", "../etc/passwd", "pts/../x", "a b", "x\n"};
    uint8_t record[TERMINALS_RECORD];
    char line[TERMINALS_LINE];

    (void)state;
    make_record(record, 7, "pts/0");
    assert_true(terminals_line(record, line));
    assert_string_equal(line, "pts/0");
    make_record(record, 8, "pts/0"); /* a user who has gone */
    assert_false(terminals_line(record, line));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        make_record(record, 7, bad[i]);
        assert_false(terminals_line(record, line));
    }
    memset(record + 8, 'x', 32); /* without a NUL */
    assert_true(terminals_line(record, line));
    assert_int_equal(strlen(line), 32);
}

static void users_are_told(void **state)
{
    uint8_t records[3 * TERMINALS_RECORD + 5] = {0}; /* the last one is cut off */
    char name[64], path[100], heard[100] = "";
    int master, slave, fd;

    (void)state;
    if (openpty(&master, &slave, name, NULL, NULL) != 0)
        fail_msg("no terminal to be had");
    make_record(records, 7, name + strlen("/dev/"));
    make_record(records + TERMINALS_RECORD, 7, "no/such/terminal");
    make_record(records + 2 * TERMINALS_RECORD, 7, "shm"); /* a folder */
    snprintf(path, sizeof(path), "%s/utmp", top);
    fd = open(path, O_WRONLY | O_CREAT, 0644);
    assert_int_equal(write(fd, records, sizeof(records)), sizeof(records));
    close(fd);
    assert_int_equal(terminals_tell(path, "/dev", "save your work"), 1);
    assert_int_equal(read(master, heard, sizeof(heard) - 1), 14);
    assert_string_equal(heard, "save your work");
    close(master);
    close(slave);
}

/* On terminals of its own: nobody else on this computer is to hear of it. */
static void without_utmp_every_pseudo_terminal_is_told(void **state)
{
    char folder[100], path[120], heard[100] = "";
    int master, slave, unlock = 0;

    (void)state;
    snprintf(folder, sizeof(folder), "%s/pts", top);
    snprintf(path, sizeof(path), "%s/ptmx", folder);
    assert_int_equal(mkdir(folder, 0755), 0);
    assert_int_equal(terminals_tell("/no/such/utmp", top, "x"), 0);
    if (mount("devpts", folder, "devpts", 0, "newinstance,ptmxmode=0666") != 0)
        fail_msg("no terminals to be had: %s", strerror(errno));
    master = open(path, O_RDWR | O_NOCTTY);
    assert_int_equal(ioctl(master, TIOCSPTLCK, &unlock), 0);
    slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
    assert_true(slave >= 0);
    assert_int_equal(terminals_tell("/no/such/utmp", top, "save your work"), 1);
    assert_int_equal(read(master, heard, sizeof(heard) - 1), 14);
    assert_string_equal(heard, "save your work");
    close(slave);
    close(master);
    assert_int_equal(umount(folder), 0);
}

static void keys_and_values(void **state)
{
    static const char text[] = "# a=0\n a = 1 2 \r\nb=\nab=3\nlong=0123456789\na=4\nend=5";
    char value[8] = "old";

    (void)state;
    assert_true(key_value_get(text, "a", value, sizeof(value)));
    assert_string_equal(value, "4");
    assert_true(key_value_get(" a = 1 2 \r\n", "a", value, sizeof(value)));
    assert_string_equal(value, "1 2");
    assert_true(key_value_get(text, "b", value, sizeof(value)));
    assert_string_equal(value, "");
    assert_true(key_value_get(text, "end", value, sizeof(value)));
    assert_string_equal(value, "5");
    assert_false(key_value_get(text, "long", value, sizeof(value)));
    assert_false(key_value_get(text, "c", value, sizeof(value)));
    assert_string_equal(value, "5");
    assert_false(key_value_get("a", "a", value, sizeof(value)));
    assert_false(key_value_get("a\n=7", "a", value, sizeof(value)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_unit_and_this_program_are_installed, start, end),
        cmocka_unit_test_setup_teardown(what_was_never_sent_is_taken_out, start, end),
        cmocka_unit_test_setup_teardown(a_folder_of_ours_that_leads_elsewhere, start, end),
        cmocka_unit_test_setup_teardown(a_system_without_systemd_is_left_alone, start, end),
        cmocka_unit_test(records_of_users_only),
        cmocka_unit_test_setup_teardown(users_are_told, start, end),
        cmocka_unit_test_setup_teardown(without_utmp_every_pseudo_terminal_is_told, start, end),
        cmocka_unit_test(keys_and_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
