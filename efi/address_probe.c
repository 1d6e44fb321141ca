/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/address_probe.h"

#include "efi/guids.h"
#include "efi/system.h"

static EFI_STATUS configure(struct address_probe *p)
{
    EFI_MANAGED_NETWORK_CONFIG_DATA config = {
        .ProtocolTypeFilter = ARP_ETHERTYPE,
        .EnableUnicastReceive = TRUE,
        .EnableBroadcastReceive = TRUE,
        .FlushQueuesOnReset = TRUE,
        .DisableBackgroundPolling = TRUE,
    };

    return p->network->configure(p->network, &config);
}

static EFI_STATUS post_receive(struct address_probe *p)
{
    p->receive.status = EFI_NOT_READY;
    p->receive.packet.received = NULL;
    return p->network->receive(p->network, &p->receive);
}

bool address_probe_open(struct address_probe *p, const struct nic *nic)
{
    EFI_STATUS status;

    *p = (struct address_probe){.binding = system_protocol(nic->handle, &guid_managed_network_service_binding)};
    memcpy(p->mac, nic->mac, sizeof(p->mac));
    if (!p->binding || p->binding->CreateChild(p->binding, &p->child) != EFI_SUCCESS) {
        p->child = NULL;
        return false;
    }
    p->network = system_protocol(p->child, &guid_managed_network);
    status = p->network ? configure(p) : EFI_UNSUPPORTED;
    if (status == EFI_SUCCESS)
        status = system_boot->CreateEvent(0, 0, NULL, NULL, &p->receive.event);
    if (status == EFI_SUCCESS)
        status = post_receive(p);
    if (status != EFI_SUCCESS)
        address_probe_close(p);
    return status == EFI_SUCCESS;
}

void address_probe_send(struct address_probe *p, struct ip4 address)
{
    EFI_MAC_ADDRESS everybody = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    uint8_t packet[ARP_PACKET_SIZE];
    struct managed_network_sent data = {
        .destination = &everybody,
        .ethertype = ARP_ETHERTYPE,
        .data_size = sizeof(packet),
        .fragment_count = 1,
        .fragment = {sizeof(packet), packet},
    };
    struct managed_network_token token = {.packet.sent = &data};

    p->address = address;
    arp_probe_build(packet, p->mac, address);
    if (system_boot->CreateEvent(0, 0, NULL, NULL, &token.event) != EFI_SUCCESS)
        return;
    /* Frames leave at once as a rule; where the firmware queues this one, its memory must not be given back before. */
    if (p->network->transmit(p->network, &token) == EFI_SUCCESS && system_boot->CheckEvent(token.event) != EFI_SUCCESS)
        p->network->cancel(p->network, &token);
    system_boot->CloseEvent(token.event);
}

bool address_probe_receive(struct address_probe *p, uint8_t ret_mac[6])
{
    struct managed_network_received *packet;
    bool ret = false;

    p->network->poll(p->network);
    if (system_boot->CheckEvent(p->receive.event) != EFI_SUCCESS)
        return false;
    packet = p->receive.packet.received;
    if (p->receive.status == EFI_SUCCESS && packet) {
        ret = !ip4_is_zero(p->address) && arp_is_conflict(packet->data, packet->data_size, p->mac, p->address, ret_mac);
        system_boot->SignalEvent(packet->recycle);
    }
    post_receive(p);
    return ret;
}

void address_probe_close(struct address_probe *p)
{
    if (!p->child)
        return;
    if (p->network)
        p->network->configure(p->network, NULL);
    /* What has arrived already must still be given back. */
    if (p->receive.status == EFI_SUCCESS && p->receive.packet.received)
        system_boot->SignalEvent(p->receive.packet.received->recycle);
    if (p->receive.event)
        system_boot->CloseEvent(p->receive.event);
    p->binding->DestroyChild(p->binding, p->child);
    p->child = NULL;
}
