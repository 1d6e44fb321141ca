/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One disk with every kind of file system that is read, filled and aged through mounts, through the whole engine: every
 * file is there again, every checker is content, casync gives the same bytes. Needs root, loop devices, FUSE and the
 * kernel's XFS and btrfs. */
#include "agent/imaging/imaging.h"

#include "agent/tests/kernel_fs.h"

#define KERNEL "kernel"
#define NTFS "ntfs"
#define EXFAT "exfat"
#define FAT "mtools"
#define NOTHING ""

static const struct {
    const char *name, *mkfs; /* on the file p */
    unsigned size;           /* MiB */
    const char *mount;       /* how; "": it holds no files */
    const char *checker;     /* of the file t */
} parts[] = {
    {"ext2", "mkfs.ext2 -q -F p", 40, KERNEL, "e2fsck -fn t"},
    {"ext3", "mkfs.ext3 -q -F -b 1024 p", 48, KERNEL, "e2fsck -fn t"},
    {"ext4", "mkfs.ext4 -q -F p", 64, KERNEL, "e2fsck -fn t"},
    {"bigalloc", "mkfs.ext4 -q -F -O bigalloc -C 16384 p", 64, KERNEL, "e2fsck -fn t"},
    {"meta_bg", "mkfs.ext4 -q -F -b 1024 -O meta_bg,^resize_inode p", 80, KERNEL, "e2fsck -fn t"},
    {"64bit off, uninit_bg", "mkfs.ext4 -q -F -O ^64bit,^metadata_csum,uninit_bg p", 64, KERNEL, "e2fsck -fn t"},
    {"FAT12", "mkfs.vfat -F 12 -s 8 p", 12, FAT, "fsck.vfat -n t"},
    {"FAT16", "mkfs.vfat -F 16 p", 24, FAT, "fsck.vfat -n t"},
    {"FAT32", "mkfs.vfat -F 32 -s 1 p", 48, FAT, "fsck.vfat -n t"},
    {"NTFS", "mkntfs -F -Q -q p", 48, NTFS, "ntfsfix -n t"},
    {"exFAT", "mkfs.exfat p", 32, EXFAT, "fsck.exfat -n t | grep clean"},
    {"XFS", "mkfs.xfs --unsupported -q p", 100, KERNEL, "xfs_repair -n t"},
    {"btrfs", "mkfs.btrfs -q p", 128, KERNEL, "btrfs check --check-data-csum t"},
    {"swap", "mkswap p", 8, NOTHING, "swaplabel t"},
};
#define PARTS (sizeof(parts) / sizeof(parts[0]))
#define XFS_NUMBER 12
#define BTRFS_NUMBER 13
#define DISK_MIB 800

/* Runs commands with `file` mounted at mnt. */
static void with_mount(const char *how, const char *file, const char *options, const char *commands)
{
    if (!strcmp(how, KERNEL))
        run("mount -o loop%s %s mnt; %s; umount mnt", options, file, commands);
    else
        run("(%s) > mount.log 2>&1 & pid=$!; for i in $(seq 300); do mountpoint -q mnt && break; sleep 0.02; done; "
            "set +e; (set -e; mountpoint -q mnt; %s); result=$?; umount mnt; wait $pid; exit $result",
            !strcmp(how, NTFS)
                ? (!strcmp(file, "p") ? "ntfs-3g -o no_detach p mnt" : "ntfs-3g -o no_detach,ro t mnt")
                : (!strcmp(file, "p") ? "l=$(losetup --show -f p); mount.exfat-fuse -d $l mnt; losetup -d $l"
                                      : "l=$(losetup --show -f t); mount.exfat-fuse -d -o ro $l mnt; losetup -d $l"),
            commands);
}

#define SUMS_OF(folder) "(cd " folder "; find . -type f -print0 | sort -z | xargs -0 sha256sum) > sums.new"

/* Not every kernel has FAT. */
static void fill_fat(void)
{
    run("rm -rf in; mkdir in; seq 300000 | head -c 600000 | split -b 5000 -a 3 -d - in/small; mcopy -s -i p tree "
        "in/* ::/; for f in $(cd in; ls small*[13579]) $(cd tree; ls file1* | sed 's,^,tree/,'); do mdel -i p ::/$f; "
        "done; "
        "for n in 1 2 3; do seq $n 99999 | head -c 200000 > in/late$n; mcopy -i p in/late$n ::/; done; "
        "mdel -i p ::/late2; rm -rf out; mkdir out; mcopy -s -i p '::/*' out/; " SUMS_OF("out"));
}

/* Real files; then some go, others come, and some of those grow in what the first ones left. */
static void fill_part(size_t i)
{
    if (!parts[i].mount[0])
        return;
    if (!strcmp(parts[i].mount, FAT)) {
        fill_fat();
    } else {
        with_mount(parts[i].mount, "p", "",
                   "cp -r tree mnt/; seq 300000 | head -c 600000 | split -b 5000 -a 3 -d - mnt/small; sync -f mnt; "
                   "rm mnt/small*[13579] mnt/tree/file1*; for n in 1 2 3; do seq $n 99999 | head -c 200000 > "
                   "mnt/late$n; cat tree/file2* >> mnt/tree/file20.txt; done; rm mnt/late2; sync -f mnt");
        with_mount(parts[i].mount, "p", ",ro", SUMS_OF("mnt"));
    }
    run("mv sums.new sums.%zu; [ $(wc -l < sums.%zu) -gt 70 ]", i + 1, i + 1);
}

static void make_disk(void)
{
    unsigned at = 1;

    make_tree(40);
    run("truncate -s %uM disk; sgdisk -o disk > log", DISK_MIB);
    for (size_t i = 0; i < PARTS; at += parts[i++].size) {
        print_message("  %s\n", parts[i].name);
        run("rm -f p; yes noise | head -c %uM > p; %s > mkfs.log 2>&1 || { cat mkfs.log; exit 1; }", parts[i].size,
            parts[i].mkfs);
        fill_part(i);
        run("sgdisk -n%zu:%u:+%uM disk > log; dd if=p of=disk bs=1M seek=%u conv=notrunc status=none", i + 1, at * 2048,
            parts[i].size, at);
    }
}

static void capture(void)
{
    const char *disk = scratch_path("disk");
    const struct progress silent = {.report = NULL};
    const struct capture_request r = {
        .image = "all", .disks = &disk, .disk_count = 1, .firmware = "uefi", .machine = "", .uuid = "", .mac = ""};
    struct failure f;
    struct store *s;

    run("mkdir store; sha256sum disk > disk.sum");
    s = store_open(scratch_path("store"), NULL, NULL, NULL, &f);
    assert_non_null(s);
    if (capture_disk(&r, s, &silent, &f))
        fail_msg("%s: %s", f.reason, f.message);
    store_close(s);
    run("sha256sum -c --quiet disk.sum; ! grep -q '\"raw\"' store/images/all/manifest.json");
}

static void deploy(const char *size, const struct deploy_layout *layout)
{
    const char *target = scratch_path("target");
    const struct progress silent = {.report = NULL};
    const struct deploy_request r = {.image = "all", .disks = &target, .disk_count = 1, .layout = layout};
    struct failure f;
    struct store *s;

    run("rm -f target; yes other | head -c %s > target", size);
    s = store_open(scratch_path("store"), NULL, NULL, NULL, &f);
    assert_non_null(s);
    if (deploy_image(&r, s, &silent, &f))
        fail_msg("%s: %s", f.reason, f.message);
    store_close(s);
    run("sgdisk -v target > log; grep -q 'No problems found' log");
}

/* Takes partition i of the target out into the file t. */
static void take_part(size_t i)
{
    run("set -- $(sfdisk -d target | sed -n 's/^target%zu .*start= *\\([0-9]*\\), size= *\\([0-9]*\\),.*/\\1 \\2/p'); "
        "rm -f t; dd if=target of=t bs=512 skip=$1 count=$2 conv=sparse status=none; truncate -s $(($2 * 512)) t",
        i + 1);
}

#define SAME_SUMS "sha256sum -c --quiet ../sums.new; [ $(find . -type f | wc -l) = $(wc -l < ../sums.new) ]"

static void check_part(size_t i)
{
    run("%s > check.log 2>&1 || { cat check.log; exit 1; }", parts[i].checker);
    if (!strcmp(parts[i].mount, FAT))
        run("rm -rf out; mkdir out; mcopy -s -i t '::/*' out/; cd out; " SAME_SUMS);
    else if (parts[i].mount[0])
        with_mount(parts[i].mount, "t", ",ro", "cd mnt; " SAME_SUMS "; cd ..");
}

static void check_parts(void)
{
    for (size_t i = 0; i < PARTS; i++) {
        print_message("  %s\n", parts[i].name);
        take_part(i);
        run("[ ! -f sums.%zu ] || cp sums.%zu sums.new", i + 1, i + 1);
        check_part(i);
    }
}

static void test_as_large(void **state)
{
    (void)state;
    deploy("800M", NULL);
    check_parts();
    for (size_t i = 0; i < PARTS; i++) {
        take_part(i);
        run("rm -f c; casync extract --store=store/chunks.castr store/images/all/part%zu.caibx c > log 2>&1; cmp c t",
            i + 1);
    }
}

static void test_grown(unsigned number, const char *size_of)
{
    const struct deploy_layout layout = {.grow = (int)number};

    deploy("900M", &layout);
    check_parts();
    take_part(number - 1);
    run("n=$(%s); s=$(stat -c %%s t); [ $n -le $s ]; [ $n -gt $((s - 1048576)) ]; [ $s -gt $((%u * 1048576)) ]",
        size_of, parts[number - 1].size + 90);
}

static void test_xfs_grown(void **state)
{
    (void)state;
    test_grown(XFS_NUMBER,
               "xfs_db -c 'sb 0' -c 'p blocksize dblocks' t | awk '{ n = n ? n * $3 : $3 } END { print n }'");
}

static void test_btrfs_grown(void **state)
{
    (void)state;
    test_grown(BTRFS_NUMBER, "btrfs inspect-internal dump-super t | awk '$1 == \"total_bytes\" { print $2 }'");
}

static int setup(void **state)
{
    if (kernel_fs_setup(state))
        return -1;
    make_disk();
    capture();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_large),
        cmocka_unit_test(test_xfs_grown),
        cmocka_unit_test(test_btrfs_grown),
    };

    return cmocka_run_group_tests(tests, setup, scratch_teardown);
}
