/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/direct.h"

#include "core/arp.h"
#include "efi/guids.h"
#include "efi/system.h"

#define ETHERNET_HEADER 14
#define ETHERTYPE_IP4 0x0800
#define ARP_TARGET_AT 24 /* RFC 826: the target's address in an ARP packet */
#define IP4_TARGET_AT 16

static struct {
    EFI_SIMPLE_NETWORK *driver; /* NULL: nothing is open */
    bool yielded;               /* the stack is needed for more than to send */
    uint8_t mac[6];
    struct direct *sockets;
} direct;

bool direct_open(struct direct *d, const struct nic *nic, struct ip4 address, uint16_t port)
{
    EFI_SIMPLE_NETWORK *driver = system_protocol(nic->handle, &guid_simple_network);

    d->port = 0;
    if (!driver || nic->vlan || port == 0 || (direct.driver && direct.driver != driver))
        return false;
    if (!direct.driver)
        direct.yielded = false;
    direct.driver = driver;
    memcpy(direct.mac, nic->mac, sizeof(direct.mac));
    d->address = address;
    d->port = port;
    d->first = d->count = 0;
    d->next = direct.sockets;
    direct.sockets = d;
    return true;
}

static struct direct_frame *free_frame(struct direct *d)
{
    return d->count < DIRECT_FRAMES ? &d->frames[(d->first + d->count) % DIRECT_FRAMES] : NULL;
}

static struct direct *socket_of(const struct udp_packet *p)
{
    for (struct direct *d = direct.sockets; d; d = d->next)
        if (d->port == p->dst_port && ip4_equal(d->address, p->dst))
            return d;
    return NULL;
}

/* Keeps a frame that was read into a slot of `reader` for the socket that it is for. Returns false when there is none.
 */
static bool keep(struct direct *reader, struct direct_frame *f, size_t size)
{
    struct direct *owner;
    struct direct_frame *copy;

    if (size < ETHERNET_HEADER || (f->bytes[12] << 8 | f->bytes[13]) != ETHERTYPE_IP4 ||
        !udp_packet_parse(f->bytes + ETHERNET_HEADER, size - ETHERNET_HEADER, &f->packet) ||
        !udp_packet_is_intact(&f->packet))
        return false;
    owner = socket_of(&f->packet);
    copy = !owner || owner == reader ? f : free_frame(owner);
    if (owner && copy && copy != f) {
        memcpy(copy->bytes, f->bytes, size);
        copy->packet = f->packet;
        copy->packet.data = copy->bytes + (f->packet.data - f->bytes);
    }
    if (owner && copy)
        owner->count++;
    return owner != NULL; /* without room it is lost, as it would be on the way */
}

/* What was sent to this machine, or asks for it. */
static bool concerns_us(const struct direct *d, const uint8_t *frame, size_t size)
{
    size_t target = ETHERNET_HEADER;

    if (size < ETHERNET_HEADER)
        return false;
    if (bytes_equal(frame, direct.mac, sizeof(direct.mac)))
        return true;
    target += (frame[12] << 8 | frame[13]) == ARP_ETHERTYPE ? ARP_TARGET_AT : IP4_TARGET_AT;
    return size >= target + sizeof(d->address.b) && bytes_equal(frame + target, d->address.b, sizeof(d->address.b));
}

/* Reads one frame. Returns false when there is none, or the direct way has ended. */
static bool take(struct direct *d)
{
    struct direct_frame *f = free_frame(d);
    UINTN size = sizeof(f->bytes);
    EFI_STATUS status;

    if (direct.yielded || !f)
        return false;
    status = direct.driver->Receive(direct.driver, NULL, &size, f->bytes, NULL, NULL, NULL);
    if (status == EFI_NOT_READY)
        return false;
    if (status != EFI_SUCCESS || (!keep(d, f, size) && concerns_us(d, f->bytes, size)))
        direct.yielded = true;
    return !direct.yielded;
}

bool direct_waits(const struct direct *d)
{
    return d->port && d->count;
}

const struct udp_packet *direct_receive(struct direct *d)
{
    for (unsigned i = 0; i < DIRECT_FRAMES && d->port && !d->count && take(d); i++)
        ;
    return direct_waits(d) ? &d->frames[d->first].packet : NULL;
}

void direct_release(struct direct *d)
{
    d->first = (d->first + 1) % DIRECT_FRAMES;
    d->count--;
}

void direct_close(struct direct *d)
{
    struct direct **at = &direct.sockets;

    if (!d->port)
        return;
    while (*at != d)
        at = &(*at)->next;
    *at = d->next;
    d->port = 0;
    if (!direct.sockets)
        direct.driver = NULL;
}
