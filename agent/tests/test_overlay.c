/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An overlay against an array that says what must be in it; then as a file, to other programs. Needs root and FUSE. */
#include "agent/image/image_files.h"
#include "agent/imaging/imaging.h"
#include "agent/imaging/overlay_file.h"

#include "agent/tests/imaging_fixture.h"

#define SIZE (12 * CHUNK_SIZE - 3 * 512) /* the last chunk is a short one */
#define ON_DISK (4 * CHUNK_SIZE)
#define START CHUNK_SIZE

struct fixture {
    struct store *store;
    struct disk_io disk; /* holds the beginning */
    struct caibx index;
    struct overlay *overlay;
    uint8_t *expected;
};

/* A partition of noise with two chunks of zeros in it, as an image; its beginning on another disk. */
static int make_image(void **state)
{
    const struct progress silent = {.report = NULL};
    const char *disk;
    struct capture_request r = {
        .image = "i", .disk_count = 1, .firmware = "uefi", .machine = "", .uuid = "", .mac = ""};
    struct failure f;
    struct store *s;

    if (scratch_setup(state))
        return -1;
    run("mkdir store; head -c %zu /dev/urandom > part; dd if=/dev/zero of=part bs=1M seek=6 count=2 conv=notrunc "
        "status=none; "
        "truncate -s 16M disk; sgdisk -n1:2048:+%zu disk > log; dd if=part of=disk bs=1M seek=1 conv=notrunc "
        "status=none",
        (size_t)SIZE, (size_t)SIZE / 512);
    disk = scratch_path("disk");
    r.disks = &disk;
    s = store_open(scratch_path("store"), NULL, NULL, NULL, &f);
    assert_non_null(s);
    assert_int_equal(capture_disk(&r, s, &silent, &f), 0);
    store_close(s);
    return 0;
}

static void open_fixture(struct fixture *x)
{
    struct manifest *m = malloc(sizeof(*m));
    struct overlay_source source = {
        .disk = &x->disk, .start = START, .disk_size = ON_DISK, .index = &x->index, .what = "it"};
    struct failure f;
    FILE *part;

    run("rm -f target; truncate -s %zu target; dd if=part of=target bs=1M count=4 seek=1 conv=notrunc status=none; "
        "printf behind | dd of=target bs=1 seek=%zu conv=notrunc status=none",
        (size_t)(START + ON_DISK), (size_t)(START + ON_DISK));
    x->store = store_open(scratch_path("store"), NULL, NULL, NULL, &f);
    assert_non_null(x->store);
    assert_int_equal(disk_io_open(&x->disk, scratch_path("target"), DISK_IO_WRITE, &f), 0);
    assert_int_equal(image_fetch_manifest(x->store, "i", m, &f), 0);
    assert_int_equal(image_fetch_index(x->store, "i", &m->partitions[0].index, SIZE, &x->index, &f), 0);
    x->overlay = overlay_new(&source, x->store, &f);
    assert_non_null(x->overlay);
    assert_int_equal(overlay_size(x->overlay), SIZE);
    x->expected = malloc(SIZE);
    part = fopen(scratch_path("part"), "r");
    assert_int_equal(fread(x->expected, 1, SIZE, part), SIZE);
    fclose(part);
    free(m);
}

static void close_fixture(struct fixture *x)
{
    overlay_free(x->overlay);
    caibx_free(&x->index);
    disk_io_close(&x->disk);
    store_close(x->store);
    free(x->expected);
}

static void expect_range(struct fixture *x, size_t offset, size_t size)
{
    uint8_t *data = malloc(size + 1);
    struct failure f;

    if (overlay_read(x->overlay, offset, data, size, &f))
        fail_msg("%s: %s", f.reason, f.message);
    if (memcmp(data, x->expected + offset, size))
        fail_msg("%zu bytes at %zu are others", size, offset);
    free(data);
}

static void write_range(struct fixture *x, size_t offset, size_t size)
{
    struct failure f;

    for (size_t i = 0; i < size; i++)
        x->expected[offset + i] = (uint8_t)rand();
    if (overlay_write(x->overlay, offset, x->expected + offset, size, &f))
        fail_msg("%s: %s", f.reason, f.message);
}

static void test_reads_and_writes(void **state)
{
    struct fixture x;

    (void)state;
    srand(1);
    open_fixture(&x);
    expect_range(&x, 0, SIZE);
    for (unsigned i = 0; i < 2000; i++) {
        size_t offset = (size_t)rand() % SIZE, size = (size_t)rand() % (i % 10 ? 9000 : 3 * CHUNK_SIZE);
        size = size < SIZE - offset ? size : SIZE - offset;
        if (i % 3)
            write_range(&x, offset, i % 50 ? size % 20000 : size);
        else
            expect_range(&x, offset, size);
    }
    write_range(&x, ON_DISK - 5, 10);
    write_range(&x, SIZE - 1, 1);
    expect_range(&x, 0, SIZE);
    /* The disk has its part and nothing more of the partition. */
    run("[ $(stat -c %%s target) = %zu ]; tail -c 6 target > tail; printf behind | cmp - tail; "
        "head -c %zu target | tr -d '\\0' | cmp - /dev/null",
        (size_t)(START + ON_DISK + 6), (size_t)START);
    close_fixture(&x);
}

static int run_on(struct overlay *o, const char *command, struct program_result *r, struct failure *f)
{
    struct overlay_file file;
    char text[256];
    const char *const argv[] = {"/bin/sh", "-c", text, NULL};
    const struct program p = {.argv = argv, .seconds = 120};
    int result;

    assert_int_equal(overlay_file_open(&file, o, f), 0);
    snprintf(text, sizeof(text), command, file.path);
    result = overlay_file_run(&file, &p, r, f);
    overlay_file_close(&file);
    assert_int_not_equal(access(file.path, F_OK), 0);
    return result;
}

static void test_as_a_file(void **state)
{
    struct fixture x;
    struct program_result r;
    struct failure f;

    (void)state;
    open_fixture(&x);
    write_range(&x, 5 * CHUNK_SIZE + 77, 9000);
    assert_int_equal(run_on(x.overlay,
                            "f=%1$s; stat -c %%s $f; printf 0123456789 | dd of=$f bs=3 seek=2000001 conv=notrunc "
                            "status=none && tail -c 4 $f | od -An -tx1",
                            &r, &f),
                     0);
    assert_int_equal(r.status, 0);
    assert_non_null(strstr(r.output, "12581376\n"));
    memcpy(x.expected + 6000003, "0123456789", 10);
    expect_range(&x, 0, SIZE);
    /* Nothing grows. */
    assert_int_equal(run_on(x.overlay, "printf x | dd of=%1$s bs=1 seek=20000000 conv=notrunc 2>&1", &r, &f), 0);
    assert_int_not_equal(r.status, 0);
    close_fixture(&x);
}

/* 40 MiB are more than the memory that it may take. */
static void test_too_much_written(void **state)
{
    uint8_t *data = calloc(1, CHUNK_SIZE);
    struct overlay *o;
    struct overlay_source source = {.what = "it"};
    struct caibx index;
    struct disk_io none = {.fd = -1, .direct_fd = -1};
    struct store *s;
    struct failure f;
    uint8_t zero[CHUNK_ID_SIZE];
    unsigned written = 0;

    (void)state;
    s = store_open(scratch_path("store"), NULL, NULL, NULL, &f);
    assert_int_equal(caibx_init(&index, 40 * CHUNK_SIZE, &f), 0);
    chunk_id_zeros(CHUNK_SIZE, zero);
    for (size_t i = 0; i < 40; i++)
        caibx_set_id(&index, i, zero);
    source.disk = &none;
    source.index = &index;
    o = overlay_new(&source, s, &f);
    assert_non_null(o);
    while (written < 40 && !overlay_write(o, written * CHUNK_SIZE, data, CHUNK_SIZE, &f))
        written++;
    assert_int_equal(written, 32);
    assert_string_equal(f.reason, "out-of-memory");
    overlay_free(o);
    caibx_free(&index);
    store_close(s);
    free(data);
}

/* What the program reads is damaged in the store: it fails, and the reason is the store's. */
static void test_damaged(void **state)
{
    struct fixture x;
    struct program_result r;
    struct failure f;

    (void)state;
    open_fixture(&x);
    run("for c in $(find store/chunks.castr -name '*.cacnk' -size +900k); do printf x | dd of=$c bs=1 seek=2000 "
        "conv=notrunc "
        "status=none; done");
    assert_int_equal(run_on(x.overlay, "cat %1$s > /dev/null", &r, &f), -1);
    assert_string_equal(f.reason, "bad-chunk");
    close_fixture(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_and_writes),
        cmocka_unit_test(test_as_a_file),
        cmocka_unit_test(test_too_much_written),
        cmocka_unit_test(test_damaged),
    };

    return cmocka_run_group_tests(tests, make_image, scratch_teardown);
}
