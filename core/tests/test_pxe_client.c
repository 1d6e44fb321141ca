/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DHCP, offers and ProxyDHCP of the PXE client. Menu and discovery: test_pxe_menu.c; firmware's packets:
 * test_pxe_cached.c. */
#include "core/tests/sim.h"

static const struct sim_reply COMBINED_OFFER = {.message = DHCP_OFFER, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS,
                                                .siaddr = SIM_BOOT, .file = "boot.efi", .pxe = true};
static const struct sim_reply COMBINED_ACK = {.message = DHCP_ACK, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS,
                                              .siaddr = SIM_BOOT, .file = "boot.efi", .pxe = true};
static const struct sim_reply FILE_OFFER = {.message = DHCP_OFFER, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS,
                                            .file = "plain.efi"};
static const struct sim_reply FILE_ACK = {.message = DHCP_ACK, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS,
                                          .file = "plain.efi"};
static const struct sim_reply PROXY_FILE_OFFER = {.message = DHCP_OFFER, .server = SIM_PROXY, .siaddr = SIM_BOOT,
                                                  .file = "proxy.efi", .pxe = true};
/* dnsmasq 2.90 on 4011 with one matching pxe-service. */
static const struct sim_reply PROXY_ACK = {.message = DHCP_ACK, .server = SIM_PROXY, .siaddr = SIM_PROXY,
                                           .file = "slipway.conf", .pxe = true};

static void combined_offer_goes_on_at_once(void **state)
{
    struct sim s = {.offer = &COMBINED_OFFER, .ack = &COMBINED_ACK};

    (void)state;
    sim_start(&s);
    assert_file(&s, "boot.efi", SIM_BOOT);
    assert_int_equal(s.now, 0); /* not a millisecond of waiting */
    assert_int_equal(s.configured, 1);
    assert_int_equal(s.discovers, 1);
    assert_int_equal(s.requests, 1);
    assert_int_equal(s.client.plan.item_type, 0xffff);
    assert_ip(s.client.net.address, SIM_ADDRESS);
    assert_ip(s.client.net.dhcp_server, SIM_DHCP);
}

static void question_has_the_pxe_options(void **state)
{
    struct sim s = {0};
    uint8_t buf[64];
    size_t size;

    (void)state;
    sim_start(&s);
    assert_ip(s.sent[0].dst, IP(255, 255, 255, 255));
    assert_int_equal(s.sent[0].port, 67);
    assert_int_equal(s.last.bytes[0], 1);
    assert_int_equal(s.last.bytes[10], 0x80); /* broadcast */
    assert_int_equal(dhcp_packet_message(&s.last), DHCP_DISCOVER);
    assert_true(dhcp_packet_option(&s.last, 60, buf, sizeof(buf), &size));
    assert_int_equal(size, 32);
    assert_memory_equal(buf, "PXEClient:Arch:00007:UNDI:003016", 32);
    assert_true(dhcp_packet_option(&s.last, 77, buf, sizeof(buf), &size));
    assert_int_equal(size, 8);
    assert_memory_equal(buf, "\7Slipway", 8);
    assert_true(dhcp_packet_option(&s.last, 93, buf, sizeof(buf), &size) && size == 2 && buf[1] == 7);
    assert_true(dhcp_packet_option(&s.last, 94, buf, sizeof(buf), &size) && size == 3);
    assert_memory_equal(buf, "\1\3\20", 3);
    assert_true(dhcp_packet_option(&s.last, 97, buf, sizeof(buf), &size) && size == 17);
    assert_memory_equal(buf, "\0\1\2\3", 4);
    assert_true(dhcp_packet_option(&s.last, 57, buf, sizeof(buf), &size) && size == 2);
    assert_true(dhcp_packet_option(&s.last, 55, buf, sizeof(buf), &size));
    assert_non_null(memchr(buf, 43, size));
    assert_false(dhcp_packet_option(&s.last, 61, buf, sizeof(buf), &size)); /* the lease shall be the firmware's */
    assert_false(dhcp_packet_option(&s.last, 50, buf, sizeof(buf), &size));
    s.config.has_uuid = false;
    s.config.user_class = NULL;
    sim_start(&s);
    assert_false(dhcp_packet_option(&s.last, 97, buf, sizeof(buf), &size));
    assert_false(dhcp_packet_option(&s.last, 77, buf, sizeof(buf), &size));
}

static void e51_after_four_discovers(void **state)
{
    struct sim s = {0};

    (void)state;
    sim_start(&s);
    sim_run(&s);
    assert_error(&s, PXE_E51, IP(0, 0, 0, 0), "4 DHCPDISCOVERs");
    assert_int_equal(s.discovers, 4);
    assert_int_equal(s.sent[1].when, 4000);
    assert_int_equal(s.sent[2].when, 12000);
    assert_int_equal(s.sent[3].when, 28000);
    assert_int_equal(s.now, 60000);
    assert_int_equal(s.last.bytes[9], 28); /* secs */
    pxe_client_timer(&s.client, s.now, &s.out);
    assert_int_equal(s.out.packet_size, 0);
    pxe_client_timer(&s.client, UINT64_MAX, &s.out);
    assert_int_equal(s.client.state, PXE_FAILED);
}

static void e52_proxy_without_dhcp(void **state)
{
    struct sim s = {.proxy_offer = &SIM_BINL_OFFER};

    (void)state;
    sim_start(&s);
    sim_run(&s);
    assert_error(&s, PXE_E52, SIM_PROXY, "ProxyDHCP offer only");
}

static void e53_no_file_name(void **state)
{
    struct sim s = {.offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK};

    (void)state;
    sim_start(&s);
    sim_run(&s);
    assert_error(&s, PXE_E53, SIM_DHCP, "no ProxyDHCP answered");
    assert_int_equal(s.now, 12000); /* PXE 2.1: through 4 s and 8 s */
    assert_int_equal(s.discovers, 2);
    assert_int_equal(s.configured, 1);
}

static void proxy_on_4011_as_dnsmasq_does_it(void **state)
{
    struct sim s = {.offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK, .proxy_offer = &SIM_BINL_OFFER,
                    .proxy_ack = &PROXY_ACK};

    (void)state;
    sim_start(&s);
    assert_file(&s, "slipway.conf", SIM_PROXY);
    assert_int_equal(s.now, 0);
    assert_int_equal(s.proxy_requests, 1);
    assert_ip(s.sent[2].dst, SIM_PROXY);
    assert_int_equal(s.sent[2].port, 4011);
    assert_memory_equal(s.last.bytes + 12, SIM_ADDRESS.b, 4); /* ciaddr */
    assert_int_equal(s.last.bytes[10], 0);
    assert_int_equal(dhcp_packet_message(&s.last), DHCP_REQUEST);
}

static void xid_changes_with_the_transaction(void **state)
{
    struct sim s = {.offer = &SIM_PLAIN_OFFER, .proxy_offer = &SIM_BINL_OFFER};
    uint32_t discover;

    (void)state;
    s.lose_discovers = 1;
    sim_start(&s);
    discover = dhcp_packet_xid(&s.last);
    sim_run_until(&s, 4000);
    assert_int_equal(s.client.state, PXE_REQUESTING);
    assert_int_equal(dhcp_packet_xid(&s.last), discover);
    sim_deliver(&s, &SIM_PLAIN_ACK, SIM_DHCP, 67);
    assert_int_equal(s.client.state, PXE_PROXY);
    assert_int_not_equal(dhcp_packet_xid(&s.last), discover);
}

/* edk2#6944: proxy offers were ignored by an inverted test. Whichever comes first, both count. */
static void edk2_6944_proxy_offer_counts_in_any_order(void **state)
{
    struct sim s = {.offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK};

    (void)state;
    sim_start(&s);
    assert_int_equal(s.client.state, PXE_SELECTING);
    s.now = 700;
    sim_deliver(&s, &PROXY_FILE_OFFER, SIM_PROXY, 67);
    assert_file(&s, "proxy.efi", SIM_BOOT);
    s = (struct sim){.offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK, .proxy_offer = &PROXY_FILE_OFFER};
    sim_start(&s);
    assert_file(&s, "proxy.efi", SIM_BOOT);
}

/* edk2#8149: asks 4011 though a file name was offered. */
static void edk2_8149_file_in_the_offer_needs_no_4011(void **state)
{
    struct sim s = {.offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK, .proxy_offer = &PROXY_FILE_OFFER};

    (void)state;
    sim_start(&s);
    assert_file(&s, "proxy.efi", SIM_BOOT);
    assert_int_equal(s.proxy_requests, 0);
}

/* ipxe#954: with dnsmasq's proxy iPXE loops or loses the file name. A DHCP server's own name must not win over it. */
static void ipxe_954_proxy_name_wins_over_dhcp_name(void **state)
{
    struct sim s = {.offer = &FILE_OFFER, .ack = &FILE_ACK, .proxy_offer = &SIM_BINL_OFFER, .proxy_ack = &PROXY_ACK};

    (void)state;
    sim_start(&s);
    assert_file(&s, "slipway.conf", SIM_PROXY);
    assert_int_equal(s.discovers, 1);
    assert_int_equal(s.proxy_requests, 1);
}

/* Links that do not forward for 30 s after link-up (ipxe#1337, RackHD#43). */
static void spanning_tree_is_waited_out(void **state)
{
    struct sim s = {.offer = &COMBINED_OFFER, .ack = &COMBINED_ACK, .dead_until = 27000};

    (void)state;
    sim_start(&s);
    sim_run(&s);
    assert_file(&s, "boot.efi", SIM_BOOT);
    assert_int_equal(s.now, 28000);
    sim_deliver(&s, &COMBINED_ACK, SIM_DHCP, 67); /* a late twin changes nothing */
    assert_file(&s, "boot.efi", SIM_BOOT);
    s = (struct sim){.offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK, .dead_until = 27000};
    sim_start(&s); /* and a late address still leaves time for a ProxyDHCP */
    sim_run_until(&s, 29000);
    sim_deliver(&s, &PROXY_FILE_OFFER, SIM_PROXY, 67);
    assert_file(&s, "proxy.efi", SIM_BOOT);
}

/* The address comes in the last second, with all DISCOVERs used up: a ProxyDHCP still gets its moment. */
static void address_in_the_last_second(void **state)
{
    struct sim s = {.ack = &SIM_PLAIN_ACK};

    (void)state;
    sim_start(&s);
    sim_run_until(&s, 59500);
    sim_deliver(&s, &SIM_PLAIN_OFFER, SIM_DHCP, 67);
    sim_run_until(&s, 61000);
    assert_int_equal(s.client.state, PXE_SELECTING);
    sim_deliver(&s, &PROXY_FILE_OFFER, SIM_PROXY, 67);
    assert_file(&s, "proxy.efi", SIM_BOOT);
    assert_int_equal(s.discovers, 4);
}

/* Servers answer at once or late (dnsmasq --dhcp-reply-delay): a name by itself waits a moment for a ProxyDHCP. */
static void plain_file_name_waits_a_moment(void **state)
{
    struct sim s = {.offer = &FILE_OFFER, .ack = &FILE_ACK};

    (void)state;
    sim_start(&s);
    sim_run(&s);
    assert_file(&s, "plain.efi", SIM_DHCP); /* no siaddr: option 54 */
    assert_int_equal(s.now, 2000);
}

static void a_url_names_its_own_server(void **state)
{
    struct sim_reply offer = COMBINED_OFFER, ack = COMBINED_ACK;
    struct sim s = {.offer = &offer, .ack = &ack};

    (void)state;
    offer.file = ack.file = "http://10.77.0.9:8077/auto.conf";
    sim_start(&s);
    assert_file(&s, "http://10.77.0.9:8077/auto.conf", IP(10, 77, 0, 9));
    offer.file = ack.file = "http://boot.example.org/auto.conf";
    sim_start(&s);
    assert_file(&s, "http://boot.example.org/auto.conf", SIM_BOOT);
}

static void bootp_reply_with_a_file(void **state)
{
    static const struct sim_reply bootp = {.yiaddr = SIM_ADDRESS, .siaddr = SIM_BOOT, .file = "bootp.0"};
    static const struct sim_reply nameless = {.yiaddr = SIM_ADDRESS};
    struct sim s = {.offer = &bootp};

    (void)state;
    sim_start(&s);
    sim_deliver(&s, &nameless, SIM_PROXY, 67); /* the better one stays */
    sim_run(&s);
    assert_file(&s, "bootp.0", SIM_BOOT);
    assert_int_equal(s.requests, 0);
    assert_int_equal(s.configured, 1);
    assert_true(s.client.net.lease_seconds == 0xffffffff);
}

/* Which of many: EDK2's order, whatever the order of arrival. */
static void preference_of_offers(void **state)
{
    static const uint8_t mtftp43[] = {1, 4, 224, 1, 1, 1, 255}, menu43[] = {6, 1, 3, 9, 3, 0, 0, 0, 255};
    static const struct sim_reply mtftp = {.message = DHCP_OFFER, .server = SIM_PROXY, .siaddr = SIM_PROXY,
                                           .file = "mtftp", .pxe = true, .option43 = mtftp43, .option43_size = 7};
    static const struct sim_reply menu = {.message = DHCP_OFFER, .server = SIM_BOOT, .pxe = true, .option43 = menu43,
                                          .option43_size = 9};
    static const struct sim_reply ip_binl = {.message = DHCP_OFFER, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS,
                                             .pxe = true};
    struct sim s = {.ack = &SIM_PLAIN_ACK};

    (void)state;
    sim_start(&s); /* proxies: menu over MTFTP over BINL */
    sim_deliver(&s, &SIM_BINL_OFFER, SIM_PROXY, 67);
    sim_deliver(&s, &mtftp, SIM_PROXY, 67);
    sim_deliver(&s, &menu, SIM_BOOT, 67);
    sim_deliver(&s, &mtftp, SIM_PROXY, 67);
    sim_deliver(&s, &SIM_PLAIN_OFFER, SIM_DHCP, 67);
    assert_int_equal(s.client.state, PXE_DONE);
    assert_int_equal(s.client.plan.kind, BOOT_LOCAL);
    s = (struct sim){.ack = &SIM_PLAIN_ACK}; /* proxy MTFTP over the DHCP server's BINL */
    sim_start(&s);
    sim_deliver(&s, &mtftp, SIM_PROXY, 67);
    sim_deliver(&s, &ip_binl, SIM_DHCP, 67);
    assert_file(&s, "mtftp", SIM_PROXY);
    s = (struct sim){.ack = &SIM_PLAIN_ACK}; /* the DHCP server's BINL over the proxy's */
    sim_start(&s);
    sim_deliver(&s, &SIM_BINL_OFFER, SIM_PROXY, 67);
    sim_deliver(&s, &ip_binl, SIM_DHCP, 67);
    assert_int_equal(s.client.state, PXE_PROXY);
    assert_ip(s.sent[s.sent_count - 1].dst, SIM_DHCP);
    s = (struct sim){.ack = &COMBINED_ACK}; /* the DHCP server's PXE data over everything */
    sim_start(&s);
    sim_deliver(&s, &menu, SIM_BOOT, 67);
    sim_deliver(&s, &COMBINED_OFFER, SIM_DHCP, 67);
    assert_file(&s, "boot.efi", SIM_BOOT);
}

/* MTFTP settings reach the plan with the file, if they are whole and PXE's. */
static void mtftp_settings_come_with_the_file(void **state)
{
    static const uint8_t whole[] = {1, 4, 239, 1, 1, 1, 2, 2, 0xde, 6, 3, 2, 0xdf, 6, 4, 1, 3, 5, 1, 2, 255};
    struct sim_reply offer = COMBINED_OFFER, ack = COMBINED_ACK;
    struct sim s = {.offer = &offer, .ack = &ack};

    (void)state;
    offer.option43 = ack.option43 = whole;
    offer.option43_size = ack.option43_size = sizeof(whole);
    sim_start(&s);
    assert_file(&s, "boot.efi", SIM_BOOT);
    assert_ip(s.client.plan.mtftp.group, IP(239, 1, 1, 1));
    assert_int_equal(s.client.plan.mtftp.client_port, 1758);
    assert_int_equal(s.client.plan.mtftp.server_port, 1759);
    assert_int_equal(s.client.plan.mtftp.listen_s, 3);
    assert_int_equal(s.client.plan.mtftp.reopen_s, 2);
    offer.option43_size = ack.option43_size = 14; /* cut before the listen delay, and inside the server port */
    s = (struct sim){.offer = &offer, .ack = &ack};
    sim_start(&s);
    assert_false(ip4_is_zero(s.client.plan.mtftp.group));
    offer.option43_size = ack.option43_size = 13;
    s = (struct sim){.offer = &offer, .ack = &ack};
    sim_start(&s);
    assert_file(&s, "boot.efi", SIM_BOOT);
    assert_true(ip4_is_zero(s.client.plan.mtftp.group));
    offer.option43_size = ack.option43_size = sizeof(whole);
    offer.pxe = ack.pxe = false; /* another vendor's option 43 */
    s = (struct sim){.offer = &offer, .ack = &ack};
    sim_start(&s);
    sim_run(&s);
    assert_file(&s, "boot.efi", SIM_BOOT);
    assert_true(ip4_is_zero(s.client.plan.mtftp.group));
}

/* The file name is in the offer and not in the ACK, or the other way round. */
static void pxe_data_in_one_of_offer_and_ack(void **state)
{
    struct sim s = {.offer = &COMBINED_OFFER, .ack = &SIM_PLAIN_ACK};

    (void)state;
    sim_start(&s);
    assert_file(&s, "boot.efi", SIM_BOOT);
    s = (struct sim){.offer = &SIM_PLAIN_OFFER, .ack = &COMBINED_ACK};
    sim_start(&s);
    sim_run(&s);
    assert_file(&s, "boot.efi", SIM_BOOT);
}

/* dnsmasq 2.90 as the DHCP server, one pxe-service for UEFI. */
static void e55_dnsmasq_with_one_uefi_item(void **state)
{
    static const uint8_t prompt_only[] = {10, 8, 0, 'S', 'l', 'i', 'p', 'w', 'a', 'y', 255};
    static const struct sim_reply offer = {.message = DHCP_OFFER, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS,
                                           .siaddr = SIM_DHCP, .pxe = true, .option43 = prompt_only,
                                           .option43_size = sizeof(prompt_only)};
    struct sim_reply ack = offer;
    struct sim s = {.offer = &offer, .ack = &ack};

    (void)state;
    ack.message = DHCP_ACK;
    sim_start(&s);
    sim_run(&s);
    assert_int_equal(s.proxy_requests, 4);
    assert_error(&s, PXE_E55, SIM_DHCP, "an address and \"PXEClient\" without a boot file");
    assert_error(&s, PXE_E55, SIM_DHCP, "4 requests to UDP 4011");
}

static void e55_silence_on_4011(void **state)
{
    struct sim s = {.offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK, .proxy_offer = &SIM_BINL_OFFER};

    (void)state;
    sim_start(&s);
    sim_run(&s);
    assert_error(&s, PXE_E55, SIM_PROXY, "4 requests to UDP 4011");
    assert_int_equal(s.now, 10000);
    assert_int_equal(s.sent[3].when, 1000);
    assert_int_equal(s.sent[4].when, 3000);
    assert_int_equal(s.sent[5].when, 6000);
    s = (struct sim){.offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK, .proxy_offer = &SIM_BINL_OFFER,
                     .proxy_ack = &PROXY_ACK, .lose_proxy = 3};
    sim_start(&s);
    sim_run(&s);
    assert_file(&s, "slipway.conf", SIM_PROXY);
    assert_int_equal(s.now, 6000);
}

static void strangers_on_4011_are_ignored(void **state)
{
    struct sim s = {.offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK, .proxy_offer = &SIM_BINL_OFFER};
    struct sim_reply r = PROXY_ACK;

    (void)state;
    sim_start(&s);
    r.server = SIM_BOOT;
    sim_deliver(&s, &r, SIM_BOOT, 4011);
    r = PROXY_ACK;
    r.message = DHCP_NAK;
    sim_deliver(&s, &r, SIM_PROXY, 4011);
    assert_int_equal(s.client.state, PXE_PROXY);
    r.message = DHCP_ACK;
    r.server = IP(0, 0, 0, 0);
    sim_deliver(&s, &r, SIM_PROXY, 4011); /* the sender is enough */
    assert_file(&s, "slipway.conf", SIM_PROXY);
}

static void e53_answer_on_4011_without_file(void **state)
{
    static const struct sim_reply empty = {.message = DHCP_ACK, .server = SIM_PROXY, .pxe = true};
    struct sim s = {.offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK, .proxy_offer = &SIM_BINL_OFFER,
                    .proxy_ack = &empty};

    (void)state;
    sim_start(&s);
    assert_error(&s, PXE_E53, SIM_PROXY, "neither boot file name nor menu");
}

static void lost_requests_are_sent_again(void **state)
{
    struct sim s = {.offer = &COMBINED_OFFER, .ack = &COMBINED_ACK, .lose_requests = 3, .lose_discovers = 1};

    (void)state;
    sim_start(&s);
    sim_run(&s);
    assert_file(&s, "boot.efi", SIM_BOOT);
    assert_int_equal(s.now, 4000 + 7000);
    s = (struct sim){.offer = &COMBINED_OFFER};
    sim_start(&s);
    sim_run(&s);
    assert_error(&s, PXE_E51, SIM_DHCP, "no DHCPACK");
    assert_int_equal(s.discovers, 4);
    assert_int_equal(s.requests, 16);
}

static void nak_begins_again_but_not_for_ever(void **state)
{
    static const struct sim_reply nak = {.message = DHCP_NAK, .server = SIM_DHCP};
    static const struct sim_reply foreign = {.message = DHCP_NAK, .server = SIM_BOOT};
    static const struct sim_reply no_address = {.message = DHCP_ACK, .server = SIM_DHCP};
    struct sim s = {.offer = &COMBINED_OFFER};

    (void)state;
    sim_start(&s);
    sim_deliver(&s, &foreign, SIM_BOOT, 67);
    sim_deliver(&s, &no_address, SIM_DHCP, 67);
    sim_deliver(&s, &COMBINED_OFFER, SIM_DHCP, 67);
    assert_int_equal(s.client.state, PXE_REQUESTING);
    assert_int_equal(s.discovers, 1);
    sim_deliver(&s, &nak, SIM_DHCP, 67);
    assert_int_equal(s.discovers, 2);
    assert_int_equal(s.client.state, PXE_REQUESTING);
    sim_deliver(&s, &COMBINED_ACK, SIM_DHCP, 67);
    assert_file(&s, "boot.efi", SIM_BOOT);
    s = (struct sim){.offer = &COMBINED_OFFER, .ack = &nak};
    sim_start(&s);
    sim_run(&s);
    assert_error(&s, PXE_E51, SIM_DHCP, "DHCPNAK");
    assert_int_equal(s.discovers, 4);
}

/* xid, chaddr, op, cookie, message type, server id, address: one wrong thing each. */
static void packets_for_others_are_ignored(void **state)
{
    static const unsigned flip[] = {0, 1, 2, 4, 7, 28, 33, 236, 239, 242};
    struct sim s = {0};
    struct sim_reply r = COMBINED_OFFER;
    uint8_t bytes[DHCP_PACKET_MAX];
    size_t size;

    (void)state;
    sim_start(&s);
    for (unsigned i = 0; i < sizeof(flip) / sizeof(flip[0]); i++) {
        size = sim_build(&COMBINED_OFFER, dhcp_packet_xid(&s.last), bytes);
        bytes[flip[i]] ^= 0x10;
        pxe_client_packet(&s.client, SIM_DHCP, 67, bytes, size, 0, &s.out);
        assert_int_equal(s.out.packet_size, 0);
    }
    for (unsigned i = 0; i < 4; i++) {
        static const uint8_t bad[] = {0, 127, 224, 255};
        r.yiaddr = IP(bad[i], 1, 1, 1);
        sim_deliver(&s, &r, SIM_DHCP, 67);
    }
    r = COMBINED_OFFER;
    r.server = IP(0, 0, 0, 0);
    sim_deliver(&s, &r, SIM_DHCP, 67);
    r = SIM_BINL_OFFER;
    r.pxe = false; /* no address and not PXEClient: nothing */
    sim_deliver(&s, &r, SIM_PROXY, 67);
    assert_int_equal(s.requests, 0);
    assert_int_equal(s.client.state, PXE_SELECTING);
    sim_deliver(&s, &COMBINED_OFFER, SIM_DHCP, 67);
    assert_int_equal(s.client.state, PXE_REQUESTING);
    sim_key(&s, MENU_KEY_ENTER, 0); /* keys mean nothing here */
    assert_int_equal(s.client.state, PXE_REQUESTING);
}

static void every_truncation_of_every_answer(void **state)
{
    static const uint8_t menu43[] = {6, 1, 8, 10, 2, 3, 'p', 8,   7, 0, 9, 1,   10,  77,
                                     0, 3, 9, 9,  0, 9, 1,   'x', 0, 0, 2, 'y', 'z', 255};
    struct sim_reply r = {.message = DHCP_OFFER, .server = SIM_PROXY, .pxe = true, .option43 = menu43,
                          .option43_size = sizeof(menu43)};
    uint8_t bytes[DHCP_PACKET_MAX];
    size_t size = sim_build(&r, 0, bytes);

    (void)state;
    for (size_t n = 0; n <= size; n++) {
        struct sim s = {.offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK};
        uint8_t *copy;

        sim_start(&s);
        size = sim_build(&r, dhcp_packet_xid(&s.last), bytes);
        copy = malloc(n + 1);
        memcpy(copy, bytes, n);
        pxe_client_packet(&s.client, SIM_PROXY, 67, copy, n, 0, &s.out);
        free(copy);
        sim_account(&s);
        sim_run(&s);
        assert_true(sim_over(&s)); /* some end is always reached */
    }
}

static void agent_wants_an_address_only(void **state)
{
    static const uint8_t extra[] = {1,   4,   255, 255, 240, 0, 3,  8,   10,  77,  0,   254, 10, 77, 0,
                                    253, 6,   4,   10,  77,  0, 53, 12,  4,   'p', 'c', '-', 'a', 15, 5,
                                    'l', 'a', 'b', '.', 0,   26, 2, 5, 0xdc, 51,  4,   0,   0,   14, 16};
    struct sim_reply ack = SIM_PLAIN_ACK;
    struct sim s = {.offer = &SIM_PLAIN_OFFER, .ack = &ack, .config = sim_config()};
    uint8_t buf[64];
    size_t size;

    (void)state;
    ack.extra = extra;
    ack.extra_size = sizeof(extra);
    s.config.want_boot = false;
    sim_start(&s);
    assert_int_equal(s.client.state, PXE_DONE);
    assert_int_equal(s.client.plan.kind, BOOT_NONE);
    assert_int_equal(s.now, 0);
    assert_int_equal(s.configured, 1);
    assert_ip(s.client.net.netmask, IP(255, 255, 240, 0));
    assert_ip(s.client.net.gateway, IP(10, 77, 0, 254));
    assert_ip(s.client.net.dns[0], IP(10, 77, 0, 53));
    assert_ip(s.client.net.dns[1], IP(0, 0, 0, 0));
    assert_string_equal(s.client.net.host_name, "pc-a");
    assert_string_equal(s.client.net.domain, "lab.");
    assert_int_equal(s.client.net.mtu, 1500);
    assert_int_equal(s.client.net.lease_seconds, 3600);
    assert_false(dhcp_packet_option(&s.last, 60, buf, sizeof(buf), &size));
    assert_false(dhcp_packet_option(&s.last, 93, buf, sizeof(buf), &size));
    assert_false(dhcp_packet_option(&s.last, 12, buf, sizeof(buf), &size));
    assert_true(dhcp_packet_option(&s.last, 55, buf, sizeof(buf), &size));
    s.offer = NULL;
    s.sent_count = s.discovers = 0;
    s.now = 0;
    sim_start(&s);
    sim_run(&s);
    assert_error(&s, PXE_E51, IP(0, 0, 0, 0), "6 DHCPDISCOVERs");
    assert_int_equal(s.sent[1].when, 1000);
    assert_int_equal(s.now, 31000);
}

static struct net_config net_from(const uint8_t *extra, size_t size, struct ip4 address)
{
    struct sim_reply offer = SIM_PLAIN_OFFER, ack = SIM_PLAIN_ACK;
    struct sim s = {.offer = &offer, .ack = &ack, .config = sim_config()};

    s.config.want_boot = false;
    offer.yiaddr = ack.yiaddr = address;
    ack.extra = extra;
    ack.extra_size = size;
    sim_start(&s);
    assert_int_equal(s.client.state, PXE_DONE);
    return s.client.net;
}

static void bad_values_in_the_ack(void **state)
{
    static const uint8_t bad[] = {1,   4,  255, 0,   255, 0,  12, 5, 'a', ';', 'r', 'm', ' ',
                                  15, 2,  '-', 'x', 26,  2,  0,  68, 51,  2,   1,   1};
    uint8_t names[200] = {12, 64};
    struct net_config n = net_from(bad, sizeof(bad), IP(10, 1, 1, 1));

    (void)state;
    assert_ip(n.netmask, IP(255, 0, 0, 0));
    assert_string_equal(n.host_name, "");
    assert_string_equal(n.domain, "");
    assert_int_equal(n.mtu, 0);
    assert_true(n.lease_seconds == 0xffffffff);
    assert_ip(net_from(NULL, 0, IP(172, 16, 0, 1)).netmask, IP(255, 255, 0, 0));
    assert_ip(net_from(NULL, 0, IP(192, 168, 0, 1)).netmask, IP(255, 255, 255, 0));
    memset(names + 2, 'a', 64);
    assert_string_equal(net_from(names, 66, SIM_ADDRESS).host_name, "");
    names[1] = 63;
    assert_int_equal(strlen(net_from(names, 65, SIM_ADDRESS).host_name), 63);
    names[0] = 15;
    names[1] = 130; /* longer than the field */
    memset(names + 2, 'b', 130);
    assert_string_equal(net_from(names, 132, SIM_ADDRESS).domain, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(combined_offer_goes_on_at_once),
        cmocka_unit_test(question_has_the_pxe_options),
        cmocka_unit_test(e51_after_four_discovers),
        cmocka_unit_test(e52_proxy_without_dhcp),
        cmocka_unit_test(e53_no_file_name),
        cmocka_unit_test(proxy_on_4011_as_dnsmasq_does_it),
        cmocka_unit_test(xid_changes_with_the_transaction),
        cmocka_unit_test(edk2_6944_proxy_offer_counts_in_any_order),
        cmocka_unit_test(edk2_8149_file_in_the_offer_needs_no_4011),
        cmocka_unit_test(ipxe_954_proxy_name_wins_over_dhcp_name),
        cmocka_unit_test(spanning_tree_is_waited_out),
        cmocka_unit_test(address_in_the_last_second),
        cmocka_unit_test(plain_file_name_waits_a_moment),
        cmocka_unit_test(a_url_names_its_own_server),
        cmocka_unit_test(bootp_reply_with_a_file),
        cmocka_unit_test(preference_of_offers),
        cmocka_unit_test(mtftp_settings_come_with_the_file),
        cmocka_unit_test(pxe_data_in_one_of_offer_and_ack),
        cmocka_unit_test(e55_dnsmasq_with_one_uefi_item),
        cmocka_unit_test(e55_silence_on_4011),
        cmocka_unit_test(strangers_on_4011_are_ignored),
        cmocka_unit_test(e53_answer_on_4011_without_file),
        cmocka_unit_test(lost_requests_are_sent_again),
        cmocka_unit_test(nak_begins_again_but_not_for_ever),
        cmocka_unit_test(packets_for_others_are_ignored),
        cmocka_unit_test(every_truncation_of_every_answer),
        cmocka_unit_test(agent_wants_an_address_only),
        cmocka_unit_test(bad_values_in_the_ack),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
