/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PXE client run to its end over a firmware that is played here: a socket, ARP, and the console of console_lab.h.
 */
#include "core/tests/sim.h"

#include "core/pxe_drive.h"
#include "core/tests/console_lab.h"

struct firmware {
    struct pxe_drive drive;
    struct pxe_client client;
    struct pxe_client_config config;
    const struct sim_reply *discover, *request, *boot; /* NULL: silence */
    unsigned fails_at;                                 /* the socket that cannot be opened, from 1; 0: none */
    unsigned conflicts;                                /* probes that somebody answers */
    unsigned probes, opened_with_address, opened_without;
    bool sent_with_address; /* the last packet */
    uint8_t packet[DHCP_PACKET_MAX];
    size_t size;
};

static const uint8_t OTHER_MAC[6] = {2, 0, 0, 0, 0, 9};

static bool play_configure(void *context, const struct net_config *net, struct error_detail *ret_error)
{
    struct firmware *f = context;

    f->opened_with_address += net != NULL;
    f->opened_without += net == NULL;
    f->size = 0;
    *ret_error = (struct error_detail){.code = PXE_E61, .received = "no socket"};
    return f->opened_with_address + f->opened_without != f->fails_at;
}

static void play_send(void *context, const struct net_config *net, const struct pxe_output *out)
{
    struct firmware *f = context;
    const struct sim_reply *r;
    struct dhcp_packet asked;
    uint8_t buf[64];
    size_t size;

    assert_true(dhcp_packet_parse(&asked, out->packet, out->packet_size));
    r = dhcp_packet_message(&asked) == DHCP_DISCOVER                              ? f->discover
        : dhcp_packet_option(&asked, DHCP_OPTION_VENDOR, buf, sizeof(buf), &size) ? f->boot
                                                                                  : f->request;
    f->sent_with_address = net != NULL;
    f->size = r ? sim_build(r, dhcp_packet_xid(&asked), f->packet) : 0;
}

static bool play_receive(void *context, struct pxe_datagram *ret)
{
    struct firmware *f = context;

    *ret = (struct pxe_datagram){.src = SIM_DHCP, .src_port = 67, .data = f->packet, .size = f->size};
    f->size = 0;
    return ret->size > 0;
}

static void play_probe(void *context, struct ip4 address)
{
    struct firmware *f = context;

    assert_ip(address, SIM_ADDRESS);
    f->probes++;
}

static bool play_conflict(void *context, uint8_t ret_mac[6])
{
    struct firmware *f = context;

    if (f->conflicts == 0)
        return false;
    f->conflicts--;
    memcpy(ret_mac, OTHER_MAC, 6);
    return true;
}

static bool run(struct firmware *f, const struct pxe_cached *cached)
{
    const struct pxe_host host = {.context = f,
                                  .console = &lab_console,
                                  .configure = play_configure,
                                  .send = play_send,
                                  .receive = play_receive,
                                  .probe = play_probe,
                                  .conflict = play_conflict};

    f->config.has_uuid = false;
    return pxe_drive(&f->drive, &host, &f->config, cached, &f->client);
}

static struct firmware begin(const struct sim_reply *discover, const struct sim_reply *request)
{
    memset(&lab, 0, sizeof(lab));
    return (struct firmware){.config = sim_config(), .discover = discover, .request = request};
}

static const struct sim_reply FILE_OFFER = {.message = DHCP_OFFER,
                                            .server = SIM_DHCP,
                                            .yiaddr = SIM_ADDRESS,
                                            .siaddr = SIM_BOOT,
                                            .file = "a.conf",
                                            .pxe = true};
static const struct sim_reply FILE_ACK = {
    .message = DHCP_ACK, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS, .siaddr = SIM_BOOT, .file = "a.conf", .pxe = true};

static void from_nothing_to_a_plan(void **state)
{
    struct firmware f = begin(&FILE_OFFER, &FILE_ACK);

    (void)state;
    assert_true(run(&f, NULL));
    assert_string_equal(f.client.plan.file, "a.conf");
    assert_ip(dhcp_packet_next_server(pxe_client_boot_packet(&f.client)), SIM_BOOT);
    assert_string_equal(lab.shown, "Address 10.77.0.21 from 10.77.0.1, boot file a.conf on 10.77.0.3\n");
    assert_int_equal(f.opened_without, 1);
    assert_int_equal(f.opened_with_address, 1);
    assert_int_equal(f.probes, 0);
}

static void an_address_in_use_is_declined(void **state)
{
    struct firmware f = begin(&FILE_OFFER, &FILE_ACK);

    (void)state;
    f.config.can_probe = true;
    f.conflicts = 1;
    assert_true(run(&f, NULL));
    assert_non_null(
        strstr(lab.shown, "10.77.0.21 is in use by 02:00:00:00:00:09: declined, asking for another address\n"));
    assert_int_equal(f.probes, 3);
    assert_true(lab.now > 10000);
}

/* Neither at the start nor, the second time, with the lease. */
static void no_socket(void **state)
{
    (void)state;
    for (unsigned n = 1; n <= 2; n++) {
        struct firmware f = begin(&FILE_OFFER, &FILE_ACK);

        f.fails_at = n;
        assert_false(run(&f, NULL));
        assert_int_equal(f.client.state, PXE_FAILED);
        assert_int_equal(f.client.error.code, PXE_E61);
        assert_string_equal(lab.shown, "");
    }
}

static void escape_cancels_the_wait_for_offers(void **state)
{
    struct firmware f = begin(NULL, NULL);

    (void)state;
    lab.keys[0].at = 500;
    lab.keys[0].key = MENU_KEY_UP; /* of no use here */
    lab.keys[1].at = 700;
    lab.keys[1].key = MENU_KEY_ESCAPE;
    assert_false(run(&f, NULL));
    assert_int_equal(f.client.error.code, PXE_EA0);
    assert_in_range(lab.now, 700, 900);
}

/* The firmware's lease is in force until the client gives it up. */
static void without_its_lease_again(void **state)
{
    struct firmware f = begin(&FILE_OFFER, &FILE_ACK);
    const struct sim_reply own = {.message = DHCP_ACK, .server = SIM_PROXY, .file = "own", .pxe = true};
    uint8_t ack[DHCP_PACKET_MAX], proxy[DHCP_PACKET_MAX];
    struct pxe_cached cached = {.ack = ack,
                                .ack_size = sim_build(&SIM_PLAIN_ACK, 1, ack),
                                .proxy = proxy,
                                .proxy_size = sim_build(&own, 1, proxy)};

    (void)state;
    assert_true(run(&f, &cached));
    assert_int_equal(f.opened_with_address, 2);
    assert_int_equal(f.opened_without, 1);
    assert_string_equal(f.client.plan.file, "a.conf");
}

static const uint8_t MENU43[] = {9, 12,  0,  0, 5, 'L', 'o', 'c', 'a', 'l', 0,  9,
                                 1, '9', 10, 7, 3, 'P', 'r', 'e', 's', 's', '!'};
static const uint8_t ITEM9[] = {71, 4, 0, 9, 0, 0, 255};
static const struct sim_reply BOOT_ACK = {.message = DHCP_ACK,
                                          .server = SIM_BOOT,
                                          .file = "nine.conf",
                                          .pxe = true,
                                          .option43 = ITEM9,
                                          .option43_size = sizeof(ITEM9)};

static struct firmware with_menu(void)
{
    static struct sim_reply offer, ack;

    offer = FILE_OFFER;
    ack = FILE_ACK;
    offer.option43 = ack.option43 = MENU43;
    offer.option43_size = ack.option43_size = sizeof(MENU43);
    struct firmware f = begin(&offer, &ack);
    f.boot = &BOOT_ACK;
    return f;
}

static void the_prompt_counts_down(void **state)
{
    struct firmware f = with_menu();

    (void)state;
    assert_true(run(&f, NULL));
    assert_int_equal(f.client.plan.kind, BOOT_LOCAL);
    assert_string_equal(lab.shown, "<update>Press!\n"
                                   "<update>In 3 s: Local   (F8/M: menu, Enter: now, Esc: cancel)"
                                   "<update>In 2 s: Local   (F8/M: menu, Enter: now, Esc: cancel)"
                                   "<update>In 1 s: Local   (F8/M: menu, Enter: now, Esc: cancel)"
                                   "Address 10.77.0.21 from 10.77.0.1, boot from the local disk\n");
}

static void the_list_has_the_screen_for_itself(void **state)
{
    struct firmware f = with_menu();

    (void)state;
    lab.keys[0].at = 300;
    lab.keys[0].key = MENU_KEY_F8;
    lab.keys[1].at = 10000; /* the countdown is over by then, and stopped */
    lab.keys[1].key = MENU_KEY_DOWN;
    lab.keys[2].at = 10500;
    lab.keys[2].key = MENU_KEY_ENTER;
    assert_true(run(&f, NULL));
    assert_string_equal(f.client.plan.file, "nine.conf");
    assert_non_null(strstr(lab.shown, "<clear><row 0>Boot menu<row 1!>1  Local<row 2>2  9<row 3><row 4>Item 1 of 2"));
    /* The second time over the first, without a clear. */
    assert_non_null(strstr(lab.shown, ")<row 0>Boot menu<row 1>1  Local<row 2!>2  9<row 3><row 4>Item 2 of 2"));
    assert_non_null(strstr(lab.shown, ")<clear>Address 10.77.0.21"));
}

static void escape_at_the_menu(void **state)
{
    struct firmware f = with_menu();

    (void)state;
    lab.keys[0].at = 300;
    lab.keys[0].key = MENU_KEY_ESCAPE;
    assert_false(run(&f, NULL));
    assert_int_equal(f.client.error.code, PXE_EA0);
    assert_string_equal(f.client.error.received, "Esc at the boot menu");
}

static void machines_do_not_share_their_random_numbers(void **state)
{
    uint8_t mac[6] = {0x52, 0x54, 0, 0, 0, 1}, next[6] = {0x52, 0x54, 0, 0, 0, 2};

    (void)state;
    assert_int_not_equal(pxe_random(5, mac), pxe_random(5, next));
    assert_int_not_equal(pxe_random(5, mac), pxe_random(6, mac));
    assert_int_not_equal(pxe_random(5, mac), pxe_random((uint64_t)5 << 32 | 5, mac));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_nothing_to_a_plan),
        cmocka_unit_test(an_address_in_use_is_declined),
        cmocka_unit_test(no_socket),
        cmocka_unit_test(escape_cancels_the_wait_for_offers),
        cmocka_unit_test(without_its_lease_again),
        cmocka_unit_test(the_prompt_counts_down),
        cmocka_unit_test(the_list_has_the_screen_for_itself),
        cmocka_unit_test(escape_at_the_menu),
        cmocka_unit_test(machines_do_not_share_their_random_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
