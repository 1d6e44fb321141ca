/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files and folders of a system on a disk that fails: two functions of the C library are this file's. */
#include "agent/base/tree.h"
#include "agent/base/tree_walk.h"

#include "agent/tests/imaging_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>

static bool fails;
static int root;

struct dirent *readdir(DIR *d)
{
    static struct dirent entry = {.d_name = "key"};
    static bool given;

    (void)d;
    given = !given;
    if (!given)
        errno = EIO;
    return given ? &entry : NULL;
}

int fsync(int fd)
{
    errno = ENOSPC;
    return fails ? -1 : (int)syscall(SYS_fsync, fd);
}

static int setup(void **state)
{
    if (scratch_setup(state))
        return -1;
    run("mkdir -p root/keys; echo k > root/keys/key");
    root = open(scratch_path("root"), O_RDONLY | O_DIRECTORY);
    return root < 0;
}

static int teardown(void **state)
{
    close(root);
    return scratch_teardown(state);
}

static int look(void *arg, int folder, const char *name)
{
    (void)folder;
    assert_string_equal(name, "key");
    ++*(unsigned *)arg;
    return 0;
}

/* The rest of a folder that cannot be read may be what was to go. */
static void test_unreadable_folder(void **state)
{
    unsigned seen = 0;

    (void)state;
    errno = 0;
    assert_int_equal(tree_each_file(root, "keys", "", look, &seen), -1);
    assert_int_equal(errno, EIO);
    assert_int_equal(seen, 1);
    assert_int_equal(tree_count(root, "keys", "k", "y"), -1);
    assert_int_equal(errno, EIO);
    assert_int_equal(tree_remove(root, "keys", "k", "y"), -1);
    assert_int_equal(errno, EIO);
    run("echo k > root/keys/key");
    assert_int_equal(tree_clear(root, "keys", false), -1);
    assert_int_equal(errno, EIO);
}

static void test_full_disk(void **state)
{
    (void)state;
    run("echo old > root/file");
    fails = true;
    assert_int_equal(tree_write(root, ".", "file", "new", 3, 0644), -1);
    assert_int_equal(errno, ENOSPC);
    fails = false;
    run("[ \"$(cat root/file)\" = old ]; [ \"$(ls -A root)\" = \"$(printf 'file\\nkeys')\" ]");
    assert_int_equal(tree_write(root, ".", "file", "new", 3, 0640), 0);
    run("[ \"$(cat root/file)\" = new ]; [ $(stat -c %%a root/file) = 640 ]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unreadable_folder),
        cmocka_unit_test(test_full_disk),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
