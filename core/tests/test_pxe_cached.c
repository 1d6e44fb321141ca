/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The start from the firmware's packets. */
#include "core/tests/sim.h"

static const struct sim_reply OWN_COMBINED = {.message = DHCP_ACK, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS,
                                              .siaddr = SIM_BOOT, .file = "slipway.efi", .pxe = true};
static const struct sim_reply OWN_PROXY_ACK = {.message = DHCP_ACK, .server = SIM_PROXY, .siaddr = SIM_PROXY,
                                               .file = "slipway.efi", .pxe = true};
static const struct sim_reply CONF_PROXY_ACK = {.message = DHCP_ACK, .server = SIM_PROXY, .siaddr = SIM_PROXY,
                                                .file = "slipway.conf", .pxe = true};
static const struct sim_reply CONF_OFFER = {.message = DHCP_OFFER, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS,
                                            .siaddr = SIM_BOOT, .file = "slipway.conf", .pxe = true};
static const struct sim_reply CONF_ACK = {.message = DHCP_ACK, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS,
                                          .siaddr = SIM_BOOT, .file = "slipway.conf", .pxe = true};

static uint8_t *cached_bytes(const struct sim_reply *r, size_t *ret_size)
{
    uint8_t bytes[DHCP_PACKET_MAX], *copy;

    if (!r)
        return NULL;
    *ret_size = sim_build(r, 0xfeed, bytes);
    copy = malloc(*ret_size);
    memcpy(copy, bytes, *ret_size);
    return copy;
}

/* The packets are freed before the client goes on: it must not point into them. */
static void start_packets(struct sim *s, const struct sim_reply *ack, const struct sim_reply *proxy,
                          const struct sim_reply *boot, bool stale)
{
    struct pxe_cached cached = {.stale = stale};
    uint8_t *a = cached_bytes(ack, &cached.ack_size), *p = cached_bytes(proxy, &cached.proxy_size),
            *b = cached_bytes(boot, &cached.boot_server_size);

    cached.ack = a;
    cached.proxy = p;
    cached.boot_server = b;
    if (s->config.arch == 0)
        s->config = sim_config();
    pxe_client_start_cached(&s->client, &s->config, &cached, s->now, &s->out);
    free(a);
    free(p);
    free(b);
    sim_account(s);
}

static void start_cached(struct sim *s, const struct sim_reply *ack, const struct sim_reply *proxy,
                         const struct sim_reply *boot)
{
    start_packets(s, ack, proxy, boot, false);
}

/* After an attempt with the packets has failed. */
static void start_stale(struct sim *s, const struct sim_reply *ack, const struct sim_reply *proxy)
{
    start_packets(s, ack, proxy, NULL, true);
    sim_run(s);
}

static void proxy_is_asked_again_with_the_user_class(void **state)
{
    struct sim s = {.proxy_ack = &CONF_PROXY_ACK};
    uint8_t buf[64];
    size_t size;

    (void)state;
    start_cached(&s, &SIM_PLAIN_ACK, &OWN_PROXY_ACK, NULL);
    assert_file(&s, "slipway.conf", SIM_PROXY);
    assert_int_equal(s.configured, 1);
    assert_int_equal(s.discovers, 0);
    assert_int_equal(s.now, 0);
    assert_ip(s.client.net.address, SIM_ADDRESS);
    assert_ip(s.client.net.dhcp_server, SIM_DHCP);
    assert_true(dhcp_packet_option(&s.last, 77, buf, sizeof(buf), &size));
    assert_ip(s.sent[0].dst, SIM_PROXY);
}

static void silent_proxy_means_discover_within_a_second(void **state)
{
    struct sim s = {.offer = &CONF_OFFER, .ack = &CONF_ACK};

    (void)state;
    start_cached(&s, &SIM_PLAIN_ACK, &OWN_PROXY_ACK, NULL);
    sim_run(&s);
    assert_file(&s, "slipway.conf", SIM_BOOT);
    assert_int_equal(s.proxy_requests, 3);
    assert_int_equal(s.now, 1000);
    assert_int_equal(s.configured, 2);
}

static void empty_answer_means_discover(void **state)
{
    static const uint8_t other[] = {71, 4, 0, 9, 0, 0};
    struct sim_reply empty = {.message = DHCP_ACK, .server = SIM_PROXY, .pxe = true};
    struct sim s = {.offer = &CONF_OFFER, .ack = &CONF_ACK, .proxy_ack = &empty};

    (void)state;
    start_cached(&s, &SIM_PLAIN_ACK, &OWN_PROXY_ACK, NULL);
    assert_file(&s, "slipway.conf", SIM_BOOT);
    empty.option43 = other; /* an option 43 that offers nothing */
    empty.option43_size = sizeof(other);
    s = (struct sim){.offer = &CONF_OFFER, .ack = &CONF_ACK, .proxy_ack = &empty};
    start_cached(&s, &SIM_PLAIN_ACK, &OWN_PROXY_ACK, NULL);
    assert_file(&s, "slipway.conf", SIM_BOOT);
}

static void combined_server_is_asked_by_discover(void **state)
{
    struct sim s = {.offer = &CONF_OFFER, .ack = &CONF_ACK, .lose_discovers = 1};
    uint8_t buf[4];
    size_t size;

    (void)state;
    start_cached(&s, &OWN_COMBINED, NULL, NULL);
    assert_int_equal(s.configured, 1);
    assert_int_equal(s.client.state, PXE_SELECTING);
    assert_true(dhcp_packet_option(&s.last, DHCP_OPTION_REQUESTED_IP, buf, sizeof(buf), &size));
    assert_memory_equal(buf, SIM_ADDRESS.b, 4);
    sim_run(&s);
    assert_file(&s, "slipway.conf", SIM_BOOT);
}

/* A server that cannot tell us from the firmware would have us load ourselves for ever. */
static void own_file_again_is_an_error(void **state)
{
    struct sim s = {.proxy_ack = &OWN_PROXY_ACK};
    struct sim_reply offer = OWN_COMBINED;

    (void)state;
    start_cached(&s, &SIM_PLAIN_ACK, &OWN_PROXY_ACK, NULL);
    assert_error(&s, PXE_E53, SIM_PROXY, "server offers only slipway.efi, the client itself");
    offer.message = DHCP_OFFER;
    s = (struct sim){.offer = &offer, .ack = &OWN_COMBINED};
    start_cached(&s, &OWN_COMBINED, NULL, NULL);
    assert_error(&s, PXE_E53, SIM_DHCP, "the client itself");
    s = (struct sim){.offer = &offer, .ack = &OWN_COMBINED}; /* in the next attempt, too */
    start_stale(&s, &OWN_COMBINED, NULL);
    assert_error(&s, PXE_E53, SIM_DHCP, "the client itself");
    s = (struct sim){.offer = &CONF_OFFER, .ack = &CONF_ACK};
    start_stale(&s, &OWN_COMBINED, NULL);
    assert_file(&s, "slipway.conf", SIM_BOOT);
    assert_int_equal(s.discovers, 1);
    assert_int_equal(s.configured, 1);
    s = (struct sim){.offer = &offer, .ack = &OWN_COMBINED};
    start_stale(&s, NULL, &OWN_PROXY_ACK); /* of a firmware without a lease */
    assert_error(&s, PXE_E53, SIM_DHCP, "the client itself");
    s = (struct sim){.offer = &offer, .ack = &OWN_COMBINED}; /* started from a disk there is no own file */
    sim_start(&s);
    assert_file(&s, "slipway.efi", SIM_BOOT);
}

static void own_file_again_means_the_next_one(void **state)
{
    static const struct sim_reply own = {.message = DHCP_ACK, .server = SIM_PROXY, .siaddr = SIM_BOOT,
                                         .file = "pxe/bstrap.0", .pxe = true};
    struct sim s = {.proxy_ack = &own};

    (void)state;
    s.config = sim_config();
    s.config.next_name = "slipway.0";
    start_cached(&s, &SIM_PLAIN_ACK, &own, NULL);
    assert_file(&s, "pxe/slipway.0", SIM_BOOT);
}

static void next_name_that_does_not_fit_is_an_error(void **state)
{
    uint8_t name[252] = {67, 250};
    const struct sim_reply own = {.message = DHCP_ACK, .server = SIM_PROXY, .pxe = true, .extra = name,
                                  .extra_size = sizeof(name)};
    struct sim s = {.proxy_ack = &own};

    (void)state;
    memset(name + 2, 'd', 250);
    name[250] = '/';
    s.config = sim_config();
    s.config.next_name = "slipway.0";
    start_cached(&s, &SIM_PLAIN_ACK, &own, NULL);
    assert_error(&s, PXE_E53, SIM_PROXY, "server offers only ddd");
}

/* A ROM that keeps no packets: nobody knows what it loaded. */
static void own_name_tells_the_own_file(void **state)
{
    struct sim_reply offer = CONF_OFFER, ack = CONF_ACK;
    struct sim s = {.offer = &offer, .ack = &ack};

    (void)state;
    offer.file = ack.file = "old/bstrap.0";
    s.config = sim_config();
    s.config.own_name = "bstrap.0";
    start_cached(&s, NULL, NULL, NULL);
    sim_run(&s);
    assert_error(&s, PXE_E53, SIM_DHCP, "server offers only old/bstrap.0, the client itself");
    s = (struct sim){.offer = &offer, .ack = &ack, .config = s.config};
    s.config.next_name = "slipway.0";
    start_cached(&s, NULL, NULL, NULL);
    sim_run(&s);
    assert_file(&s, "old/slipway.0", SIM_BOOT);
    offer.file = ack.file = "old/bstrap.01";
    s = (struct sim){.offer = &offer, .ack = &ack, .config = s.config};
    start_cached(&s, NULL, NULL, NULL);
    sim_run(&s);
    assert_file(&s, "old/bstrap.01", SIM_BOOT);
}

static void own_name_is_safe_on_a_screen(void **state)
{
    struct sim_reply r = OWN_PROXY_ACK;
    struct sim s = {.proxy_ack = &r};

    (void)state;
    r.file = "a\033[2J-0123456789012345678901234567890123456789012345678901234567890123456789";
    start_cached(&s, &SIM_PLAIN_ACK, &r, NULL);
    assert_error(&s, PXE_E53, SIM_PROXY, "a?[2J-0123");
    assert_non_null(strstr(s.client.error.received, "the client itself"));
    assert_null(strchr(s.client.error.received, 27));
}

static void cached_menu_is_used(void **state)
{
    static const uint8_t menu43[] = {6, 1, 3, 9, 9, 0, 0, 1, 'L', 0, 9, 2, 'o', 'n', 10, 1, 5, 255};
    struct sim_reply proxy = OWN_PROXY_ACK, ack = OWN_COMBINED;
    struct sim s = {0};

    (void)state;
    proxy.option43 = ack.option43 = menu43;
    proxy.option43_size = ack.option43_size = sizeof(menu43);
    start_cached(&s, &SIM_PLAIN_ACK, &proxy, NULL);
    assert_int_equal(s.client.state, PXE_PROMPTING);
    assert_int_equal(s.configured, 1);
    assert_int_equal(s.sent_count, 0);
    sim_run(&s);
    assert_int_equal(s.client.plan.kind, BOOT_LOCAL);
    s = (struct sim){0};
    start_cached(&s, &ack, NULL, NULL);
    assert_int_equal(s.client.state, PXE_PROMPTING);
    ack.pxe = false; /* another vendor's option 43 */
    s = (struct sim){0};
    start_cached(&s, &ack, NULL, NULL);
    assert_int_equal(s.client.state, PXE_SELECTING);
}

/* With bit 3 and a file name the firmware took the file, not the menu: that file is this client. */
static void cached_menu_that_bit_3_disables(void **state)
{
    static const uint8_t menu43[] = {6, 1, 8, 9, 4, 0, 0, 1, 'L', 10, 1, 5, 255};
    struct sim_reply proxy = OWN_PROXY_ACK;
    struct sim s = {.proxy_ack = &CONF_PROXY_ACK};

    (void)state;
    proxy.option43 = menu43;
    proxy.option43_size = sizeof(menu43);
    start_cached(&s, &SIM_PLAIN_ACK, &proxy, NULL);
    assert_file(&s, "slipway.conf", SIM_PROXY);
}

static const uint8_t ITEM9[] = {71, 4, 0, 9, 0, 0, 255};
static const struct sim_reply OWN_BOOT_ACK = {.message = DHCP_ACK, .server = SIM_BOOT, .file = "item.efi", .pxe = true,
                                              .option43 = ITEM9, .option43_size = sizeof(ITEM9)};
static const struct sim_reply CONF_BOOT_ACK = {.message = DHCP_ACK, .server = SIM_BOOT, .file = "item.conf",
                                               .pxe = true, .option43 = ITEM9, .option43_size = sizeof(ITEM9)};

/* An old ROM leaves the menu of its DHCPACK alone, and its items may mean what it has loaded: other servers may know
 * the user class. */
static void cached_menu_with_own_file_means_discover(void **state)
{
    static const uint8_t menu43[] = {9, 4, 0, 9, 1, 'o', 10, 1, 0, 255};
    struct sim_reply ack = OWN_COMBINED;
    struct sim s = {.offer = &CONF_OFFER, .ack = &CONF_ACK, .boot_ack = &OWN_BOOT_ACK};

    (void)state;
    ack.file = "item.efi";
    ack.option43 = menu43;
    ack.option43_size = sizeof(menu43);
    start_cached(&s, &ack, NULL, NULL);
    sim_run(&s);
    assert_file(&s, "slipway.conf", SIM_BOOT);
    assert_int_equal(s.boot_requests, 1);
    assert_int_equal(s.discovers, 1);
    s = (struct sim){.boot_ack = &CONF_BOOT_ACK};
    start_cached(&s, &ack, NULL, NULL);
    sim_run(&s);
    assert_file(&s, "item.conf", SIM_BOOT);
    assert_int_equal(s.discovers, 0);
}

/* The person has chosen at the firmware's menu: not again at ours. */
static void chosen_item_is_asked_for_again(void **state)
{
    static const uint8_t menu43[] = {6, 1, 7, 9, 9, 0, 0, 1, 'L', 0, 9, 2, 'o', 'n', 10, 1, 5, 255};
    struct sim_reply proxy = OWN_PROXY_ACK;
    struct sim s = {.boot_ack = &CONF_BOOT_ACK};

    (void)state;
    proxy.option43 = menu43;
    proxy.option43_size = sizeof(menu43);
    start_cached(&s, &SIM_PLAIN_ACK, &proxy, &OWN_BOOT_ACK);
    assert_file(&s, "item.conf", SIM_BOOT);
    assert_int_equal(s.client.plan.item_type, 9);
    assert_ip(s.sent[0].dst, SIM_BOOT);
    s = (struct sim){.boot_ack = &CONF_BOOT_ACK};
    start_cached(&s, &SIM_PLAIN_ACK, &OWN_PROXY_ACK, &OWN_BOOT_ACK);
    assert_file(&s, "item.conf", SIM_BOOT);
    s = (struct sim){.boot_ack = &OWN_BOOT_ACK, .offer = &CONF_OFFER, .ack = &CONF_ACK}; /* the item is this client */
    start_cached(&s, &SIM_PLAIN_ACK, &proxy, &OWN_BOOT_ACK);
    sim_run(&s);
    assert_file(&s, "slipway.conf", SIM_BOOT);
    assert_int_equal(s.client.plan.item_type, 0xffff);
    assert_int_equal(s.discovers, 1);
    assert_int_equal(s.now, 0);
    s = (struct sim){.boot_ack = &CONF_BOOT_ACK}; /* as GET_CACHED_INFO gives it */
    start_cached(&s, &SIM_PLAIN_ACK, &OWN_BOOT_ACK, NULL);
    assert_file(&s, "item.conf", SIM_BOOT);
    assert_int_equal(s.client.plan.item_type, 9);
    s = (struct sim){.offer = &CONF_OFFER, .ack = &CONF_ACK}; /* boot server gone: from the beginning */
    start_cached(&s, &SIM_PLAIN_ACK, &proxy, &OWN_BOOT_ACK);
    sim_run(&s);
    assert_file(&s, "slipway.conf", SIM_BOOT);
    assert_int_equal(s.client.plan.item_type, 0xffff);
    assert_int_equal(s.now, 1000);
}

/* The same layer as the firmware had, however it was found out; credentials are not asked for. */
static void layer_of_the_chosen_item(void **state)
{
    static const uint8_t layer2[] = {71, 4, 0, 9, 0x80, 2, 255};
    struct sim_reply own = OWN_BOOT_ACK, conf = CONF_BOOT_ACK;
    uint8_t asked[16];
    size_t size;

    (void)state;
    own.option43 = conf.option43 = layer2;
    struct sim s = {.boot_ack = &conf};
    start_cached(&s, &SIM_PLAIN_ACK, &OWN_PROXY_ACK, &own);
    assert_file(&s, "item.conf", SIM_BOOT);
    assert_int_equal(s.client.plan.item_layer, 2);
    assert_true(dhcp_packet_option(&s.last, DHCP_OPTION_VENDOR, asked, sizeof(asked), &size));
    assert_memory_equal(asked, ((uint8_t[]){71, 4, 0, 9, 0, 2, 255}), 7);
    /* It has no next layer: offers, as for any other own file. */
    s = (struct sim){.boot_ack = &own, .offer = &CONF_OFFER, .ack = &CONF_ACK, .config = sim_config()};
    s.config.has_next_layer = true;
    start_cached(&s, &SIM_PLAIN_ACK, &OWN_PROXY_ACK, &own);
    sim_run(&s);
    assert_file(&s, "slipway.conf", SIM_BOOT);
    assert_int_equal(s.discovers, 1);
}

static void without_a_user_class_packets_are_used_as_they_are(void **state)
{
    struct sim s = {.config = sim_config()};
    struct sim_reply bare = SIM_PLAIN_ACK;

    (void)state;
    s.config.user_class = NULL;
    start_cached(&s, &SIM_PLAIN_ACK, &CONF_PROXY_ACK, NULL);
    assert_file(&s, "slipway.conf", SIM_PROXY);
    start_cached(&s, &CONF_ACK, NULL, NULL);
    assert_file(&s, "slipway.conf", SIM_BOOT);
    start_cached(&s, &SIM_PLAIN_ACK, &CONF_PROXY_ACK, &CONF_BOOT_ACK);
    assert_file(&s, "item.conf", SIM_BOOT);
    start_cached(&s, &bare, NULL, NULL);
    assert_int_equal(s.client.state, PXE_SELECTING);
}

static void useless_packets_mean_discover(void **state)
{
    struct sim_reply no_address = OWN_COMBINED, offer = OWN_COMBINED, nobody = OWN_PROXY_ACK;
    struct pxe_client_config config = sim_config();
    struct pxe_cached cached = {0};
    struct sim s = {0};

    (void)state;
    start_cached(&s, NULL, NULL, NULL);
    assert_int_equal(s.client.state, PXE_SELECTING);
    assert_int_equal(s.configured, 0);
    start_cached(&s, NULL, &OWN_PROXY_ACK, NULL);
    assert_int_equal(s.client.state, PXE_SELECTING);
    no_address.yiaddr = IP(0, 0, 0, 0);
    start_cached(&s, &no_address, NULL, NULL);
    assert_int_equal(s.client.state, PXE_SELECTING);
    offer.message = DHCP_OFFER;
    start_cached(&s, &offer, NULL, NULL);
    assert_int_equal(s.configured, 0);
    nobody.server = nobody.siaddr = IP(0, 0, 0, 0); /* whom to ask is not known */
    start_cached(&s, &SIM_PLAIN_ACK, &nobody, NULL);
    assert_int_equal(s.client.state, PXE_SELECTING);
    assert_int_equal(s.configured, 1);
    s.config.mac[5]++; /* another machine's packets */
    start_cached(&s, &OWN_COMBINED, NULL, NULL);
    assert_int_equal(s.configured, 1);
    size_t size;
    uint8_t *bytes = cached_bytes(&OWN_COMBINED, &size); /* every truncation */
    for (size_t n = 0; n < size; n++) {
        uint8_t *copy = malloc(n + 1);

        memcpy(copy, bytes, n);
        cached.ack = cached.proxy = cached.boot_server = copy;
        cached.ack_size = cached.proxy_size = cached.boot_server_size = n;
        pxe_client_start_cached(&s.client, &config, &cached, 0, &s.out);
        assert_true(s.out.packet_size > 0);
        free(copy);
    }
    free(bytes);
}

/* dnsmasq as DHCP server with a pxe-service for UEFI: "PXEClient" and no more in the ACK. */
static void dhcp_server_is_its_own_proxy(void **state)
{
    static const struct sim_reply ack = {.message = DHCP_ACK, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS, .pxe = true};
    struct sim_reply answer = CONF_PROXY_ACK;
    struct sim s = {.proxy_ack = &answer};

    (void)state;
    answer.server = SIM_DHCP;
    start_cached(&s, &ack, NULL, NULL);
    assert_file(&s, "slipway.conf", SIM_PROXY);
    assert_ip(s.sent[0].dst, SIM_DHCP);
}

static void agent_takes_the_lease(void **state)
{
    struct sim s = {.config = sim_config()};

    (void)state;
    s.config.want_boot = false;
    start_cached(&s, &OWN_COMBINED, NULL, NULL);
    assert_int_equal(s.client.state, PXE_DONE);
    assert_int_equal(s.client.plan.kind, BOOT_NONE);
    assert_int_equal(s.configured, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(proxy_is_asked_again_with_the_user_class),
        cmocka_unit_test(silent_proxy_means_discover_within_a_second),
        cmocka_unit_test(empty_answer_means_discover),
        cmocka_unit_test(combined_server_is_asked_by_discover),
        cmocka_unit_test(own_file_again_is_an_error),
        cmocka_unit_test(own_file_again_means_the_next_one),
        cmocka_unit_test(next_name_that_does_not_fit_is_an_error),
        cmocka_unit_test(own_name_tells_the_own_file),
        cmocka_unit_test(own_name_is_safe_on_a_screen),
        cmocka_unit_test(cached_menu_is_used),
        cmocka_unit_test(cached_menu_that_bit_3_disables),
        cmocka_unit_test(cached_menu_with_own_file_means_discover),
        cmocka_unit_test(chosen_item_is_asked_for_again),
        cmocka_unit_test(layer_of_the_chosen_item),
        cmocka_unit_test(without_a_user_class_packets_are_used_as_they_are),
        cmocka_unit_test(useless_packets_mean_discover),
        cmocka_unit_test(dhcp_server_is_its_own_proxy),
        cmocka_unit_test(agent_takes_the_lease),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
