/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole disks through the engine, with a store in a directory. */
#include "agent/base/buffer.h"
#include "agent/image/manifest.h"
#include "agent/imaging/imaging.h"

#include "agent/tests/imaging_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#define STORE "store"
#define CHUNKS_OF "find store/chunks.castr -name '*.cacnk'"

/* Partition 1: FAT16 at 1 MiB, 20 MiB. 2: ext4 of 48 MiB. 3: 5 MiB and 3 sectors of noise without a file system. */
static int make_disk(void **state)
{
    if (scratch_setup(state))
        return -1;
    make_tree(120);
    run("truncate -s 96M disk; sgdisk -a1 -n1:2048:+20M -t1:ef00 -c1:'EFI System' -n2:43008:+48M -t2:8300 "
        "-c2:r\xc3\xb6ot "
        "-A2:set:2 -A2:set:60 -n4:141312:151554 -t4:8301 disk > log; "
        "truncate -s 20M p1; mkfs.vfat -F 16 p1 > log; mcopy -s -i p1 tree/sub ::/; "
        "truncate -s 48M p2; mkfs.ext4 -q -F -L root -d tree p2; "
        "head -c $((10243 * 512)) /dev/urandom > p4; head -c 440 /dev/urandom > bootcode; "
        "dd if=p1 of=disk bs=1M seek=1 conv=notrunc status=none; dd if=p2 of=disk bs=1M seek=21 conv=notrunc "
        "status=none; "
        "dd if=p4 of=disk bs=512 seek=141312 conv=notrunc status=none; "
        "dd if=bootcode of=disk conv=notrunc status=none; printf gap | dd of=disk bs=512 seek=2000 conv=notrunc "
        "status=none; "
        "sha256sum disk > disk.sha256");
    return 0;
}

static int fresh_store(void **state)
{
    (void)state;
    run("rm -rf store target target.*; mkdir store");
    return 0;
}

static const struct progress silent = {.report = NULL};

static int capture(const char *image, const struct progress *p, struct failure *f)
{
    const char *disk = scratch_path("disk");
    const struct capture_request r = {.image = image,
                                      .disks = &disk,
                                      .disk_count = 1,
                                      .firmware = "uefi",
                                      .machine = "pc-a",
                                      .uuid = "2a5c0000-0000-0000-0000-000000000001",
                                      .mac = "52:54:00:00:00:0a"};
    struct store *s = store_open(scratch_path(STORE), NULL, NULL, NULL, f);
    int result;

    assert_non_null(s);
    result = capture_disk(&r, s, p, f);
    store_close(s);
    run("sha256sum -c --quiet disk.sha256");
    return result;
}

static int deploy_request(struct deploy_request *r, const struct progress *p, struct failure *f)
{
    struct store *s = store_open(scratch_path(STORE), NULL, NULL, NULL, f);
    const char *target = scratch_path("target");
    int result;

    assert_non_null(s);
    r->image = "debian";
    r->disks = &target;
    r->disk_count = 1;
    result = deploy_image(r, s, p, f);
    store_close(s);
    return result;
}

static int deploy(const struct progress *p, struct failure *f)
{
    static const struct deploy_layout same = {.grow = DEPLOY_GROW_NONE};
    struct deploy_request r = {.layout = &same};

    return deploy_request(&r, p, f);
}

static void captured(void)
{
    struct failure f;

    if (capture("debian", &silent, &f))
        fail_msg("capture: %s: %s", f.reason, f.message);
}

/* A target full of noise and with a table of its own: nothing of it may shine through. */
static void make_target(const char *size)
{
    run("rm -f target; truncate -s %s target; yes noise | head -c $(stat -c %%s target) > target; "
        "sgdisk -n1:2048:+1M target > log 2>&1",
        size);
}

static void expect_no_table(void)
{
    run("[ $(head -c 1048576 target | tr -d '\\0' | wc -c) = 0 ]; [ $(tail -c 1048576 target | tr -d '\\0' | wc -c) = "
        "0 ]");
}

static void expect_failure(int result, const struct failure *f, const char *reason, const char *part)
{
    assert_int_equal(result, -1);
    if (strcmp(f->reason, reason) || !strstr(f->message, part))
        fail_msg("%s: %s (expected %s: ...%s...)", f->reason, f->message, reason, part);
}

static void compare_target(void)
{
    run("sgdisk -v target > verify.log; grep -q 'No problems found' verify.log; "
        "sfdisk -d disk | grep -E '^(label|disk.*start|/|.*start=)' | sed 's/^[^:]*: *//' > table1; "
        "sfdisk -d target | grep -E '^(label|.*start=)' | sed 's/^[^:]*: *//' > table2; cmp table1 table2; "
        "cmp -n 440 bootcode target; [ \"$(dd if=target bs=512 skip=2000 count=1 status=none | tr -d '\\0')\" = gap ]; "
        "dd if=target of=t1 bs=1M skip=1 count=20 status=none; dd if=target of=t2 bs=1M skip=21 count=48 status=none; "
        "dd if=target of=t4 bs=512 skip=141312 count=10243 status=none; "
        "cmp t4 p4; fsck.vfat -n t1 > log; e2fsck -fn t2 > log 2>&1; "
        "rm -rf o1 o2; mkdir o1 o2; mcopy -s -i t1 ::/sub o1/; diff -r o1/sub tree/sub; "
        "debugfs -R 'rdump / o2' t2 2> log; rm -rf o2/lost+found; diff -r o2 tree");
}

static void compare_with_casync(void)
{
    copy_used("p1", "u1");
    copy_used("p2", "u2");
    run("for i in 1 2 4; do casync extract --store=store/chunks.castr store/images/debian/part$i.caibx c$i; done; "
        "cmp c1 u1; cmp c2 u2; cmp c4 p4; cmp t1 u1; cmp t2 u2");
}

static void test_round_trip(void **state)
{
    static const char *const sizes[] = {"96M", "150M", "200000K"};
    struct failure f;

    (void)state;
    captured();
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        make_target(sizes[i]);
        if (deploy(&silent, &f))
            fail_msg("deploy: %s: %s", f.reason, f.message);
        compare_target();
    }
    compare_with_casync();
}

static void test_manifest_tells(void **state)
{
    struct manifest *m = malloc(sizeof(*m));
    struct buffer b = {0};
    struct failure f;

    (void)state;
    captured();
    assert_true(buffer_read_file(&b, scratch_path("store/images/debian/manifest.json"), 1 << 20));
    assert_int_equal(manifest_parse(b.data, b.size, "debian", m, &f), 0);
    assert_int_equal(m->count, 3);
    assert_string_equal(m->partitions[0].fs_type, "vfat");
    assert_string_equal(m->partitions[1].fs_type, "ext4");
    assert_string_equal(m->partitions[1].fs_label, "root");
    assert_string_equal(m->partitions[1].name, "r\xc3\xb6ot");
    assert_int_equal(m->partitions[1].attributes, 0x1000000000000004);
    assert_false(m->partitions[0].raw || m->partitions[1].raw);
    assert_true(m->partitions[2].raw && !m->partitions[2].has_fs);
    assert_int_equal(m->partitions[2].number, 4);
    assert_string_equal(m->firmware, "uefi");
    assert_true(m->used < 40 << 20);
    free(b.data);
    free(m);
}

static void test_second_image_sends_nothing(void **state)
{
    struct failure f;

    (void)state;
    captured();
    run(CHUNKS_OF " -newer disk.sha256 | sort > before; touch mark");
    assert_int_equal(capture("again", &silent, &f), 0);
    run("[ -z \"$(" CHUNKS_OF " -newer mark)\" ]; [ -f store/images/again/manifest.json ]; "
        "[ -z \"$(find store -name '*.tmp')\" ]");
}

static void test_names(void **state)
{
    struct failure f;

    (void)state;
    captured();
    expect_failure(capture("debian", &silent, &f), &f, "image-exists", "debian");
    expect_failure(capture("../x", &silent, &f), &f, "internal", "../x");
    run("rm -rf store; mkdir store");
    make_target("96M");
    run("sha256sum target > target.sha256");
    expect_failure(deploy(&silent, &f), &f, "no-such-image", "debian");
    run("sha256sum -c --quiet target.sha256");
}

static void test_target_too_small(void **state)
{
    struct failure f;

    (void)state;
    captured();
    run("head -c 32M /dev/urandom > target; sha256sum target > target.sha256");
    expect_failure(deploy(&silent, &f), &f, "target-too-small", "partition 2 (ext4, 50331648 bytes");
    /* The end of the last partition, and 33 sectors of backup table: nothing has to shrink. */
    run("sha256sum -c --quiet target.sha256; head -c $(((141312 + 10243 + 33) * 512)) /dev/urandom > target");
    if (deploy(&silent, &f))
        fail_msg("deploy: %s: %s", f.reason, f.message);
    compare_target();
}

static void test_bad_tables(void **state)
{
    struct failure f;

    (void)state;
    run("cp disk good; cp disk.sha256 good.sha256; echo ',10M,83' | sfdisk -q -X dos disk > log 2>&1; "
        "printf '\\377\\377\\377\\177' | dd of=disk bs=1 seek=458 conv=notrunc status=none; sha256sum disk > "
        "disk.sha256");
    expect_failure(capture("debian", &silent, &f), &f, "bad-table", "partitions[0] (number 1)");
    run("mv good disk; mv good.sha256 disk.sha256; [ ! -e store/images ]");
}

/* Every kind of damage to the store ends the deploy before the table is written, and is named. */
static void damage(const char *how, const char *reason, const char *part, bool untouched)
{
    struct failure f;

    run("rm -rf saved; cp -r store saved");
    make_target("96M");
    run("sha256sum target > target.sha256; %s", how);
    expect_failure(deploy(&silent, &f), &f, reason, part);
    if (untouched)
        run("sha256sum -c --quiet target.sha256");
    else
        expect_no_table();
    run("rm -rf store; mv saved store");
}

/* The chunk that holds the noise partition's first MiB; its name is in the index at offset 72. */
#define VICTIM                                                                                                         \
    "id=$(od -An -v -tx1 -j72 -N32 store/images/debian/part4.caibx | tr -d ' \\n'); "                                  \
    "v=store/chunks.castr/$(echo $id | cut -c1-4)/$id.cacnk; [ -f $v ]; "

static void test_damaged_store(void **state)
{
    (void)state;
    captured();
    damage(VICTIM "printf damaged | dd of=$v bs=1 seek=5000 conv=notrunc status=none", "bad-chunk",
           "damaged in the store", false);
    damage(VICTIM "truncate -s 1000 $v", "bad-chunk", "partition 3 of 3", false);
    damage(VICTIM "truncate -s 0 $v", "bad-chunk", "partition 3 of 3", false);
    damage(VICTIM "rm $v", "bad-chunk", "partition 3 of 3", false);
    damage(VICTIM "seq 300000 | head -c 1048576 | zstd -q > x; mv x $v", "bad-chunk", "another hash", false);
    damage("printf damaged | dd of=store/images/debian/part2.caibx bs=1 seek=100 conv=notrunc status=none", "bad-image",
           "SHA-256", true);
    damage("rm store/images/debian/part2.caibx", "bad-image", "part2.caibx", true);
    damage("truncate -s 700 store/images/debian/manifest.json", "bad-image", "manifest of debian", true);
    damage("sed -i 's/\"sector_size\": 512/\"sector_size\": 4096/' store/images/debian/manifest.json", "bad-image", "",
           true);
    damage("sed -i 's/\"start\": 1048576/\"start\": 1048577/' store/images/debian/manifest.json", "bad-image",
           "partitions[0]", true);
}

struct stopper {
    unsigned polls, allowed;
};

static bool stop_after(void *arg)
{
    struct stopper *s = arg;

    return ++s->polls > s->allowed;
}

static void test_cancelled(void **state)
{
    struct stopper at_once = {.allowed = 0}, later = {.allowed = 2};
    const struct progress p0 = {.cancelled = stop_after, .arg = &at_once};
    const struct progress p1 = {.cancelled = stop_after, .arg = &later};
    struct failure f;

    (void)state;
    expect_failure(capture("debian", &p0, &f), &f, "cancelled", "cancelled");
    run("[ ! -e store/images/debian/manifest.json ]");
    captured();
    make_target("96M");
    expect_failure(deploy(&p1, &f), &f, "cancelled", "cancelled");
    expect_no_table();
    run("sha256sum target > target.sha256");
    at_once.polls = 0;
    expect_failure(deploy(&p0, &f), &f, "cancelled", "cancelled");
    run("sha256sum -c --quiet target.sha256");
}

static void die(void *arg, const struct progress_report *r)
{
    (void)arg;
    (void)r;
    raise(SIGKILL);
}

static void test_killed_deploy_leaves_no_table(void **state)
{
    const struct progress deadly = {.report = die};
    struct failure f;
    int status;
    pid_t child;

    (void)state;
    captured();
    make_target("96M");
    child = fork();
    if (child == 0)
        _exit(deploy(&deadly, &f) ? 1 : 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    expect_no_table();
    if (deploy(&silent, &f))
        fail_msg("deploy: %s: %s", f.reason, f.message);
    compare_target();
}

static void test_full_store(void **state)
{
    struct failure f;
    int result;

    (void)state;
    assert_int_equal(mount("none", scratch_path(STORE), "tmpfs", 0, "size=3m"), 0);
    result = capture("debian", &silent, &f);
    run("[ ! -e store/images/debian/manifest.json ]; [ -z \"$(find store -name '*.tmp')\" ]");
    assert_int_equal(umount2(scratch_path(STORE), MNT_DETACH), 0);
    expect_failure(result, &f, "store-full", "No space left");
}

struct personaliser {
    bool refuse;
    unsigned calls;
};

/* Writes into the ext4 file system through its node, as identity does. */
static int write_host_name(void *arg, const struct system_partitions *there, struct failure *f)
{
    struct personaliser *p = arg;

    p->calls++;
    assert_int_equal(there->count, 3);
    assert_string_equal(there->fs_types[0], "vfat");
    assert_string_equal(there->fs_types[1], "ext4");
    assert_string_equal(there->fs_types[2], "");
    expect_no_table();
    run("echo pc-b > name; debugfs -w -R 'write name /hostname' %s > log 2>&1; sync", there->nodes[1]);
    return p->refuse ? (fail)(f, "identity", "not today") : 0;
}

static void test_personalise(void **state)
{
    struct personaliser p = {.refuse = false};
    struct deploy_request r = {.personalise = write_host_name, .arg = &p};
    struct failure f;

    (void)state;
    captured();
    make_target("96M");
    if (deploy_request(&r, &silent, &f))
        fail_msg("deploy: %s: %s", f.reason, f.message);
    assert_int_equal(p.calls, 1);
    run("dd if=target of=t2 bs=1M skip=21 count=48 status=none; e2fsck -fn t2 > log 2>&1; "
        "[ \"$(debugfs -R 'cat /hostname' t2 2> log)\" = pc-b ]; sgdisk -v target | grep -q 'No problems found'");
    p.refuse = true;
    expect_failure(deploy_request(&r, &silent, &f), &f, "identity", "not today");
    expect_no_table();
}

static void test_no_disk(void **state)
{
    const char *disk = "/nonexistent";
    struct deploy_request r = {.image = "debian", .disks = &disk, .disk_count = 1};
    struct store *s;
    struct failure f;

    (void)state;
    captured();
    s = store_open(scratch_path(STORE), NULL, NULL, NULL, &f);
    expect_failure(deploy_image(&r, s, &silent, &f), &f, "disk-error", "/nonexistent");
    disk = "/dev/null";
    expect_failure(deploy_image(&r, s, &silent, &f), &f, "disk-error", "neither a disk nor a file");
    store_close(s);
    assert_null(store_open("/nonexistent", NULL, NULL, NULL, &f));
    assert_string_equal(f.reason, "server");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_round_trip, fresh_store),
        cmocka_unit_test_setup(test_manifest_tells, fresh_store),
        cmocka_unit_test_setup(test_second_image_sends_nothing, fresh_store),
        cmocka_unit_test_setup(test_names, fresh_store),
        cmocka_unit_test_setup(test_target_too_small, fresh_store),
        cmocka_unit_test_setup(test_bad_tables, fresh_store),
        cmocka_unit_test_setup(test_damaged_store, fresh_store),
        cmocka_unit_test_setup(test_cancelled, fresh_store),
        cmocka_unit_test_setup(test_killed_deploy_leaves_no_table, fresh_store),
        cmocka_unit_test_setup(test_full_store, fresh_store),
        cmocka_unit_test_setup(test_personalise, fresh_store),
        cmocka_unit_test_setup(test_no_disk, fresh_store),
    };

    return cmocka_run_group_tests(tests, make_disk, scratch_teardown);
}
