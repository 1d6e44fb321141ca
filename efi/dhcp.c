/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/dhcp.h"

#include "core/pxe_drive.h"
#include "efi/address_probe.h"
#include "efi/clock.h"
#include "efi/console.h"
#include "efi/smbios.h"
#include "efi/system.h"
#include "efi/udp.h"

#define ARCH_UEFI_X64 7
#define UNDI_MAJOR 3
#define UNDI_MINOR 1

static struct udp udp;
static bool holds_datagram;
static struct address_probe prober;
static struct pxe_drive drive;

static void client_config(const struct nic *nic, struct pxe_client_config *ret)
{
    *ret = (struct pxe_client_config){
        .want_boot = true,
        .arch = ARCH_UEFI_X64,
        .undi_major = UNDI_MAJOR,
        .undi_minor = UNDI_MINOR,
        .user_class = "Slipway",
        .random = pxe_random(clock_counter(), nic->mac),
    };
    memcpy(ret->mac, nic->mac, sizeof(ret->mac));
    ret->has_uuid = smbios_uuid(ret->uuid);
}

static void release(void)
{
    if (holds_datagram)
        udp_release(&udp);
    holds_datagram = false;
}

static bool configure(void *context, const struct net_config *net, struct error_detail *ret_error)
{
    const struct nic *nic = context;
    EFI_STATUS status;
    struct text t;

    release();
    udp_close(&udp);
    status = udp_open(&udp, nic, net, DHCP_CLIENT_PORT);
    if (status == EFI_SUCCESS)
        return true;
    error_begin(ret_error, nic->link ? PXE_E99 : PXE_E61, &t);
    text_string(&t, "cannot open UDP port 68: ");
    text_string(&t, system_status_name(status));
    return false;
}

static void send(void *context, const struct net_config *net, const struct pxe_output *out)
{
    (void)context;
    (void)net; /* the socket has it */
    udp_send(&udp, out->dst, out->dst_port, out->packet, out->packet_size);
}

static bool receive(void *context, struct pxe_datagram *ret)
{
    struct udp_datagram d;

    (void)context;
    release();
    holds_datagram = udp_receive(&udp, &d);
    if (holds_datagram)
        *ret = (struct pxe_datagram){.src = d.src, .src_port = d.src_port, .data = d.data, .size = d.size};
    return holds_datagram;
}

static void probe(void *context, struct ip4 address)
{
    (void)context;
    address_probe_send(&prober, address);
}

static bool conflict(void *context, uint8_t ret_mac[6])
{
    (void)context;
    return address_probe_receive(&prober, ret_mac);
}

bool dhcp_run(struct nic *nic, const struct pxe_cached *cached, struct pxe_client *c)
{
    const struct pxe_host host = {
        .context = nic,
        .console = &console,
        .configure = configure,
        .send = send,
        .receive = receive,
        .probe = probe,
        .conflict = conflict,
    };
    struct pxe_client_config config;
    bool good;

    client_config(nic, &config);
    /* Without ARP the address is used as it comes: better than no address. */
    config.can_probe = address_probe_open(&prober, nic);
    good = pxe_drive(&drive, &host, &config, cached, c);
    release();
    udp_close(&udp);
    address_probe_close(&prober);
    return good;
}
