/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/ip4_config.h"

#include "efi/efi_protocols.h"
#include "efi/guids.h"
#include "efi/system.h"

#define ADDRESSES_MAX 8

/* One kind of data as it was. */
struct saved {
    bool changed;
    UINTN size;
    struct ip4 addresses[ADDRESSES_MAX];
};

static struct {
    struct ip4_config2 *protocol; /* NULL: nothing is lent */
    uint32_t policy;
    struct saved gateway, dns;
} lent;

static void set(enum ip4_config2_data type, struct saved *saved, const struct ip4 *addresses, UINTN count)
{
    saved->changed = false;
    saved->size = sizeof(saved->addresses);
    if (lent.protocol->get_data(lent.protocol, type, &saved->size, saved->addresses) != EFI_SUCCESS)
        saved->size = 0;
    if (!count)
        return;
    saved->changed =
        lent.protocol->set_data(lent.protocol, type, count * sizeof(*addresses), (void *)addresses) == EFI_SUCCESS;
}

/* Data of size 0 is removed. */
static void put_back(enum ip4_config2_data type, struct saved *saved)
{
    if (saved->changed)
        lent.protocol->set_data(lent.protocol, type, saved->size, saved->size ? saved->addresses : NULL);
}

static void set_policy(uint32_t policy)
{
    lent.protocol->set_data(lent.protocol, IP4_CONFIG2_POLICY, sizeof(policy), &policy);
}

void ip4_config_lend(const struct nic *nic, const struct net_config *net)
{
    UINTN size = sizeof(lent.policy), dns = 0;

    if (lent.protocol)
        return;
    lent.protocol = system_protocol(nic->handle, &guid_ip4_config2);
    if (!lent.protocol)
        return;
    if (lent.protocol->get_data(lent.protocol, IP4_CONFIG2_POLICY, &size, &lent.policy) != EFI_SUCCESS)
        lent.policy = IP4_CONFIG2_STATIC;
    if (lent.policy != IP4_CONFIG2_STATIC)
        set_policy(IP4_CONFIG2_STATIC);
    while (dns < 2 && !ip4_is_zero(net->dns[dns]))
        dns++;
    set(IP4_CONFIG2_GATEWAY, &lent.gateway, &net->gateway, !ip4_is_zero(net->gateway));
    set(IP4_CONFIG2_DNS, &lent.dns, net->dns, dns);
}

void ip4_config_restore(void)
{
    if (!lent.protocol)
        return;
    put_back(IP4_CONFIG2_GATEWAY, &lent.gateway);
    put_back(IP4_CONFIG2_DNS, &lent.dns);
    if (lent.policy != IP4_CONFIG2_STATIC)
        set_policy(lent.policy);
    lent.protocol = NULL;
}
