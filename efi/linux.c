/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/linux.h"

#include "core/command_line.h"
#include "efi/confirm.h"
#include "efi/console.h"
#include "efi/download.h"
#include "efi/guids.h"
#include "efi/image.h"
#include "efi/initrd.h"
#include "efi/system.h"

static bool fail(struct error_detail *ret_error, enum pxe_error code, const char *what, EFI_STATUS status)
{
    struct text t;

    error_begin(ret_error, code, &t);
    text_string(&t, what);
    if (status != EFI_SUCCESS)
        text_string(&t, system_status_name(status));
    return false;
}

/* Puts the paths of the entry into files[]; the kernel comes first. */
static void list_files(const struct boot_entry *entry, struct download *files)
{
    files[0].path = entry->linux_path;
    for (unsigned i = 0; i < entry->initrd_count; i++)
        files[i + 1].path = entry->initrd[i];
}

/* The command line as the kernel's EFI stub wants it: UCS-2, NUL-terminated. Freed with system_free. */
static CHAR16 *command_line(const struct nic *nic, const struct net_config *net, const struct boot_entry *entry,
                            UINTN *ret_size, struct error_detail *ret_error)
{
    char line[COMMAND_LINE_SIZE];
    size_t length;
    CHAR16 *ret;

    if (!command_line_write(entry->options, net, nic->mac, COMMAND_LINE_SIZE - 1, line, ret_error))
        return NULL;
    length = text_length(line, sizeof(line));
    *ret_size = (length + 1) * sizeof(*ret);
    ret = system_allocate(*ret_size);
    if (!ret) {
        fail(ret_error, SLIPWAY_E04, "", EFI_SUCCESS);
        return NULL;
    }
    for (size_t i = 0; i <= length; i++)
        ret[i] = (uint8_t)line[i];
    return ret;
}

static void start(struct nic *nic, EFI_HANDLE image, CHAR16 *line, UINTN line_size, const struct download *initrds,
                  unsigned initrd_count, struct error_detail *ret_error)
{
    EFI_LOADED_IMAGE *loaded = system_protocol(image, &guid_loaded_image);
    EFI_STATUS status = initrd_count ? initrd_offer(initrds, initrd_count) : EFI_SUCCESS;

    if (!loaded || status != EFI_SUCCESS) {
        fail(ret_error, PXE_E79, "cannot hand over the initrd: ", status);
        image_unload(image);
        return;
    }
    loaded->LoadOptions = line;
    loaded->LoadOptionsSize = line_size;
    console.print("Starting the kernel\n");
    nic_release(nic);
    nic_leave_vlan(nic);
    status = image_start(image);
    nic_keep(nic);
    initrd_remove();
    fail(ret_error, PXE_E79, "the kernel came back: ", status);
}

static void load_and_start(struct nic *nic, EFI_HANDLE device, const struct net_config *net,
                           const struct boot_entry *entry, struct download *files, struct error_detail *ret_error)
{
    UINTN line_size;
    EFI_HANDLE image;
    CHAR16 *line = command_line(nic, net, entry, &line_size, ret_error);

    if (line && image_load(device, entry->linux_path, files[0].data, files[0].size, &image, ret_error)) {
        download_free(&files[0]);
        start(nic, image, line, line_size, &files[1], entry->initrd_count, ret_error);
    }
    system_free(line);
}

void linux_boot(struct nic *nic, EFI_HANDLE device, const struct pxe_client *client, const struct net_config *net,
                const struct boot_entry *entry, struct error_detail *ret_error)
{
    struct download files[DOWNLOADS_MAX] = {0};
    unsigned count = 1 + entry->initrd_count;

    list_files(entry, files);
    if (!download_all(nic, net, net->boot_server, files, count, ret_error))
        return;
    confirm_send(nic, client);
    load_and_start(nic, device, net, entry, files, ret_error);
    if (ip4_is_zero(ret_error->server))
        ret_error->server = net->boot_server;
    for (unsigned i = 0; i < count; i++)
        download_free(&files[i]);
}
