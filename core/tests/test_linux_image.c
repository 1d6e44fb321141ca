/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/linux_image.h"

#define CODE 0x1000 /* bytes of protected-mode code */
#define SIZE (2 * 512 + CODE)

static uint8_t file[SIZE];
static struct linux_image image;
static struct error_detail error;

static void put32(size_t at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        file[at + i] = (uint8_t)(value >> 8 * i);
}

/* What a kernel of today has in its header. */
static void make_kernel(void)
{
    memset(file, 0, sizeof(file));
    file[0x1f1] = 1;
    put32(0x1f4, CODE / 16);
    file[0x1fe] = 0x55;
    file[0x1ff] = 0xaa;
    file[0x200] = 0xeb;
    file[0x201] = 0x6a;
    memcpy(file + 0x202, "HdrS", 4);
    file[0x206] = 0x0f;
    file[0x207] = 0x02;
    file[0x211] = 1;
    put32(0x22c, 0x7fffffff);
    put32(0x230, 0x200000);
    file[0x234] = 1;
    put32(0x238, 2047);
    put32(0x258, 0x1000000);
    put32(0x260, 0x3000000);
}

/* From memory of exactly that size, so that a read behind it is noticed. */
static bool parse(size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    bool ret;

    assert_non_null(copy);
    memcpy(copy, file, size);
    ret = linux_image_parse("vmlinuz", copy, size, &image, &error);
    free(copy);
    return ret;
}

static void assert_refused(size_t size, const char *why)
{
    assert_false(parse(size));
    assert_int_equal(error.code, SLIPWAY_E02);
    assert_non_null(strstr(error.received, why));
}

static void a_kernel_is_understood(void **state)
{
    (void)state;
    make_kernel();
    assert_true(parse(SIZE));
    assert_int_equal(image.code_offset, 1024);
    assert_int_equal(image.header_size, 0x26c - 0x1f1);
    assert_int_equal(image.init_size, 0x3000000);
    assert_int_equal(image.pref_address, 0x1000000);
    assert_int_equal(image.alignment, 0x200000);
    assert_true(image.relocatable);
    assert_int_equal(image.initrd_addr_max, 0x7fffffff);
    assert_int_equal(image.cmdline_size, 2047);
}

static void every_truncation_is_noticed(void **state)
{
    (void)state;
    make_kernel();
    for (size_t size = 0; size <= SIZE - 16; size++)
        assert_refused(size, size < 0x290 ? "no Linux kernel" : "truncated");
    assert_true(parse(SIZE - 15));
}

static void other_files_are_refused(void **state)
{
    (void)state;
    make_kernel();
    file[0x202] = 'h';
    assert_refused(SIZE, "no Linux kernel");
    make_kernel();
    file[0x1fe] = 0;
    assert_refused(SIZE, "no Linux kernel");
    make_kernel();
    file[0x206] = 0x0b;
    assert_refused(SIZE, "old or unknown");
    make_kernel();
    file[0x211] = 0;
    assert_refused(SIZE, "old or unknown");
    make_kernel();
    file[0x201] = 0x61;
    assert_refused(SIZE, "old or unknown");
    file[0x201] = 0xff;
    assert_refused(SIZE, "old or unknown");
}

static void damaged_numbers_are_refused(void **state)
{
    (void)state;
    make_kernel();
    put32(0x230, 0);
    assert_refused(SIZE, "damaged");
    put32(0x230, 0x300000);
    assert_refused(SIZE, "damaged");
    make_kernel();
    put32(0x260, CODE - 1);
    assert_refused(SIZE, "damaged");
    make_kernel();
    put32(0x1f4, 0);
    assert_refused(SIZE, "truncated");
    put32(0x1f4, UINT32_MAX);
    assert_refused(SIZE, "truncated");
    make_kernel();
    file[0x1f1] = 0; /* stands for 4: the code is behind the end then */
    assert_refused(SIZE, "truncated");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kernel_is_understood),
        cmocka_unit_test(every_truncation_is_noticed),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(damaged_numbers_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
