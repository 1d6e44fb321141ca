/* SPDX-License-Identifier: GPL-2.0-or-later */
/* File systems that the running kernel fills, ages and reads back, and damage to them. Needs root, loop devices and the
 * kernel's support for the file system. */
#ifndef SLIPWAY_AGENT_TESTS_KERNEL_FS_H
#define SLIPWAY_AGENT_TESTS_KERNEL_FS_H

#include "agent/imaging.h"

#include "agent/tests/imaging_fixture.h"

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
    struct capture_request c = {
        .image = "i", .disk = scratch_path("disk"), .firmware = "uefi", .machine = "", .uuid = "", .mac = ""};
    struct deploy_request r = {.image = "i", .disk = scratch_path("target")};
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

static inline void expect_raw(const char *name, const char *note)
{
    struct block_map m;

    read_map(name, &m);
    if (!m.raw || !strstr(m.note, note))
        fail_msg("%s: raw %d, \"%s\" (expected \"%s\")", name, m.raw, m.note, note);
    assert_int_equal(m.used, m.size);
    block_map_free(&m);
}

static inline void expect_mapped(const char *name)
{
    struct block_map m;

    read_map(name, &m);
    if (m.raw)
        fail_msg("%s is taken raw: %s", name, m.note);
    block_map_free(&m);
}

/* The same of the reader alone, without libblkid's opinion. */
static inline void expect_doubt(int (*map)(struct fs_source *s), const char *name, const char *note)
{
    struct block_map m = {.size = 0};
    struct failure f;
    struct disk_io d;
    struct fs_source s = {.disk = &d, .map = &m};

    assert_int_equal(disk_io_open(&d, scratch_path(name), DISK_IO_READ, &f), 0);
    s.size = m.size = d.size;
    if (map(&s) == 0 || !strstr(m.note, note))
        fail_msg("%s: \"%s\" (expected \"%s\")", name, m.note, note);
    block_map_free(&m);
    disk_io_close(&d);
}

/* Damage: bits are flipped in the file, the map is made anew, the bit is flipped back. */
struct damage {
    int (*map)(struct fs_source *s);
    struct disk_io disk;
    struct block_map whole; /* before any damage */
    uint64_t flips, noticed;
};

static inline int map_damaged(struct damage *d, uint64_t size, struct block_map *m)
{
    struct fs_source s = {.disk = &d->disk, .size = size, .map = m};

    memset(m, 0, sizeof(*m));
    m->size = size;
    return d->map(&s);
}

static inline void damage_begin(struct damage *d, const char *name, int (*map)(struct fs_source *s))
{
    struct failure f;

    memset(d, 0, sizeof(*d));
    d->map = map;
    assert_int_equal(disk_io_open(&d->disk, scratch_path(name), DISK_IO_WRITE, &f), 0);
    assert_int_equal(map_damaged(d, d->disk.size, &d->whole), 0);
}

static inline void damage_end(struct damage *d)
{
    block_map_free(&d->whole);
    disk_io_close(&d->disk);
}

static inline void flip(struct damage *d, uint64_t bit)
{
    struct failure f;
    uint8_t byte;

    assert_int_equal(disk_io_read(&d->disk, bit / 8, &byte, 1, &f), 0);
    byte ^= (uint8_t)(1 << bit % 8);
    assert_int_equal(disk_io_write(&d->disk, bit / 8, &byte, 1, &f), 0);
}

/* Either the flip is noticed, or everything that was used still is. */
static inline void flip_and_compare(struct damage *d, uint64_t bit)
{
    struct block_map m;

    flip(d, bit);
    d->flips++;
    if (map_damaged(d, d->disk.size, &m))
        d->noticed++;
    else if (m.unit != d->whole.unit || m.count < d->whole.count)
        fail_msg("bit %llu of byte %llu flipped: another size", (unsigned long long)bit % 8,
                 (unsigned long long)bit / 8);
    else
        for (uint64_t i = 0; i < (d->whole.count + 7) / 8; i++)
            if (d->whole.bits[i] & ~m.bits[i])
                fail_msg("bit %llu of byte %llu flipped: units at %llu are lost", (unsigned long long)bit % 8,
                         (unsigned long long)bit / 8, (unsigned long long)i * 8);
    block_map_free(&m);
    flip(d, bit);
}

/* Every `step`th bit of [from, to) bytes. */
static inline void flip_range(struct damage *d, uint64_t from, uint64_t to, uint64_t step)
{
    for (uint64_t bit = from * 8; bit < to * 8; bit += step)
        flip_and_compare(d, bit);
}

/* Cut off anywhere, the file system does not pass for whole. */
static inline void truncate_everywhere(struct damage *d, uint64_t step)
{
    struct block_map m;

    for (uint64_t size = 0; size < d->whole.smallest; size += step) {
        assert_int_equal(map_damaged(d, size, &m), -1);
        assert_true(m.note[0]);
        block_map_free(&m);
    }
    assert_int_equal(map_damaged(d, d->whole.smallest - 1, &m), -1);
    block_map_free(&m);
}

#endif
