/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/dhcp.h"

#include "efi/address_probe.h"
#include "efi/clock.h"
#include "efi/console.h"
#include "efi/smbios.h"
#include "efi/system.h"
#include "efi/udp.h"

#define CLIENT_PORT 68
#define ARCH_UEFI_X64 7
#define UNDI_MAJOR 3
#define UNDI_MINOR 1
/* Asking for a key is slow on a serial console; nobody types faster. */
#define KEY_INTERVAL_MS 50

static struct udp udp;
static struct address_probe probe;
static bool udp_has_address; /* the socket sends from the lease, not from 0.0.0.0 */
static bool prompt_drawn;
static struct pxe_output output;

static void client_config(const struct nic *nic, struct pxe_client_config *ret)
{
    uint64_t counter = clock_counter();

    *ret = (struct pxe_client_config){
        .want_boot = true,
        .arch = ARCH_UEFI_X64,
        .undi_major = UNDI_MAJOR,
        .undi_minor = UNDI_MINOR,
        .user_class = "Slipway",
        .random = (uint32_t)counter ^ (uint32_t)(counter >> 32),
    };
    memcpy(ret->mac, nic->mac, sizeof(ret->mac));
    ret->has_uuid = smbios_uuid(ret->uuid);
    /* Machines that are switched on together start with nearly the same counter. */
    for (unsigned i = 0; i < sizeof(ret->mac); i++)
        ret->random = ret->random * 16777619u ^ ret->mac[i];
}

static void fail(struct pxe_client *c, enum pxe_error code, const char *what, EFI_STATUS status)
{
    struct text t;

    c->state = PXE_FAILED;
    c->error = (struct error_detail){.code = code};
    text_init(&t, c->error.received, sizeof(c->error.received));
    text_string(&t, what);
    if (status != EFI_SUCCESS) {
        text_string(&t, ": ");
        text_string(&t, system_status_name(status));
    }
}

/* Opens the socket with the address that the client has now. */
static bool reopen(const struct nic *nic, const struct net_config *net, struct pxe_client *c)
{
    EFI_STATUS status;

    udp_close(&udp);
    udp_has_address = net != NULL;
    status = udp_open(&udp, nic, net, CLIENT_PORT);
    if (status != EFI_SUCCESS)
        fail(c, nic->link ? PXE_E99 : PXE_E61, "cannot open UDP port 68", status);
    return status == EFI_SUCCESS;
}

static void draw_line(void *context, unsigned line, struct text *t, bool *ret_highlight)
{
    menu_line(context, line, clock_ms(), t, ret_highlight);
}

/* The list, and its foot after an empty line. */
static void draw_list_line(void *context, unsigned line, struct text *t, bool *ret_highlight)
{
    unsigned foot = menu_line_count(context) - 1;

    if (line != foot)
        draw_line(context, line < foot ? line : foot, t, ret_highlight);
}

/* The prompt stays as the server worded it; the countdown in the last line changes. */
static void draw_prompt(struct menu *m)
{
    unsigned count = menu_line_count(m);

    for (unsigned i = prompt_drawn ? count - 1 : 0; i < count; i++) {
        char buf[256];
        struct text t;
        bool highlight = false;

        text_init(&t, buf, sizeof(buf));
        draw_line(m, i, &t, &highlight);
        if (i + 1 < count)
            console_finish(buf);
        else
            console_update(buf);
    }
    prompt_drawn = true;
}

static void draw(struct menu *m)
{
    if (m->mode == MENU_LIST)
        console_paint(menu_line_count(m) + 1, draw_list_line, m);
    else if (m->mode == MENU_PROMPT)
        draw_prompt(m);
}

/* Does what one step of the client asked for. Returns false when the interface does not. */
static bool perform(const struct nic *nic, struct pxe_client *c)
{
    /* The client gave the firmware's lease up and begins again without an address. */
    bool begin_again = c->state == PXE_SELECTING && udp_has_address;

    if ((output.configure || begin_again) && !reopen(nic, output.configure ? &c->net : NULL, c))
        return false;
    if (!ip4_is_zero(output.probe))
        address_probe_send(&probe, output.probe);
    if (output.packet_size)
        udp_send(&udp, output.dst, output.dst_port, output.packet, output.packet_size);
    if (output.redraw && c->state == PXE_PROMPTING)
        draw(&c->menu);
    return true;
}

static void show_conflict(const uint8_t mac[6])
{
    char line[128];
    struct text t;

    text_init(&t, line, sizeof(line));
    text_ip4(&t, probe.address);
    text_string(&t, " is in use by ");
    text_mac(&t, mac, ':');
    text_string(&t, ": declined, asking for another address\n");
    console_print(line);
}

static bool receive_arp(const struct nic *nic, struct pxe_client *c)
{
    uint8_t mac[6];

    if (c->state != PXE_PROBING || !address_probe_receive(&probe, mac))
        return true;
    show_conflict(mac);
    pxe_client_conflict(c, mac, clock_ms(), &output);
    return perform(nic, c);
}

static bool receive(const struct nic *nic, struct pxe_client *c)
{
    struct udp_datagram d;

    if (!udp_receive(&udp, &d))
        return true;
    pxe_client_packet(c, d.src, d.src_port, d.data, d.size, clock_ms(), &output);
    udp_release(&udp);
    return perform(nic, c);
}

static bool take_key(const struct nic *nic, struct pxe_client *c)
{
    char character = 0;
    enum menu_key key = console_key(&character);

    if (key == MENU_KEY_NONE)
        return true;
    if (key == MENU_KEY_ESCAPE && c->state != PXE_PROMPTING) {
        fail(c, PXE_EA0, "ESC was pressed", EFI_SUCCESS);
        return false;
    }
    pxe_client_key(c, key, character, clock_ms(), &output);
    return perform(nic, c);
}

static bool step(const struct nic *nic, struct pxe_client *c, uint64_t *next_key_ms)
{
    uint64_t now = clock_ms();

    if (!receive_arp(nic, c))
        return false;
    if (now >= c->wake_ms) {
        pxe_client_timer(c, now, &output);
        if (!perform(nic, c))
            return false;
    }
    if (c->state != PXE_DONE && c->state != PXE_FAILED && now >= *next_key_ms) {
        *next_key_ms = now + KEY_INTERVAL_MS;
        if (!take_key(nic, c))
            return false;
    }
    return c->state == PXE_DONE || c->state == PXE_FAILED || receive(nic, c);
}

bool dhcp_run(const struct nic *nic, const struct pxe_cached *cached, struct pxe_client *c)
{
    struct pxe_client_config config;
    uint64_t next_key_ms = 0;
    bool good;

    prompt_drawn = false;
    client_config(nic, &config);
    /* Without ARP the address is used as it comes: better than no address. */
    config.can_probe = address_probe_open(&probe, nic);
    if (cached)
        pxe_client_start_cached(c, &config, cached, clock_ms(), &output);
    else
        pxe_client_start(c, &config, clock_ms(), &output);
    good = (output.configure || reopen(nic, NULL, c)) && perform(nic, c);
    while (good && c->state != PXE_DONE && c->state != PXE_FAILED)
        good = step(nic, c, &next_key_ms);
    udp_close(&udp);
    address_probe_close(&probe);
    console_paint_end();
    return c->state == PXE_DONE;
}
