/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network configuration that DHCP gave, and how it travels on a kernel command line. */
#ifndef SLIPWAY_CORE_NET_CONFIG_H
#define SLIPWAY_CORE_NET_CONFIG_H

#include "core/base.h"
#include "core/text.h"

struct net_config {
    struct ip4 address;
    struct ip4 netmask;
    struct ip4 gateway;     /* zero: none */
    struct ip4 dns[2];      /* zero: none */
    struct ip4 dhcp_server; /* option 54 of the server that gave the lease */
    struct ip4 boot_server; /* where the boot file came from; zero: none */
    uint32_t lease_seconds; /* 0xffffffff: for ever */
    uint16_t mtu;           /* option 26; 0: not given */
    uint16_t vlan;          /* IEEE 802.1Q VLAN that all of this is on; 0: untagged. Set by whoever joined it. */
    char host_name[64];     /* option 12, letters, digits, '-' and '.' only; may be empty */
    char domain[128];       /* option 15, the same; may be empty */
};

/* True when `a` can be reached without a gateway. */
bool net_config_is_local(const struct net_config *c, struct ip4 a);

/* Appends, each with a leading space:
 *   ip=ADDRESS:BOOT_SERVER:GATEWAY:NETMASK:HOST_NAME::off:DNS0:DNS1   (kernel's nfsroot.txt syntax; device left empty)
 *   BOOTIF=01-aa-bb-cc-dd-ee-ff                                       (as PXELINUX writes it)
 *   slipway.server=BOOT_SERVER                                        (unless `options` already has slipway.server=)
 *   slipway.vlan=VLAN                                                 (when there is one)
 * `options` is the command line so far and may be "". A zero address writes no ip=, a zero boot server no
 * slipway.server=; a host name with other characters than its own is left out. t->cut tells whether it fitted. */
void net_config_format(struct text *t, const struct net_config *c, const uint8_t mac[6], const char *options);

/* Reads what net_config_format wrote out of a kernel command line, and the kernel's other forms of ip= with an address
 * (fewer fields, a device, an NTP server; an address alone gets its classful netmask). A missing ip=, or one without an
 * address ("ip=dhcp"), leaves *ret untouched and returns false; malformed fields do the same. What ip= cannot carry is
 * zero, and the lease is for ever. *ret_has_mac tells, in either case, whether a well-formed BOOTIF= was there: only then
 * ret_mac is written. */
bool net_config_parse(const char *cmdline, struct net_config *ret, uint8_t ret_mac[6], bool *ret_has_mac);

/* The VLAN of slipway.vlan=; 0 when that is missing, or no number from 1 to 4094. */
uint16_t net_config_vlan(const char *cmdline);

/* Copies the value of `key` (for example "slipway.server") out of a command line, up to the next white space; the
 * last one counts, as for the kernel. Returns false when the key is missing or its value does not fit into `size`
 * bytes with its NUL. */
bool cmdline_value(const char *cmdline, const char *key, char *ret, size_t size);

#endif
