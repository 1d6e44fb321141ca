/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the data meets between disk and store: sectors that cannot be read, a target that holds some of the image
 * already, chunks that are damaged. */
#include <errno.h>
#include <sys/syscall.h>

#include "agent/base/buffer.h"
#include "agent/disk/bad_sectors.h"
#include "agent/imaging/imaging.h"

#include "agent/tests/imaging_fixture.h"

#define MIB (1024 * 1024)
#define NOISE_START MIB /* a partition of random bytes, 20 MiB and 512 bytes; then ext4, 24 MiB */
#define EXT4_START (22 * MIB)

/* Stands in for libc's: a disk with sectors that cannot be read. Every file of the process sees it; only the source has
 * anything at these offsets. */
static off_t bad_start = -1, bad_end = -1;

ssize_t pread(int fd, void *buffer, size_t size, off_t offset)
{
    if (offset < bad_end && offset + (off_t)size > bad_start) {
        errno = EIO;
        return -1;
    }
    return syscall(SYS_pread64, fd, buffer, size, offset);
}

static char notes[8192];
static uint64_t moved, done, total;

static void on_note(void *arg, const char *text)
{
    (void)arg;
    strncat(notes, text, sizeof(notes) - strlen(notes) - 2);
    strcat(notes, "\n");
}

static void on_report(void *arg, const struct progress_report *r)
{
    (void)arg;
    moved = r->moved;
    done = r->done;
    total = r->total;
}

static const struct progress progress = {.report = on_report, .note = on_note};

static void make_disk(void)
{
    make_tree(60);
    run("rm -rf store disk target; mkdir store; head -c $((20 * 1024 * 1024 + 512)) /dev/urandom > noise; rm -f ext4; "
        "truncate -s 24M ext4; mkfs.ext4 -q -b 1024 -d tree ext4; for i in 20 31 40; do "
        "debugfs -w -R \"rm /file$i.txt\" ext4 > log 2>&1; done; truncate -s 48M disk; "
        "printf 'label: gpt\\nstart=2048, size=40961\\nstart=45056, size=49152\\n' | sfdisk -q disk; "
        "dd if=noise of=disk bs=1M seek=1 conv=notrunc status=none; dd if=ext4 of=disk bs=1M seek=22 conv=notrunc "
        "status=none");
}

static struct store *open_store(void)
{
    struct failure f;
    struct store *s = store_open(scratch_path("store"), NULL, NULL, NULL, &f);

    assert_non_null(s);
    return s;
}

static int capture(enum bad_sector_policy policy, struct failure *f)
{
    const char *disk = scratch_path("disk");
    const struct capture_request r = {.image = "image",
                                      .disks = &disk,
                                      .disk_count = 1,
                                      .firmware = "uefi",
                                      .machine = "",
                                      .uuid = "",
                                      .mac = "",
                                      .bad_sectors = policy};
    struct store *s = open_store();
    int result;

    notes[0] = 0;
    result = capture_disk(&r, s, &progress, f);
    store_close(s);
    return result;
}

static int deploy(struct failure *f)
{
    const char *disk = scratch_path("target");
    const struct deploy_request r = {.image = "image", .disks = &disk, .disk_count = 1};
    struct store *s = open_store();
    int result;

    notes[0] = 0;
    result = deploy_image(&r, s, &progress, f);
    store_close(s);
    return result;
}

static void deploy_well(void)
{
    struct failure f;

    if (deploy(&f))
        fail_msg("deploy: %s: %s", f.reason, f.message);
    assert_int_equal(done, total);
}

static void set_bad(off_t start, off_t end)
{
    bad_start = start;
    bad_end = end;
}

static void test_unreadable_sector_fails(void **state)
{
    struct failure f;

    (void)state;
    make_disk();
    set_bad(NOISE_START + 5 * MIB + 100, NOISE_START + 5 * MIB + 101);
    assert_int_equal(capture(BAD_SECTORS_FAIL, &f), -1);
    set_bad(-1, -1);
    assert_string_equal(f.reason, "disk-error");
    run("[ ! -e store/images/image/manifest.json ]");
}

/* Two sectors in one chunk, and the very last one of the partition, which is shorter than any block. */
static void test_unreadable_sectors_become_zeros(void **state)
{
    struct failure f;

    (void)state;
    make_disk();
    set_bad(NOISE_START + 5 * MIB + 1000, NOISE_START + 5 * MIB + 1030);
    assert_int_equal(capture(BAD_SECTORS_ZERO, &f), 0);
    assert_non_null(
        strstr(notes, "2 unreadable sectors (1024 bytes) are zeros in the image, at byte 5243392, 5243904 of"));
    run("grep -q '2 unreadable sectors' store/images/image/manifest.json; truncate -s 48M target");
    set_bad(-1, -1);
    deploy_well();
    run("dd if=target of=copy bs=512 skip=2048 count=40961 status=none; dd if=/dev/zero of=noise bs=512 seek=10241 "
        "count=2 "
        "conv=notrunc status=none; cmp copy noise; rm -r store; mkdir store");
    set_bad(NOISE_START + 20 * MIB, NOISE_START + 20 * MIB + 512);
    assert_int_equal(capture(BAD_SECTORS_ZERO, &f), 0);
    assert_non_null(strstr(notes, "1 unreadable sector (512 bytes) is zeros in the image, at byte 20971520 of"));
    set_bad(-1, -1);
}

static int read_mib(struct bad_sectors *b, const struct disk_io *d, unsigned at, struct failure *f)
{
    static uint8_t buffer[MIB];

    return bad_sectors_read(b, BAD_SECTORS_ZERO, d, MIB, (uint64_t)at * MIB, buffer, sizeof(buffer), f);
}

/* Of a disk that drops off no zeros are kept, whatever the policy; bad places however many are no such disk. */
static void test_lost_disk_fails(void **state)
{
    struct bad_sectors scattered = {.count = 0}, b = {.count = 0};
    struct disk_io d;
    struct failure f;

    (void)state;
    run("rm -f lost; truncate -s 160M lost");
    assert_int_equal(disk_io_open(&d, scratch_path("lost"), DISK_IO_READ, &f), 0);
    bad_sectors_init(&scattered);
    set_bad(2 * MIB, 160 * MIB);
    for (unsigned i = 0; i < 130; i++)
        assert_int_equal(read_mib(&scattered, &d, i % 64 ? i : 0, &f), 0);
    assert_int_equal(scattered.bytes, 127 * MIB);
    bad_sectors_init(&b);
    for (unsigned i = 1; i < 64; i++)
        assert_int_equal(read_mib(&b, &d, i, &f), 0);
    assert_int_equal(read_mib(&b, &d, 64, &f), -1);
    assert_string_equal(f.reason, "disk-error");
    assert_non_null(strstr(f.message, "nothing of 64 MiB can be read, up to byte 68157440 of the partition"));
    set_bad(-1, -1);
    bad_sectors_end_row(&b);
    run("truncate -s 4M lost");
    assert_int_equal(read_mib(&b, &d, 100, &f), -1);
    assert_string_equal(f.reason, "disk-error");
    assert_non_null(strstr(f.message, "no longer there: it had 167772160 bytes and now has 4194304"));
    disk_io_close(&d);
}

/* A free block between two used ones would be read along with them. */
static void test_unreadable_free_block_does_not_matter(void **state)
{
    uint64_t start, end, next, next_end;
    struct block_map m;
    struct failure f;

    (void)state;
    make_disk();
    read_map("ext4", &m);
    assert_true(block_map_next(&m, 0, m.size, &start, &end));
    while (block_map_next(&m, end, m.size, &next, &next_end) && next - end > 32 * 1024)
        end = next_end;
    block_map_free(&m);
    assert_in_range(next - end, 1024, 32 * 1024);
    set_bad((off_t)(EXT4_START + end), (off_t)(EXT4_START + end + 512));
    assert_int_equal(capture(BAD_SECTORS_FAIL, &f), 0);
    set_bad(-1, -1);
    assert_null(strstr(notes, "unreadable"));
}

static void captured(void)
{
    struct failure f;

    make_disk();
    assert_int_equal(capture(BAD_SECTORS_FAIL, &f), 0);
    run("truncate -s 48M target");
    deploy_well();
    assert_true(moved > 20 * MIB);
}

static void test_second_deploy_fetches_what_differs(void **state)
{
    (void)state;
    captured();
    run("cp target first");
    deploy_well();
    assert_int_equal(moved, 0);
    run("cmp target first; printf x | dd of=target bs=1 seek=$((8 * 1024 * 1024)) conv=notrunc status=none");
    assert_non_null(strstr(notes, "were on the disk already"));
    deploy_well();
    assert_in_range(moved, MIB, MIB + 8192);
    run("cmp target first");
}

/* What a free block holds is no business of the image, but it must not survive in a chunk that counts as right. */
static void test_zeros_come_back(void **state)
{
    (void)state;
    captured();
    run("cp target first; head -c 4M /dev/urandom | dd of=target bs=1M seek=41 conv=notrunc status=none");
    deploy_well();
    run("cmp target first");
}

static void test_other_content_is_overwritten(void **state)
{
    (void)state;
    captured();
    run("cp target first; head -c 48M /dev/urandom > target");
    deploy_well();
    assert_true(moved > 20 * MIB);
    run("cmp -i 1048576 -n $((20 * 1048576 + 512)) first target; cmp -i $((22 * 1048576)) -n $((24 * 1048576)) first "
        "target");
}

/* Three of them, each in another way. */
static void test_every_bad_chunk_is_named(void **state)
{
    struct failure f;
    FILE *names;
    char id[80];

    (void)state;
    captured();
    run("rm target; truncate -s 48M target; for i in 3 9 15; do "
        "od -An -v -tx1 -j$((72 + 40 * i)) -N32 store/images/image/part1.caibx | tr -d ' \\n'; echo; done > ids; "
        "set -- $(cat ids); at() { echo store/chunks.castr/$(echo $1 | cut -c1-4)/$1.cacnk; }; rm $(at $1); "
        "truncate -s 100 $(at $2); cp $(at $(od -An -v -tx1 -j72 -N32 store/images/image/part1.caibx | tr -d ' \\n')) "
        "$(at $3)");
    assert_int_equal(deploy(&f), -1);
    assert_string_equal(f.reason, "bad-chunk");
    assert_non_null(strstr(f.message, "3 chunks are damaged in the store or missing there"));
    names = fopen(scratch_path("ids"), "r");
    assert_non_null(names);
    while (fgets(id, sizeof(id), names)) {
        id[strcspn(id, "\n")] = 0;
        assert_non_null(strstr(notes, id));
    }
    fclose(names);
    run("[ $(head -c 1048576 target | tr -d '\\0' | wc -c) = 0 ]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unreadable_sector_fails),
        cmocka_unit_test(test_unreadable_sectors_become_zeros),
        cmocka_unit_test(test_lost_disk_fails),
        cmocka_unit_test(test_unreadable_free_block_does_not_matter),
        cmocka_unit_test(test_second_deploy_fetches_what_differs),
        cmocka_unit_test(test_zeros_come_back),
        cmocka_unit_test(test_other_content_is_overwritten),
        cmocka_unit_test(test_every_bad_chunk_is_named),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
