/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/arp.h"

static const uint8_t MAC[6] = {0x52, 0x54, 0, 0x12, 0x34, 0x56};
static const uint8_t OTHER[6] = {0x52, 0x54, 0, 0xaa, 0xbb, 0xcc};
static const struct ip4 ADDRESS = {{10, 77, 0, 21}};

/* The other machine's reply to a probe for ADDRESS, as Linux sends it. */
static const uint8_t REPLY[] = {0,  1,  8, 0,  6,    4,    0, 2,    0x52, 0x54, 0, 0xaa, 0xbb, 0xcc,
                                10, 77, 0, 21, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 0, 0,    0,    0};

static bool conflict(const uint8_t *packet, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1), mac[6] = {0};
    bool ret;

    memcpy(copy, packet, size);
    ret = arp_is_conflict(copy, size, MAC, ADDRESS, mac);
    free(copy);
    assert_memory_equal(mac, ret ? OTHER : (const uint8_t[6]){0}, 6);
    return ret;
}

static void a_probe_is_what_rfc_5227_says(void **state)
{
    static const uint8_t want[] = {0, 1, 8, 0, 6, 4, 0, 1, 0x52, 0x54, 0,  0x12, 0x34, 0x56,
                                   0, 0, 0, 0, 0, 0, 0, 0, 0,    0,    10, 77,   0,    21};
    uint8_t packet[ARP_PACKET_SIZE];

    (void)state;
    arp_probe_build(packet, MAC, ADDRESS);
    assert_memory_equal(packet, want, sizeof(want));
}

static void an_owner_is_a_conflict(void **state)
{
    uint8_t padded[46] = {0}, packet[ARP_PACKET_SIZE];

    (void)state;
    assert_true(conflict(REPLY, sizeof(REPLY)));
    memcpy(padded, REPLY, sizeof(REPLY));
    assert_true(conflict(padded, sizeof(padded)));
    memcpy(packet, REPLY, sizeof(packet));
    packet[7] = 1; /* the owner asks for somebody else */
    packet[27] = 99;
    assert_true(conflict(packet, sizeof(packet)));
}

static void another_probe_is_a_conflict(void **state)
{
    uint8_t packet[ARP_PACKET_SIZE];

    (void)state;
    arp_probe_build(packet, OTHER, ADDRESS);
    assert_true(conflict(packet, sizeof(packet)));
    packet[7] = 2; /* a reply from nobody */
    assert_false(conflict(packet, sizeof(packet)));
}

static void others_are_no_conflict(void **state)
{
    static const uint8_t at[] = {1, 3, 4, 5, 6, 7, 17};
    uint8_t packet[ARP_PACKET_SIZE];

    (void)state;
    arp_probe_build(packet, MAC, ADDRESS); /* our own */
    assert_false(conflict(packet, sizeof(packet)));
    for (size_t i = 0; i < sizeof(at); i++) {
        memcpy(packet, REPLY, sizeof(packet));
        packet[at[i]] ^= 0x40;
        assert_false(conflict(packet, sizeof(packet)));
    }
    arp_probe_build(packet, OTHER, (struct ip4){{10, 77, 0, 22}});
    assert_false(conflict(packet, sizeof(packet)));
    for (size_t n = 0; n < sizeof(REPLY); n++)
        assert_false(conflict(REPLY, n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_probe_is_what_rfc_5227_says),
        cmocka_unit_test(an_owner_is_a_conflict),
        cmocka_unit_test(another_probe_is_a_conflict),
        cmocka_unit_test(others_are_no_conflict),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
