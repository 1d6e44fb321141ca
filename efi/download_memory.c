/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/download_memory.h"

#include "efi/system.h"

#define PAGE_SIZE 4096
/* Room for a file whose size the server does not tell; doubled as it fills up. */
#define FIRST_ROOM 0x100000

void download_free(struct download *d)
{
    if (d->data)
        system_boot->FreePages((EFI_PHYSICAL_ADDRESS)(uintptr_t)d->data, d->pages);
    d->data = NULL;
    d->size = 0;
    d->pages = 0;
}

bool download_reserve(struct download *d, uint64_t size, uint64_t used)
{
    size_t pages = (size + PAGE_SIZE - 1) / PAGE_SIZE;
    EFI_PHYSICAL_ADDRESS address;

    if (pages <= d->pages)
        return true;
    if (system_boot->AllocatePages(AllocateAnyPages, EfiLoaderData, pages, &address) != EFI_SUCCESS)
        return false;
    if (used)
        system_boot->CopyMem((void *)(uintptr_t)address, d->data, used);
    download_free(d);
    d->data = (uint8_t *)(uintptr_t)address;
    d->pages = pages;
    return true;
}

bool download_store(struct download *d, uint64_t offset, const void *data, size_t size)
{
    uint64_t end = offset + size, room = (uint64_t)d->pages * PAGE_SIZE;

    if (!size)
        return true;
    if (end > room && !download_reserve(d, end < FIRST_ROOM ? FIRST_ROOM : end * 2, room))
        return false;
    system_boot->CopyMem(d->data + offset, (void *)data, size);
    return true;
}
