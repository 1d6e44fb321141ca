/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What xz packs comes out again: the data exercise every kind of symbol and long distances. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bstrap/unlzma.c"

#define DATA_MAX 300000

static uint8_t data[DATA_MAX], packed[DATA_MAX * 2], unpacked[DATA_MAX];

static void assert_round_trip(size_t size)
{
    char name[] = "/tmp/slipway-unlzma-XXXXXX", command[200];
    FILE *file = fdopen(mkstemp(name), "wb"), *pipe;

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
    snprintf(command, sizeof(command), "xz --format=raw --lzma1=" BSTRAP_LZMA " -c %s", name);
    pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_true(fread(packed, 1, sizeof(packed), pipe) > 0);
    assert_int_equal(pclose(pipe), 0);
    remove(name);
    memset(unpacked, 0xee, sizeof(unpacked));
    assert_int_equal(unlzma(packed, unpacked), size);
    assert_memory_equal(data, unpacked, size);
}

static void nothing(void **state)
{
    (void)state;
    assert_round_trip(0);
}

static void runs(void **state)
{
    (void)state;
    memset(data, 'x', DATA_MAX);
    assert_round_trip(1);
    assert_round_trip(DATA_MAX);
}

static void noise(void **state)
{
    (void)state;
    srand(1);
    for (size_t i = 0; i < DATA_MAX; i++)
        data[i] = (uint8_t)(rand() >> 8);
    assert_round_trip(DATA_MAX);
}

/* Records that differ in a few bytes, with copies of what was long ago. */
static void records(void **state)
{
    (void)state;
    srand(2);
    for (size_t i = 0; i < DATA_MAX; i++) {
        unsigned r = (unsigned)rand();

        if (i < 2000 || r % 13 == 0)
            data[i] = (uint8_t)(r >> 8 & 0x3f);
        else
            data[i] = data[i - (r % 1000 ? 24 : r % i)];
    }
    for (size_t i = 100000; i + 3000 < DATA_MAX; i += 17000)
        memcpy(data + i, data + i % 1700, 2500);
    assert_round_trip(DATA_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing),
        cmocka_unit_test(runs),
        cmocka_unit_test(noise),
        cmocka_unit_test(records),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
