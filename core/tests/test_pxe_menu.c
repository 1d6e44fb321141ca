/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Option 43 in the PXE client: prompt, menu, forced item, local boot, boot-server discovery. */
#include "core/tests/sim.h"

#define OPTION43(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

/* Item type 9 only, prompt timeout 0: the forced item. The discovery tags come before. */
#define FORCED 9, 5, 0, 9, 2, 'o', 'n', 10, 1, 0
#define LOCAL_AND_9(timeout) 9, 13, 0, 0, 5, 'L', 'o', 'c', 'a', 'l', 0, 9, 2, 'o', 'n', 10, 1, timeout

static const uint8_t item9[] = {71, 4, 0, 9, 0, 0, 255};
static const struct sim_reply BOOT_ACK = {.message = DHCP_ACK, .server = SIM_BOOT, .file = "item9.conf", .pxe = true,
                                          .option43 = item9, .option43_size = sizeof(item9)};

/* A client whose ProxyDHCP offers `option43`. */
static struct sim_reply proxy_reply;
static struct sim with_menu(const uint8_t *option43, size_t size, const struct sim_reply *boot_ack)
{
    struct sim s = {.offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK, .proxy_offer = &proxy_reply,
                    .boot_ack = boot_ack};

    proxy_reply = (struct sim_reply){.message = DHCP_OFFER, .server = SIM_PROXY, .pxe = true, .option43 = option43,
                                     .option43_size = size};
    return s;
}

static void local_item_after_the_prompt(void **state)
{
    struct sim s = with_menu(OPTION43(LOCAL_AND_9(3), 255), &BOOT_ACK);

    (void)state;
    sim_start(&s);
    assert_int_equal(s.client.state, PXE_PROMPTING);
    assert_int_equal(s.redraws, 1);
    sim_run_until(&s, 2999);
    assert_int_equal(s.client.state, PXE_PROMPTING);
    assert_int_equal(s.redraws, 3);
    sim_run(&s);
    assert_int_equal(s.now, 3000);
    assert_int_equal(s.client.state, PXE_DONE);
    assert_int_equal(s.client.plan.kind, BOOT_LOCAL);
    assert_int_equal(s.client.plan.item_type, 0);
    assert_int_equal(s.boot_requests, 0);
    assert_null(pxe_client_boot_packet(&s.client));
}

static void menu_from_4011_as_dnsmasq_sends_it(void **state)
{
    const uint8_t option43[] = {6, 1, 3, LOCAL_AND_9(255), 8, 7, 0, 9, 1, 10, 77, 0, 3, 255};
    const struct sim_reply answer = {.message = DHCP_ACK, .server = SIM_PROXY, .option43 = option43,
                                     .option43_size = sizeof(option43)};
    struct sim s = {.offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK, .proxy_offer = &SIM_BINL_OFFER,
                    .proxy_ack = &answer, .boot_ack = &BOOT_ACK};

    (void)state;
    sim_start(&s);
    sim_run_until(&s, 3600000);
    assert_int_equal(s.client.state, PXE_PROMPTING);
    sim_key(&s, MENU_KEY_PAGE_UP, 0);
    assert_int_equal(s.redraws, 1);
    sim_key(&s, MENU_KEY_DOWN, 0);
    assert_int_equal(s.redraws, 2);
    sim_key(&s, MENU_KEY_ENTER, 0);
    assert_file(&s, "item9.conf", SIM_BOOT);
    assert_int_equal(s.client.plan.item_type, 9);
}

/* ipxe#1537: iPXE never shows the PXE menu on UEFI. F8 and M do, at the prompt; Enter takes the first item. */
static void ipxe_1537_menu_is_shown_on_uefi(void **state)
{
    struct sim s = with_menu(OPTION43(LOCAL_AND_9(9), 255), NULL);

    (void)state;
    sim_start(&s);
    sim_key(&s, MENU_KEY_F8, 0);
    assert_int_equal(s.client.menu.mode, MENU_LIST);
    sim_run_until(&s, 100000);
    assert_int_equal(s.client.state, PXE_PROMPTING);
    sim_key(&s, MENU_KEY_CHARACTER, '1');
    assert_int_equal(s.client.plan.kind, BOOT_LOCAL);
    sim_start(&s);
    sim_key(&s, MENU_KEY_CHARACTER, 'm');
    assert_int_equal(s.client.menu.mode, MENU_LIST);
    sim_start(&s);
    sim_key(&s, MENU_KEY_ENTER, 0);
    assert_int_equal(s.client.plan.kind, BOOT_LOCAL);
    sim_start(&s);
    sim_key(&s, MENU_KEY_ESCAPE, 0);
    assert_error(&s, PXE_EA0, IP(0, 0, 0, 0), "Esc");
}

static void forced_item_goes_straight_on(void **state)
{
    struct sim s = with_menu(OPTION43(6, 1, 3, FORCED, 8, 7, 0, 9, 1, 10, 77, 0, 3, 255), &BOOT_ACK);
    uint8_t buf[64];
    size_t size;

    (void)state;
    sim_start(&s);
    assert_file(&s, "item9.conf", SIM_BOOT);
    assert_int_equal(s.now, 0);
    assert_int_equal(s.redraws, 0);
    assert_ip(s.sent[2].dst, SIM_BOOT);
    assert_int_equal(s.sent[2].port, 4011);
    assert_true(dhcp_packet_option(&s.last, 43, buf, sizeof(buf), &size));
    assert_memory_equal(buf, item9, sizeof(item9));
    assert_true(dhcp_packet_option(&s.last, 77, buf, sizeof(buf), &size));
    assert_memory_equal(s.last.bytes + 12, SIM_ADDRESS.b, 4);
}

/* Tag 6 bit 3: a file name means no prompt, no menu, no discovery; its server is tag 8's first. */
static void bit_3_with_a_file_downloads_it(void **state)
{
    struct sim s = with_menu(OPTION43(6, 1, 8, LOCAL_AND_9(255), 8, 7, 0, 9, 1, 10, 77, 0, 3, 255), NULL);

    (void)state;
    proxy_reply.file = "direct.efi";
    proxy_reply.siaddr = SIM_PROXY;
    sim_start(&s);
    assert_file(&s, "direct.efi", SIM_BOOT);
    s = with_menu(OPTION43(6, 1, 8, LOCAL_AND_9(255), 255), NULL);
    proxy_reply.file = "direct.efi";
    sim_start(&s);
    assert_file(&s, "direct.efi", SIM_PROXY);
    s = with_menu(OPTION43(6, 1, 0, 8, 7, 0, 9, 1, 10, 77, 0, 3, 255), NULL); /* bit 3 clear: siaddr, not tag 8 */
    proxy_reply.file = "direct.efi";
    proxy_reply.siaddr = SIM_PROXY;
    sim_start(&s);
    assert_file(&s, "direct.efi", SIM_PROXY);
    s = with_menu(OPTION43(6, 1, 0, LOCAL_AND_9(255), 255), NULL); /* bit 3 clear: the menu counts */
    proxy_reply.file = "direct.efi";
    sim_start(&s);
    assert_int_equal(s.client.state, PXE_PROMPTING);
    s = with_menu(OPTION43(6, 1, 8, LOCAL_AND_9(0), 255), NULL); /* no file name: so does it here */
    sim_start(&s);
    assert_int_equal(s.client.plan.kind, BOOT_LOCAL);
}

/* The bytes that dnsmasq 2.90 sends for dhcp-option=vendor:PXEClient,200,bootnext. */
static void policy_for_the_local_disk(void **state)
{
    struct sim s = with_menu(OPTION43(6, 1, 3, 9, 8, 0, 0, 5, 'L', 'o', 'c', 'a', 'l', 200, 8, 'b', 'o', 'o', 't', 'n',
                                      'e', 'x', 't', 10, 2, 0, 'p', 255), NULL);

    (void)state;
    sim_start(&s);
    assert_int_equal(s.client.plan.kind, BOOT_LOCAL);
    assert_int_equal(s.client.plan.local_boot, LOCAL_BOOT_NEXT);
    s = with_menu(OPTION43(LOCAL_AND_9(0), 200, 1, '7', 255), NULL);
    sim_start(&s);
    assert_int_equal(s.client.plan.local_boot, LOCAL_BOOT_UNKNOWN);
    s = with_menu(OPTION43(LOCAL_AND_9(0), 255), NULL);
    sim_start(&s);
    assert_int_equal(s.client.plan.local_boot, LOCAL_BOOT_UNSAID);
}

static void e74_malformed_menu(void **state)
{
    struct sim s = with_menu(OPTION43(9, 8, 0, 0, 1, 'x', 0, 9, 200, 'y', 255), NULL);

    (void)state;
    sim_start(&s);
    assert_error(&s, PXE_E74, SIM_PROXY, "tag 9 of 8 bytes: it ends inside item 2");
    s = with_menu(OPTION43(9, 0, 255), NULL);
    sim_start(&s);
    assert_error(&s, PXE_E74, SIM_PROXY, "no item");
}

/* A menu needs no prompt, but a prompt needs its timeout and a menu. */
static void e74_malformed_prompt(void **state)
{
    struct sim s = with_menu(OPTION43(9, 4, 0, 0, 1, 'x', 10, 0, 255), NULL);

    (void)state;
    sim_start(&s);
    assert_error(&s, PXE_E74, SIM_PROXY, "tag 10 of 0 bytes: no timeout");
    s = with_menu(OPTION43(9, 4, 0, 0, 1, 'x', 255), NULL); /* missing: the first item at once */
    sim_start(&s);
    assert_int_equal(s.client.plan.kind, BOOT_LOCAL);
    struct sim_reply answer = {.message = DHCP_ACK, .server = SIM_PROXY, .option43 = (const uint8_t[]){10, 2, 3, 'p'},
                               .option43_size = 4};
    s = (struct sim){.offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK, .proxy_offer = &SIM_BINL_OFFER,
                     .proxy_ack = &answer};
    sim_start(&s);
    assert_error(&s, PXE_E74, SIM_PROXY, "tag 10, a prompt, but no menu");
}

/* Option 43 is cut: whatever stood before the cut, it is no menu to act on. */
static void option_43_that_ends_inside_a_tag(void **state)
{
    static const uint8_t menu[] = {6, 1, 3, 8, 7, 0, 9, 1, 10, 77, 0, 3, 9, 20, 0, 9, 2, 'o', 'n'};
    static const uint8_t prompt[] = {6, 1, 3, 10, 9, 0};
    static const uint8_t list[] = {6, 1, 3, 8, 200, 0, 9};
    struct sim_reply answer = {.message = DHCP_ACK, .server = SIM_PROXY, .option43 = menu,
                               .option43_size = sizeof(menu)};
    struct sim s = {.offer = &SIM_PLAIN_OFFER, .ack = &SIM_PLAIN_ACK, .proxy_offer = &SIM_BINL_OFFER,
                    .proxy_ack = &answer};

    (void)state;
    sim_start(&s);
    assert_error(&s, PXE_E74, SIM_PROXY, "option 43 ends inside its tag 9");
    answer.option43 = prompt;
    answer.option43_size = sizeof(prompt);
    sim_start(&s);
    assert_error(&s, PXE_E74, SIM_PROXY, "option 43 ends inside its tag 10");
    answer.option43 = list;
    answer.option43_size = sizeof(list);
    sim_start(&s);
    assert_error(&s, PXE_E77, SIM_PROXY, "option 43 ends inside its tag 8");
    answer.file = "whole.efi"; /* a file name needs none of it */
    sim_start(&s);
    assert_file(&s, "whole.efi", SIM_PROXY);
}

static void discovery_order_and_retries(void **state)
{
    struct sim s = with_menu(OPTION43(7, 4, 224, 1, 1, 2, FORCED, 8, 11, 0, 9, 2, 10, 77, 0, 3, 10, 77, 0, 4, 255),
                             NULL);
    static const uint16_t when[] = {0, 1000, 2000, 2000, 3000, 5000, 7000, 7000};

    (void)state;
    sim_start(&s);
    sim_run(&s);
    assert_error(&s, PXE_E78, SIM_BOOT, "item type 9");
    assert_int_equal(s.boot_requests, 16);
    assert_int_equal(s.now, 3 * (1 + 2 + 3 + 4) * 1000);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(s.sent[2 + i].when, when[i]);
    for (unsigned i = 0; i < 16; i += 4) {
        assert_ip(s.sent[2 + i].dst, IP(224, 1, 1, 2));
        assert_int_equal(s.sent[2 + i].port, 4011);
        assert_ip(s.sent[3 + i].dst, IP(255, 255, 255, 255));
        assert_int_equal(s.sent[3 + i].port, 67);
        assert_ip(s.sent[4 + i].dst, SIM_BOOT);
        assert_ip(s.sent[5 + i].dst, IP(10, 77, 0, 4));
    }
}

static void each_way_reaches_a_server(void **state)
{
    static const struct ip4 ways[] = {{{224, 1, 1, 2}}, {{255, 255, 255, 255}}, {{10, 77, 0, 4}}};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct sim s = with_menu(OPTION43(7, 4, 224, 1, 1, 2, FORCED, 8, 11, 0, 9, 2, 10, 77, 0, 3, 10, 77, 0, 4, 255),
                                 &BOOT_ACK);

        s.boot_listens = ways[i];
        s.lose_boot = 0;
        sim_start(&s);
        sim_run(&s);
        assert_file(&s, "item9.conf", SIM_BOOT);
        assert_int_equal(s.now, i * 1000);
    }
    struct sim s = with_menu(OPTION43(6, 1, 2, FORCED, 255), &BOOT_ACK); /* lost packets: dnsmasq's control 2 */
    s.lose_boot = 3;
    sim_start(&s);
    sim_run(&s);
    assert_file(&s, "item9.conf", SIM_BOOT);
    assert_int_equal(s.now, 6000);
}

/* The settings for the file are those of the boot server that names it, not those of the menu. */
static void mtftp_settings_of_the_boot_server(void **state)
{
    static const uint8_t with_mtftp[] = {71, 4, 0, 9, 0, 0, 1, 4, 239, 1, 1, 1, 2, 2, 1, 2, 3, 2, 3, 4, 255};
    struct sim_reply ack = BOOT_ACK;
    struct sim s = with_menu(OPTION43(1, 4, 239, 9, 9, 9, 2, 2, 1, 0, 3, 2, 1, 0, FORCED, 255), &ack);

    (void)state;
    sim_start(&s);
    assert_file(&s, "item9.conf", SIM_BOOT);
    assert_true(ip4_is_zero(s.client.plan.mtftp.group));
    ack.option43 = with_mtftp;
    ack.option43_size = sizeof(with_mtftp);
    s = with_menu(OPTION43(FORCED, 255), &ack);
    sim_start(&s);
    assert_file(&s, "item9.conf", SIM_BOOT);
    assert_ip(s.client.plan.mtftp.group, IP(239, 1, 1, 1));
    assert_int_equal(s.client.plan.mtftp.client_port, 0x0201);
    assert_int_equal(s.client.plan.mtftp.server_port, 0x0403);
}

static void tag_6_forbids_ways(void **state)
{
    struct sim s = with_menu(OPTION43(6, 1, 3, 7, 4, 224, 1, 1, 2, FORCED, 8, 7, 0, 9, 1, 10, 77, 0, 3, 255), NULL);

    (void)state;
    sim_start(&s);
    sim_run(&s);
    assert_int_equal(s.boot_requests, 4);
    s = with_menu(OPTION43(6, 1, 1, 7, 4, 10, 1, 1, 2, FORCED, 255), NULL); /* 10.1.1.2 is no multicast address */
    sim_start(&s);
    assert_error(&s, PXE_E76, SIM_PROXY, "discovery control 1, no multicast address");
    s = with_menu(OPTION43(6, 1, 3, FORCED, 8, 3, 0, 9, 0, 255), NULL); /* any server, but no way to find it */
    sim_start(&s);
    assert_error(&s, PXE_E77, SIM_PROXY, "type 9");
    s = with_menu(OPTION43(FORCED, 8, 6, 0, 9, 1, 10, 77, 0, 255), NULL); /* cut list */
    sim_start(&s);
    assert_error(&s, PXE_E77, SIM_PROXY, "type 9");
}

static void only_listed_servers(void **state)
{
    struct sim s = with_menu(OPTION43(6, 1, 4, FORCED, 8, 7, 0, 9, 1, 10, 77, 0, 9, 255), &BOOT_ACK);

    (void)state;
    sim_start(&s);
    sim_run(&s);
    assert_error(&s, PXE_E78, IP(10, 77, 0, 9), "no answer");
    s = with_menu(OPTION43(6, 1, 4, FORCED, 8, 3, 0, 9, 0, 255), &BOOT_ACK); /* count 0: any */
    sim_start(&s);
    assert_file(&s, "item9.conf", SIM_BOOT);
    s = with_menu(OPTION43(6, 1, 0, FORCED, 8, 7, 0, 9, 1, 10, 77, 0, 9, 255), &BOOT_ACK); /* bit clear: any */
    sim_start(&s);
    assert_file(&s, "item9.conf", SIM_BOOT);
    struct sim_reply relayed = BOOT_ACK; /* listed under the address it sends from */
    relayed.server = IP(192, 168, 9, 9);
    relayed.siaddr = SIM_PROXY;
    s = with_menu(OPTION43(6, 1, 4, FORCED, 8, 7, 0, 9, 1, 10, 77, 0, 3, 255), &relayed);
    sim_start(&s);
    assert_file(&s, "item9.conf", SIM_PROXY);
}

static void tag_71_must_match(void **state)
{
    static const uint8_t bad[][7] = {{71, 4, 0, 8, 0, 0, 255}, {71, 4, 0, 9, 0, 1, 255}, {71, 3, 0, 9, 0, 255, 255},
                                     {70, 4, 0, 9, 0, 0, 255}};
    static const uint8_t credentials[] = {71, 4, 0, 9, 0x80, 0};
    struct sim_reply r = BOOT_ACK;
    struct sim s = with_menu(OPTION43(6, 1, 2, FORCED, 255), NULL);

    (void)state;
    sim_start(&s);
    for (unsigned i = 0; i < 4; i++) {
        r.option43 = bad[i];
        sim_deliver(&s, &r, SIM_BOOT, 4011);
        assert_int_equal(s.client.state, PXE_DISCOVERING);
    }
    r.option43 = NULL;
    sim_deliver(&s, &r, SIM_BOOT, 4011);
    r = BOOT_ACK;
    r.message = DHCP_OFFER;
    sim_deliver(&s, &r, SIM_BOOT, 4011);
    assert_int_equal(s.client.state, PXE_DISCOVERING);
    r = BOOT_ACK;
    r.option43 = credentials;
    r.option43_size = sizeof(credentials);
    r.server = IP(0, 0, 0, 0); /* and nobody named: the sender has the file */
    sim_deliver(&s, &r, SIM_BOOT, 4011);
    assert_file(&s, "item9.conf", SIM_BOOT);
}

/* An answer as it is asked for: layer 0 is this client itself, layer 1 what follows it. */
static struct sim bootstrap(const struct sim_reply *answer)
{
    struct sim s = with_menu(OPTION43(6, 1, 2, FORCED, 255), answer);

    s.config = sim_config();
    s.config.own_name = "bstrap.0";
    s.config.next_name = "slipway.0";
    s.config.has_next_layer = true;
    return s;
}

static void next_layer_of_the_item(void **state)
{
    static const uint8_t layer1[] = {71, 4, 0, 9, 0x80, 1, 255};
    struct sim_reply own = BOOT_ACK, next = BOOT_ACK;
    char named[DHCP_FILE_MAX];
    uint8_t asked[16];
    size_t size;

    (void)state;
    own.file = "nine/bstrap.0";
    next.file = "nine/main.1";
    next.option43 = layer1;
    next.option43_size = sizeof(layer1);
    struct sim s = bootstrap(&own);
    sim_start(&s);
    assert_int_equal(s.client.state, PXE_DISCOVERING);
    s.boot_ack = &next;
    sim_run(&s);
    assert_file(&s, "nine/main.1", SIM_BOOT);
    assert_int_equal(s.client.plan.item_type, 9);
    assert_int_equal(s.client.plan.item_layer, 1);
    assert_int_equal(s.now, 0);
    assert_ip(s.sent[s.sent_count - 1].dst, SIM_BOOT); /* who had layer 0 is asked first */
    assert_true(dhcp_packet_option(&s.last, DHCP_OPTION_VENDOR, asked, sizeof(asked), &size));
    assert_memory_equal(asked, ((uint8_t[]){71, 4, 0, 9, 0, 1, 255}), 7);
    assert_true(dhcp_packet_file(pxe_client_boot_packet(&s.client), named));
    assert_string_equal(named, "nine/main.1");
}

static void without_a_next_layer(void **state)
{
    static const uint8_t layer1[] = {71, 4, 0, 9, 0, 1, 255};
    struct sim_reply own = BOOT_ACK, again = BOOT_ACK;

    (void)state;
    own.file = again.file = "nine/bstrap.0";
    again.option43 = layer1;
    again.option43_size = sizeof(layer1);
    struct sim s = bootstrap(&own); /* which answers layer 0 alone */
    sim_start(&s);
    sim_run(&s);
    assert_file(&s, "nine/slipway.0", SIM_BOOT);
    assert_int_equal(s.client.plan.item_layer, 0);
    assert_in_range(s.now, 1000, 3000);
    s = bootstrap(&own); /* dnsmasq: the same file for every layer */
    sim_start(&s);
    s.boot_ack = &again;
    sim_run(&s);
    assert_file(&s, "nine/slipway.0", SIM_BOOT);
    assert_int_equal(s.now, 0);
    s = bootstrap(&own); /* no bootstrap: its own name is an error, not a layer */
    s.config.has_next_layer = false;
    s.config.next_name = NULL;
    sim_start(&s);
    assert_error(&s, PXE_E53, SIM_BOOT, "nine/bstrap.0, the client itself");
}

static void e53_boot_server_without_a_file(void **state)
{
    struct sim_reply r = BOOT_ACK;
    struct sim s = with_menu(OPTION43(6, 1, 2, FORCED, 255), &r);

    (void)state;
    r.file = NULL;
    sim_start(&s);
    assert_int_equal(s.client.state, PXE_DISCOVERING); /* another server may know better */
    sim_run(&s);
    assert_error(&s, PXE_E53, SIM_BOOT, "type 9");
}

static void server_list_without_a_menu(void **state)
{
    struct sim s = with_menu(OPTION43(6, 1, 3, 8, 7, 0, 9, 1, 10, 77, 0, 3, 255), &BOOT_ACK);

    (void)state;
    sim_start(&s);
    assert_file(&s, "item9.conf", SIM_BOOT);
    s = with_menu(OPTION43(8, 2, 0, 9, 255), NULL);
    sim_start(&s);
    assert_error(&s, PXE_E77, SIM_PROXY, "tag 8 of 2 bytes");
}

/* The PXE menu split over two instances of option 43, as servers do that have more than 255 bytes to say. */
static void split_option_43(void **state)
{
    static const uint8_t second[] = {43, 8, 5, 0, 9, 2, 'o', 'n', 10, 1};
    struct sim s = with_menu(OPTION43(6, 1, 3, 8, 7, 0, 9, 1, 10, 77, 0, 3, 9), &BOOT_ACK);

    (void)state;
    proxy_reply.extra = second;
    proxy_reply.extra_size = sizeof(second);
    sim_start(&s);
    assert_file(&s, "item9.conf", SIM_BOOT);
}

/* 253 bytes: all that one option 43 can hold of a menu. It has no END, and the prompt comes in an option of its own. */
static void menu_of_253_bytes(void **state)
{
    static const uint8_t prompt[] = {43, 3, 10, 1, 255};
    uint8_t option43[255] = {9, 253, 0, 0, 5, 'L', 'o', 'c', 'a', 'l', 0, 9, 242};
    struct sim s = with_menu(option43, sizeof(option43), &BOOT_ACK);

    (void)state;
    memset(option43 + 13, 0xc3, 242); /* no UTF-8 either */
    proxy_reply.extra = prompt;
    proxy_reply.extra_size = sizeof(prompt);
    sim_start(&s);
    assert_int_equal(s.client.state, PXE_PROMPTING);
    assert_int_equal(s.client.menu.count, 2);
    sim_key(&s, MENU_KEY_END, 0);
    sim_key(&s, MENU_KEY_ENTER, 0);
    assert_file(&s, "item9.conf", SIM_BOOT);
    option43[12] = 243; /* one byte more than there are */
    sim_start(&s);
    assert_error(&s, PXE_E74, SIM_PROXY, "tag 9 of 253 bytes: it ends inside item 2");
}

/* Another vendor's option 43 is not PXE's: without "PXEClient" only the file name counts. */
static void foreign_option_43_is_not_read(void **state)
{
    static const uint8_t foreign[] = {9, 1, 0, 255};
    const struct sim_reply offer = {.message = DHCP_OFFER, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS, .file = "a.efi",
                                    .option43 = foreign, .option43_size = 4};
    struct sim_reply ack = offer;
    struct sim s = {.offer = &offer, .ack = &ack};

    (void)state;
    ack.message = DHCP_ACK;
    sim_start(&s);
    sim_run(&s);
    assert_file(&s, "a.efi", SIM_DHCP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(local_item_after_the_prompt),
        cmocka_unit_test(menu_from_4011_as_dnsmasq_sends_it),
        cmocka_unit_test(ipxe_1537_menu_is_shown_on_uefi),
        cmocka_unit_test(forced_item_goes_straight_on),
        cmocka_unit_test(bit_3_with_a_file_downloads_it),
        cmocka_unit_test(policy_for_the_local_disk),
        cmocka_unit_test(e74_malformed_menu),
        cmocka_unit_test(e74_malformed_prompt),
        cmocka_unit_test(option_43_that_ends_inside_a_tag),
        cmocka_unit_test(discovery_order_and_retries),
        cmocka_unit_test(each_way_reaches_a_server),
        cmocka_unit_test(mtftp_settings_of_the_boot_server),
        cmocka_unit_test(tag_6_forbids_ways),
        cmocka_unit_test(only_listed_servers),
        cmocka_unit_test(tag_71_must_match),
        cmocka_unit_test(next_layer_of_the_item),
        cmocka_unit_test(without_a_next_layer),
        cmocka_unit_test(e53_boot_server_without_a_file),
        cmocka_unit_test(server_list_without_a_menu),
        cmocka_unit_test(split_option_43),
        cmocka_unit_test(menu_of_253_bytes),
        cmocka_unit_test(foreign_option_43_is_not_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
