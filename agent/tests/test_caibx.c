/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/buffer.h"
#include "agent/image/caibx.h"

#include "agent/tests/imaging_fixture.h"

/* 3 MiB and 5000 bytes, indexed by casync itself. */
static void make_index(struct buffer *ret)
{
    run("seq 500000 | head -c $((3 * 1048576 + 5000)) > blob; "
        "casync make --chunk-size=1048576:1048576:1048576 --store=castr blob.caibx blob > /dev/null");
    assert_true(buffer_read_file(ret, scratch_path("blob.caibx"), 1 << 20));
}

static void test_writes_what_casync_writes(void **state)
{
    struct buffer theirs = {0}, blob = {0};
    struct caibx x;
    struct failure f;

    (void)state;
    make_index(&theirs);
    assert_true(buffer_read_file(&blob, scratch_path("blob"), 8 << 20));
    assert_int_equal(caibx_init(&x, blob.size, &f), 0);
    assert_int_equal(x.count, 4);
    for (size_t i = 0; i < x.count; i++) {
        uint8_t id[CHUNK_ID_SIZE];
        chunk_id_compute(blob.data + i * CHUNK_SIZE, caibx_chunk_size(&x, i), id);
        caibx_set_id(&x, i, id);
    }
    assert_int_equal(x.bytes_size, theirs.size);
    assert_memory_equal(x.bytes, theirs.data, theirs.size);
    caibx_free(&x);
    free(blob.data);
    free(theirs.data);
}

static int adopt_copy(const struct buffer *b, size_t size, uint64_t described, struct caibx *x, struct failure *f)
{
    uint8_t *copy = malloc(size + 1);

    memcpy(copy, b->data, size);
    return caibx_adopt(x, copy, size, described, "blob.caibx", f);
}

static void test_reads_what_casync_writes(void **state)
{
    const uint64_t size = 3 * 1048576 + 5000;
    struct buffer b = {0};
    struct caibx x;
    struct failure f;

    (void)state;
    make_index(&b);
    assert_int_equal(adopt_copy(&b, b.size, size, &x, &f), 0);
    assert_int_equal(caibx_chunk_size(&x, 0), CHUNK_SIZE);
    assert_int_equal(caibx_chunk_size(&x, 3), 5000);
    caibx_free(&x);
    assert_int_equal(adopt_copy(&b, b.size, size + 1, &x, &f), -1);
    assert_string_equal(f.reason, "bad-image");
    assert_int_equal(adopt_copy(&b, b.size, 0, &x, &f), -1);
    assert_int_equal(adopt_copy(&b, b.size, UINT64_MAX, &x, &f), -1);
    for (size_t n = 0; n < b.size; n++)
        assert_int_equal(adopt_copy(&b, n, size, &x, &f), -1);
    free(b.data);
}

/* Every bit outside of the ids and of the flags that do not matter is checked. */
static void test_refuses_each_flipped_bit(void **state)
{
    struct buffer b = {0};
    struct caibx x;
    struct failure f;

    (void)state;
    make_index(&b);
    for (size_t bit = 0; bit < b.size * 8; bit++) {
        size_t at = bit / 8;
        bool in_id = at >= 64 && at < 64 + 4 * 40 && (at - 64) % 40 >= 8;
        bool in_flags = at >= 16 && at < 24 && bit != 16 * 8 + 61;
        b.data[at] ^= (uint8_t)(1 << bit % 8);
        if (in_id || in_flags) {
            assert_int_equal(adopt_copy(&b, b.size, 3 * 1048576 + 5000, &x, &f), 0);
            caibx_free(&x);
        } else {
            assert_int_equal(adopt_copy(&b, b.size, 3 * 1048576 + 5000, &x, &f), -1);
        }
        b.data[at] ^= (uint8_t)(1 << bit % 8);
    }
    free(b.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writes_what_casync_writes),
        cmocka_unit_test(test_reads_what_casync_writes),
        cmocka_unit_test(test_refuses_each_flipped_bit),
    };

    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
