/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A tree of files that stands for a deployed system, and what it is told to be. */
#ifndef SLIPWAY_AGENT_TESTS_IDENTITY_FIXTURE_H
#define SLIPWAY_AGENT_TESTS_IDENTITY_FIXTURE_H

/* Before cmocka, whose macro fail() would cover the function of that name. */
#include "agent/identity/identity.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char top[64]; /* holds "root", the deployed system, and "outside" */
static int top_fd, root;

static struct identity_data data;
static const struct identity id = {.data = &data,
                                   .machine = "pc-b",
                                   .image = "debian",
                                   .server = "http://10.77.0.2:8077",
                                   .confirm_token = "",
                                   .boot_mac = "52:54:00:00:00:0B",
                                   .job = 7};

/* What `data` is from now on. */
static inline void say(const char *json)
{
    json_t *object = json_loads(json, 0, NULL);
    struct failure f;

    assert_non_null(object);
    identity_data_release(&data);
    if (identity_data_parse(object, &data, &f))
        fail_msg("%s: %s", f.reason, f.message);
    json_decref(object);
}

static inline void put(int at, const char *path, const char *text)
{
    int fd = openat(at, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static inline const char *get(int at, const char *path)
{
    static char text[65536];
    int fd = openat(at, path, O_RDONLY | O_NOFOLLOW);
    ssize_t n;

    if (fd < 0)
        return "(none)";
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[n < 0 ? 0 : n] = '\0';
    return text;
}

static inline int make_tree(void **state)
{
    static const char *const folders[] = {"root",         "outside",           "root/etc",
                                          "root/usr",     "root/usr/lib",      "root/var",
                                          "root/var/lib", "root/var/lib/dbus", "root/var/lib/systemd"};

    (void)state;
    strcpy(top, "/tmp/identity-XXXXXX");
    if (!mkdtemp(top) || (top_fd = open(top, O_RDONLY | O_DIRECTORY)) < 0)
        return -1;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        if (mkdirat(top_fd, folders[i], 0755) != 0)
            return -1;
    root = openat(top_fd, "root", O_RDONLY | O_DIRECTORY);
    put(root, "usr/lib/os-release", "ID=debian\n");
    put(root, "etc/hostname", "pc-a\n");
    put(root, "etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\tpc-a\n# end\n");
    put(root, "etc/machine-id", "00000000000000000000000000000001\n");
    put(root, "var/lib/systemd/random-seed", "seed");
    put(top_fd, "outside/victim", "untouched");
    say("{\"host_name\": \"pc-b\", \"fields\": {\"asset\": \"1234\", \"room\": \"4 b\"}}");
    return symlinkat("../usr/lib/os-release", root, "etc/os-release");
}

static inline int remove_tree(void **state)
{
    char command[100];

    (void)state;
    identity_data_release(&data);
    close(root);
    close(top_fd);
    snprintf(command, sizeof(command), "rm -r %s", top);
    return system(command);
}

static inline void apply(void)
{
    struct failure f;

    if (identity_apply(&id, root, &f))
        fail_msg("%s: %s", f.reason, f.message);
}

static inline void apply_refused(const char *message)
{
    struct failure f;

    assert_int_equal(identity_apply(&id, root, &f), -1);
    assert_string_equal(f.reason, "identity");
    if (!strstr(f.message, message))
        fail_msg("%s", f.message);
}

/* Makes folders of the system, each after the one it lies in. */
static inline void folders(const char *const *list)
{
    for (; *list; list++)
        if (faccessat(root, *list, F_OK, 0))
            assert_int_equal(mkdirat(root, *list, 0755), 0);
}

static inline unsigned mode_of(const char *path)
{
    struct stat s;

    assert_int_equal(fstatat(root, path, &s, AT_SYMLINK_NOFOLLOW), 0);
    return s.st_mode & 07777;
}

#define WITH_TREE(test) cmocka_unit_test_setup_teardown(test, make_tree, remove_tree)

#endif
