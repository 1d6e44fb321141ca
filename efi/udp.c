/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/udp.h"

#include "efi/guids.h"
#include "efi/system.h"

#define TTL 64

/* The firmware writes a token's Status when it is done with it; until then the field holds this. Reading memory is far
 * cheaper than CheckEvent for every datagram. */
#define PENDING EFI_NOT_READY

static bool token_pending(const EFI_UDP4_COMPLETION_TOKEN *token)
{
    return *(volatile const EFI_STATUS *)&token->Status == PENDING;
}

static EFI_IPv4_ADDRESS to_efi(struct ip4 a)
{
    EFI_IPv4_ADDRESS ret;

    memcpy(ret.Addr, a.b, sizeof(a.b));
    return ret;
}

static EFI_STATUS configure(struct udp *u, const struct net_config *net, uint16_t port)
{
    EFI_UDP4_CONFIG_DATA config = {
        .AcceptBroadcast = TRUE,
        /* The firmware's own DHCP client may sit on port 68. */
        .AllowDuplicatePort = port != 0,
        .TimeToLive = TTL,
        .StationPort = port,
    };
    EFI_IPv4_ADDRESS none = {{0}};
    EFI_STATUS status;

    if (net) {
        config.StationAddress = to_efi(net->address);
        config.SubnetMask = to_efi(net->netmask);
    }
    status = u->udp4->Configure(u->udp4, &config);
    if (status == EFI_SUCCESS && net && !ip4_is_zero(net->gateway)) {
        EFI_IPv4_ADDRESS gateway = to_efi(net->gateway);
        status = u->udp4->Routes(u->udp4, FALSE, &none, &none, &gateway);
    }
    u->configured = status == EFI_SUCCESS;
    return status;
}

static EFI_STATUS create_tokens(struct udp *u)
{
    EFI_STATUS status = EFI_SUCCESS;

    for (unsigned i = 0; i < UDP_SEND_TOKENS && status == EFI_SUCCESS; i++)
        status = system_boot->CreateEvent(0, 0, NULL, NULL, &u->send[i].token.Event);
    for (unsigned i = 0; i < UDP_RECEIVE_TOKENS && status == EFI_SUCCESS; i++)
        status = system_boot->CreateEvent(0, 0, NULL, NULL, &u->receive[i].Event);
    return status;
}

static EFI_STATUS post_receive(struct udp *u, unsigned i)
{
    u->receive[i].Status = PENDING;
    u->receive[i].Packet.RxData = NULL;
    return u->udp4->Receive(u->udp4, &u->receive[i]);
}

EFI_STATUS udp_open(struct udp *u, const struct nic *nic, const struct net_config *net, uint16_t port)
{
    EFI_STATUS status;

    system_boot->SetMem(u, sizeof(*u), 0);
    u->binding = nic->udp4;
    status = u->binding->CreateChild(u->binding, &u->child);
    if (status != EFI_SUCCESS) {
        u->child = NULL;
        return status;
    }
    u->udp4 = system_protocol(u->child, &guid_udp4);
    status = u->udp4 ? configure(u, net, port) : EFI_UNSUPPORTED;
    if (status == EFI_SUCCESS)
        status = create_tokens(u);
    for (unsigned i = 0; i < UDP_RECEIVE_TOKENS && status == EFI_SUCCESS; i++)
        status = post_receive(u, i);
    if (status != EFI_SUCCESS)
        udp_close(u);
    return status;
}

EFI_STATUS udp_join(struct udp *u, struct ip4 group)
{
    EFI_IPv4_ADDRESS address = to_efi(group);

    return u->udp4->Groups(u->udp4, TRUE, &address);
}

void udp_use_direct(struct udp *u, const struct nic *nic, const struct net_config *net)
{
    EFI_UDP4_CONFIG_DATA config;

    u->direct = system_allocate(sizeof(*u->direct));
    if (!u->direct || u->udp4->GetModeData(u->udp4, &config, NULL, NULL, NULL) != EFI_SUCCESS)
        return;
    direct_open(u->direct, nic, net->address, config.StationPort);
}

static void note_sent(struct udp *u, struct udp_send_slot *slot)
{
    if (!slot->data.DataLength || token_pending(&slot->token))
        return;
    if (slot->token.Status == EFI_SUCCESS)
        u->sent = true;
    else
        u->send_status = slot->token.Status;
    slot->data.DataLength = 0;
}

static struct udp_send_slot *free_slot(struct udp *u)
{
    struct udp_send_slot *ret = NULL;

    for (unsigned i = 0; i < UDP_SEND_TOKENS; i++) {
        note_sent(u, &u->send[i]);
        if (!ret && !u->send[i].data.DataLength)
            ret = &u->send[i];
    }
    return ret;
}

bool udp_send(struct udp *u, struct ip4 dst, uint16_t dst_port, const void *data, size_t size)
{
    struct udp_send_slot *slot = free_slot(u);

    if (!slot || size > UDP_SEND_MAX || size == 0)
        return false;
    memcpy(slot->bytes, data, size);
    slot->session = (EFI_UDP4_SESSION_DATA){.DestinationAddress = to_efi(dst), .DestinationPort = dst_port};
    slot->data = (EFI_UDP4_TRANSMIT_DATA){
        .UdpSessionData = &slot->session,
        .DataLength = size,
        .FragmentCount = 1,
        .FragmentTable = {{.FragmentLength = size, .FragmentBuffer = slot->bytes}},
    };
    slot->token.Packet.TxData = &slot->data;
    slot->token.Status = PENDING;
    EFI_STATUS status = u->udp4->Transmit(u->udp4, &slot->token);
    if (status != EFI_SUCCESS)
        slot->token.Status = status;
    note_sent(u, slot);
    return status == EFI_SUCCESS;
}

bool udp_is_sending(const struct udp *u)
{
    for (unsigned i = 0; i < UDP_SEND_TOKENS; i++)
        if (u->send[i].data.DataLength && token_pending(&u->send[i].token))
            return true;
    return false;
}

/* A datagram in several fragments is copied into one piece; one that does not fit counts as empty. */
static void gather(struct udp *u, const EFI_UDP4_RECEIVE_DATA *rx, struct udp_datagram *ret)
{
    size_t used = 0;

    if (!u->gather)
        u->gather = system_allocate(UDP_GATHER_MAX);
    if (!u->gather || rx->DataLength > UDP_GATHER_MAX)
        return;
    for (unsigned i = 0; i < rx->FragmentCount; i++) {
        const EFI_UDP4_FRAGMENT_DATA *f = &rx->FragmentTable[i];
        if (f->FragmentLength > UDP_GATHER_MAX - used)
            return;
        memcpy(u->gather + used, f->FragmentBuffer, f->FragmentLength);
        used += f->FragmentLength;
    }
    ret->data = u->gather;
    ret->size = used;
}

static bool receive_direct(struct udp *u, struct udp_datagram *ret)
{
    const struct udp_packet *p = direct_receive(u->direct);

    u->from_direct = p != NULL;
    if (p)
        *ret = (struct udp_datagram){
            .src = p->src, .dst = p->dst, .src_port = p->src_port, .data = p->data, .size = p->size};
    return p != NULL;
}

bool udp_receive(struct udp *u, struct udp_datagram *ret)
{
    EFI_UDP4_COMPLETION_TOKEN *token = &u->receive[u->next];
    const EFI_UDP4_RECEIVE_DATA *rx;

    /* What is being sent may wait for an ARP reply, which the direct way would take from the firmware. */
    if (u->direct && (direct_waits(u->direct) || (token_pending(token) && !udp_is_sending(u))) &&
        receive_direct(u, ret))
        return true;
    if (token_pending(token))
        u->udp4->Poll(u->udp4);
    if (token_pending(token))
        return false;
    *ret = (struct udp_datagram){.size = 0};
    rx = token->Packet.RxData;
    if (token->Status != EFI_SUCCESS || !rx)
        return true; /* an ICMP error: an empty datagram, which no protocol here takes for its own */
    memcpy(ret->src.b, rx->UdpSession.SourceAddress.Addr, sizeof(ret->src.b));
    memcpy(ret->dst.b, rx->UdpSession.DestinationAddress.Addr, sizeof(ret->dst.b));
    ret->src_port = rx->UdpSession.SourcePort;
    if (rx->FragmentCount == 1) {
        ret->data = rx->FragmentTable[0].FragmentBuffer;
        ret->size = rx->FragmentTable[0].FragmentLength;
    } else {
        gather(u, rx, ret);
    }
    return true;
}

void udp_release(struct udp *u)
{
    EFI_UDP4_COMPLETION_TOKEN *token = &u->receive[u->next];

    if (u->from_direct) {
        direct_release(u->direct);
        u->from_direct = false;
        return;
    }
    if (token->Packet.RxData)
        system_boot->SignalEvent(token->Packet.RxData->RecycleSignal);
    post_receive(u, u->next);
    u->next = (u->next + 1) % UDP_RECEIVE_TOKENS;
}

static void close_event(EFI_EVENT event)
{
    if (event)
        system_boot->CloseEvent(event);
}

void udp_close(struct udp *u)
{
    if (!u->child)
        return;
    if (u->configured) {
        /* Completes every token with EFI_ABORTED; what has arrived already must still be given back. */
        u->udp4->Configure(u->udp4, NULL);
        for (unsigned i = 0; i < UDP_RECEIVE_TOKENS; i++)
            if (u->receive[i].Status == EFI_SUCCESS && u->receive[i].Packet.RxData)
                system_boot->SignalEvent(u->receive[i].Packet.RxData->RecycleSignal);
    }
    for (unsigned i = 0; i < UDP_SEND_TOKENS; i++)
        close_event(u->send[i].token.Event);
    for (unsigned i = 0; i < UDP_RECEIVE_TOKENS; i++)
        close_event(u->receive[i].Event);
    u->binding->DestroyChild(u->binding, u->child);
    u->child = NULL;
    system_free(u->gather);
    u->gather = NULL;
    if (u->direct)
        direct_close(u->direct);
    system_free(u->direct);
    u->direct = NULL;
}
