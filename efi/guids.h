/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocols and tables that Slipway uses, by the names of the UEFI specification. */
#ifndef SLIPWAY_EFI_GUIDS_H
#define SLIPWAY_EFI_GUIDS_H

#include <efi.h>

#include "core/base.h"

extern const EFI_GUID guid_loaded_image;
extern const EFI_GUID guid_device_path;
extern const EFI_GUID guid_device_path_to_text;
extern const EFI_GUID guid_block_io;
extern const EFI_GUID guid_simple_file_system;
extern const EFI_GUID guid_simple_network;
extern const EFI_GUID guid_pxe_base_code;
extern const EFI_GUID guid_managed_network;
extern const EFI_GUID guid_managed_network_service_binding;
extern const EFI_GUID guid_vlan_config;
extern const EFI_GUID guid_udp4;
extern const EFI_GUID guid_udp4_service_binding;
extern const EFI_GUID guid_http;
extern const EFI_GUID guid_http_service_binding;
extern const EFI_GUID guid_ip4_config2;
extern const EFI_GUID guid_load_file2;
extern const EFI_GUID guid_linux_initrd_media; /* vendor media device path node; Linux Documentation, "EFI stub" */
extern const EFI_GUID guid_global_variable;
extern const EFI_GUID guid_smbios;
extern const EFI_GUID guid_smbios3;
extern const EFI_GUID guid_slipway; /* of the variables that are Slipway's own */

bool guid_equal(const EFI_GUID *a, const EFI_GUID *b);

#endif
