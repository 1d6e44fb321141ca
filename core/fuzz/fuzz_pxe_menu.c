/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Menu and discovery: a client that has its address gets an option 43, then keys, time and answers of boot servers:
 *
 *   option 43 size u16, option 43, { kind u8, ... }...
 *   kind 0 to 3: time goes on to the client's wake time
 *   kind 4 to 6: key u8
 *   kind 7: flags u8, option 43 size u8, option 43: a boot server's answer; with RIGHT_ITEM it begins with the boot
 * item that was asked for */
#include "core/fuzz/pxe_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RIGHT_ITEM = 1, HAS_FILE = 2 };

static const struct ip4 address = {{10, 0, 0, 9}};
static const uint8_t pxe_class[] = "\x3c\x09PXEClient";

/* Writes option 43 as instances of at most 255 bytes (RFC 3396). */
static void write_option43(struct writer *w, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        uint8_t part = size < 255 ? (uint8_t)size : 255;

        dhcp_write_option(w, DHCP_OPTION_VENDOR, bytes, part);
        bytes += part;
        size -= part;
    }
}

/* To 4011 and the menu. */
static void begin(struct run *r)
{
    uint8_t options[DHCP_PACKET_MAX - 256];
    struct run_answer a = {.message = DHCP_OFFER, .yiaddr = address, .options = pxe_class, .options_size = 11};
    const uint8_t *option43;
    struct writer w;
    size_t size;

    run_answer(r, &a);
    a.message = DHCP_ACK;
    run_answer(r, &a);
    run_require(r->client.state == PXE_PROXY);
    size = run_take(r, cursor_u16(&r->input) % 1024, &option43);
    writer_init(&w, options, sizeof(options));
    write_option43(&w, option43, size);
    a.options = options;
    a.options_size = w.length;
    run_answer(r, &a);
}

static void boot_server(struct run *r)
{
    uint8_t flags = cursor_u8(&r->input), option43[4 + 2 + 255], options[512];
    uint16_t type = r->client.plan.item_type;
    const uint8_t item[] = {PXE_TAG_BOOT_ITEM, 4, (uint8_t)(type >> 8), (uint8_t)type, 0, 0}, *rest;
    size_t size = run_take(r, cursor_u8(&r->input), &rest);
    struct run_answer a = {.message = DHCP_ACK, .options = options};
    struct writer vendor, w;

    writer_init(&vendor, option43, sizeof(option43));
    if (flags & RIGHT_ITEM)
        writer_bytes(&vendor, item, sizeof(item));
    writer_bytes(&vendor, rest, size);
    writer_init(&w, options, sizeof(options));
    write_option43(&w, option43, vendor.length);
    a.options_size = w.length;
    if (flags & HAS_FILE) {
        a.file = (const uint8_t *)"file";
        a.file_size = 4;
    }
    run_answer(r, &a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run run;
    struct run *r = &run;

    run_start(r, data, size);
    begin(r);
    while (cursor_left(&r->input) > 0 && !run_over(r)) {
        uint8_t kind = cursor_u8(&r->input) % 8;

        if (kind < 4)
            run_tick(r);
        else if (kind < 7)
            run_key(r, cursor_u8(&r->input));
        else
            boot_server(r);
    }
    run_out(r);
    return 0;
}
