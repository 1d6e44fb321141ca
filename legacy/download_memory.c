/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/download_host.h"
#include "legacy/memory_map.h"

#define LOWEST 0x100000

void download_copy(void *to, const void *from, size_t size)
{
    memcpy(to, from, size);
}

bool download_reserve(void *context, struct download *file, uint64_t size, uint64_t used)
{
    const struct download_context *c = context;
    uint8_t *old = file->data, *data = (uint8_t *)(uintptr_t)memory_ranges_take(memory_map(), size, LOWEST, c->high);

    if (!data)
        return false;
    if (old) {
        memcpy(data, old, used);
        memory_ranges_shrink(memory_map(), (uintptr_t)old, 0);
    }
    file->data = data;
    file->room = size;
    return true;
}

void download_trim(void *context, struct download *file)
{
    (void)context;
    memory_ranges_shrink(memory_map(), (uintptr_t)file->data, file->size);
    file->room = file->size;
}

void download_give_back(void *context, struct download *file)
{
    (void)context;
    memory_ranges_shrink(memory_map(), (uintptr_t)file->data, 0);
    file->data = NULL;
    file->size = file->room = 0;
}
