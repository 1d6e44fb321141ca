/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several disks in one image. */
#include "agent/image/manifest.h"
#include "agent/imaging/imaging.h"

#include "agent/tests/imaging_fixture.h"

#include <signal.h>
#include <sys/wait.h>

static const struct progress silent = {.report = NULL};

/* Disk 1: FAT and ext4; disk 2: ext4 and noise. */
static int make_disks(void **state)
{
    if (scratch_setup(state))
        return -1;
    make_tree(60);
    run("truncate -s 40M a; truncate -s 32M b; sgdisk -n1:2048:+16M -t1:ef00 -n2:0:+20M a > log; "
        "sgdisk -n1:2048:+20M -n3:0:+3M b > log; truncate -s 16M a1; mkfs.vfat -F 16 a1 > log; mcopy -s -i a1 tree/sub "
        "::/; "
        "truncate -s 20M a2 b1; mkfs.ext4 -q -F -d tree a2; mkfs.ext4 -q -F -L data -d tree/sub b1; "
        "head -c 3M /dev/urandom > b3; dd if=a1 of=a bs=1M seek=1 conv=notrunc status=none; dd if=a2 of=a bs=1M "
        "seek=17 "
        "conv=notrunc status=none; dd if=b1 of=b bs=1M seek=1 conv=notrunc status=none; dd if=b3 of=b bs=1M seek=21 "
        "conv=notrunc status=none; head -c 440 /dev/urandom > code; dd if=code of=b conv=notrunc status=none");
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    run("rm -rf store t1 t2; mkdir store; truncate -s 40M t1; truncate -s 50M t2; for t in t1 t2; do yes noise | head "
        "-c "
        "$(stat -c %%s $t) > $t; sgdisk -n1:2048:+1M $t > log 2>&1; done; sha256sum t1 t2 > targets");
    return 0;
}

static int capture(unsigned count, const char *first, const char *second, struct failure *f)
{
    const char *const disks[] = {scratch_path(first), scratch_path(second)};
    const struct capture_request r = {
        .image = "pc", .disks = disks, .disk_count = count, .firmware = "uefi", .machine = "m", .uuid = "", .mac = ""};
    struct store *s = store_open(scratch_path("store"), NULL, NULL, NULL, f);
    int result;

    assert_non_null(s);
    result = capture_disk(&r, s, &silent, f);
    store_close(s);
    return result;
}

static int deploy(struct deploy_request *r, const struct progress *p, const char *first, const char *second,
                  struct failure *f)
{
    static const struct deploy_layout same = {.grow = DEPLOY_GROW_NONE};
    const char *const disks[] = {scratch_path(first), scratch_path(second)};
    struct store *s = store_open(scratch_path("store"), NULL, NULL, NULL, f);
    int result;

    assert_non_null(s);
    r->image = "pc";
    r->layout = &same;
    r->disks = disks;
    r->disk_count = r->disk_count ? r->disk_count : 2;
    result = deploy_image(r, s, p, f);
    store_close(s);
    return result;
}

static void captured(void)
{
    struct failure f;

    if (capture(2, "a", "b", &f))
        fail_msg("%s: %s", f.reason, f.message);
}

static void refused(int result, const struct failure *f, const char *reason, const char *part)
{
    assert_int_equal(result, -1);
    if (strcmp(f->reason, reason) || !strstr(f->message, part))
        fail_msg("%s: %s (expected %s: ...%s...)", f->reason, f->message, reason, part);
    run("sha256sum -c --quiet targets");
}

static void expect_no_tables(void)
{
    run("for t in t1 t2; do [ $(head -c 1048576 $t | tr -d '\\0' | wc -c) = 0 ]; "
        "[ $(tail -c 1048576 $t | tr -d '\\0' | wc -c) = 0 ]; done");
}

static void compare(void)
{
    run("for p in a:t1 b:t2; do for d in ${p%%:*} ${p#*:}; do sgdisk -v $d > v; grep -q 'No problems found' v; "
        "sfdisk -d $d | grep -E '^label|start=' | sed 's/^[^:]*: *//' > table.$d; done; cmp table.${p%%:*} "
        "table.${p#*:}; "
        "done; cmp -n 440 code t2; dd if=t1 of=c1 bs=1M skip=1 count=16 status=none; dd if=t1 of=c2 bs=1M skip=17 "
        "count=20 "
        "status=none; dd if=t2 of=c3 bs=1M skip=1 count=20 status=none; dd if=t2 of=c4 bs=1M skip=21 count=3 "
        "status=none; "
        "cmp c4 b3; fsck.vfat -n c1 > log; e2fsck -fn c2 > log 2>&1; e2fsck -fn c3 > log 2>&1; rm -rf o1 o2 o3; "
        "mkdir o1 o2 o3; mcopy -s -i c1 ::/sub o1/; diff -r o1/sub tree/sub; debugfs -R 'rdump / o2' c2 2> log; "
        "debugfs -R 'rdump / o3' c3 2> log; rm -rf o2/lost+found o3/lost+found; diff -r o2 tree; diff -r o3 tree/sub");
}

static void test_round_trip(void **state)
{
    struct deploy_request r = {.threads = 0};
    struct failure f;

    (void)state;
    captured();
    run("cd store/images/pc; [ \"$(ls | tr '\\n' ' ')\" = 'boot.caibx disk2-boot.caibx disk2-part1.caibx "
        "disk2-part3.caibx disk2.json manifest.json part1.caibx part2.caibx ' ]; "
        "[ $(grep -c disk2.json manifest.json) = 1 ]; grep -q $(sha256sum < disk2.json | cut -c1-64) manifest.json");
    if (deploy(&r, &silent, "t1", "t2", &f))
        fail_msg("%s: %s", f.reason, f.message);
    compare();
}

static void test_refused_before_anything_is_written(void **state)
{
    struct deploy_request r = {.threads = 0}, one = {.disk_count = 1};
    struct failure f;

    (void)state;
    captured();
    refused(deploy(&one, &silent, "t1", "t2", &f), &f, "disk-count", "has 2 disks, and 1 was named");
    run("truncate -s 10M small; ln -f t1 again; ln -sf t1 link");
    refused(deploy(&r, &silent, "t1", "small", &f), &f, "target-too-small", "small has");
    refused(deploy(&r, &silent, "t1", "again", &f), &f, "ambiguous-disk", "are the same disk");
    refused(deploy(&r, &silent, "t1", "link", &f), &f, "ambiguous-disk", "are the same disk");
    refused(deploy(&r, &silent, "t1", "nothing", &f), &f, "disk-error", "nothing");
    run("cp store/images/pc/disk2.json saved; sed -i s/data/atad/ store/images/pc/disk2.json");
    refused(deploy(&r, &silent, "t1", "t2", &f), &f, "bad-image", "disk2.json does not have the SHA-256");
    run("rm store/images/pc/disk2.json");
    refused(deploy(&r, &silent, "t1", "t2", &f), &f, "bad-image", "disk2.json");
    run("mv saved store/images/pc/disk2.json; rm store/images/pc/disk2-part3.caibx");
    refused(deploy(&r, &silent, "t1", "t2", &f), &f, "bad-image", "disk2-part3.caibx");
    refused(capture(2, "a", "a", &f), &f, "image-exists", "pc");
    run("rm -r store/images/pc");
    refused(capture(2, "a", "a", &f), &f, "ambiguous-disk", "are the same disk");
    refused(capture(0, "a", "a", &f), &f, "disk-count", "0 disks");
}

/* While the partitions are personalised, neither disk has a table; those of both are there under their nodes. */
static int look(void *arg, const struct system_partitions *p, struct failure *f)
{
    static const unsigned numbers[] = {1, 2, 1, 3};
    const bool *refuse = arg;

    assert_int_equal(p->count, 4);
    assert_string_equal(p->fs_types[0], "vfat");
    assert_string_equal(p->fs_types[1], "ext4");
    assert_string_equal(p->fs_types[2], "ext4");
    assert_string_equal(p->fs_types[3], "");
    for (unsigned i = 0; i < p->count; i++) {
        assert_int_equal(p->disks[i], i / 2);
        assert_int_equal(p->numbers[i], numbers[i]);
        assert_int_equal(strlen(p->part_uuids[i]), 36);
    }
    expect_no_tables();
    run("[ \"$(e2label %s)\" = data ]", p->nodes[2]);
    return *refuse ? (fail)(f, "identity", "not today") : 0;
}

static void test_personalise(void **state)
{
    bool refuse = false;
    struct deploy_request r = {.personalise = look, .arg = &refuse};
    struct failure f;

    (void)state;
    captured();
    if (deploy(&r, &silent, "t1", "t2", &f))
        fail_msg("%s: %s", f.reason, f.message);
    compare();
    refuse = true;
    assert_int_equal(deploy(&r, &silent, "t1", "t2", &f), -1);
    assert_string_equal(f.reason, "identity");
    expect_no_tables();
}

static void die(void *arg, const struct progress_report *r)
{
    (void)arg;
    (void)r;
    raise(SIGKILL);
}

static void test_killed(void **state)
{
    const struct progress deadly = {.report = die};
    struct deploy_request r = {.threads = 0};
    struct failure f;
    pid_t child;
    int status;

    (void)state;
    captured();
    child = fork();
    if (child == 0)
        _exit(deploy(&r, &deadly, "t1", "t2", &f) ? 1 : 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    expect_no_tables();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_round_trip, fresh),
        cmocka_unit_test_setup(test_refused_before_anything_is_written, fresh),
        cmocka_unit_test_setup(test_personalise, fresh),
        cmocka_unit_test_setup(test_killed, fresh),
    };

    return cmocka_run_group_tests(tests, make_disks, scratch_teardown);
}
