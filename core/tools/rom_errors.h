/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Codes of the PXE family that slipway.efi never shows: they come from a machine's own PXE ROM, before anything of
 * Slipway runs, or from its API. For the page only. */
#ifndef SLIPWAY_CORE_TOOLS_ROM_ERRORS_H
#define SLIPWAY_CORE_TOOLS_ROM_ERRORS_H

struct rom_error {
    const char *codes, *meaning, *cure;
};

static const struct rom_error rom_errors[] = {
    {"PXE-E00", "too little free base memory below 640 KiB", "update the BIOS; switch off other boot ROMs"},
    {"PXE-E01", "the card's PCI IDs are not those that its ROM is made for", "flash the ROM that belongs to the card"},
    {"PXE-E04", "PCI configuration space cannot be read", "update the BIOS; try the card in another slot"},
    {"PXE-E05", "the card's EEPROM has a wrong checksum", "write it again with the vendor's tool, or replace the card"},
    {"PXE-E06", "the ROM was not installed into writable upper memory (DDIM)", "update the BIOS"},
    {"PXE-E07", "the BIOS has no PCI calls", "update the BIOS"},
    {"PXE-E08", "a PXE call returned a status that was not expected", "update the card's ROM"},
    {"PXE-E09", "the UNDI loader returned a status that was not expected", "update the card's ROM"},
    {"PXE-E20", "memory could not be copied to its place above 1 MiB", "update the BIOS"},
    {"PXE-E21 to E28", "boot integrity services: the boot file, or this machine's certificate, was not accepted",
     "switch boot integrity services off in the setup, or sign the boot file for them"},
    {"PXE-E38", "no TFTP connection could be opened", "as for PXE-E32"},
    {"PXE-E60", "a wrong UNDI function number was called", "update the card's ROM"},
    {"PXE-E62", "the card's PHY could not be set up", "try another cable and switch port, then another card"},
    {"PXE-E63", "the card could not be set up", "power the machine off at the plug, then replace the card"},
    {"PXE-E64", "the card's PHY was not found", "replace the card"},
    {"PXE-E65", "the card's configuration data cannot be read", "write its EEPROM again, or replace the card"},
    {"PXE-E66", "the card's start-up data cannot be read", "write its EEPROM again, or replace the card"},
    {"PXE-E67", "the card has an invalid MAC address", "write its EEPROM again, or replace the card"},
    {"PXE-E68", "the card's EEPROM has a wrong checksum", "write it again with the vendor's tool, or replace the card"},
    {"PXE-E69", "the card's interrupt could not be set up", "free an interrupt in the setup; try another slot"},
    {"PXE-E7A", "no secure server in the boot server's list", "switch boot integrity services off, or list one"},
    {"PXE-E7B", "multicast download without an MTFTP address", "give option 43 tag 1, or use plain TFTP"},
    {"PXE-E81, PXE-E82", "!PXE or PXENV+ structure is invalid", "update the card's ROM"},
    {"PXE-E83, PXE-E84", "a network boot program asked for an option or packet that is not there",
     "check what DHCP sends; update that program"},
    {"PXE-EC1, PXE-EC3", "the base code's ROM ID is missing or wrong", "update the BIOS or the card's ROM"},
    {"PXE-EC4 to EC6", "the UNDI's ROM ID or image is missing or wrong", "update the BIOS or the card's ROM"},
    {"PXE-EC8, PXE-EC9", "!PXE or PXENV+ structure was not found", "update the BIOS or the card's ROM"},
    {"PXE-M0F", "the ROM gives up and the firmware goes on", "the code above it on the screen says why"},
    {"PXE-T01, PXE-T04", "text of the TFTP server: file not found, access violation", "as for PXE-E3B, PXE-E3C"},
};

#endif
