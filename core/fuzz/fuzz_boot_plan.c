/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From DHCP packets to a plan. The input is a list of answers, each
 *
 *   { flags u8, sname size u8, file size u8, options size u16, sname, file, options }
 *
 * The first is the offer and the second the DHCPACK (message type, server and address are right, the rest is the
 * input's); the others answer whatever the client asks then. A menu gets Enter. Every list ends in a plan or an error.
 */
#include "core/confirmation.h"
#include "core/fuzz/pxe_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NO_ADDRESS = 1, NO_MESSAGE = 2, TIME_FIRST = 4 };

static void answer(struct run *r)
{
    uint8_t flags = cursor_u8(&r->input), sname = cursor_u8(&r->input) % 65, file = cursor_u8(&r->input) % 129;
    size_t options = cursor_u16(&r->input);
    struct run_answer a = {.message = r->client.state == PXE_SELECTING ? DHCP_OFFER : DHCP_ACK};

    if (flags & NO_MESSAGE)
        a.message = 0;
    if (!(flags & NO_ADDRESS))
        a.yiaddr = (struct ip4){{10, 0, 0, 9}};
    if (flags & TIME_FIRST)
        run_tick(r);
    a.sname_size = run_take(r, sname, &a.sname);
    a.file_size = run_take(r, file, &a.file);
    a.options_size = run_take(r, options % (DHCP_PACKET_MAX - 256), &a.options);
    run_answer(r, &a);
}

/* What is told about a plan is read again as it was meant. */
static void check_confirmation(const struct pxe_client *c)
{
    uint8_t packet[DHCP_PACKET_MAX];
    struct confirmation told;
    struct ip4 server;
    uint16_t port;

    if (c->plan.kind != BOOT_FILE)
        return;
    for (unsigned n = 0; confirmation_receiver(c, n, &server, &port); n++)
        run_require(n < 2 && port != 0 && !ip4_is_zero(server));
    run_require(confirmation_read(&told, packet, confirmation_write(c, packet, sizeof(packet))));
    run_require(bytes_equal(told.file, c->plan.file, text_length(c->plan.file, 255) + 1));
    run_require(told.has_item == (c->plan.item_type != 0xffff) && ip4_equal(told.address, c->net.address));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run run;
    struct run *r = &run;

    run_start(r, data, size);
    while (cursor_left(&r->input) > 0 && !run_over(r)) {
        answer(r);
        if (r->client.state == PXE_PROMPTING)
            run_key(r, MENU_KEY_ENTER);
    }
    run_out(r);
    if (r->client.state == PXE_PROMPTING)
        run_key(r, MENU_KEY_ENTER);
    run_out(r);
    run_require(run_over(r));
    if (r->client.state == PXE_DONE)
        check_confirmation(&r->client);
    return 0;
}
