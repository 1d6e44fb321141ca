/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Servers as the field has them: several at once, behind relays, with options in odd places; and that every question of
 * the client carries what they tell it by. */
#include "core/tests/sim.h"

static const struct sim_reply PXE_OFFER = {.message = DHCP_OFFER,
                                           .server = SIM_BOOT,
                                           .yiaddr = IP(10, 77, 0, 33),
                                           .siaddr = SIM_BOOT,
                                           .file = "boot.efi",
                                           .pxe = true};
static const struct sim_reply PXE_ACK = {.message = DHCP_ACK,
                                         .server = SIM_BOOT,
                                         .yiaddr = IP(10, 77, 0, 33),
                                         .siaddr = SIM_BOOT,
                                         .file = "boot.efi",
                                         .pxe = true};

/* Options that servers classify the client by: the same in each packet, or the second answer is for somebody else. */
static void check_identity(const struct sim *s)
{
    static const struct {
        uint8_t code;
        const char *value;
        size_t size;
    } want[] = {
        {60, "PXEClient:Arch:00007:UNDI:003016", 32},
        {77, "\7Slipway", 8},
        {93, "\0\7", 2},
        {94, "\1\3\20", 3},
        {97, "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20", 17},
        {57, "\5\300", 2},
    };
    uint8_t buf[64];
    size_t size;

    for (unsigned i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        assert_true(dhcp_packet_option(&s->last, want[i].code, buf, sizeof(buf), &size));
        assert_int_equal(size, want[i].size);
        assert_memory_equal(buf, want[i].value, size);
    }
    assert_true(dhcp_packet_option(&s->last, 55, buf, sizeof(buf), &size));
    assert_non_null(memchr(buf, 43, size));
    assert_true(dhcp_packet_is_for(&s->last, SIM_MAC));
}

static void each_question_says_who_asks(void **state)
{
    static const uint8_t menu[] = {6, 1, 3, 9, 4, 0, 9, 1, 'x', 10, 1, 0, 8, 7, 0, 9, 1, 10, 77, 0, 3, 255};
    const struct sim_reply menu_ack = {
        .message = DHCP_ACK, .server = SIM_PROXY, .option43 = menu, .option43_size = sizeof(menu)};
    struct sim s = {0};

    (void)state;
    sim_start(&s);
    assert_int_equal(dhcp_packet_message(&s.last), DHCP_DISCOVER);
    check_identity(&s);
    sim_run_until(&s, 4000); /* and in the one sent again */
    assert_int_equal(s.discovers, 2);
    check_identity(&s);
    sim_deliver(&s, &SIM_BINL_OFFER, SIM_PROXY, 67);
    sim_deliver(&s, &SIM_PLAIN_OFFER, SIM_DHCP, 67);
    assert_int_equal(dhcp_packet_message(&s.last), DHCP_REQUEST);
    assert_ip(dhcp_packet_ip4(&s.last, 50), SIM_ADDRESS);
    assert_ip(dhcp_packet_ip4(&s.last, 54), SIM_DHCP);
    check_identity(&s);
    sim_deliver(&s, &SIM_PLAIN_ACK, SIM_DHCP, 67);
    assert_int_equal(s.sent[s.sent_count - 1].port, 4011);
    assert_int_equal(s.proxy_requests, 1);
    check_identity(&s);
    sim_deliver(&s, &menu_ack, SIM_PROXY, 4011);
    assert_int_equal(s.boot_requests, 1);
    check_identity(&s);
}

/* A server in another subnet: the relay's address is in giaddr and is the sender, the server's in option 54. Questions
 * go to the server, and giaddr is never taken for one. */
static void through_a_relay(void **state)
{
    static const struct ip4 relay = IP(10, 77, 0, 254);
    struct sim_reply offer = PXE_OFFER, ack = PXE_ACK;
    struct sim s = {0};
    uint8_t bytes[DHCP_PACKET_MAX];

    (void)state;
    offer.siaddr = ack.siaddr = IP(0, 0, 0, 0);
    offer.server = ack.server = IP(192, 168, 1, 1);
    sim_start(&s);
    for (unsigned i = 0; i < 2; i++) {
        size_t size = sim_build(i == 0 ? &offer : &ack, dhcp_packet_xid(&s.last), bytes);

        bytes[3] = 1; /* hops */
        memcpy(bytes + 24, relay.b, 4);
        pxe_client_packet(&s.client, relay, 67, bytes, size, s.now, &s.out);
        sim_account(&s);
    }
    assert_file(&s, "boot.efi", IP(192, 168, 1, 1));
    assert_ip(s.client.net.dhcp_server, IP(192, 168, 1, 1));
    assert_memory_equal(s.last.bytes + 24, "\0\0\0\0", 4);
}

/* Two DHCP servers: the one that knows PXE is asked for the address, although the other was first. */
static void the_dhcp_server_with_pxe_data_wins(void **state)
{
    struct sim s = {.offer = &SIM_PLAIN_OFFER};

    (void)state;
    sim_start(&s);
    assert_int_equal(s.client.state, PXE_SELECTING);
    s.now = 300;
    sim_deliver(&s, &PXE_OFFER, SIM_BOOT, 67);
    assert_int_equal(s.client.state, PXE_REQUESTING);
    assert_ip(dhcp_packet_ip4(&s.last, 50), IP(10, 77, 0, 33));
    assert_ip(dhcp_packet_ip4(&s.last, 54), SIM_BOOT);
    sim_deliver(&s, &SIM_PLAIN_ACK, SIM_DHCP, 67); /* not the one that was asked */
    assert_int_equal(s.client.state, PXE_REQUESTING);
    sim_deliver(&s, &PXE_ACK, SIM_BOOT, 67);
    assert_file(&s, "boot.efi", SIM_BOOT);
    assert_ip(s.client.net.address, IP(10, 77, 0, 33));
}

/* Two equal ones: the first. */
static void the_first_of_equal_servers_wins(void **state)
{
    struct sim_reply second = SIM_PLAIN_OFFER;
    struct sim s = {.ack = &SIM_PLAIN_ACK};

    (void)state;
    second.server = SIM_BOOT;
    second.yiaddr = IP(10, 77, 0, 44);
    sim_start(&s);
    sim_deliver(&s, &SIM_PLAIN_OFFER, SIM_DHCP, 67);
    sim_deliver(&s, &second, SIM_BOOT, 67);
    sim_deliver(&s, &SIM_BINL_OFFER, SIM_PROXY, 67);
    assert_int_equal(s.client.state, PXE_PROXY);
    assert_ip(s.client.net.address, SIM_ADDRESS);
}

enum { NONE, BOOTP, FILE_NAME, BINL, MTFTP, PXE, KINDS };

/* What a server of this kind says; `file` is its own. */
static struct sim_reply reply_of(unsigned kind, const char *file, struct ip4 server, bool proxy)
{
    static const uint8_t mtftp[] = {1, 4, 239, 1, 1, 1, 2, 2, 1, 1, 3, 2, 2, 1, 255};
    struct sim_reply r = {.message = DHCP_OFFER, .server = server, .siaddr = server};

    if (!proxy)
        r.yiaddr = SIM_ADDRESS;
    if (kind == BOOTP)
        r.message = 0;
    r.pxe = kind >= BINL;
    if (kind != NONE && kind != BINL)
        r.file = file;
    if (kind == MTFTP) {
        r.option43 = mtftp;
        r.option43_size = sizeof(mtftp);
    }
    return r;
}

/* Whom the first question on 4011 went to. */
static struct ip4 first_asked(const struct sim *s)
{
    unsigned i = 0;

    while (i < s->sent_count && s->sent[i].port != 4011)
        i++;
    assert_true(i < s->sent_count);
    return s->sent[i].dst;
}

/* EDK2's order of preference, for every pair of a DHCP server and a ProxyDHCP, whoever is first. Only a DHCP server
 * that says "PXEClient" is not kept waiting for a ProxyDHCP that might come. */
static void order_of_preference(void **state)
{
    static const struct {
        bool proxy;
        unsigned kind;
    } order[] = {{false, PXE},  {false, MTFTP}, {true, PXE},        {true, MTFTP},
                 {false, BINL}, {true, BINL},   {false, FILE_NAME}, {false, BOOTP}};
    static const unsigned proxies[] = {NONE, BINL, MTFTP, PXE};

    (void)state;
    for (unsigned n = 0; n < KINDS * 4 * 2; n++) {
        unsigned ip_kind = n % KINDS, proxy_kind = proxies[n / KINDS % 4], best = 0;
        struct sim_reply ip = reply_of(ip_kind, "dhcp.efi", SIM_DHCP, false), ack = ip;
        struct sim_reply proxy = reply_of(proxy_kind, "proxy.efi", SIM_PROXY, true);
        struct sim s = {.ack = &ack};
        const char *want;

        ack.message = DHCP_ACK;
        if (n >= KINDS * 4 && ip_kind >= BINL)
            proxy_kind = NONE;
        while (best < 8 && order[best].kind != (order[best].proxy ? proxy_kind : ip_kind))
            best++;
        sim_start(&s);
        for (unsigned i = 0; i < 2; i++) {
            bool from_proxy = i == (n >= KINDS * 4); /* first, then second */

            if (from_proxy && proxies[n / KINDS % 4] != NONE)
                sim_deliver(&s, &proxy, SIM_PROXY, 67);
            if (!from_proxy && s.client.state == PXE_SELECTING)
                sim_deliver(&s, &ip, SIM_DHCP, 67);
        }
        sim_run(&s);
        want = best == 8 ? "" : order[best].proxy ? "proxy.efi" : "dhcp.efi";
        if (best == 8)
            assert_error(&s, PXE_E53, SIM_DHCP, "no ProxyDHCP");
        else if (order[best].kind == BINL)
            assert_ip(first_asked(&s), order[best].proxy ? SIM_PROXY : SIM_DHCP);
        else
            assert_file(&s, want, order[best].proxy ? SIM_PROXY : SIM_DHCP);
    }
}

/* Option 43 in three pieces (RFC 3396): in the options, in file, in sname (option 52); the file's name is option 67. */
static void overloaded_and_split_pxe_data(void **state)
{
    static const uint8_t extra[] = {52, 1, 3, 43, 4, 6, 1, 8, 8};
    static const uint8_t in_file[] = {43, 3, 7, 0, 9, 67, 6, 'o', 'v', 'e', 'r', '.', 'c', 255};
    static const uint8_t in_sname[] = {0, 0, 43, 5, 1, 10, 77, 0, 2, 255};
    struct sim s = {0};
    uint8_t bytes[DHCP_PACKET_MAX];

    (void)state;
    sim_start(&s);
    for (unsigned i = 0; i < 2; i++) {
        struct sim_reply r = i == 0 ? PXE_OFFER : PXE_ACK;
        size_t size;

        r.file = NULL;
        r.extra = extra;
        r.extra_size = sizeof(extra);
        size = sim_build(&r, dhcp_packet_xid(&s.last), bytes);
        memcpy(bytes + 108, in_file, sizeof(in_file));
        memcpy(bytes + 44, in_sname, sizeof(in_sname));
        pxe_client_packet(&s.client, SIM_BOOT, 67, bytes, size, s.now, &s.out);
        sim_account(&s);
    }
    assert_file(&s, "over.c", SIM_PROXY); /* tag 8's server, as bit 3 is set: all three pieces were joined */
}

/* A DHCP server that is its own PXE service and keeps the boot data for 4011 (BINL, dnsmasq). */
static void binl_server_is_asked_itself(void **state)
{
    static const struct sim_reply offer = {
        .message = DHCP_OFFER, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS, .pxe = true};
    static const struct sim_reply answer = {
        .message = DHCP_ACK, .server = SIM_DHCP, .siaddr = SIM_BOOT, .file = "binl.efi", .pxe = true};
    struct sim s = {.offer = &offer, .ack = &SIM_PLAIN_ACK, .proxy_ack = &answer};

    (void)state;
    sim_start(&s);
    assert_file(&s, "binl.efi", SIM_BOOT);
    assert_int_equal(s.now, 0);
    assert_ip(s.sent[2].dst, SIM_DHCP);
    assert_int_equal(s.sent[2].port, 4011);
    s = (struct sim){.offer = &offer, .ack = &SIM_PLAIN_ACK};
    sim_start(&s);
    sim_run(&s);
    assert_error(&s, PXE_E55, SIM_DHCP, "4011");
}

/* Several ProxyDHCPs, and the first is silent on 4011: the others get their turn, each once. */
static void a_silent_proxy_gives_way(void **state)
{
    static const struct sim_reply second = {.message = DHCP_OFFER, .server = SIM_BOOT, .siaddr = SIM_BOOT, .pxe = true};
    static const struct sim_reply answer = {.message = DHCP_ACK, .server = SIM_BOOT, .file = "second.efi", .pxe = true};
    struct sim s = {0};

    (void)state;
    sim_start(&s);
    sim_deliver(&s, &SIM_BINL_OFFER, SIM_PROXY, 67);
    sim_deliver(&s, &SIM_BINL_OFFER, SIM_PROXY, 67); /* heard twice */
    sim_deliver(&s, &SIM_PLAIN_OFFER, SIM_DHCP, 67);
    sim_deliver(&s, &second, SIM_BOOT, 67); /* while the lease is asked for */
    sim_deliver(&s, &SIM_PLAIN_ACK, SIM_DHCP, 67);
    assert_ip(s.sent[s.sent_count - 1].dst, SIM_PROXY);
    sim_run_until(&s, 10000);
    assert_int_equal(s.client.state, PXE_PROXY);
    assert_int_equal(s.proxy_requests, 5);
    assert_ip(s.sent[s.sent_count - 1].dst, SIM_BOOT);
    sim_deliver(&s, &SIM_BINL_OFFER, SIM_PROXY, 4011); /* too late */
    assert_int_equal(s.client.state, PXE_PROXY);
    sim_deliver(&s, &answer, SIM_BOOT, 4011);
    assert_file(&s, "second.efi", SIM_BOOT);
}

static void e55_when_every_proxy_is_silent(void **state)
{
    struct sim s = {.config = sim_config()};
    struct sim_reply r = SIM_BINL_OFFER;

    (void)state;
    s.config.can_probe = true;
    sim_start(&s);
    sim_deliver(&s, &SIM_PLAIN_OFFER, SIM_DHCP, 67);
    for (uint8_t i = 1; i <= 6; i++) {
        if (i == 4) { /* the address is being probed */
            sim_deliver(&s, &SIM_PLAIN_ACK, SIM_DHCP, 67);
            assert_int_equal(s.client.state, PXE_PROBING);
        }
        r.server = IP(10, 77, 1, i);
        sim_deliver(&s, &r, r.server, 67);
        if (i == 1)
            assert_int_equal(s.client.state, PXE_REQUESTING);
    }
    sim_run(&s);
    assert_int_equal(s.proxy_requests, 4 * 4); /* there is an end to it */
    assert_error(&s, PXE_E55, IP(10, 77, 1, 4), "4 requests to UDP 4011");
}

/* A DHCP server that says "PXEClient" and no more, and is silent on 4011; a ProxyDHCP is there, too. */
static void a_silent_binl_server_gives_way(void **state)
{
    static const struct sim_reply binl = {
        .message = DHCP_OFFER, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS, .pxe = true};
    struct sim_reply ack = binl, proxy = reply_of(BINL, NULL, SIM_PROXY, true);
    struct sim s = {0};

    (void)state;
    ack.message = DHCP_ACK;
    sim_start(&s);
    sim_deliver(&s, &proxy, SIM_PROXY, 67);
    sim_deliver(&s, &binl, SIM_DHCP, 67);
    sim_deliver(&s, &ack, SIM_DHCP, 67);
    assert_ip(s.sent[s.sent_count - 1].dst, SIM_DHCP);
    sim_run(&s);
    assert_error(&s, PXE_E55, SIM_PROXY, "its offer on 67");
    assert_int_equal(s.proxy_requests, 8);
}

/* The plan names the server by EDK2's order: tag 8 with bit 3, siaddr, a spelled-out sname, option 54, the sender. */
static void who_has_the_file(void **state)
{
    static const uint8_t listed[] = {6, 1, 8, 8, 7, 0, 9, 1, 10, 77, 0, 9, 255};
    static const uint8_t empty_list[] = {6, 1, 8, 8, 3, 0, 9, 0, 255};
    struct sim_reply offer = PXE_OFFER, ack = PXE_ACK;
    struct sim s = {.offer = &offer, .ack = &ack};

    (void)state;
    offer.option43 = ack.option43 = listed;
    offer.option43_size = ack.option43_size = sizeof(listed);
    sim_start(&s);
    assert_file(&s, "boot.efi", IP(10, 77, 0, 9));
    offer.option43 = ack.option43 = empty_list;
    offer.option43_size = ack.option43_size = sizeof(empty_list);
    sim_start(&s);
    assert_file(&s, "boot.efi", SIM_BOOT);
    offer.siaddr = ack.siaddr = IP(0, 0, 0, 0);
    offer.server = ack.server = SIM_DHCP;
    sim_start(&s);
    assert_file(&s, "boot.efi", SIM_DHCP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_question_says_who_asks),
        cmocka_unit_test(through_a_relay),
        cmocka_unit_test(the_dhcp_server_with_pxe_data_wins),
        cmocka_unit_test(the_first_of_equal_servers_wins),
        cmocka_unit_test(order_of_preference),
        cmocka_unit_test(overloaded_and_split_pxe_data),
        cmocka_unit_test(binl_server_is_asked_itself),
        cmocka_unit_test(a_silent_proxy_gives_way),
        cmocka_unit_test(e55_when_every_proxy_is_silent),
        cmocka_unit_test(a_silent_binl_server_gives_way),
        cmocka_unit_test(who_has_the_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
