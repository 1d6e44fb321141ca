/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/download_host.h"
#include "efi/system.h"

#define PAGE_SIZE 4096

void download_free(struct download *d)
{
    if (d->data)
        system_boot->FreePages((EFI_PHYSICAL_ADDRESS)(uintptr_t)d->data, d->room / PAGE_SIZE);
    d->data = NULL;
    d->size = 0;
    d->room = 0;
}

void download_give_back(void *context, struct download *file)
{
    (void)context;
    download_free(file);
}

void download_copy(void *to, const void *from, size_t size)
{
    system_boot->CopyMem(to, (void *)from, size);
}

bool download_reserve(void *context, struct download *file, uint64_t size, uint64_t used)
{
    size_t pages = (size + PAGE_SIZE - 1) / PAGE_SIZE;
    EFI_PHYSICAL_ADDRESS address;

    (void)context;
    if (size <= file->room)
        return true;
    if (system_boot->AllocatePages(AllocateAnyPages, EfiLoaderData, pages, &address) != EFI_SUCCESS)
        return false;
    if (used)
        download_copy((void *)(uintptr_t)address, file->data, used);
    download_free(file);
    file->data = (uint8_t *)(uintptr_t)address;
    file->room = (uint64_t)pages * PAGE_SIZE;
    return true;
}
