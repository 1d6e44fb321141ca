/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The BIOS client over a ROM that is played here. */
#include "core/tests/sim.h"

#include "core/tests/console_lab.h"

#include "legacy/client.c"
#include "legacy/send_failure.c"

static uint16_t open_status, write_result;
static struct ip4 opened;
static uint16_t asked_arch = 0xffff;
static char asked_class[64];

const struct console console = LAB_CONSOLE;

uint64_t clock_counter(void)
{
    return 1;
}

uint16_t udp_open(struct ip4 address)
{
    opened = address;
    return open_status;
}

/* The server's answer waits for udp_receive. */
static uint8_t answer[DHCP_PACKET_MAX];
static size_t answer_size;
static uint16_t answer_port;

uint16_t udp_send(const struct net_config *net, struct ip4 dst, uint16_t src_port, uint16_t dst_port, const void *data,
                  size_t size)
{
    static const struct sim_reply offer = {
        .message = DHCP_OFFER, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS, .file = "a.conf", .pxe = true};
    static const struct sim_reply ack = {
        .message = DHCP_ACK, .server = SIM_DHCP, .yiaddr = SIM_ADDRESS, .file = "a.conf", .pxe = true};
    struct dhcp_packet p;
    uint8_t value[64];
    size_t length;

    if (write_result)
        return write_result;
    assert_null(net);
    assert_ip(dst, IP(255, 255, 255, 255));
    assert_int_equal(src_port, 68);
    assert_int_equal(dst_port, 67);
    assert_true(dhcp_packet_parse(&p, data, size));
    assert_true(dhcp_packet_option(&p, DHCP_OPTION_ARCH, value, sizeof(value), &length));
    asked_arch = (uint16_t)(value[0] << 8 | value[1]);
    assert_true(dhcp_packet_option(&p, DHCP_OPTION_CLASS, value, sizeof(value), &length));
    memcpy(asked_class, value, length);
    answer_size = sim_build(dhcp_packet_message(&p) == DHCP_DISCOVER ? &offer : &ack, dhcp_packet_xid(&p), answer);
    return 0;
}

bool udp_receive(struct udp_datagram *ret)
{
    *ret = (struct udp_datagram){
        .src = SIM_DHCP, .src_port = 67, .port = answer_port, .data = answer, .size = answer_size};
    if (answer_size == 0)
        return false;
    /* First to another port, as if it was somebody else's. */
    answer_port = answer_port == 68 ? 69 : 68;
    if (answer_port == 69)
        answer_size = 0;
    return true;
}

static const struct program program = {.name = "test", .user_class = "Slipway", .own_name = "slipway.0"};
static struct pxe_client client;

static bool run(uint16_t status)
{
    struct rom_packets rom = {.mac = {0x52, 0x54, 0, 0x12, 0x34, 0x56}};

    memset(&lab, 0, sizeof(lab));
    open_status = status;
    answer_port = 69;
    answer_size = 0;
    return client_run(&program, &rom, false, &client);
}

static void a_failing_call_is_told_by_its_status(void **state)
{
    static const struct {
        uint16_t status;
        const char *text;
    } cases[] = {{0x61, "the ROM's UDP_OPEN: PXENV_STATUS_UNDI_MEDIATEST_FAILED (61)"},
                 {0x19, "the ROM's UDP_OPEN: PXENV_STATUS_UDP_OPEN (19)"},
                 {0xd0, "the ROM's UDP_OPEN: PXENV_STATUS_? (d0)"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_false(run(cases[i].status));
        assert_int_equal(client.error.code, PXE_E99);
        assert_string_equal(client.error.received, cases[i].text);
    }
}

static void silence_of_a_rom_that_does_not_send(void **state)
{
    bool good;

    (void)state;
    write_result = 0x6b;
    good = run(0);
    write_result = 0;
    assert_false(good);
    assert_int_equal(client.error.code, PXE_E51);
    assert_string_equal(client.error.received, "no address in answer to 4 DHCPDISCOVERs; "
                                               "the ROM's UDP_WRITE: PXENV_STATUS_UNDI_TRANSMIT_ERROR (6b)");
}

static void what_the_rom_hears_leads_to_a_plan(void **state)
{
    (void)state;
    assert_true(run(0));
    assert_string_equal(client.plan.file, "a.conf");
    assert_ip(opened, SIM_ADDRESS);
    assert_int_equal(asked_arch, 0);
    assert_string_equal(asked_class, "PXEClient:Arch:00000:UNDI:002001");
}

static void escape_cancels(void **state)
{
    struct rom_packets rom = {.mac = {1}}; /* no answer is for this one */

    (void)state;
    memset(&lab, 0, sizeof(lab));
    lab.keys[0].key = MENU_KEY_ESCAPE;
    lab.keys[0].at = 1;
    answer_size = 0;
    open_status = 0;
    assert_false(client_run(&program, &rom, false, &client));
    assert_int_equal(client.error.code, PXE_EA0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failing_call_is_told_by_its_status),
        cmocka_unit_test(silence_of_a_rom_that_does_not_send),
        cmocka_unit_test(what_the_rom_hears_leads_to_a_plan),
        cmocka_unit_test(escape_cancels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
