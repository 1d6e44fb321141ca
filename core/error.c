/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/error.h"

/* Cause and cure are read on an 80-column screen, under the title and the line that says what was received. */
static const struct error_text table[] = {
    {PXE_E11, "PXE-E11", "ARP timeout",
     "The server's address does not answer: it is off, or there is no way to it.",
     "Check that server and gateway are up, and the netmask that DHCP gives."},
    {PXE_E32, "PXE-E32", "TFTP or HTTP open timeout",
     "The server did not answer the request for the file.",
     "Check that TFTP (UDP 69), or HTTP, runs there and passes its firewall."},
    {PXE_E35, "PXE-E35", "TFTP or HTTP read timeout",
     "The server answered at first, and stopped in the middle of the transfer.",
     "Check cable, switch port and server; TFTP needs high UDP ports let through."},
    {PXE_E36, "PXE-E36", "TFTP or HTTP error received",
     "The TFTP or HTTP server refused the transfer or broke rules; see above how.",
     "Look for this machine's address in the log of that server."},
    {PXE_E39, "PXE-E39", "TFTP packet cannot be read",
     "The TFTP server sent a packet that breaks the protocol; see above how.",
     "Update the TFTP server; rule out a firewall that rewrites TFTP."},
    {PXE_E3A, "PXE-E3A", "File too big",
     "The file is larger than announced, or than this machine has memory for.",
     "Check that the boot item names the right file; if so, add memory."},
    {PXE_E3B, "PXE-E3B", "File not found",
     "The TFTP or HTTP server has no file of this name in its folder.",
     "Check the name, upper and lower case included, and put the file there."},
    {PXE_E3C, "PXE-E3C", "Access violation",
     "The TFTP or HTTP server is not allowed to give out this file.",
     "Make the file readable for the service, inside its root folder."},
    {PXE_E3F, "PXE-E3F", "TFTP packet too large",
     "The name of the file is too long for a request, or a block is oversized.",
     "Shorten the path of the boot file; else update the TFTP server."},
    {PXE_E51, "PXE-E51", "No DHCP or ProxyDHCP offers were received",
     "No DHCP server was heard: cable, VLAN, relay, or the service is stopped.",
     "Check the link and the DHCP service; relay UDP 67 from this subnet."},
    {PXE_E52, "PXE-E52", "ProxyDHCP offers were received, but no DHCP offers",
     "The PXE server answers, but nobody gives this machine an IP address.",
     "Start the DHCP server; see that its range still has a free address."},
    {PXE_E53, "PXE-E53", "No boot file name received",
     "This machine got an address, but no PXE server named a file to boot.",
     "Start the PXE service, on this VLAN or relayed; let UDP 67, 4011 pass."},
    {PXE_E55, "PXE-E55", "ProxyDHCP did not answer on port 4011",
     "The PXE server made an offer, and then did not answer the request.",
     "Let UDP 4011 through to it; see that its PXE service holds that port."},
    {PXE_E61, "PXE-E61", "Media test failure, check cable",
     "The network card sees no link.",
     "Plug the cable in, try another switch port, see that it is not shut."},
    {PXE_E74, "PXE-E74", "Bad or missing PXE menu or prompt",
     "The PXE server sent a boot menu (option 43, tags 9 and 10) that is broken.",
     "Correct its menu; with dnsmasq: the lines pxe-service and pxe-prompt."},
    {PXE_E76, "PXE-E76", "Bad or missing multicast discovery address",
     "The PXE server allows discovery by multicast only, and names no group.",
     "Correct its discovery control (tag 6) or its multicast address (tag 7)."},
    {PXE_E77, "PXE-E77", "Bad or missing boot server list",
     "The PXE server allows only listed boot servers, and its list is broken.",
     "Correct the PXE server's boot server list (option 43, tag 8)."},
    {PXE_E78, "PXE-E78", "No boot server answered",
     "Nobody answered the discovery for the chosen boot item.",
     "Start the boot server of this item; let UDP 4011 through to it."},
    {PXE_E79, "PXE-E79", "Boot file cannot be started",
     "It is no program for this firmware, too large, or not signed for it.",
     "Serve the one for this firmware (BIOS, x64 UEFI), or have it signed."},
    {PXE_E99, "PXE-E99", "Unexpected network error",
     "The network card or its firmware driver failed; see above how.",
     "Power the machine off and on; update its firmware if that repeats."},
    {PXE_EA0, "PXE-EA0", "Cancelled from the keyboard",
     "Somebody pressed Escape. Nothing was changed on any disk.",
     "Start the machine again to boot from the network."},
    {SLIPWAY_E01, "SLW-E01", "Boot entry is malformed",
     "The .conf file breaks the Boot Loader Specification in the line above.",
     "Correct it on the server: 'linux PATH', then 'initrd', 'options', 'title'."},
    {SLIPWAY_E02, "SLW-E02", "File is truncated, or no kernel",
     "The file ended too early, or it is no Linux kernel for this firmware.",
     "Copy it to the server again, compare checksums, see its disk is not full."},
    {SLIPWAY_E03, "SLW-E03", "No system found on any local disk",
     "No disk of this machine holds a loader that the firmware could start.",
     "Deploy an image to it; else check the disk, and RAID/AHCI in the setup."},
    {SLIPWAY_E04, "SLW-E04", "Out of memory",
     "Kernel and initramfs do not fit into the free memory of this machine.",
     "Add memory (256 MiB do), or take large files out of the boot entry."},
    {SLIPWAY_E05, "SLW-E05", "URL cannot be fetched",
     "It is no plain http:// URL, or this firmware cannot fetch it; see above.",
     "Correct the URL, turn on HTTP boot in the setup, or serve it by TFTP."},
    {SLIPWAY_E06, "SLW-E06", "Address is in use",
     "Another machine has the address that the DHCP server gives to this one.",
     "Find it by the MAC above; exclude fixed addresses from the DHCP range."},
    {SLIPWAY_E07, "SLW-E07", "VLAN cannot be used",
     "vlan= is no number from 1 to 4094, or this firmware has no VLANs.",
     "Correct slipway.conf or the boot entry, or let the port be untagged."},
};

#define COUNT (sizeof(table) / sizeof(table[0]))

const struct error_text *error_text(enum pxe_error code)
{
    const struct error_text *unknown = NULL;

    for (size_t i = 0; i < COUNT; i++) {
        if (table[i].code == code)
            return &table[i];
        if (table[i].code == PXE_E99)
            unknown = &table[i];
    }
    return unknown;
}

const struct error_text *error_table(size_t *ret_count)
{
    *ret_count = COUNT;
    return table;
}

void error_begin(struct error_detail *ret, enum pxe_error code, struct text *ret_received)
{
    *ret = (struct error_detail){.code = code};
    text_init(ret_received, ret->received, sizeof(ret->received));
}
