/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deploys to disks of another size and beside partitions that stay. Needs root, loop devices and FUSE. */
#include "agent/imaging/imaging.h"

#include "agent/tests/imaging_fixture.h"

#include <signal.h>
#include <sys/wait.h>

static char notes[8192];

static void take_note(void *arg, const char *text)
{
    size_t n = strlen(notes);

    (void)arg;
    snprintf(notes + n, sizeof(notes) - n, "%s\n", text);
}

static const struct progress noting = {.note = take_note};

static void capture(const char *image, const char *disk)
{
    const char *path = scratch_path(disk);
    const struct capture_request r = {
        .image = image, .disks = &path, .disk_count = 1, .firmware = "uefi", .machine = "", .uuid = "", .mac = ""};
    struct failure f;
    struct store *s = store_open(scratch_path("store"), NULL, NULL, NULL, &f);

    assert_non_null(s);
    if (capture_disk(&r, s, &noting, &f))
        fail_msg("capture: %s: %s", f.reason, f.message);
    store_close(s);
}

static int deploy(const char *image, const char *disk, const struct deploy_layout *layout, struct failure *f)
{
    const char *path = scratch_path(disk);
    const struct deploy_request r = {.image = image, .disks = &path, .disk_count = 1, .layout = layout};
    struct store *s = store_open(scratch_path("store"), NULL, NULL, NULL, f);
    int result;

    assert_non_null(s);
    notes[0] = 0;
    result = deploy_image(&r, s, &noting, f);
    store_close(s);
    return result;
}

static void deployed(const char *image, const char *disk, const struct deploy_layout *layout)
{
    struct failure f;

    if (deploy(image, disk, layout, &f))
        fail_msg("deploy: %s: %s", f.reason, f.message);
}

static void refused(const char *image, const char *disk, const struct deploy_layout *layout, const char *reason,
                    const char *part)
{
    struct failure f;

    run("sha256sum %s > before", disk);
    assert_int_equal(deploy(image, disk, layout, &f), -1);
    if (strcmp(f.reason, reason) || !strstr(f.message, part))
        fail_msg("%s: %s (expected %s: ...%s...)", f.reason, f.message, reason, part);
    run("sha256sum -c --quiet before");
}

static void expect_note(const char *part)
{
    if (!strstr(notes, part))
        fail_msg("no note says \"%s\":\n%s", part, notes);
}

/* A disk full of what an earlier use left. */
static void make_target(const char *size)
{
    run("rm -f target; n=$(numfmt --from=iec %s); yes noise | head -c $n > target", size);
}

/* Writes partition `number` of `disk` to `file` and prints its sectors to file.size. */
#define TAKE(disk, number, file)                                                                                       \
    "set -- $(sfdisk -d " disk " | sed -n 's/^" disk number                                                            \
    " .*start= *\\([0-9]*\\), size= *\\([0-9]*\\),.*/\\1 \\2/p'); "                                                    \
    "dd if=" disk " of=" file " bs=512 skip=$1 count=$2 status=none; echo $2 > " file ".size; "

#define GPT_GOOD(disk) "sgdisk -v " disk " > verify.log; grep -q 'No problems found' verify.log; "
#define EXT_GOOD(file) "e2fsck -fn " file " > fsck.log 2>&1 || { cat fsck.log; exit 1; }; "
#define EXT_TREE(file)                                                                                                 \
    "rm -rf out; mkdir out; debugfs -R 'rdump / out' " file " 2> log; rm -rf out/lost+found; diff -r out tree; "
#define EXT_SECTORS(file)                                                                                              \
    "$(dumpe2fs -h " file                                                                                              \
    " 2> log | awk -F: '/^Block count/ { c = $2 } /^Block size/ { s = $2 } END { print c * s / 512 }')"
#define NTFS_TREE(file)                                                                                                \
    "rm -rf out; mkdir out; ntfsls -f -R " file " > log; mkdir -p mnt; (ntfs-3g -o ro,no_detach " file                 \
    " mnt > log 2>&1 &) ; "                                                                                            \
    "for i in $(seq 200); do mountpoint -q mnt && break; sleep 0.02; done; set +e; diff -r tree mnt/tree; r=$?; "      \
    "umount mnt; set -e; [ $r = 0 ]; "

/* Partition 1: FAT, 16 MiB. 2: ext4, 64 MiB, files at its beginning and at its end. 3: swap, 8 MiB. */
static void make_linux(void)
{
    run("truncate -s 96M disk; sgdisk -n1:2048:+16M -t1:ef00 -n2:0:+64M -t2:8300 -n3:0:+8M -t3:8200 -A2:set:59 disk > "
        "log; "
        "truncate -s 16M p1; mkfs.vfat p1 > log; mcopy -s -i p1 tree/sub ::/; "
        "truncate -s 64M p2; mkfs.ext4 -q -F -b 1024 -L root p2; head -c 36M /dev/urandom > fill; "
        "debugfs -w -R 'write fill fill' p2 > log 2>&1; rm -rf copy; cp -r tree copy; "
        "(cd copy; find . -mindepth 1 -type d -printf 'mkdir %%P\\n'; find . -type f -printf 'write copy/%%P %%P\\n') "
        "> commands; "
        "debugfs -w -f commands p2 > log 2>&1; debugfs -w -R 'rm fill' p2 > log 2>&1; e2fsck -fp p2 > log || :; "
        "truncate -s 8M p3; mkswap p3 > log; "
        "dd if=p1 of=disk bs=1M seek=1 conv=notrunc status=none; dd if=p2 of=disk bs=1M seek=17 conv=notrunc "
        "status=none; dd if=p3 of=disk bs=1M seek=81 conv=notrunc status=none; rm -f fill");
    capture("linux", "disk");
}

static int setup(void **state)
{
    if (scratch_setup(state))
        return -1;
    make_tree(120);
    run("mkdir store");
    make_linux();
    return 0;
}

static void test_larger(void **state)
{
    (void)state;
    make_target("160M");
    deployed("linux", "target", NULL);
    expect_note("partition 2 (ext4) grows from 67108864 to 140509184 bytes");
    expect_note("partition 3 moves");
    run(GPT_GOOD("target")
            TAKE("target", "1", "t1") "cmp -n 4096 t1 p1; fsck.vfat -n t1 > log; " TAKE("target", "2", "t2")
                EXT_GOOD("t2") EXT_TREE("t2") "[ $(cat t2.size) = 274432 ]; [ " EXT_SECTORS("t2") " = 274432 ]; " TAKE(
                    "target", "3",
                    "t3") "cmp -n 4096 t3 p3; [ \"$(sgdisk -A 2:show target)\" = \"$(sgdisk -A 2:show disk)\" ]");
}

static void test_larger_as_it_was(void **state)
{
    const struct deploy_layout none = {.grow = DEPLOY_GROW_NONE}, missing = {.grow = 7}, fat = {.grow = 1};

    (void)state;
    make_target("120M");
    deployed("linux", "target", &none);
    assert_string_equal(notes, "");
    run(GPT_GOOD("target") TAKE("target", "2", "t2")
            EXT_GOOD("t2") "[ $(cat t2.size) = 131072 ]; "
                           "[ $(sfdisk -d target | grep -c -e 'start= *165888,') = 1 ]");
    refused("linux", "target", &missing, "bad-layout", "partition 7 is to grow");
    deployed("linux", "target", &fat);
    expect_note("partition 1 (vfat) grows");
    expect_note("was not grown: nothing here can resize vfat");
    run(GPT_GOOD("target") TAKE("target", "1", "t1") "fsck.vfat -n t1 > log; " TAKE("target", "2", "t2") EXT_GOOD("t2")
            EXT_TREE("t2") "[ $(cat t1.size) -gt 70000 ]");
}

static void test_smaller(void **state)
{
    (void)state;
    make_target("58M");
    deployed("linux", "target", NULL);
    expect_note("partition 2 (ext4) shrinks from 67108864 to");
    run(GPT_GOOD("target") TAKE("target", "2", "t2") EXT_GOOD("t2")
            EXT_TREE("t2") "[ " EXT_SECTORS("t2") " -le $(cat t2.size) ]; [ " EXT_SECTORS(
                "t2") " -gt $(($(cat t2.size) - 16)) ]; " TAKE("target", "3",
                                                               "t3") "cmp -n 4096 t3 p3; swaplabel t3 > "
                                                                     "log; " TAKE("target", "1",
                                                                                  "t1") "fsck.vfat -n t1 > log");
    run("truncate -s 40M target");
    refused("linux", "target", NULL, "target-too-small", "partition 2 (ext4, 67108864 bytes");
}

/* A chunk of the cut-off end is damaged: the deploy fails, and no table is there. */
static void test_smaller_damaged(void **state)
{
    struct failure f;

    (void)state;
    run("cp -r store store.good");
    make_target("58M");
    run("for i in $(seq 0 63); do od -An -v -tx1 -j $((72 + 40 * i)) -N 32 store/images/linux/part2.caibx | tr -d ' "
        "\\n'; "
        "echo; done > ids; head -n 42 ids > first; n=0; for id in $(tail -n 22 ids | sort -u); do grep -q $id first && "
        "continue; n=$((n + 1)); printf x | dd of=store/chunks.castr/$(echo $id | cut -c1-4)/$id.cacnk bs=1 seek=20 "
        "conv=notrunc status=none; done; [ $n -gt 0 ]");
    assert_int_equal(deploy("linux", "target", NULL, &f), -1);
    assert_string_equal(f.reason, "bad-chunk");
    run("rm -rf store; mv store.good store");
}

/* $1 is the start of the partition that TAKE has taken to t2; its boot sector was made for another one. */
#define HIDDEN_SECTORS                                                                                                 \
    "[ $1 != 165888 ]; for at in 28 $(($2 * 512 - 484)); do [ $(od -An -tu4 -j $at -N 4 t2) = $1 ]; done; "

/* C: with a recovery partition behind it, as Windows lays them out. */
static void test_ntfs(void **state)
{
    (void)state;
    run("rm -f disk; truncate -s 128M disk; sgdisk -n1:2048:+80M -t1:0700 -n2:0:+16M -t2:2700 disk > log; truncate -s "
        "80M w1; "
        "mkntfs -F -Q -q -L C w1 > log 2>&1; truncate -s 16M w2; mkntfs -F -Q -q -L R -p 165888 w2 > log 2>&1; mkdir "
        "-p mnt; "
        "(ntfs-3g -o no_detach w1 mnt > log 2>&1 &); for i in $(seq 200); do mountpoint -q mnt && break; sleep 0.02; "
        "done; "
        "head -c 40M /dev/urandom > mnt/fill; cp -r tree mnt/; rm mnt/fill; umount mnt; sync; sleep 0.5; "
        "dd if=w1 of=disk bs=1M seek=1 conv=notrunc status=none; dd if=w2 of=disk bs=1M seek=81 conv=notrunc "
        "status=none");
    capture("windows", "disk");
    make_target("200M");
    deployed("windows", "target", NULL);
    expect_note("partition 1 (ntfs) grows");
    expect_note("partition 2 moves");
    run(GPT_GOOD("target") TAKE("target", "1", "t1") NTFS_TREE(
        "t1") "ntfsfix -n t1 > log; "
              "[ $(ntfsinfo -m -f t1 2> log | sed -n 's/.*Volume Size in Clusters: //p') -gt 40000 ]; " TAKE(
                  "target", "2", "t2") HIDDEN_SECTORS "ntfsfix -n t2 > log; cmp -i 32 -n 65536 t2 w2");
    make_target("64M");
    deployed("windows", "target", NULL);
    expect_note("partition 1 (ntfs) shrinks");
    run(GPT_GOOD("target") TAKE("target", "1", "t1")
            NTFS_TREE("t1") "ntfsfix -n t1 > log; " TAKE("target", "2", "t2") "ntfsfix -n t2 > log");
}

#define MBR_PLACE(disk, number, start, size)                                                                           \
    "[ $(sfdisk -d " disk " | grep -c '^" disk number " : start= *" start ", size= *" size ",') = 1 ]; "

/* A root, and swap in a logical partition behind it: the extended one goes along. */
static void test_mbr(void **state)
{
    static const unsigned three = 3;
    const struct deploy_layout keep_one = {.keep = &three, .keep_count = 1};

    (void)state;
    run("rm -f disk; truncate -s 96M disk; printf 'label: dos\\nunit: "
        "sectors\\nstart=2048,size=131072,type=83,bootable\\n"
        "start=133120,size=18432,type=5\\n\\n\\nstart=135168,size=16384,type=82\\n' | sfdisk -q disk; "
        "dd if=p2 of=disk bs=1M seek=1 conv=notrunc status=none; dd if=p3 of=disk bs=1M seek=66 conv=notrunc "
        "status=none");
    capture("mbr", "disk");
    make_target("160M");
    deployed("mbr", "target", NULL);
    run(MBR_PLACE("target", "1", "2048", "307200") MBR_PLACE("target", "2", "309248", "18432")
            MBR_PLACE("target", "5", "311296", "16384") TAKE("target", "1", "t1") EXT_GOOD("t1") EXT_TREE("t1")
                TAKE("target", "5", "t5") "cmp -n 4096 t5 p3; sfdisk -V -q target");
    make_target("58M");
    deployed("mbr", "target", NULL);
    run(TAKE("target", "1", "t1") EXT_GOOD("t1") EXT_TREE("t1")
            TAKE("target", "5", "t5") "cmp -n 4096 t5 p3; sfdisk -V -q target");
    /* One of the target's own, in an entry that the image does not use. */
    run("rm -f target; truncate -s 160M target; head -c 10M /dev/urandom > k3; printf 'label: dos\\nunit: sectors\\n"
        "target1 : start=2048,size=2048,type=7\\ntarget3 : start=262144,size=20480,type=7\\n' | sfdisk -q target; "
        "dd if=k3 of=target bs=1M seek=128 conv=notrunc status=none");
    deployed("mbr", "target", &keep_one);
    run(MBR_PLACE("target", "1", "2048", "241664") MBR_PLACE("target", "3", "262144", "20480")
            TAKE("target", "3", "t3") "cmp t3 k3; " TAKE("target", "1", "t1") EXT_GOOD("t1")
                EXT_TREE("t1") "sfdisk -V -q target");
    run("sfdisk -q -A target 3");
    refused("mbr", "target", &keep_one, "bad-layout",
            "partition 3, which is to be kept, and the image's partition 1 are both active");
}

static bool stop_when_writing(void *arg)
{
    unsigned *asked = arg;

    return ++*asked > 2;
}

static void cancelled(const char *image, const char *disk, const struct deploy_layout *layout)
{
    unsigned asked = 0;
    const struct progress stopping = {.cancelled = stop_when_writing, .arg = &asked};
    const char *path = scratch_path(disk);
    const struct deploy_request r = {.image = image, .disks = &path, .disk_count = 1, .layout = layout};
    struct failure f;
    struct store *s = store_open(scratch_path("store"), NULL, NULL, NULL, &f);

    assert_non_null(s);
    assert_int_equal(deploy_image(&r, s, &stopping, &f), -1);
    assert_string_equal(f.reason, "cancelled");
    store_close(s);
}

/* An extended partition with two logical ones behind 100 MiB, in entry `number`; beside it, an entry of its own. */
static void make_logical(unsigned number)
{
    run("rm -f target; truncate -s 160M target; head -c 60000K /dev/urandom | dd of=target bs=1M seek=100 conv=notrunc "
        "status=none; printf 'label: dos\nunit: sectors\ntarget%u : start=2048,size=2048,type=7\n"
        "target%u : start=204800,size=120000,type=f\ntarget5 : start=206848,size=20480,type=7\n"
        "target6 : start=229376,size=20480,type=83\n' | sfdisk -q target; "
        "dd if=target of=kept bs=512 skip=204800 count=120000 status=none; sfdisk -d target | grep -v '^target%u ' | "
        "grep start= > entries",
        number == 1 ? 2 : 1, number, number == 1 ? 2 : 1);
}

#define LOGICAL_KEPT                                                                                                   \
    "dd if=target bs=512 skip=204800 count=120000 status=none | cmp - kept; sfdisk -d target | grep start= | grep -v " \
    "'size= *0,' > now; "

/* Data in logical partitions: all of them stay, with the extended one and its chain, or none. */
static void test_keep_logical(void **state)
{
    static const unsigned both[] = {6, 5};
    const struct deploy_layout keep_both = {.keep = both, .keep_count = 2}, one = {.keep = both, .keep_count = 1};

    (void)state;
    make_logical(2);
    refused("mbr", "target", &one, "bad-layout", "partition 5 is not to be kept");
    cancelled("mbr", "target", &keep_both);
    run(LOGICAL_KEPT "cmp now entries");
    deployed("mbr", "target", &keep_both);
    /* The image's swap has the number of a kept one; its root has grown up to the extended partition. */
    run(LOGICAL_KEPT "grep -v '^target1 ' now | cmp - entries; " MBR_PLACE("target", "1", "2048", "202752")
            TAKE("target", "1", "t1") EXT_GOOD("t1") EXT_TREE("t1") "sfdisk -V -q target");
    make_logical(1);
    refused("mbr", "target", &keep_both, "bad-layout", "partition 1 has the number of the extended one");
    make_logical(3);
    deployed("mbr", "target", &keep_both);
    run(LOGICAL_KEPT "grep -v '^target1 ' now | cmp - entries; [ $(wc -l < now) = 4 ]; sfdisk -V -q target");
}

static const unsigned kept_numbers[] = {5, 3};
static const struct deploy_layout keep = {.keep = kept_numbers, .keep_count = 2};

/* The target has data in partition 5 behind the image's place, and its own partition 3. */
static void make_kept(void)
{
    run("rm -f target; truncate -s 160M target; sgdisk -a1 -n1:2048:+4M -n3:217088:+10M -t3:8200 -c3:own "
        "-n5:250000:270001 "
        "-t5:0700 -c5:D\xc3\xa4ta -A5:set:63 target > log 2>&1; head -c 10M /dev/urandom > k3; head -c $((20002 * "
        "512)) "
        "/dev/urandom > k5; dd if=k3 of=target bs=512 seek=217088 conv=notrunc status=none; dd if=k5 of=target bs=512 "
        "seek=250000 conv=notrunc status=none; sgdisk -i5 target > entry5; sgdisk -i3 target > entry3");
}

static void expect_kept(void)
{
    run(GPT_GOOD("target") "sgdisk -i5 target | cmp - entry5; sgdisk -i3 target | cmp - entry3; " TAKE(
        "target", "3", "t3") TAKE("target", "5", "t5") "cmp t3 k3; cmp t5 k5");
}

static void test_keep(void **state)
{
    const unsigned absent = 9, over = 1;
    const struct deploy_layout no_such = {.keep = &absent, .keep_count = 1}, overlap = {.keep = &over, .keep_count = 1};

    (void)state;
    make_kept();
    deployed("linux", "target", &keep);
    expect_kept();
    /* The image's partition 2 has grown up to the first kept one. */
    run(TAKE("target", "2", "t2") EXT_GOOD("t2") EXT_TREE("t2") "[ $(cat t2.size) = $((217088 - 34816)) ]");
    refused("linux", "target", &no_such, "bad-layout", "partition 9 is to be kept");
    run("truncate -s 0 bare; truncate -s 160M bare");
    refused("linux", "bare", &keep, "bad-layout", "has no partition table");
    run("sgdisk -Z target > log; sgdisk -a1 -n1:30000:+4M target > log");
    refused("linux", "target", &overlap, "bad-layout", "lie over each other");
}

/* Whatever ends it, the kept ones are there, and nothing else. */
static void test_keep_after_failure(void **state)
{
    (void)state;
    make_kept();
    cancelled("linux", "target", &keep);
    expect_kept();
    run("[ $(sfdisk -d target | grep -c start=) = 2 ]; [ $(head -c 440 target | tr -d '\\0' | wc -c) = 0 ]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_larger),       cmocka_unit_test(test_larger_as_it_was),
        cmocka_unit_test(test_smaller),      cmocka_unit_test(test_smaller_damaged),
        cmocka_unit_test(test_ntfs),         cmocka_unit_test(test_mbr),
        cmocka_unit_test(test_keep),         cmocka_unit_test(test_keep_after_failure),
        cmocka_unit_test(test_keep_logical),
    };

    return cmocka_run_group_tests(tests, setup, scratch_teardown);
}
