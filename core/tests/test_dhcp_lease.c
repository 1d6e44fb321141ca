/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/dhcp_lease.h"
#include "core/tests/sim.h"

#define S 1000u

static struct dhcp_lease lease;
static struct dhcp_lease_output out;
static struct dhcp_packet question;

struct answer {
    uint8_t message;
    uint32_t seconds, t1, t2; /* 0: left out */
    struct ip4 server, address;
};

static const struct answer ack = {.message = DHCP_ACK, .seconds = 1000, .server = SIM_DHCP, .address = SIM_ADDRESS};

static void put_number(struct writer *w, uint8_t code, uint32_t number)
{
    uint8_t value[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};

    if (number)
        dhcp_write_option(w, code, value, sizeof(value));
}

static void hear(const struct answer *a, uint8_t op, uint32_t xid, const uint8_t *mac)
{
    struct dhcp_header h = {.op = op, .xid = xid, .yiaddr = a->address, .mac = mac};
    uint8_t bytes[DHCP_PACKET_MAX];
    struct writer w;

    writer_init(&w, bytes, sizeof(bytes));
    dhcp_write_header(&w, &h);
    dhcp_write_option(&w, DHCP_OPTION_MESSAGE, &a->message, 1);
    put_number(&w, DHCP_OPTION_LEASE, a->seconds);
    put_number(&w, DHCP_OPTION_T1, a->t1);
    put_number(&w, DHCP_OPTION_T2, a->t2);
    if (!ip4_is_zero(a->server))
        dhcp_write_option(&w, DHCP_OPTION_SERVER_ID, a->server.b, 4);
    dhcp_write_end(&w);
    dhcp_lease_packet(&lease, SIM_PROXY, bytes, w.length, &out);
}

static void answer(const struct answer *a)
{
    hear(a, DHCP_BOOTREPLY, dhcp_packet_xid(&question), SIM_MAC);
}

/* The machine has asked, and this is its question. */
static void asks(struct ip4 whom)
{
    assert_true(dhcp_packet_parse(&question, out.packet, out.packet_size));
    assert_memory_equal(out.dst.b, whom.b, 4);
    assert_int_equal(dhcp_packet_message(&question), DHCP_REQUEST);
    assert_true(ip4_equal(dhcp_packet_ciaddr(&question), SIM_ADDRESS));
    assert_true(ip4_is_zero(dhcp_packet_ip4(&question, DHCP_OPTION_REQUESTED_IP)));
    assert_true(ip4_is_zero(dhcp_packet_ip4(&question, DHCP_OPTION_SERVER_ID)));
    assert_true(dhcp_packet_is_for(&question, SIM_MAC));
}

static void start(uint32_t seconds, uint64_t now)
{
    dhcp_lease_start(&lease, SIM_ADDRESS, SIM_DHCP, seconds, SIM_MAC, 77, now, &out);
}

static void wake_at(uint64_t when)
{
    assert_int_equal(lease.wake_ms, when);
    dhcp_lease_timer(&lease, when - 1, &out);
    assert_int_equal(out.packet_size, 0);
    dhcp_lease_timer(&lease, when, &out);
}

static void renewed_at_half_its_time(void **state)
{
    (void)state;
    start(1000, 5 * S);
    assert_int_equal(lease.state, LEASE_BOUND);
    assert_int_equal(out.packet_size, 0);
    for (unsigned round = 1; round < 4; round++) {
        wake_at(5 * S + round * 500 * S);
        assert_int_equal(lease.state, LEASE_RENEWING);
        asks(SIM_DHCP);
        answer(&ack);
        assert_int_equal(out.news, LEASE_EXTENDED);
        assert_int_equal(lease.state, LEASE_BOUND);
        assert_int_equal(lease.seconds, 1000);
    }
}

static void then_asks_everybody_and_ends(void **state)
{
    uint32_t first;

    (void)state;
    start(1000, 0);
    wake_at(500 * S);
    asks(SIM_DHCP);
    first = dhcp_packet_xid(&question);
    wake_at(500 * S + 375 * S / 2); /* half of what is left until T2 */
    asks(SIM_DHCP);
    assert_int_equal(dhcp_packet_xid(&question), first);
    while (lease.wake_ms < 875 * S)
        dhcp_lease_timer(&lease, lease.wake_ms, &out);
    wake_at(875 * S);
    assert_int_equal(lease.state, LEASE_REBINDING);
    asks(IP(255, 255, 255, 255));
    wake_at(875 * S + 125 * S / 2);
    asks(IP(255, 255, 255, 255));
    wake_at(875 * S + 125 * S / 2 + 60 * S);
    asks(IP(255, 255, 255, 255));
    wake_at(1000 * S);
    assert_int_equal(out.packet_size, 0);
    assert_int_equal(out.news, LEASE_EXPIRED);
    assert_int_equal(lease.state, LEASE_LEFT);
    assert_int_equal(lease.wake_ms, UINT64_MAX);
    answer(&ack);
    assert_int_equal(out.news, LEASE_NO_NEWS);
}

static void another_server_takes_over(void **state)
{
    const struct answer other = {.message = DHCP_ACK, .seconds = 80, .t1 = 20, .t2 = 60, .address = SIM_ADDRESS};

    (void)state;
    start(1000, 0);
    wake_at(500 * S);
    dhcp_lease_timer(&lease, 900 * S, &out);
    asks(IP(255, 255, 255, 255));
    answer(&other); /* without option 54: its sender counts */
    assert_int_equal(out.news, LEASE_EXTENDED);
    assert_true(ip4_equal(lease.server, SIM_PROXY));
    wake_at(920 * S);
    asks(SIM_PROXY);
    wake_at(960 * S);
    asks(IP(255, 255, 255, 255));
}

static void times_out_of_order_are_replaced(void **state)
{
    static const struct {
        uint32_t seconds, t1, t2, renew, rebind;
    } cases[] = {{1000, 900, 800, 500, 800},
                 {1000, 100, 1000, 100, 875},
                 {1000, 0, 2000, 500, 875},
                 {1, 0, 0, 4, 7},
                 {4000000000u, 0, 0, 2000000000u, 3500000000u}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct answer a = {.message = DHCP_ACK,
                                 .seconds = cases[i].seconds,
                                 .t1 = cases[i].t1,
                                 .t2 = cases[i].t2,
                                 .server = SIM_DHCP,
                                 .address = SIM_ADDRESS};
        start(0, 0);
        asks(IP(255, 255, 255, 255));
        answer(&a);
        assert_int_equal(lease.wake_ms, cases[i].renew * (uint64_t)S);
        assert_int_equal(lease.p.rebind_ms, cases[i].rebind * (uint64_t)S);
    }
}

static void address_without_its_lease(void **state)
{
    (void)state;
    start(0, 7 * S);
    assert_int_equal(lease.state, LEASE_ASKED);
    asks(IP(255, 255, 255, 255));
    wake_at(11 * S);
    asks(IP(255, 255, 255, 255));
    wake_at(19 * S);
    answer(&ack);
    assert_int_equal(lease.state, LEASE_BOUND);
    wake_at(519 * S);
    asks(SIM_DHCP);
}

static void address_that_nobody_gave(void **state)
{
    unsigned sent = 1;

    (void)state;
    for (start(0, 0); lease.wake_ms != UINT64_MAX; sent += out.packet_size > 0)
        dhcp_lease_timer(&lease, lease.wake_ms, &out);
    assert_int_equal(sent, 4);
    assert_int_equal(out.news, LEASE_NO_NEWS);
    assert_int_equal(lease.state, LEASE_LEFT);
}

static void lease_for_ever(void **state)
{
    (void)state;
    start(DHCP_LEASE_FOR_EVER, 0);
    assert_int_equal(lease.state, LEASE_LEFT);
    assert_int_equal(lease.wake_ms, UINT64_MAX);
    assert_int_equal(out.news, LEASE_NO_NEWS);
}

static void refusal(void **state)
{
    const struct answer nak = {.message = DHCP_NAK, .server = SIM_BOOT};

    (void)state;
    start(0, 0);
    asks(IP(255, 255, 255, 255));
    answer(&nak);
    assert_int_equal(out.news, LEASE_REFUSED);
    assert_true(ip4_equal(lease.server, SIM_BOOT));
    assert_int_equal(lease.state, LEASE_LEFT);
}

static void strangers_answers_are_ignored(void **state)
{
    const uint8_t other_mac[6] = {2, 0, 0, 0, 0, 1};
    struct answer a = ack;

    (void)state;
    start(0, 0);
    asks(IP(255, 255, 255, 255));
    hear(&ack, DHCP_BOOTREPLY, dhcp_packet_xid(&question) + 1, SIM_MAC);
    hear(&ack, DHCP_BOOTREPLY, dhcp_packet_xid(&question), other_mac);
    hear(&ack, DHCP_BOOTREQUEST, dhcp_packet_xid(&question), SIM_MAC);
    dhcp_lease_packet(&lease, SIM_DHCP, question.bytes, 17, &out);
    a.message = DHCP_OFFER;
    answer(&a);
    a = ack;
    a.address = SIM_BOOT;
    answer(&a);
    a = ack;
    a.seconds = 0;
    answer(&a);
    assert_int_equal(lease.state, LEASE_ASKED);
    answer(&ack);
    assert_int_equal(lease.state, LEASE_BOUND);
    answer(&ack); /* nobody has asked */
    assert_int_equal(out.news, LEASE_NO_NEWS);
}

static void seconds_since_the_first_question(void **state)
{
    (void)state;
    start(DHCP_LEASE_FOR_EVER - 1, 0);
    dhcp_lease_timer(&lease, lease.wake_ms, &out);
    asks(SIM_DHCP);
    assert_int_equal(question.bytes[8] << 8 | question.bytes[9], 0);
    dhcp_lease_timer(&lease, lease.wake_ms, &out);
    asks(SIM_DHCP);
    assert_int_equal(question.bytes[8] << 8 | question.bytes[9], UINT16_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renewed_at_half_its_time),
        cmocka_unit_test(then_asks_everybody_and_ends),
        cmocka_unit_test(another_server_takes_over),
        cmocka_unit_test(times_out_of_order_are_replaced),
        cmocka_unit_test(address_without_its_lease),
        cmocka_unit_test(address_that_nobody_gave),
        cmocka_unit_test(lease_for_ever),
        cmocka_unit_test(refusal),
        cmocka_unit_test(strangers_answers_are_ignored),
        cmocka_unit_test(seconds_since_the_first_question),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
