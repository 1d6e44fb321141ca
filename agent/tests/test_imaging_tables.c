/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks of every kind of partition table through the whole engine: 512 and 4096-byte sectors, targets of the same size
 * and larger ones, all full of noise before. */
#include "agent/imaging/imaging.h"

#include "agent/tests/table_fixture.h"

#include <sys/wait.h>

static const struct progress silent = {.report = NULL};

/* A loop device over a file in the scratch directory; the test's end lets go of it. */
static const char *attach(const char *file, unsigned sector_size)
{
    static char paths[4][32];
    static unsigned next;
    char *path = paths[next++ % 4], command[256];
    FILE *out;

    snprintf(command, sizeof(command), "/sbin/losetup --show --sector-size %u -f %s", sector_size, scratch_path(file));
    out = popen(command, "r");
    assert_non_null(out);
    assert_non_null(fgets(path, sizeof(paths[0]), out));
    assert_int_equal(pclose(out), 0);
    path[strcspn(path, "\n")] = 0;
    return path;
}

static int detach(void **state)
{
    (void)state;
    run("for f in a same larger other; do /sbin/losetup -j $f | cut -d: -f1 | while read d; do /sbin/losetup -d $d; "
        "done; done; rm -rf store a same larger other; mkdir store");
    return 0;
}

static int setup(void **state)
{
    if (scratch_setup(state))
        return -1;
    make_tree(60);
    run("truncate -s 12M ext4; mkfs.ext4 -q -F -b 4096 -L root -d tree ext4; truncate -s 8M fat; mkfs.vfat fat > "
        "log; mcopy -s -i fat tree/sub ::/; head -c 3M /dev/urandom > raw; head -c 440 /dev/urandom > bootcode; mkdir "
        "store");
    return 0;
}

/* Puts a prepared file system at a byte of the disk. */
static void put(const char *what, const char *disk, unsigned long long start)
{
    run("d=%s; case $d in /*) ;; *) d=$PWD/$d; esac; dd if=%s of=$d bs=64K seek=%llu oflag=seek_bytes conv=notrunc "
        "status=none",
        disk, what, start);
}

static const char *path_of(const char *disk)
{
    return disk[0] == '/' ? disk : scratch_path(disk);
}

static int capture(const char *disk, struct failure *f)
{
    const char *path = path_of(disk);
    const struct capture_request r = {
        .image = "pc", .disks = &path, .disk_count = 1, .firmware = "bios", .machine = "", .uuid = "", .mac = ""};
    struct store *s = store_open(scratch_path("store"), NULL, NULL, NULL, f);
    int result;

    assert_non_null(s);
    result = capture_disk(&r, s, &silent, f);
    store_close(s);
    return result;
}

static int deploy_layout(const char *disk, const struct deploy_layout *layout, struct failure *f)
{
    const char *path = path_of(disk);
    const struct deploy_request r = {.image = "pc", .disks = &path, .disk_count = 1, .layout = layout};
    struct store *s = store_open(scratch_path("store"), NULL, NULL, NULL, f);
    int result;

    assert_non_null(s);
    result = deploy_image(&r, s, &silent, f);
    store_close(s);
    return result;
}

/* While identity is written, the target is no disk to boot from, and its file systems are there. */
static int personalise(void *arg, const struct system_partitions *p, struct failure *f)
{
    const unsigned *expected = arg;

    (void)f;
    assert_int_equal(p->count, *expected);
    for (unsigned i = 0; i < p->count; i++)
        if (!strcmp(p->fs_types[i], "ext4"))
            run("[ $(head -c 512 same | tail -c 2 | tr -d '\\0' | wc -c) = 0 ]; echo pc-b > name; debugfs -w -R 'write "
                "name "
                "/hostname' %s > log 2>&1; sync",
                p->nodes[i]);
    return 0;
}

static void deploy_personalised(unsigned count)
{
    const char *path = scratch_path("same");
    const struct deploy_request r = {
        .image = "pc", .disks = &path, .disk_count = 1, .personalise = personalise, .arg = &count};
    struct failure f;
    struct store *s;

    run("yes noise | head -c 48M > same");
    if (capture("a", &f))
        fail_msg("%s: %s", f.reason, f.message);
    s = store_open(scratch_path("store"), NULL, NULL, NULL, &f);
    assert_non_null(s);
    if (deploy_image(&r, s, &silent, &f))
        fail_msg("%s: %s", f.reason, f.message);
    store_close(s);
    run("[ $(od -An -tx1 -j510 -N2 a | tr -d ' ') = $(od -An -tx1 -j510 -N2 same | tr -d ' ') ]");
}

static int deploy(const char *disk, int grow, struct failure *f)
{
    const struct deploy_layout layout = {.grow = grow};

    return deploy_layout(disk, &layout, f);
}

static void read_disk_table(const char *disk, struct manifest *m)
{
    struct failure f;
    struct disk_io d;

    memset(m, 0, sizeof(*m));
    assert_int_equal(disk_io_open(&d, path_of(disk), DISK_IO_READ, &f), 0);
    if (partition_table_read(&d, m, &f))
        fail_msg("%s", f.message);
    disk_io_close(&d);
}

/* Each partition of the target is the used bytes of the source's, and nothing else. */
static void compare_partitions(const char *source, const char *target)
{
    struct manifest *m = malloc(sizeof(*m));

    read_disk_table(source, m);
    for (unsigned i = 0; i < m->count; i++) {
        const struct manifest_partition *p = &m->partitions[i];
        run("for d in %s %s; do dd if=$d of=part.$(basename $d) bs=64K skip=%llu count=%llu "
            "iflag=skip_bytes,count_bytes "
            "status=none; done; mv part.$(basename %s) from; mv part.$(basename %s) to",
            source, target, (unsigned long long)p->start, (unsigned long long)p->size, source, target);
        if (p->raw) {
            run("cmp from to");
            continue;
        }
        copy_used("from", "used");
        run("cmp used to; case $(blkid -p -o value -s TYPE to) in ext4) e2fsck -fn to > log 2>&1;; vfat) fsck.vfat -n "
            "to > "
            "log;; esac");
    }
    free(m);
}

/* Table, MBR, extended boot records, boot code and the gap behind it. */
static void compare_tables(const char *source, const char *target, bool same_size)
{
    struct manifest *m = malloc(sizeof(*m));

    read_disk_table(source, m);
    if (strcmp(m->table, "none"))
        run("for d in %s %s; do sfdisk -d $d 2> log | grep -vE '^(device|last-lba)' | sed 's/^[^:]*: *start/start/' > "
            "dump.$(basename $d); done; [ -s dump.$(basename %s) ]; cmp dump.$(basename %s) dump.$(basename %s)",
            source, target, source, source, target);
    if (!strcmp(m->table, "gpt") || !strcmp(m->table, "hybrid"))
        run("sgdisk -v %s > verify.log; grep -q 'No problems found' verify.log", target);
    if (same_size || strcmp(m->table, "gpt"))
        run("cmp -n 512 %s %s", source, target);
    for (unsigned i = 0; i < m->extended.count; i++)
        run("cmp -i %llu -n 512 %s %s", (unsigned long long)m->extended.ebrs[i].start, source, target);
    if (!strcmp(m->table, "mbr"))
        run("cmp -n %llu %s %s", (unsigned long long)m->partitions[0].start, source, target);
    free(m);
}

static void round_trip(unsigned sector_size)
{
    const char *source = "a", *same = "same", *larger = "larger";
    struct failure f;

    run("truncate -s 48M same; truncate -s 61M larger; for d in same larger; do yes noise | head -c $(stat -c %%s $d) "
        "> $d; "
        "done; sgdisk -n1:2048:+1M same > log 2>&1; sha256sum a > a.sha256");
    if (sector_size != 512) {
        source = attach("a", sector_size);
        same = attach("same", sector_size);
        larger = attach("larger", sector_size);
    }
    if (capture(source, &f) || deploy(same, DEPLOY_GROW_NONE, &f) || deploy(larger, DEPLOY_GROW_NONE, &f))
        fail_msg("%s: %s", f.reason, f.message);
    run("sha256sum -c --quiet a.sha256");
    compare_tables(source, same, true);
    compare_partitions(source, same);
    compare_tables(source, larger, false);
    compare_partitions(source, larger);
}

static void make_gpt(unsigned sector_size)
{
    unsigned long long mib = 1048576 / sector_size;
    const char *disk = "a";

    run("truncate -s 48M a");
    if (sector_size != 512)
        disk = attach("a", sector_size);
    run("printf 'label: gpt\\nstart=%llu, size=%llu, type=21686148-6449-6E6F-744E-656564454649\\n"
        "start=%llu, size=%llu, type=U, name=\"EFI System\", attrs=\"RequiredPartition\"\\nstart=%llu, size=%llu, "
        "attrs=\"GUID:60\"\\n"
        "start=%llu, size=%llu\\n' | sfdisk -q %s; dd if=bootcode of=%s conv=notrunc status=none",
        mib, mib, 2 * mib, 8 * mib, 10 * mib, 12 * mib, 30 * mib, 3 * mib, disk, disk);
    put("raw", disk, 30 << 20);
    put("fat", disk, 2 << 20);
    put("ext4", disk, 10 << 20);
    run("head -c 1M /dev/urandom | dd of=%s bs=1M seek=1 conv=notrunc status=none; [ $(stat -c %%s a) = 50331648 ]; "
        "/sbin/losetup -j a | cut -d: -f1 | while read d; do /sbin/losetup -d $d; done",
        disk);
}

static void expect_table(const char *table)
{
    run("grep -q '\"table\": \"%s\"' store/images/pc/manifest.json", table);
}

static void test_gpt(void **state)
{
    (void)state;
    make_gpt(512);
    round_trip(512);
}

static void test_gpt_4096(void **state)
{
    (void)state;
    make_gpt(4096);
    round_trip(4096);
}

static void test_hybrid(void **state)
{
    (void)state;
    make_gpt(512);
    run("sgdisk -h 2:3:EE a > log");
    round_trip(512);
    expect_table("hybrid");
}

/* A gap of 62 sectors with the second part of a loader; an extended partition with room behind its last logical one. */
static void make_mbr(unsigned sector_size)
{
    unsigned long long mib = 1048576 / sector_size;
    const char *disk = "a";

    run("truncate -s 48M a");
    if (sector_size != 512)
        disk = attach("a", sector_size);
    run("printf 'label: dos\\nlabel-id: 0xcafe0815\\n1: start=%llu, size=%llu, type=6, bootable\\n3: start=%llu, "
        "size=%llu, "
        "type=f\\n5: start=%llu, size=%llu, type=83\\n6: start=%llu, size=%llu, type=da\\n' | sfdisk -q -f %s > log "
        "2>&1; "
        "dd if=bootcode of=%s conv=notrunc status=none; head -c $((62 * 512)) /dev/urandom > gap; [ %u != 512 ] || dd "
        "if=gap "
        "of=%s bs=512 seek=1 conv=notrunc status=none",
        sector_size == 512 ? 63ull : mib, 8 * mib, 10 * mib, 32 * mib, 11 * mib, 12 * mib, 25 * mib, 3 * mib, disk,
        disk, sector_size, disk);
    put("fat", disk, sector_size == 512 ? 63 * 512 : 1 << 20);
    put("ext4", disk, 11 << 20);
    put("raw", disk, 25 << 20);
    run("/sbin/losetup -j a | cut -d: -f1 | while read d; do /sbin/losetup -d $d; done");
}

static void test_mbr(void **state)
{
    (void)state;
    make_mbr(512);
    round_trip(512);
    run("cmp -n 32256 a larger; sfdisk -d larger > dump; grep -q bootable dump; grep -q 'label-id: 0xcafe0815' dump");
}

static void test_mbr_4096(void **state)
{
    (void)state;
    make_mbr(4096);
    round_trip(4096);
}

static void test_file_system_on_the_whole_disk(void **state)
{
    (void)state;
    run("truncate -s 48M a; mkfs.ext4 -q -F -b 4096 -d tree a; dd if=bootcode of=a conv=notrunc status=none");
    round_trip(512);
    expect_table("none");
    run("e2fsck -fn same > log 2>&1; e2fsck -fn larger > log 2>&1");
}

static void test_file_system_on_the_whole_disk_4096(void **state)
{
    (void)state;
    run("truncate -s 48M a; mkfs.ext4 -q -F -b 4096 -d tree a");
    round_trip(4096);
    expect_table("none");
}

/* Its first sector is a boot sector: the signature is the last thing that is written. */
static void test_super_floppy(void **state)
{
    (void)state;
    run("truncate -s 48M a; mkfs.vfat a > log; mcopy -s -i a tree/sub ::/");
    round_trip(512);
    expect_table("none");
    run("fsck.vfat -n larger > log");
}

static void test_blank_disk(void **state)
{
    (void)state;
    run("truncate -s 48M a");
    round_trip(512);
    expect_table("none");
}

static void test_table_of_another_system(void **state)
{
    (void)state;
    run("truncate -s 48M a; printf 'label: sun\\n' | sfdisk -q a; dd if=raw of=a bs=1M seek=7 conv=notrunc "
        "status=none");
    round_trip(512);
    expect_table("none");
    run("cmp a same; cmp -n 50331648 a larger; sfdisk -d larger > dump; grep -q 'label: sun' dump");
}

/* The last logical partition grows; its record stays, and the extended partition reaches around it. */
static void test_logical_partition_grows(void **state)
{
    struct failure f;

    (void)state;
    make_mbr(512);
    run("sfdisk -q --delete a 6 > log 2>&1; truncate -s 90M larger; yes noise | head -c 90M > larger");
    if (capture("a", &f) || deploy("larger", DEPLOY_GROW_AUTO, &f))
        fail_msg("%s: %s", f.reason, f.message);
    run("sfdisk -d larger > dump 2> log; grep -q 'larger5 : start= *22528, size= *161792, type=83' dump; grep -q "
        "'larger3 : "
        "start= *20480, size= *163840, type=f' dump; dd if=larger of=to bs=1M skip=11 status=none; e2fsck -fn to > log "
        "2>&1; "
        "[ $(dumpe2fs -h to 2> log | sed -n 's/^Block count: *//p') = $((161792 / 8)) ]; cmp -n 32256 -i 512 a larger");
}

static void test_smaller_target_moves_the_chain(void **state)
{
    struct failure f;

    (void)state;
    make_mbr(512);
    if (capture("a", &f))
        fail_msg("%s: %s", f.reason, f.message);
    run("truncate -s 36M other; yes noise | head -c 36M > other");
    if (deploy("other", DEPLOY_GROW_AUTO, &f))
        fail_msg("%s: %s", f.reason, f.message);
    run("sfdisk -d other > dump 2> log; grep -q 'other5 : start= *22528, size= *24576' dump; grep -q 'other6 : start= "
        "*51200' "
        "dump; grep -q 'other3 : start= *20480, size= *53248' dump; dd if=other of=to bs=1M skip=25 count=3 "
        "status=none; cmp to "
        "raw");
}

/* The entries of a hybrid's MBR follow their partitions. */
static void test_hybrid_grows(void **state)
{
    struct failure f;

    (void)state;
    make_gpt(512);
    run("sgdisk -h 2:3:EE a > log; yes noise | head -c 70M > larger");
    if (capture("a", &f) || deploy("larger", DEPLOY_GROW_AUTO, &f))
        fail_msg("%s: %s", f.reason, f.message);
    run("sgdisk -v larger > verify.log; grep -q 'No problems found' verify.log; sgdisk -i 3 larger > log; grep -q "
        "'First "
        "sector: 20480 ' log; sectors=$(sed -n 's/^Partition size: \\([0-9]*\\) .*/\\1/p' log); [ $sectors -gt 30000 "
        "]; "
        "for e in 446 462 478 494; do od -An -tu4 -j$((e + 8)) -N8 larger; done > entries; grep -q \"20480 "
        "*$sectors$\" "
        "entries; grep -q '4096 *16384$' entries");
}

/* Target: 1 and 4 primary, 3 primary, 2 extended with 5. Partition 4 stays; what the image has no form for is refused.
 */
static void test_keep(void **state)
{
    static const unsigned four[] = {4}, five[] = {5}, three[] = {3};
    struct deploy_layout keep = {.grow = DEPLOY_GROW_NONE, .keep = four, .keep_count = 1};
    struct failure f;

    (void)state;
    make_mbr(512);
    if (capture("a", &f))
        fail_msg("%s: %s", f.reason, f.message);
    run("yes noise | head -c 64M > other; printf 'label: dos\\n1: start=2048, size=2000, type=c\\n2: start=8192, "
        "size=20000, "
        "type=5\\n3: start=90000, size=2000, type=83\\n4: start=100000, size=20000, type=a5\\n5: start=10240, "
        "size=1000, "
        "type=83\\n' | sfdisk -q -f other > log 2>&1; dd if=other of=kept bs=512 skip=100000 count=20000 status=none; "
        "sha256sum other > before");
    keep.keep = five;
    assert_int_equal(deploy_layout("other", &keep, &f), -1);
    assert_string_equal(f.reason, "bad-layout");
    assert_non_null(strstr(f.message, "partition 6 is a logical one"));
    keep.keep = three;
    assert_int_equal(deploy_layout("other", &keep, &f), -1);
    assert_string_equal(f.reason, "bad-layout");
    run("sha256sum -c --quiet before");
    keep.keep = four;
    if (deploy_layout("other", &keep, &f))
        fail_msg("%s: %s", f.reason, f.message);
    run("sfdisk -d a 2> log | sed -n 's/^a//p' > d1; sfdisk -d other 2> log | sed -n 's/^other//p' > d2; grep -v '^4 ' "
        "d2 | cmp - "
        "d1; grep '^4 ' d2 | grep -q 'start= *100000, size= *20000, type=a5'; dd if=other of=kept2 bs=512 skip=100000 "
        "count=20000 status=none; cmp kept kept2");
}

static void test_personalised_before_the_table(void **state)
{
    (void)state;
    make_mbr(512);
    deploy_personalised(3);
    run("cmp -n 512 a same; dd if=same of=to bs=1M skip=11 count=12 status=none; e2fsck -fn to > log 2>&1; "
        "[ \"$(debugfs -R 'cat /hostname' to 2> log)\" = pc-b ]");
}

/* A file system on the whole disk, whose first sector is a boot sector. */
static void test_personalised_without_a_table(void **state)
{
    (void)state;
    run("truncate -s 48M a; mkfs.ext4 -q -F -b 4096 -d tree a; dd if=bootcode of=a conv=notrunc status=none; "
        "printf '\\125\\252' | dd of=a bs=1 seek=510 conv=notrunc status=none");
    deploy_personalised(1);
    expect_table("none");
    run("cmp -n 512 a same; e2fsck -fn same > log 2>&1; [ \"$(debugfs -R 'cat /hostname' same 2> log)\" = pc-b ]");
}

static void refuse(const char *target, const char *reason)
{
    struct failure f;

    run("sha256sum other > before");
    assert_int_equal(deploy(target, DEPLOY_GROW_NONE, &f), -1);
    if (strcmp(f.reason, reason))
        fail_msg("%s: %s", f.reason, f.message);
    run("sha256sum -c --quiet before");
}

static void test_refused(void **state)
{
    /* Another uuid; logical and primary partition and extended one elsewhere than the sectors have them; another type.
     */
    static const char *const changes[] = {
        "s/cafe0815-05/cafe0815-06/",
        "s/\"start\": 11534336/\"start\": 12582912/; s/\"size\": 12582912/\"size\": 11534336/",
        "s/\"start\": 32256,/\"start\": 32768,/",
        "s/\"size\": 33554432/\"size\": 31457280/",
        "s/0x06/0x07/",
    };
    struct failure f;
    const char *other;

    (void)state;
    make_mbr(512);
    if (capture("a", &f))
        fail_msg("%s: %s", f.reason, f.message);
    run("yes noise | head -c 64M > other");
    other = attach("other", 4096);
    refuse(other, "sector-size");
    detach(state);
    make_gpt(512);
    if (capture("a", &f))
        fail_msg("%s: %s", f.reason, f.message);
    run("yes noise | head -c 64M > other");
    refuse(attach("other", 4096), "sector-size");
    run("losetup -j other | cut -d: -f1 | while read d; do losetup -d $d; done; truncate -s 20M other");
    refuse("other", "target-too-small");
    /* A table that contradicts the partitions is found before anything is written. */
    detach(state);
    make_mbr(512);
    if (capture("a", &f))
        fail_msg("%s: %s", f.reason, f.message);
    run("yes noise | head -c 48M > other; cp store/images/pc/manifest.json whole");
    for (unsigned i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        run("sed '%s' whole > store/images/pc/manifest.json; ! cmp -s whole store/images/pc/manifest.json", changes[i]);
        refuse("other", "bad-image");
    }
    run("cp whole store/images/pc/manifest.json");
    if (deploy("other", DEPLOY_GROW_NONE, &f))
        fail_msg("%s: %s", f.reason, f.message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_gpt, detach),
        cmocka_unit_test_teardown(test_gpt_4096, detach),
        cmocka_unit_test_teardown(test_hybrid, detach),
        cmocka_unit_test_teardown(test_mbr, detach),
        cmocka_unit_test_teardown(test_mbr_4096, detach),
        cmocka_unit_test_teardown(test_file_system_on_the_whole_disk, detach),
        cmocka_unit_test_teardown(test_file_system_on_the_whole_disk_4096, detach),
        cmocka_unit_test_teardown(test_super_floppy, detach),
        cmocka_unit_test_teardown(test_blank_disk, detach),
        cmocka_unit_test_teardown(test_table_of_another_system, detach),
        cmocka_unit_test_teardown(test_logical_partition_grows, detach),
        cmocka_unit_test_teardown(test_smaller_target_moves_the_chain, detach),
        cmocka_unit_test_teardown(test_hybrid_grows, detach),
        cmocka_unit_test_teardown(test_keep, detach),
        cmocka_unit_test_teardown(test_personalised_before_the_table, detach),
        cmocka_unit_test_teardown(test_personalised_without_a_table, detach),
        cmocka_unit_test_teardown(test_refused, detach),
    };

    return cmocka_run_group_tests(tests, setup, scratch_teardown);
}
