/* SPDX-License-Identifier: GPL-2.0-or-later */
/* File systems that the running kernel fills, ages and reads back. Needs root, loop devices and the kernel's support
 * for the file system. */
#ifndef SLIPWAY_AGENT_TESTS_KERNEL_FS_H
#define SLIPWAY_AGENT_TESTS_KERNEL_FS_H

#include "agent/imaging/imaging.h"

#include "agent/tests/fs_fixture.h"

#include <sched.h>
#include <sys/mount.h>

#define SUMS                                                                                                           \
    "(cd mnt; find . -type f -print0 | sort -z | xargs -0 sha256sum; find . -printf '%%p %%y %%n %%m %%l\\n' | sort)"

/* The mounts are in a namespace of their own: one that another process cloned would keep them mounted after an umount,
 * and a failed test leaves none behind. */
static inline int kernel_fs_setup(void **state)
{
    if (scratch_setup(state) || unshare(CLONE_NEWNS) || mount("", "/", NULL, MS_PRIVATE | MS_REC, NULL))
        return -1;
    run("mkdir mnt");
    return 0;
}

/* Runs commands with the file system `fs` mounted at mnt. */
#define RUN_MOUNTED(commands, ...) run("mount -o loop fs mnt; " commands "; umount mnt" __VA_OPT__(, ) __VA_ARGS__)

/* The tree, and `small` files of 5000 bytes in the root directory. */
static inline void fill_fs(unsigned small)
{
    RUN_MOUNTED("cp -a tree mnt/; seq 1000000 9999999 | head -c $((%u * 5000)) | split -b 5000 -a 4 -d - mnt/small",
                small);
}

/* Leaves holes, and fills some of them again. */
static inline void age_fs(void)
{
    RUN_MOUNTED(
        "rm mnt/small*[13579] mnt/tree/file1*; for i in 1 2 3 4 5; do seq $i 99999 | head -c 300000 > "
        "mnt/late$i; cat tree/file2* >> mnt/tree/file20.txt; sync -f mnt; done; rm mnt/late2; ln -s late1 mnt/link");
}

/* The copy has every file, as the kernel reads them. */
static inline void compare_contents(void)
{
    run("mount -o loop,ro fs mnt; " SUMS " > sums1; umount mnt; mount -o loop,ro copy mnt; " SUMS
        " > sums2; umount mnt; [ -s sums1 ]; cmp sums1 sums2");
}

/* The same with the file system on a disk, through an image: `copy` is what a deploy leaves of it. */
static inline void round_trip(const char *type_code)
{
    const struct progress silent = {.report = NULL};
    const char *disk = scratch_path("disk"), *target = scratch_path("target");
    struct capture_request c = {
        .image = "i", .disks = &disk, .disk_count = 1, .firmware = "uefi", .machine = "", .uuid = "", .mac = ""};
    struct deploy_request r = {.image = "i", .disks = &target, .disk_count = 1};
    struct failure f;
    struct store *s;

    run("rm -rf disk target store; mkdir store; n=$(stat -c %%s fs); truncate -s $((n + 4194304)) disk target; "
        "sgdisk -n1:2048:+$((n / 512)) -t1:%s disk > log; dd if=fs of=disk bs=1M seek=1 conv=notrunc,sparse "
        "status=none; yes noise | dd of=target bs=1M count=$((n / 1048576)) iflag=fullblock conv=notrunc status=none",
        type_code);
    s = store_open(scratch_path("store"), NULL, NULL, NULL, &f);
    assert_non_null(s);
    if (capture_disk(&c, s, &silent, &f) || deploy_image(&r, s, &silent, &f))
        fail_msg("%s: %s", f.reason, f.message);
    store_close(s);
    run("grep -q used-blocks store/images/i/manifest.json; rm -f copy; dd if=target of=copy bs=1M skip=1 "
        "count=$(stat -c %%s fs) iflag=count_bytes conv=sparse status=none; truncate -s $(stat -c %%s fs) copy");
}

#endif
