/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What qcow2_stream does between the image and the disk; whole images: test_source_deploy.py. */
#include "agent/source/qcow2_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define MIB ((uint64_t)1024 * 1024)

static uint64_t zeroed; /* bytes from the gap's start */
static unsigned asked, cancel_at;

static int on_zero(void *arg, uint64_t offset, uint64_t size, struct failure *f)
{
    (void)arg;
    (void)f;
    assert_int_equal(offset, MIB + zeroed);
    assert_in_range(size, 1, 256 * MIB);
    zeroed += size;
    return 0;
}

static bool on_cancelled(void *arg)
{
    (void)arg;
    return ++asked == cancel_at;
}

static int copy_gap(struct failure *f)
{
    static const struct progress progress = {.cancelled = on_cancelled};
    static const struct image_sink sink = {.zero = on_zero};
    struct qcow2_gap gap = {MIB, 600 * MIB};
    const struct qcow2 image = {.gaps = &gap, .gap_count = 1};
    struct copy_meter meter;
    const struct qcow2_stream s = {.qcow2 = &image, .name = "image", .sink = &sink, .meter = &meter};

    zeroed = asked = 0;
    copy_meter_begin(&meter, &progress, "deploy", "image");
    return qcow2_stream_copy(&s, f);
}

/* A disk that zeros slowly must neither seem dead nor be deaf to who cancels. */
static void test_large_gap(void **state)
{
    struct failure f;

    (void)state;
    cancel_at = 0;
    assert_int_equal(copy_gap(&f), 0);
    assert_int_equal(zeroed, 600 * MIB);
    assert_int_equal(asked, 3);
    cancel_at = 2;
    assert_int_equal(copy_gap(&f), -1);
    assert_string_equal(f.reason, "cancelled");
    assert_int_equal(zeroed, 512 * MIB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_large_gap),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
