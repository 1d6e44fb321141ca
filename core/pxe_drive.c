/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/pxe_drive.h"

/* Asking for a key is slow on a serial console; nobody types faster. */
#define KEY_INTERVAL_MS 50

static bool is_over(const struct pxe_drive *d)
{
    return d->client->state == PXE_DONE || d->client->state == PXE_FAILED;
}

static void fail(struct pxe_drive *d, const struct error_detail *error)
{
    d->client->state = PXE_FAILED;
    d->client->error = *error;
}

static bool configure(struct pxe_drive *d, const struct net_config *net)
{
    struct error_detail error;

    d->has_address = net != NULL;
    if (d->host->configure(d->host->context, net, &error))
        return true;
    fail(d, &error);
    return false;
}

/* Does what one step of the client asked for. */
static void perform(struct pxe_drive *d)
{
    struct pxe_client *c = d->client;
    const struct pxe_host *h = d->host;
    /* The client gave the firmware's lease up and begins again without an address. */
    bool begin_again = c->state == PXE_SELECTING && d->has_address;

    if ((d->out.configure || begin_again) && !configure(d, d->out.configure ? &c->net : NULL))
        return;
    if (!ip4_is_zero(d->out.probe))
        h->probe(h->context, d->out.probe);
    if (d->out.packet_size)
        h->send(h->context, d->has_address ? &c->net : NULL, &d->out);
    if (d->out.redraw && c->state == PXE_PROMPTING)
        menu_view_draw(&d->view, &c->menu, h->console);
}

static void show_conflict(const struct pxe_drive *d, const uint8_t mac[6])
{
    char line[128];
    struct text t;

    text_init(&t, line, sizeof(line));
    text_ip4(&t, dhcp_packet_yiaddr(&d->client->p.ack));
    text_string(&t, " is in use by ");
    text_mac(&t, mac, ':');
    text_string(&t, ": declined, asking for another address\n");
    d->host->console->print(line);
}

static void receive_arp(struct pxe_drive *d)
{
    uint8_t mac[6];

    if (d->client->state != PXE_PROBING || !d->host->conflict(d->host->context, mac))
        return;
    show_conflict(d, mac);
    pxe_client_conflict(d->client, mac, d->host->console->clock_ms(), &d->out);
    perform(d);
}

static void receive(struct pxe_drive *d)
{
    struct pxe_datagram r;

    if (!d->host->receive(d->host->context, &r))
        return;
    pxe_client_packet(d->client, r.src, r.src_port, r.data, r.size, d->host->console->clock_ms(), &d->out);
    perform(d);
}

static void look_at_clock(struct pxe_drive *d)
{
    uint64_t now = d->host->console->clock_ms();

    if (now < d->client->wake_ms)
        return;
    pxe_client_timer(d->client, now, &d->out);
    perform(d);
}

static void take_key(struct pxe_drive *d)
{
    uint64_t now = d->host->console->clock_ms();
    enum menu_key key;
    char character = 0;

    if (now < d->next_key_ms)
        return;
    d->next_key_ms = now + KEY_INTERVAL_MS;
    key = d->host->console->key(&character);
    if (key == MENU_KEY_ESCAPE && d->client->state != PXE_PROMPTING) {
        fail(d, &(struct error_detail){.code = PXE_EA0, .received = "ESC was pressed"});
    } else if (key != MENU_KEY_NONE) {
        pxe_client_key(d->client, key, character, now, &d->out);
        perform(d);
    }
}

static void start(struct pxe_drive *d, const struct pxe_client_config *config, const struct pxe_cached *cached)
{
    uint64_t now = d->host->console->clock_ms();

    if (cached)
        pxe_client_start_cached(d->client, config, cached, now, &d->out);
    else
        pxe_client_start(d->client, config, now, &d->out);
    if (d->out.configure || configure(d, NULL))
        perform(d);
}

static void show_plan(const struct pxe_drive *d)
{
    char line[400];
    struct text t;

    text_init(&t, line, sizeof(line));
    pxe_client_summary(d->client, &t);
    d->host->console->print(line);
    d->host->console->print("\n");
}

bool pxe_drive(struct pxe_drive *d, const struct pxe_host *host, const struct pxe_client_config *config,
               const struct pxe_cached *cached, struct pxe_client *c)
{
    static void (*const steps[])(struct pxe_drive *) = {receive_arp, look_at_clock, take_key, receive};

    d->host = host;
    d->client = c;
    d->view = (struct menu_view){0};
    d->has_address = false;
    d->next_key_ms = 0;
    start(d, config, cached);
    for (unsigned i = 0; !is_over(d); i++)
        steps[i % (sizeof(steps) / sizeof(steps[0]))](d);
    menu_view_end(&d->view, host->console);
    if (c->state == PXE_DONE)
        show_plan(d);
    return c->state == PXE_DONE;
}

uint32_t pxe_random(uint64_t counter, const uint8_t mac[6])
{
    uint32_t random = (uint32_t)counter ^ (uint32_t)(counter >> 32);

    for (unsigned i = 0; i < 6; i++)
        random = random * 16777619u ^ mac[i];
    return random;
}
