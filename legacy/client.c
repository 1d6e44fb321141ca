/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/client.h"

#include "core/pxe_drive.h"
#include "core/pxenv_status.h"
#include "legacy/clock.h"
#include "legacy/console.h"
#include "legacy/send_failure.h"
#include "legacy/udp.h"

#define ARCH_BIOS 0
#define UNDI_MAJOR 2
#define UNDI_MINOR 1

static struct pxe_drive drive;

static void client_config(const struct program *p, const struct rom_packets *rom, struct pxe_client_config *ret)
{
    *ret = (struct pxe_client_config){
        .want_boot = true,
        .arch = ARCH_BIOS,
        .undi_major = UNDI_MAJOR,
        .undi_minor = UNDI_MINOR,
        .user_class = p->user_class,
        .own_name = p->own_name,
        .next_name = p->next_name,
        .has_next_layer = p->has_next_layer,
        .random = pxe_random(clock_counter(), rom->mac),
    };
    memcpy(ret->mac, rom->mac, sizeof(ret->mac));
    memcpy(ret->uuid, rom->uuid, sizeof(ret->uuid));
    ret->has_uuid = rom->has_uuid;
}

static bool configure(void *context, const struct net_config *net, struct error_detail *ret_error)
{
    uint16_t status = udp_open(net ? net->address : (struct ip4){{0}});
    struct text t;

    (void)context;
    if (status == 0)
        return true;
    error_begin(ret_error, PXE_E99, &t);
    text_string(&t, "the ROM's UDP_OPEN: ");
    pxenv_status_text(&t, status);
    return false;
}

static void send(void *context, const struct net_config *net, const struct pxe_output *out)
{
    (void)context;
    send_failure_note(udp_send(net, out->dst, DHCP_CLIENT_PORT, out->dst_port, out->packet, out->packet_size));
}

static bool receive(void *context, struct pxe_datagram *ret)
{
    struct udp_datagram d;

    (void)context;
    if (!udp_receive(&d) || d.port != DHCP_CLIENT_PORT)
        return false;
    *ret = (struct pxe_datagram){.src = d.src, .src_port = d.src_port, .data = d.data, .size = d.size};
    return true;
}

bool client_run(const struct program *p, const struct rom_packets *rom, bool use_cached, struct pxe_client *c)
{
    /* No ARP: the PXE API has none, and raw frames by its UNDI part stop its UDP (docs/operations.md). */
    static const struct pxe_host host = {.console = &console, .configure = configure, .send = send, .receive = receive};
    struct pxe_client_config config;
    struct pxe_cached cached = rom->cached;

    client_config(p, rom, &config);
    cached.stale = !use_cached;
    send_failure_forget();
    if (pxe_drive(&drive, &host, &config, &cached, c))
        return true;
    if (c->error.code != PXE_EA0)
        send_failure_tell(&c->error);
    return false;
}
