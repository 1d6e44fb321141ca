/* SPDX-License-Identifier: GPL-2.0-or-later */
/* slipway.efi: find an interface, learn what to boot, boot it; when that fails, say why and begin again. */
#include <efi.h>

#include "core/boot_entry.h"
#include "core/failure.h"
#include "core/pxe_client.h"
#include "efi/cached.h"
#include "efi/clock.h"
#include "efi/confirm.h"
#include "efi/console.h"
#include "efi/device_path.h"
#include "efi/dhcp.h"
#include "efi/download.h"
#include "efi/guids.h"
#include "efi/image.h"
#include "efi/linux.h"
#include "efi/localboot.h"
#include "efi/nic.h"
#include "efi/settings.h"
#include "efi/system.h"

static struct nic nics[NICS_MAX];
static struct pxe_client client;
static struct boot_entry entry;

/* Which machine this is: what a person needs to find it in the server's list. */
static void print_greeting(const struct nic *nic)
{
    EFI_LOADED_IMAGE *self = system_loaded_image();
    EFI_DEVICE_PATH *device = system_protocol(self->DeviceHandle, &guid_device_path);
    char line[512];
    struct text t;

    text_init(&t, line, sizeof(line));
    text_string(&t, "Slipway " SLIPWAY_VERSION " (UEFI x64)  ");
    if (nic) {
        text_mac(&t, nic->mac, ':');
        text_string(&t, "  ");
    }
    text_string(&t, "started from ");
    if (nic && nic->pxe)
        text_string(&t, "the network");
    else if (device)
        device_path_text(&t, device);
    console_heading(t.buf);
}

/* Before something else is started, which may never come back. `but` may be NULL. */
static void leave_vlans(const struct nic *but)
{
    for (size_t i = 0; i < NICS_MAX; i++)
        if (&nics[i] != but)
            nic_leave_vlan(&nics[i]);
}

/* Any file that is no boot entry is an EFI image. Returns true when it ran and came back content. */
static bool boot_image(struct nic *nic, EFI_HANDLE device, struct download *file, struct error_detail *ret_error)
{
    EFI_HANDLE image;
    EFI_STATUS status;
    struct text t;

    if (!image_load(device, file->path, file->data, file->size, &image, ret_error))
        return false;
    download_free(file);
    cached_give_back(nic);
    nic_release(nic);
    status = image_start(image);
    nic_keep(nic);
    if (status == EFI_SUCCESS)
        return true;
    error_begin(ret_error, PXE_E79, &t);
    text_string(&t, "the program came back: ");
    text_string(&t, system_status_name(status));
    return false;
}

/* Downloads the boot file and starts what it is. Returns true when an EFI image ran and came back content. */
static bool boot_file(struct nic *nic, const struct boot_plan *plan, struct error_detail *ret_error)
{
    EFI_HANDLE device = nic->pxe ? system_loaded_image()->DeviceHandle : nic->handle;
    struct download file = {.path = plan->file, .mtftp = &plan->mtftp};
    struct net_config net = client.net;
    bool ret = false;

    net.boot_server = plan->server;
    net.vlan = nic->vlan;
    if (!download_all(nic, &net, plan->server, &file, 1, ret_error))
        return false;
    /* This one stays for what it carries: a network program goes on with it, linux_boot needs it for its files. */
    leave_vlans(nic);
    if (!boot_entry_is_conf(plan->file)) {
        confirm_send(nic, &client);
        ret = boot_image(nic, device, &file, ret_error);
    } else if (boot_entry_parse(plan->file, file.data, file.size, &entry, ret_error)) {
        linux_boot(nic, device, &client, &net, &entry, ret_error);
    }
    download_free(&file);
    if (ip4_is_zero(ret_error->server))
        ret_error->server = plan->server;
    return ret;
}

/* One way from nothing to a system. Returns what the firmware is to be told, or EFI_NOT_READY, *ret_error filled, when it
 * is to be tried again. After EFI_SUCCESS a boot manager ends at its menu, after anything else it goes on with its order
 * (UEFI specification 3.1.2). */
static EFI_STATUS attempt(struct nic *nic, const struct pxe_cached *cached, struct error_detail *ret_error)
{
    *ret_error = (struct error_detail){.code = PXE_OK};
    if (!nic_rejoin_vlan(nic, ret_error))
        return EFI_NOT_READY;
    if (!dhcp_run(nic, cached, &client)) {
        *ret_error = client.error;
        return EFI_NOT_READY;
    }
    if (client.plan.kind == BOOT_FILE)
        return boot_file(nic, &client.plan, ret_error) ? EFI_SUCCESS : EFI_NOT_READY;
    leave_vlans(NULL);
    return localboot_run(client.plan.local_boot, ret_error) ? EFI_ABORTED : EFI_NOT_READY;
}

/* The interfaces to boot from, on the VLAN that is set. Returns how many; with 0, *ret_error says why. */
static size_t find_interfaces(struct error_detail *ret_error)
{
    struct settings settings;
    size_t count;

    *ret_error = (struct error_detail){.code = PXE_E61,
                                       .received = "the firmware has no network driver for any interface"};
    count = nic_find(nics, NICS_MAX);
    print_greeting(count ? &nics[0] : NULL);
    if (!settings_load(&settings, ret_error))
        return 0;
    return settings.vlan && count ? nic_join_vlan(nics, count, settings.vlan, ret_error) : count;
}

/* Repeats until something boots for good or a person has had enough. */
static EFI_STATUS boot(void)
{
    struct error_detail error;
    size_t count = find_interfaces(&error);
    const struct pxe_cached *taken;
    struct pxe_cached cached = {0};
    EFI_STATUS status;

    for (size_t i = 0; i < count; i++)
        nic_keep(&nics[i]);
    taken = count ? cached_take(&nics[0]) : NULL;
    if (taken)
        cached = *taken;
    for (unsigned failures = 0;; failures++) {
        if (count && (status = attempt(&nics[failures % count], &cached, &error)) != EFI_NOT_READY)
            return status;
        if (!failure_show(&console, &error, failures, "the firmware"))
            return EFI_ABORTED;
        /* What the firmware has heard may be what was wrong. */
        cached.stale = true;
    }
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
    EFI_STATUS status;

    system_init(image, table);
    clock_init();
    console_init();
    status = boot();
    leave_vlans(NULL);
    for (size_t i = 0; i < NICS_MAX; i++)
        if (nics[i].handle)
            nic_release(&nics[i]);
    return status;
}
