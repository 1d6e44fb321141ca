/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/udp_packet.h"

static const struct udp_packet discover = {
    .dst = {{255, 255, 255, 255}}, .src_port = 68, .dst_port = 67, .data = (const uint8_t *)"hello", .size = 5};

static void there_and_back(void **state)
{
    uint8_t bytes[64];
    struct udp_packet p;
    size_t size = udp_packet_build(bytes, sizeof(bytes), &discover);

    (void)state;
    assert_int_equal(size, 33);
    /* RFC 791's header of this very packet, its checksum worked out by hand. */
    assert_memory_equal(bytes, "\x45\x00\x00\x21\x00\x00\x00\x00\x40\x11\x7a\xcd\x00\x00\x00\x00\xff\xff\xff\xff", 20);
    assert_memory_equal(bytes + 20, "\x00\x44\x00\x43\x00\x0d\x00\x00hello", 13);
    memcpy(bytes + size, "padding", 7); /* short Ethernet frames are padded */
    assert_true(udp_packet_parse(bytes, size + 7, &p));
    assert_int_equal(p.dst_port, 67);
    assert_int_equal(p.size, 5);
    assert_memory_equal(p.data, "hello", 5);
    assert_int_equal(udp_packet_build(bytes, 32, &discover), 0);
}

static void every_cut_is_noticed(void **state)
{
    uint8_t bytes[64];
    struct udp_packet p;
    size_t size = udp_packet_build(bytes, sizeof(bytes), &discover);

    (void)state;
    for (size_t n = 0; n < size; n++)
        assert_false(udp_packet_parse(bytes, n, &p));
}

static void rubbish(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
    } changes[] = {{0, 0x65}, {0, 0x44}, {0, 0x4f}, {6, 0x20}, {7, 1}, {9, 6}, {10, 0}, {24, 0xff}, {25, 7}};
    uint8_t bytes[64];
    struct udp_packet p;

    (void)state;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        size_t size = udp_packet_build(bytes, sizeof(bytes), &discover);

        bytes[changes[i].at] = changes[i].value;
        assert_false(udp_packet_parse(bytes, size, &p));
    }
}

/* Odd and even sizes, against a sum that was worked out by hand. */
static void the_udp_checksum_covers_everything(void **state)
{
    uint8_t bytes[64];
    struct udp_packet p;
    size_t size = udp_packet_build(bytes, sizeof(bytes), &discover);

    (void)state;
    assert_true(udp_packet_parse(bytes, size, &p));
    assert_true(udp_packet_is_intact(&p)); /* there is none */
    /* 11 + d (pseudo header) + ffff + ffff + 44 + 43 + d + "he" + "ll" + "o\0" */
    memcpy(bytes + 26, "\xbb\x7b", 2);
    assert_true(udp_packet_is_intact(&p));
    for (size_t i = 28; i < size; i++) {
        bytes[i] ^= 0x10;
        assert_true(udp_packet_parse(bytes, size, &p));
        assert_false(udp_packet_is_intact(&p));
        bytes[i] ^= 0x10;
    }
    bytes[21] ^= 1; /* a port */
    assert_true(udp_packet_parse(bytes, size, &p));
    assert_false(udp_packet_is_intact(&p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(rubbish),
        cmocka_unit_test(the_udp_checksum_covers_everything),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
