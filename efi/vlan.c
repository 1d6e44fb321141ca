/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/vlan.h"

#include "efi/device_path.h"
#include "efi/efi_protocols.h"
#include "efi/guids.h"
#include "efi/system.h"

#define NODE_SIZE 6 /* of a VLAN: a header and the number */

uint16_t vlan_of_path(const EFI_DEVICE_PATH *path)
{
    const EFI_DEVICE_PATH *node = device_path_find(path, MESSAGING_DEVICE_PATH, MSG_VLAN_DP);
    uint16_t id;

    if (!node || node->Length[0] != NODE_SIZE || node->Length[1] != 0)
        return 0;
    memcpy(&id, (const uint8_t *)node + sizeof(*node), sizeof(id));
    return id;
}

/* `path` is that of `parent`, a VLAN node and the end. */
static bool is_child(const EFI_DEVICE_PATH *path, const EFI_DEVICE_PATH *parent, uint16_t id)
{
    size_t size = device_path_size(parent, SIZE_MAX) - sizeof(*parent);

    return device_path_size(path, SIZE_MAX) == size + NODE_SIZE + sizeof(*path) && memcmp(path, parent, size) == 0 &&
           vlan_of_path(path) == id;
}

static EFI_HANDLE find(EFI_HANDLE parent, uint16_t id)
{
    EFI_DEVICE_PATH *parent_path = system_protocol(parent, &guid_device_path), *path;
    EFI_HANDLE ret = NULL;
    size_t count;
    EFI_HANDLE *handles = system_handles(&guid_managed_network_service_binding, &count);

    for (size_t i = 0; i < count && parent_path && !ret; i++) {
        path = system_protocol(handles[i], &guid_device_path);
        if (path && is_child(path, parent_path, id))
            ret = handles[i];
    }
    system_free(handles);
    return ret;
}

EFI_STATUS vlan_create(EFI_HANDLE parent, uint16_t id, EFI_HANDLE *ret_handle, bool *ret_created)
{
    struct vlan_config *config = system_protocol(parent, &guid_vlan_config);
    EFI_HANDLE handle;
    EFI_STATUS status;
    bool created;

    if (!config)
        return EFI_UNSUPPORTED;
    handle = find(parent, id);
    created = !handle;
    status = created ? config->set(config, id, 0) : EFI_SUCCESS;
    if (status != EFI_SUCCESS)
        return status;
    handle = find(parent, id);
    if (!handle) {
        vlan_remove(parent, id);
        return EFI_NOT_FOUND;
    }
    /* Its status is of no use: some driver or other always declines. */
    system_boot->ConnectController(handle, NULL, NULL, TRUE);
    *ret_handle = handle;
    *ret_created = created;
    return EFI_SUCCESS;
}

void vlan_remove(EFI_HANDLE parent, uint16_t id)
{
    struct vlan_config *config = system_protocol(parent, &guid_vlan_config);

    if (config)
        config->remove(config, id);
}
