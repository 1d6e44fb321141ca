/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/pxenv_status.h"

static const struct {
    uint8_t status;
    char name[33]; /* the longest fills it, with its NUL */
} names[] = {
    {0x01, "FAILURE"},
    {0x02, "BAD_FUNC"},
    {0x03, "UNSUPPORTED"},
    {0x04, "KEEP_UNDI"},
    {0x05, "KEEP_ALL"},
    {0x06, "OUT_OF_RESOURCES"},
    {0x11, "ARP_TIMEOUT"},
    {0x18, "UDP_CLOSED"},
    {0x19, "UDP_OPEN"},
    {0x1a, "TFTP_CLOSED"},
    {0x1b, "TFTP_OPEN"},
    {0x20, "MCOPY_PROBLEM"},
    {0x21, "BIS_INTEGRITY_FAILURE"},
    {0x22, "BIS_VALIDATE_FAILURE"},
    {0x23, "BIS_INIT_FAILURE"},
    {0x24, "BIS_SHUTDOWN_FAILURE"},
    {0x25, "BIS_GBOA_FAILURE"},
    {0x26, "BIS_FREE_FAILURE"},
    {0x27, "BIS_GSI_FAILURE"},
    {0x28, "BIS_BAD_CKSUM"},
    {0x30, "TFTP_CANNOT_ARP_ADDRESS"},
    {0x32, "TFTP_OPEN_TIMEOUT"},
    {0x33, "TFTP_UNKNOWN_OPCODE"},
    {0x35, "TFTP_READ_TIMEOUT"},
    {0x36, "TFTP_ERROR_OPCODE"},
    {0x38, "TFTP_CANNOT_OPEN_CONNECTION"},
    {0x39, "TFTP_CANNOT_READ_FROM_CONNECTION"},
    {0x3a, "TFTP_TOO_MANY_PACKAGES"},
    {0x3b, "TFTP_FILE_NOT_FOUND"},
    {0x3c, "TFTP_ACCESS_VIOLATION"},
    {0x3d, "TFTP_NO_MCAST_ADDRESS"},
    {0x3e, "TFTP_NO_FILESIZE"},
    {0x3f, "TFTP_INVALID_PACKET_SIZE"},
    {0x51, "DHCP_TIMEOUT"},
    {0x52, "DHCP_NO_IP_ADDRESS"},
    {0x53, "DHCP_NO_BOOTFILE_NAME"},
    {0x54, "DHCP_BAD_IP_ADDRESS"},
    {0x60, "UNDI_INVALID_FUNCTION"},
    {0x61, "UNDI_MEDIATEST_FAILED"},
    {0x62, "UNDI_CANNOT_INIT_NIC_FOR_MCAST"},
    {0x63, "UNDI_CANNOT_INITIALIZE_NIC"},
    {0x64, "UNDI_CANNOT_INITIALIZE_PHY"},
    {0x65, "UNDI_CANNOT_READ_CONFIG_DATA"},
    {0x66, "UNDI_CANNOT_READ_INIT_DATA"},
    {0x67, "UNDI_BAD_MAC_ADDRESS"},
    {0x68, "UNDI_BAD_EEPROM_CHECKSUM"},
    {0x69, "UNDI_ERROR_SETTING_ISR"},
    {0x6a, "UNDI_INVALID_STATE"},
    {0x6b, "UNDI_TRANSMIT_ERROR"},
    {0x6c, "UNDI_INVALID_PARAMETER"},
    {0x74, "BSTRAP_PROMPT_MENU"},
    {0x76, "BSTRAP_MCAST_ADDR"},
    {0x77, "BSTRAP_MISSING_LIST"},
    {0x78, "BSTRAP_NO_RESPONSE"},
    {0x79, "BSTRAP_FILE_TOO_BIG"},
    {0xa0, "BINL_CANCELED_BY_KEYSTROKE"},
    {0xa1, "BINL_NO_PXE_SERVER"},
    {0xa2, "NOT_AVAILABLE_IN_PMODE"},
    {0xa3, "NOT_AVAILABLE_IN_RMODE"},
    {0xb0, "BUSD_DEVICE_NOT_SUPPORTED"},
    {0xc0, "LOADER_NO_FREE_BASE_MEMORY"},
    {0xc1, "LOADER_NO_BC_ROMID"},
    {0xc2, "LOADER_BAD_BC_ROMID"},
    {0xc3, "LOADER_BAD_BC_RUNTIME_IMAGE"},
    {0xc4, "LOADER_NO_UNDI_ROMID"},
    {0xc5, "LOADER_BAD_UNDI_ROMID"},
    {0xc6, "LOADER_BAD_UNDI_DRIVER_IMAGE"},
    {0xc8, "LOADER_NO_PXE_STRUCT"},
    {0xc9, "LOADER_NO_PXENV_STRUCT"},
    {0xca, "LOADER_UNDI_START"},
    {0xcb, "LOADER_BC_START"},
};

static const char *find(uint16_t status)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].status == status)
            return names[i].name;
    return "?";
}

void pxenv_status_text(struct text *t, uint16_t status)
{
    text_string(t, "PXENV_STATUS_");
    text_string(t, find(status));
    text_string(t, " (");
    text_hex(t, status, status > 0xff ? 4 : 2);
    text_char(t, ')');
}

enum pxe_error pxenv_status_error(uint16_t status)
{
    switch (status) {
    case 0x06: /* OUT_OF_RESOURCES */
        return SLIPWAY_E04;
    case 0x11: /* ARP_TIMEOUT */
    case 0x30: /* TFTP_CANNOT_ARP_ADDRESS */
        return PXE_E11;
    case 0x32: /* TFTP_OPEN_TIMEOUT */
    case 0x38: /* TFTP_CANNOT_OPEN_CONNECTION */
        return PXE_E32;
    case 0x35: /* TFTP_READ_TIMEOUT */
    case 0x39: /* TFTP_CANNOT_READ_FROM_CONNECTION */
        return PXE_E35;
    case 0x36: /* TFTP_ERROR_OPCODE */
        return PXE_E36;
    case 0x3b: /* TFTP_FILE_NOT_FOUND */
        return PXE_E3B;
    case 0x3c: /* TFTP_ACCESS_VIOLATION */
        return PXE_E3C;
    default:
        return PXE_E99;
    }
}
