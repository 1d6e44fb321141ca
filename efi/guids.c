/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/guids.h"

#include "efi/efi_protocols.h"

const EFI_GUID guid_loaded_image = EFI_LOADED_IMAGE_PROTOCOL_GUID;
const EFI_GUID guid_device_path = EFI_DEVICE_PATH_PROTOCOL_GUID;
const EFI_GUID guid_device_path_to_text = EFI_DEVICE_PATH_TO_TEXT_PROTOCOL_GUID;
const EFI_GUID guid_block_io = EFI_BLOCK_IO_PROTOCOL_GUID;
const EFI_GUID guid_simple_file_system = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
const EFI_GUID guid_simple_network = EFI_SIMPLE_NETWORK_PROTOCOL_GUID;
const EFI_GUID guid_pxe_base_code = EFI_PXE_BASE_CODE_PROTOCOL_GUID;
const EFI_GUID guid_managed_network = MANAGED_NETWORK_GUID;
const EFI_GUID guid_managed_network_service_binding = MANAGED_NETWORK_SERVICE_BINDING_GUID;
const EFI_GUID guid_vlan_config = VLAN_CONFIG_GUID;
const EFI_GUID guid_udp4 = EFI_UDP4_PROTOCOL;
const EFI_GUID guid_udp4_service_binding = EFI_UDP4_SERVICE_BINDING_PROTOCOL;
const EFI_GUID guid_http = HTTP_GUID;
const EFI_GUID guid_http_service_binding = HTTP_SERVICE_BINDING_GUID;
const EFI_GUID guid_ip4_config2 = IP4_CONFIG2_GUID;
const EFI_GUID guid_load_file2 = LOAD_FILE2_GUID;
const EFI_GUID guid_linux_initrd_media = LINUX_INITRD_MEDIA_GUID;
const EFI_GUID guid_global_variable = EFI_GLOBAL_VARIABLE;
const EFI_GUID guid_smbios = SMBIOS_TABLE_GUID;
const EFI_GUID guid_smbios3 = SMBIOS3_TABLE_GUID;
const EFI_GUID guid_slipway = {0x5d1b7c3e, 0x94a6, 0x4f0e, {0xb2, 0x3d, 0x61, 0xe8, 0x0c, 0x7f, 0x2a, 0x95}};

bool guid_equal(const EFI_GUID *a, const EFI_GUID *b)
{
    return bytes_equal(a, b, sizeof(*a));
}
