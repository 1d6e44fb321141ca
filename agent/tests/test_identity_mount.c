/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Identity in file systems as a deploy leaves them: XFS, btrfs with subvolumes, a home of its own, an unclean journal.
 */
#include "agent/identity/identity.h"
#include "agent/kernel/loop.h"

#include "agent/tests/kernel_fs.h"

#include <fcntl.h>

#define DISKS 3

static const char said[] = "{\"host_name\": \"pc-b\", \"users\": [{\"name\": \"ann\"}]}";

#define ROOT                                                                                                           \
    "mkdir -p mnt/etc mnt/home; echo ID=test > mnt/etc/os-release; echo pc-a > mnt/etc/hostname; touch "               \
    "mnt/etc/passwd "                                                                                                  \
    "mnt/etc/shadow mnt/etc/group; "

/* Writes the identity over the file systems in these files. */
static int write_identity(const char *const *files, const char *const *fs_types, unsigned count,
                          struct system_list *ret, struct failure *f)
{
    struct identity id = {
        .machine = "pc-b", .image = "i", .server = "s", .boot_mac = "", .confirm_token = "", .job = 7};
    struct identity_data data;
    json_t *object = json_loads(said, 0, NULL);
    char paths[DISKS][32];
    const char *nodes[DISKS];
    int fds[DISKS], loops[DISKS], result;

    assert_int_equal(identity_data_parse(object, &data, f), 0);
    id.data = &data;
    for (unsigned i = 0; i < count; i++) {
        fds[i] = open(scratch_path(files[i]), O_RDWR | O_CLOEXEC);
        loops[i] = loop_attach(fds[i], 0, (uint64_t)lseek(fds[i], 0, SEEK_END), files[i], paths[i], sizeof(paths[i]));
        assert_true(loops[i] >= 0);
        nodes[i] = paths[i];
    }
    result =
        identity_write(&id, &(struct system_partitions){.count = count, .nodes = nodes, .fs_types = fs_types}, ret, f);
    for (unsigned i = 0; i < count; i++) {
        assert_int_equal(loop_detach(loops[i]), 0);
        close(fds[i]);
    }
    identity_data_release(&data);
    json_decref(object);
    return result;
}

static void expect_written(const char *const *files, const char *const *fs_types, unsigned count, unsigned systems)
{
    struct system_list found;
    struct failure f;

    if (write_identity(files, fs_types, count, &found, &f))
        fail_msg("%s: %s", f.reason, f.message);
    assert_int_equal(found.count, systems);
}

static void xfs(void **state)
{
    static const char *const files[] = {"fs"}, *const types[] = {"xfs"};

    (void)state;
    run("truncate -s 320m fs; mkfs.xfs -q fs; mount -o loop fs mnt; " ROOT "umount mnt");
    expect_written(files, types, 1, 1);
    RUN_MOUNTED("[ $(cat mnt/etc/hostname) = pc-b ]; [ -d mnt/home/ann ]; grep -q ^job=7$ mnt/slipway.cfg");
}

static void subvolumes_of_btrfs(void **state)
{
    static const char *const files[] = {"fs"}, *const types[] = {"btrfs"};

    (void)state;
    run("truncate -s 128m fs; mkfs.btrfs -q -U 11111111-2222-3333-4444-555555555555 fs > log 2>&1; mount -o loop fs "
        "mnt; btrfs "
        "-q subvolume create mnt/root; btrfs -q subvolume create mnt/@home; umount mnt; mount -o loop,subvol=root fs "
        "mnt; " ROOT
        "echo 'UUID=11111111-2222-3333-4444-555555555555 /home btrfs subvol=@home 0 0' > mnt/etc/fstab; umount mnt");
    expect_written(files, types, 1, 1);
    RUN_MOUNTED("[ $(cat mnt/root/etc/hostname) = pc-b ]; [ ! -e mnt/root/home/ann ]; [ -d mnt/@home/ann ]; [ ! -e "
                "mnt/slipway.cfg ]");
}

/* Two systems, one of which was not unmounted cleanly, and data without any. */
static void several_systems(void **state)
{
    static const char *const files[] = {"fs", "data", "other"}, *const types[] = {"ext4", "ext4", "ext4"};

    (void)state;
    run("truncate -s 16m fs data other; mkfs.ext4 -q fs; mkfs.ext4 -q data; mkfs.ext4 -q other; mount -o loop other "
        "mnt; " ROOT "umount mnt; mount -o loop fs mnt; " ROOT
        "sync -f mnt; cp --sparse=always fs dirty; umount mnt; mv dirty fs; dumpe2fs -h fs 2> log | grep "
        "needs_recovery > log");
    expect_written(files, types, 3, 2);
    run("e2fsck -fn fs > log 2>&1; e2fsck -fn data > log 2>&1");
    RUN_MOUNTED("[ $(cat mnt/etc/hostname) = pc-b ]");
    run("mount -o loop other mnt; [ $(cat mnt/etc/hostname) = pc-b ]; umount mnt; mount -o loop data mnt; [ ! -e "
        "mnt/slipway.cfg ]; umount mnt");
}

static void what_cannot_be_looked_at(void **state)
{
    static const char *const files[] = {"fs", "other"}, *const types[] = {"ext4", "ext4"};
    struct failure f;

    (void)state;
    run("truncate -s 16m fs other; mkfs.ext4 -q other; mount -o loop other mnt; " ROOT "umount mnt");
    assert_int_equal(write_identity(files, types, 1, NULL, &f), -1);
    assert_string_equal(f.reason, "identity");
    assert_non_null(strstr(f.message, "cannot be mounted"));
    /* Beside a system it is a line on the console. */
    expect_written(files, types, 2, 1);
}

#define WITH_DISK(test) cmocka_unit_test_setup_teardown(test, kernel_fs_setup, scratch_teardown)

/* The root has a link into nowhere in place of its os-release, and no program, before its fstab is followed. */
static void a_usr_of_its_own(void **state)
{
    static const char *const files[] = {"usr", "fs"}, *const types[] = {"ext4", "ext4"};
    struct system_list found;
    struct failure f;

    (void)state;
    run("rm -rf t u; mkdir -p t/etc t/home t/usr u/lib u/bin; printf 'ID=test\\nPRETTY_NAME=\"Test 1\"\\n' > "
        "u/lib/os-release; cp /bin/true u/bin/sh; ln -s ../usr/lib/os-release t/etc/os-release; ln -s usr/bin t/bin; "
        "echo pc-a > t/etc/hostname; touch t/etc/passwd t/etc/shadow t/etc/group; "
        "echo 'LABEL=USR /usr ext4 ro 0 0' > t/etc/fstab; mkfs.ext4 -q -L USR -d u usr 8m; mkfs.ext4 -q -d t fs 16m");
    if (write_identity(files, types, 2, &found, &f))
        fail_msg("%s: %s", f.reason, f.message);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.list[0].partition, 2);
    assert_string_equal(found.list[0].name, "Test 1");
    assert_string_equal(found.list[0].arch, "x86_64");
    RUN_MOUNTED("[ $(cat mnt/etc/hostname) = pc-b ]; [ -z \"$(ls mnt/usr)\" ]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DISK(xfs),
        WITH_DISK(subvolumes_of_btrfs),
        WITH_DISK(xfs),
        WITH_DISK(a_usr_of_its_own),
        WITH_DISK(several_systems),
        WITH_DISK(what_cannot_be_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
