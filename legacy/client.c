/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/client.h"

#include "legacy/clock.h"
#include "legacy/console.h"
#include "legacy/pxe.h"
#include "legacy/udp.h"

#define ARCH_BIOS 0
#define UNDI_MAJOR 2
#define UNDI_MINOR 1
#define KEY_INTERVAL_MS 50

static struct pxe_output output;
static bool prompt_drawn;

static void client_config(const struct program *p, const struct rom_packets *rom, struct pxe_client_config *ret)
{
    uint64_t counter = clock_counter();

    *ret = (struct pxe_client_config){
        .want_boot = true,
        .arch = ARCH_BIOS,
        .undi_major = UNDI_MAJOR,
        .undi_minor = UNDI_MINOR,
        .user_class = p->user_class,
        .own_name = p->own_name,
        .next_name = p->next_name,
        .has_next_layer = p->has_next_layer,
        .random = (uint32_t)counter ^ (uint32_t)(counter >> 32),
    };
    memcpy(ret->mac, rom->mac, sizeof(ret->mac));
    memcpy(ret->uuid, rom->uuid, sizeof(ret->uuid));
    ret->has_uuid = rom->has_uuid;
    /* Machines that are switched on together start with nearly the same counter. */
    for (unsigned i = 0; i < sizeof(ret->mac); i++)
        ret->random = ret->random * 16777619u ^ ret->mac[i];
}

static bool fail(struct pxe_client *c, enum pxe_error code, const char *what, uint16_t status)
{
    struct text t;

    c->state = PXE_FAILED;
    c->error = (struct error_detail){.code = code};
    text_init(&t, c->error.received, sizeof(c->error.received));
    text_string(&t, what);
    if (status) {
        text_string(&t, pxe_status_name(status));
        text_string(&t, " (");
        text_hex(&t, status, 2);
        text_char(&t, ')');
    }
    return false;
}

static void draw_list(struct menu *m)
{
    unsigned count = menu_line_count(m);

    console_clear();
    for (unsigned i = 0; i < count; i++) {
        char line[CONSOLE_COLUMNS * 4];
        struct text t;
        bool highlight = false;

        text_init(&t, line, sizeof(line));
        menu_line(m, i, clock_ms(), &t, &highlight);
        if (highlight)
            console_inverse(true);
        console_update(line);
        if (highlight)
            console_inverse(false);
        console_print("\n");
    }
}

/* The prompt stays as the server worded it; the countdown in the last line changes. */
static void draw_prompt(struct menu *m)
{
    unsigned count = menu_line_count(m);

    for (unsigned i = prompt_drawn ? count - 1 : 0; i < count; i++) {
        char line[CONSOLE_COLUMNS * 4];
        struct text t;
        bool highlight = false;

        text_init(&t, line, sizeof(line));
        menu_line(m, i, clock_ms(), &t, &highlight);
        if (i + 1 < count)
            console_finish(line);
        else
            console_update(line);
    }
    prompt_drawn = true;
}

/* Does what one step of the client asked for. Returns false when the ROM does not. */
static bool perform(struct pxe_client *c)
{
    uint16_t status = output.configure ? udp_open(c->net.address) : 0;

    if (status)
        return fail(c, PXE_E99, "the ROM's UDP_OPEN: ", status);
    if (output.packet_size)
        udp_send(ip4_is_zero(c->net.address) ? NULL : &c->net, output.dst, DHCP_CLIENT_PORT, output.dst_port,
                 output.packet, output.packet_size);
    if (output.redraw && c->state == PXE_PROMPTING && c->menu.mode == MENU_LIST)
        draw_list(&c->menu);
    else if (output.redraw && c->state == PXE_PROMPTING && c->menu.mode == MENU_PROMPT)
        draw_prompt(&c->menu);
    return true;
}

static bool take_key(struct pxe_client *c)
{
    char character = 0;
    enum menu_key key = console_key(&character);

    if (key == MENU_KEY_NONE)
        return true;
    if (key == MENU_KEY_ESCAPE && c->state != PXE_PROMPTING)
        return fail(c, PXE_EA0, "ESC was pressed", 0);
    pxe_client_key(c, key, character, clock_ms(), &output);
    return perform(c);
}

static bool step(struct pxe_client *c, uint64_t *next_key_ms)
{
    uint64_t now = clock_ms();
    struct udp_datagram d;

    if (now >= c->wake_ms) {
        pxe_client_timer(c, now, &output);
        return perform(c);
    }
    if (now >= *next_key_ms) {
        *next_key_ms = now + KEY_INTERVAL_MS;
        return take_key(c);
    }
    if (!udp_receive(&d) || d.port != DHCP_CLIENT_PORT)
        return true;
    pxe_client_packet(c, d.src, d.src_port, d.data, d.size, now, &output);
    return perform(c);
}

bool client_run(const struct program *p, const struct rom_packets *rom, bool use_cached, struct pxe_client *c)
{
    struct pxe_client_config config;
    struct pxe_cached cached;
    uint64_t next_key_ms = 0;
    uint16_t status = udp_open((struct ip4){{0}});
    bool good = status == 0 || fail(c, PXE_E99, "the ROM's UDP_OPEN: ", status);

    prompt_drawn = false;
    client_config(p, rom, &config);
    cached = rom->cached;
    cached.stale = !use_cached;
    if (good)
        pxe_client_start_cached(c, &config, &cached, clock_ms(), &output);
    good = good && perform(c);
    while (good && c->state != PXE_DONE && c->state != PXE_FAILED)
        good = step(c, &next_key_ms);
    return c->state == PXE_DONE;
}
