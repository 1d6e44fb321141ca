/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disk as Windows and Linux share one, through the whole engine: NTFS, exFAT, swap and an encrypted volume. */
#include "agent/base/buffer.h"
#include "agent/image/manifest.h"
#include "agent/imaging/imaging.h"

#include "agent/tests/imaging_fixture.h"

/* Runs a mount command in the background, then others while mnt is mounted; waits for the file system's own process. */
static void mounted(const char *mount, const char *commands)
{
    run("mkdir -p mnt; (%s) > mount.log 2>&1 & pid=$!; "
        "for i in $(seq 200); do mountpoint -q mnt && break; sleep 0.02; done; "
        "set +e; (set -e; mountpoint -q mnt; %s); result=$?; umount mnt; wait $pid; exit $result",
        mount, commands);
}

#define MOUNT_NTFS(file) "ntfs-3g -o no_detach " file " mnt"
#define MOUNT_EXFAT(file) "loop=$(losetup --show -f " file "); mount.exfat-fuse -d $loop mnt; losetup -d $loop"

/* Partition 1: NTFS, 40 MiB, which its volume does not fill. 2: exFAT, 24 MiB. 3: swap, 8 MiB. 4: LUKS, 16 MiB. */
static void make_disk(void)
{
    make_tree(60);
    run("truncate -s 32M p1; mkntfs -F -Q -q -L WINDOWS p1 > log 2>&1; truncate -s 40M p1; "
        "printf END | dd of=p1 bs=1 seek=$((40 * 1024 * 1024 - 4096)) conv=notrunc status=none; "
        "head -c 24M /dev/urandom > p2; mkfs.exfat -L DATA p2 > log; head -c 8M /dev/urandom > p3; "
        "mkswap p3 > log 2>&1; head -c 16M /dev/urandom > p4; printf secret > key; "
        "cryptsetup -q luksFormat --type luks1 --pbkdf-force-iterations 1000 p4 key");
    mounted(MOUNT_NTFS("p1"), "cp -r tree mnt/; rm mnt/tree/file2*.txt");
    mounted(MOUNT_EXFAT("p2"), "cp -r tree mnt/; rm mnt/tree/file1*.txt");
    run("truncate -s 96M disk; sgdisk -n1:0:+40M -t1:0700 -n2:0:+24M -t2:0700 -n3:0:+8M -t3:8200 -n4:0:+16M -t4:8309 "
        "disk "
        "> log; at=1; for p in 1 2 3 4; do dd if=p$p of=disk bs=1M seek=$at conv=notrunc status=none; "
        "at=$((at + $(stat -c %%s p$p) / 1048576)); done");
}

static void capture(void)
{
    static const struct progress silent = {.report = NULL};
    const char *disk = scratch_path("disk"), *target = scratch_path("target");
    const struct capture_request c = {
        .image = "pc", .disks = &disk, .disk_count = 1, .firmware = "uefi", .machine = "", .uuid = "", .mac = ""};
    const struct deploy_request d = {.image = "pc", .disks = &target, .disk_count = 1};
    struct failure f;
    struct store *s;

    run("mkdir store; yes noise | head -c 96M > target");
    s = store_open(scratch_path("store"), NULL, NULL, NULL, &f);
    assert_non_null(s);
    if (capture_disk(&c, s, &silent, &f) || deploy_image(&d, s, &silent, &f))
        fail_msg("%s: %s", f.reason, f.message);
    store_close(s);
}

static void check_manifest(void)
{
    static const struct {
        const char *type, *note;
        bool raw;
        uint64_t used_max;
    } expected[] = {
        {"ntfs", "", false, 12 << 20},
        {"exfat", "", false, 4 << 20},
        {"swap", "", false, 4096},
        {"crypto_LUKS", "LUKS: the volume is encrypted", true, 16 << 20},
    };
    struct manifest *m = malloc(sizeof(*m));
    struct buffer b = {0};
    struct failure f;

    assert_non_null(m);
    assert_true(buffer_read_file(&b, scratch_path("store/images/pc/manifest.json"), 1 << 20));
    assert_int_equal(manifest_parse(b.data, b.size, "pc", m, &f), 0);
    assert_int_equal(m->count, 4);
    for (unsigned i = 0; i < 4; i++) {
        assert_string_equal(m->partitions[i].fs_type, expected[i].type);
        assert_int_equal(m->partitions[i].raw, expected[i].raw);
        assert_non_null(strstr(m->partitions[i].note, expected[i].note));
        assert_in_range(m->partitions[i].fs_used, 4096, expected[i].used_max);
    }
    free(b.data);
    free(m);
}

static void test_round_trip(void **state)
{
    (void)state;
    make_disk();
    capture();
    check_manifest();
    run("at=1; for p in 1 2 3 4; do size=$(($(stat -c %%s p$p) / 1048576)); "
        "dd if=target of=t$p bs=1M skip=$at count=$size status=none; at=$((at + size)); done; "
        "fsck.exfat -n t2 > fsck.log 2>&1; grep -q clean fsck.log; cmp t4 p4; cmp -n 4096 t3 p3; "
        "tail -c +4097 t3 | tr -d '\\0' | cmp - /dev/null; [ \"$(tail -c 4096 t1 | head -c 3)\" = END ]");
    mounted(MOUNT_NTFS("t1"), "diff -r tree mnt/tree > differences || :; ! grep -v '^Only in tree: file2' differences");
    mounted(MOUNT_EXFAT("t2"),
            "diff -r tree mnt/tree > differences || :; ! grep -v '^Only in tree: file1' differences");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
