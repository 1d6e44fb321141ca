/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/tests/sim.h"

#include "core/confirmation.h"

static const uint8_t item9[] = {71, 4, 0, 9, 0, 0, 255};
static const uint8_t menu9[] = {6, 1, 4, 8, 7, 0, 9, 1, 10, 77, 0, 3, 9, 5, 0, 9, 2, 'o', 'n', 10, 1, 0, 255};
static const struct sim_reply BOOT_ACK = {.message = DHCP_ACK,
                                          .server = SIM_BOOT,
                                          .file = "item9.conf",
                                          .pxe = true,
                                          .option43 = item9,
                                          .option43_size = sizeof(item9)};
static const struct sim_reply FILE_OFFER = {
    .message = DHCP_OFFER, .server = SIM_PROXY, .siaddr = SIM_BOOT, .pxe = true, .file = "boot/automation.conf"};

static void assert_receiver(const struct sim *s, unsigned n, struct ip4 server, uint16_t port)
{
    struct ip4 got;
    uint16_t got_port;

    assert_true(confirmation_receiver(&s->client, n, &got, &got_port));
    assert_true(ip4_equal(got, server));
    assert_int_equal(got_port, port);
}

static void assert_no_receiver(const struct sim *s, unsigned n)
{
    struct ip4 got;
    uint16_t got_port;

    assert_false(confirmation_receiver(&s->client, n, &got, &got_port));
}

static struct sim booted(const struct sim_reply *proxy_offer)
{
    struct sim s = {
        .offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK, .proxy_offer = proxy_offer, .boot_ack = &BOOT_ACK};

    sim_start(&s);
    sim_run(&s);
    assert_int_equal(s.client.state, PXE_DONE);
    assert_int_equal(s.client.plan.kind, BOOT_FILE);
    return s;
}

/* What is read in a heap copy of the exact size, so that ASan sees any read past the end. */
static bool read_copy(struct confirmation *ret, const uint8_t *packet, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    bool good;

    memcpy(copy, packet, size);
    good = confirmation_read(ret, copy, size);
    free(copy);
    return good;
}

static void told_to_who_named_the_file_and_who_served_it(void **state)
{
    struct sim s = booted(&FILE_OFFER);
    struct sim_reply nobody = FILE_OFFER;

    (void)state;
    assert_receiver(&s, 0, SIM_PROXY, 4011);
    assert_receiver(&s, 1, SIM_BOOT, 8077);
    assert_no_receiver(&s, 2);
    /* A file by HTTP from a server that the URL gives by name: whose address is not known here. */
    nobody.file = "http://boot.example.org/automation.conf";
    nobody.siaddr = IP(0, 0, 0, 0);
    s = booted(&nobody);
    s.client.plan.server = IP(0, 0, 0, 0);
    assert_receiver(&s, 0, SIM_PROXY, 4011);
    assert_no_receiver(&s, 1);
    s.client.plan.offered_by = IP(0, 0, 0, 0);
    assert_no_receiver(&s, 0);
}

static void written_and_read(void **state)
{
    uint8_t packet[DHCP_PACKET_MAX];
    struct sim s = booted(&FILE_OFFER);
    size_t size = confirmation_write(&s.client, packet, sizeof(packet));
    struct confirmation c;

    (void)state;
    assert_true(size >= 300);
    assert_true(read_copy(&c, packet, size));
    assert_memory_equal(c.mac, SIM_MAC, 6);
    assert_true(ip4_equal(c.address, SIM_ADDRESS));
    assert_true(c.has_uuid);
    assert_memory_equal(c.uuid, s.config.uuid, 16);
    assert_int_equal(c.arch, 7);
    assert_false(c.has_item);
    assert_string_equal(c.file, "boot/automation.conf");
}

static void the_boot_item_is_told(void **state)
{
    const struct sim_reply offer = {
        .message = DHCP_OFFER, .server = SIM_PROXY, .pxe = true, .option43 = menu9, .option43_size = sizeof(menu9)};
    struct sim s = booted(&offer);
    uint8_t packet[DHCP_PACKET_MAX];
    struct confirmation c;

    (void)state;
    assert_true(read_copy(&c, packet, confirmation_write(&s.client, packet, sizeof(packet))));
    assert_true(c.has_item);
    assert_int_equal(c.type, 9);
    assert_int_equal(c.layer, 0);
    assert_string_equal(c.file, "item9.conf");
    assert_receiver(&s, 0, SIM_BOOT, 4011);
    assert_receiver(&s, 1, SIM_BOOT, 8077);
}

static void every_packet_fits(void **state)
{
    struct sim s = booted(&FILE_OFFER);
    uint8_t packet[DHCP_PACKET_MAX];
    struct confirmation c;

    (void)state;
    memset(s.client.plan.file, 'x', sizeof(s.client.plan.file) - 1);
    assert_true(read_copy(&c, packet, confirmation_write(&s.client, packet, sizeof(packet))));
    assert_int_equal(strlen(c.file), 255);
    assert_int_equal(confirmation_write(&s.client, packet, 299), 0);
}

/* Offset of option `code` in a packet whose options come one after another. */
static size_t option_at(const uint8_t *packet, uint8_t code)
{
    size_t at = 240;

    while (packet[at] != code)
        at += 2u + packet[at + 1];
    return at;
}

static void what_is_no_confirmation(void **state)
{
    static const uint8_t needed[] = {53, 60, 67};
    struct sim s = booted(&FILE_OFFER);
    uint8_t packet[DHCP_PACKET_MAX];
    size_t size = confirmation_write(&s.client, packet, sizeof(packet));
    struct confirmation c = {.arch = 4711};

    (void)state;
    for (size_t i = 0; i < sizeof(needed); i++) {
        size_t at = option_at(packet, needed[i]);

        packet[at] = 224; /* another option */
        assert_false(read_copy(&c, packet, size));
        packet[at] = needed[i];
    }
    packet[option_at(packet, 53) + 2] = DHCP_REQUEST;
    assert_false(read_copy(&c, packet, size));
    packet[option_at(packet, 53) + 2] = DHCP_INFORM;
    packet[0] = DHCP_BOOTREPLY;
    assert_false(read_copy(&c, packet, size));
    packet[0] = DHCP_BOOTREQUEST;
    assert_int_equal(c.arch, 4711);
    packet[option_at(packet, 97) + 2] = 1; /* a UUID of another kind */
    packet[option_at(packet, 93)] = 224;
    assert_true(read_copy(&c, packet, size));
    assert_false(c.has_uuid);
    assert_int_equal(c.arch, 0xffff);
}

static void every_truncation_is_harmless(void **state)
{
    struct sim s = booted(&FILE_OFFER);
    uint8_t packet[DHCP_PACKET_MAX];
    size_t size = confirmation_write(&s.client, packet, sizeof(packet)), file_at = option_at(packet, 67);
    struct confirmation c;

    (void)state;
    for (size_t cut = 0; cut < size; cut++)
        assert_int_equal(read_copy(&c, packet, cut), cut >= file_at + 2 + packet[file_at + 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(told_to_who_named_the_file_and_who_served_it),
        cmocka_unit_test(written_and_read),
        cmocka_unit_test(the_boot_item_is_told),
        cmocka_unit_test(every_packet_fits),
        cmocka_unit_test(what_is_no_confirmation),
        cmocka_unit_test(every_truncation_is_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
