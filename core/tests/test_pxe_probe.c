/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address is probed by ARP before it is used, and declined when somebody has it. */
#include "core/tests/sim.h"

static const uint8_t OWNER[6] = {0x52, 0x54, 0, 0xaa, 0xbb, 0xcc};
static const struct sim_reply OFFER = {.message = DHCP_OFFER, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS,
                                       .file = "boot.efi", .pxe = true};
static const struct sim_reply ACK = {.message = DHCP_ACK, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS,
                                     .file = "boot.efi", .pxe = true};

static void start(struct sim *s)
{
    s->config = sim_config();
    s->config.can_probe = true;
    s->offer = &OFFER;
    s->ack = &ACK;
    sim_start(s);
}

static void timer(struct sim *s)
{
    s->now = s->client.wake_ms;
    pxe_client_timer(&s->client, s->now, &s->out);
    sim_account(s);
}

static void conflict(struct sim *s)
{
    pxe_client_conflict(&s->client, OWNER, s->now, &s->out);
    sim_account(s);
}

static void silence_takes_the_address(void **state)
{
    struct sim s = {0};

    (void)state;
    start(&s);
    assert_int_equal(s.client.state, PXE_PROBING);
    assert_ip(s.out.probe, SIM_ADDRESS);
    assert_int_equal(s.configured, 0);
    timer(&s);
    assert_int_equal(s.client.state, PXE_PROBING);
    assert_ip(s.out.probe, SIM_ADDRESS);
    timer(&s);
    assert_ip(s.out.probe, IP(0, 0, 0, 0));
    assert_file(&s, "boot.efi", SIM_DHCP);
    assert_int_equal(s.configured, 1);
    assert_ip(s.client.net.address, SIM_ADDRESS);
    assert_in_range(s.now, 100, 200); /* all that a boot may be held up */
}

static void a_used_address_is_declined(void **state)
{
    struct sim_reply offer = OFFER, ack = ACK;
    struct sim s = {0};
    uint8_t buf[64];
    size_t size;

    (void)state;
    start(&s);
    conflict(&s);
    assert_int_equal(s.client.state, PXE_DECLINED);
    assert_int_equal(dhcp_packet_message(&s.last), DHCP_DECLINE);
    assert_ip(s.sent[s.sent_count - 1].dst, IP(255, 255, 255, 255));
    assert_int_equal(s.sent[s.sent_count - 1].port, 67);
    assert_ip(dhcp_packet_ip4(&s.last, 50), SIM_ADDRESS);
    assert_ip(dhcp_packet_ip4(&s.last, 54), SIM_DHCP);
    assert_true(dhcp_packet_is_for(&s.last, SIM_MAC));
    assert_false(dhcp_packet_option(&s.last, 55, buf, sizeof(buf), &size)); /* RFC 2131 table 5 */
    assert_false(dhcp_packet_option(&s.last, 57, buf, sizeof(buf), &size));
    assert_int_equal(s.configured, 0);
    offer.yiaddr = ack.yiaddr = IP(10, 77, 0, 22);
    s.offer = &offer;
    s.ack = &ack;
    assert_int_equal(s.discovers, 1);
    timer(&s);
    assert_int_equal(s.now, 10000);
    assert_int_equal(s.discovers, 2);
    assert_ip(s.out.probe, IP(10, 77, 0, 22));
    sim_run(&s);
    assert_file(&s, "boot.efi", SIM_DHCP);
    assert_ip(s.client.net.address, IP(10, 77, 0, 22));
}

static void a_server_that_knows_no_other_address_is_an_error(void **state)
{
    struct sim s = {0};

    (void)state;
    start(&s);
    for (unsigned i = 0; i < 3; i++) {
        conflict(&s);
        assert_int_equal(s.client.state, PXE_DECLINED);
        timer(&s);
    }
    conflict(&s);
    assert_int_equal(dhcp_packet_message(&s.last), DHCP_DECLINE);
    assert_error(&s, SLIPWAY_E06, SIM_DHCP, "10.77.0.21, but 52:54:00:aa:bb:cc has it");
    assert_int_equal(s.discovers, 4);
}

static void an_answer_after_the_decline_is_ignored(void **state)
{
    struct sim s = {0};

    (void)state;
    start(&s);
    conflict(&s);
    sim_deliver(&s, &ACK, SIM_DHCP, 67);
    sim_deliver(&s, &OFFER, SIM_DHCP, 67);
    assert_int_equal(s.client.state, PXE_DECLINED);
}

static void a_conflict_is_heeded_only_while_probing(void **state)
{
    struct sim s = {0};

    (void)state;
    start(&s);
    sim_run(&s);
    s.sent_count = 0;
    conflict(&s);
    assert_file(&s, "boot.efi", SIM_DHCP);
    assert_int_equal(s.sent_count, 0);
}

static void who_cannot_probe_goes_on_at_once(void **state)
{
    struct sim s = {.config = sim_config(), .offer = &OFFER, .ack = &ACK};

    (void)state;
    sim_start(&s);
    assert_file(&s, "boot.efi", SIM_DHCP);
    assert_int_equal(s.now, 0);
}

static void bootp_cannot_decline(void **state)
{
    static const struct sim_reply reply = {.yiaddr = SIM_ADDRESS, .siaddr = SIM_BOOT, .file = "old.efi"};
    struct sim s = {.config = sim_config(), .offer = &reply};

    (void)state;
    s.config.can_probe = true;
    sim_start(&s);
    sim_run(&s);
    assert_file(&s, "old.efi", SIM_BOOT);
    assert_int_equal(s.now, 2000); /* the wait for a ProxyDHCP, and no more */
}

/* The firmware has used this address a moment ago. */
static void the_lease_of_the_firmware_needs_no_second_probe(void **state)
{
    struct sim s = {.config = sim_config(), .offer = &OFFER, .ack = &ACK};
    uint8_t bytes[DHCP_PACKET_MAX];
    struct sim_reply lease = ACK;
    struct pxe_cached cached = {.ack = bytes};

    (void)state;
    lease.file = NULL;
    lease.pxe = false;
    s.config.can_probe = true;
    cached.ack_size = sim_build(&lease, 1, bytes);
    pxe_client_start_cached(&s.client, &s.config, &cached, s.now, &s.out);
    sim_account(&s);
    sim_run(&s);
    assert_file(&s, "boot.efi", SIM_DHCP);
    assert_int_equal(s.discovers, 1);
    assert_int_equal(s.now, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_takes_the_address),
        cmocka_unit_test(a_used_address_is_declined),
        cmocka_unit_test(a_server_that_knows_no_other_address_is_an_error),
        cmocka_unit_test(an_answer_after_the_decline_is_ignored),
        cmocka_unit_test(a_conflict_is_heeded_only_while_probing),
        cmocka_unit_test(who_cannot_probe_goes_on_at_once),
        cmocka_unit_test(bootp_cannot_decline),
        cmocka_unit_test(the_lease_of_the_firmware_needs_no_second_probe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
