/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/cached.h"

#include "efi/system.h"

static EFI_PXE_BASE_CODE_MODE *saved;
static struct pxe_cached packets;

static void use(const EFI_PXE_BASE_CODE_PACKET *packet, BOOLEAN valid, const uint8_t **ret, size_t *ret_size)
{
    *ret = packet->Raw;
    *ret_size = valid ? sizeof(packet->Raw) : 0;
}

const struct pxe_cached *cached_take(struct nic *nic)
{
    EFI_PXE_BASE_CODE_MODE *mode = nic->pxe ? nic->pxe->Mode : NULL;

    if (!mode || !mode->Started || mode->UsingIpv6 || !mode->DhcpAckReceived)
        return NULL;
    saved = system_allocate(sizeof(*saved));
    if (!saved)
        return NULL;
    system_boot->CopyMem(saved, mode, sizeof(*saved));
    use(&saved->DhcpAck, TRUE, &packets.ack, &packets.ack_size);
    use(&saved->ProxyOffer, saved->ProxyOfferReceived, &packets.proxy, &packets.proxy_size);
    use(&saved->PxeReply, saved->PxeReplyReceived, &packets.boot_server, &packets.boot_server_size);
    /* It listens on every UDP port and would be handed a copy of each datagram of the download. */
    nic->pxe->Stop(nic->pxe);
    return &packets;
}

void cached_give_back(const struct nic *nic)
{
    EFI_PXE_BASE_CODE_PROTOCOL *pxe = nic->pxe;

    if (!saved || !pxe || pxe->Start(pxe, FALSE) != EFI_SUCCESS)
        return;
    pxe->SetPackets(pxe, &saved->DhcpDiscoverValid, &saved->DhcpAckReceived, &saved->ProxyOfferReceived,
                    &saved->PxeDiscoverValid, &saved->PxeReplyReceived, &saved->PxeBisReplyReceived,
                    &saved->DhcpDiscover, &saved->DhcpAck, &saved->ProxyOffer, &saved->PxeDiscover, &saved->PxeReply,
                    &saved->PxeBisReply);
    pxe->SetStationIp(pxe, &saved->StationIp, &saved->SubnetMask);
}
