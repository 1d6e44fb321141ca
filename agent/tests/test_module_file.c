/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Module files as they lie in the initramfs, and broken ones. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zstd.h>

/* Before cmocka.h, which makes a macro of fail(). */
#include "agent/kernel/module_file.h"

#include <cmocka.h>

static char path[64];

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static void put(const char *suffix, const void *data, size_t size)
{
    FILE *f;
    int fd;

    snprintf(path, sizeof(path), "/tmp/module-XXXXXX%s", suffix);
    fd = mkstemps(path, (int)strlen(suffix));
    assert_true(fd >= 0);
    f = fdopen(fd, "w");
    assert_int_equal(fwrite(data, 1, size, f), size);
    fclose(f);
}

static void plain_module_is_read_as_it_is(void **state)
{
    struct buffer b = {0};

    (void)state;
    put(".ko", "\x7f" "ELF", 4);
    assert_int_equal(module_file_read(path, &b), 0);
    assert_int_equal(b.size, 4);
    assert_memory_equal(b.data, "\x7f" "ELF", 4);
    free(b.data);
}

static void compressed_module_is_decompressed(void **state)
{
    static uint8_t module[300000];
    static uint8_t frame[400000];
    struct buffer b = {0};
    size_t size;

    (void)state;
    for (size_t i = 0; i < sizeof(module); i++)
        module[i] = (uint8_t)(i * i >> 7);
    size = ZSTD_compress(frame, sizeof(frame), module, sizeof(module), 3);
    put(".ko.zst", frame, size);
    assert_int_equal(module_file_read(path, &b), 0);
    assert_int_equal(b.size, sizeof(module));
    assert_memory_equal(b.data, module, sizeof(module));
    free(b.data);
}

static void truncated_frame_is_refused(void **state)
{
    static const uint8_t module[5000] = {1, 2, 3};
    uint8_t frame[6000];
    struct buffer b = {0};
    size_t size;

    (void)state;
    size = ZSTD_compress(frame, sizeof(frame), module, sizeof(module), 1);
    put(".ko.zst", frame, size - 1);
    assert_int_equal(module_file_read(path, &b), EBADMSG);
    free(b.data);
}

static void bytes_that_are_no_frame_are_refused(void **state)
{
    struct buffer b = {0};

    (void)state;
    put(".ko.zst", "no frame at all", 15);
    assert_int_equal(module_file_read(path, &b), EBADMSG);
    free(b.data);
}

static void frame_that_claims_too_much_is_refused(void **state)
{
    /* Magic, descriptor of a single segment with an 8-byte content size, and 2^40 as that size. */
    static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0};
    struct buffer b = {0};

    (void)state;
    put(".ko.zst", frame, sizeof(frame));
    assert_int_equal(module_file_read(path, &b), EFBIG);
    free(b.data);
}

static void missing_file_is_an_error(void **state)
{
    struct buffer b = {0};

    (void)state;
    assert_int_equal(module_file_read("/no/such/module.ko.zst", &b), ENOENT);
    free(b.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(plain_module_is_read_as_it_is, remove_file),
        cmocka_unit_test_teardown(compressed_module_is_decompressed, remove_file),
        cmocka_unit_test_teardown(truncated_frame_is_refused, remove_file),
        cmocka_unit_test_teardown(bytes_that_are_no_frame_are_refused, remove_file),
        cmocka_unit_test_teardown(frame_that_claims_too_much_is_refused, remove_file),
        cmocka_unit_test(missing_file_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
