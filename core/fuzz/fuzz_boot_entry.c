/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A boot entry from an untrusted server. */
#include <stdlib.h>
#include <string.h>

#include "core/boot_entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct boot_entry entry;
    struct error_detail error;

    memset(&entry, 0xee, sizeof(entry));
    memset(&error, 0xee, sizeof(error));
    if (!boot_entry_parse("slipway/auto.conf", data, size, &entry, &error)) {
        require(error.code == SLIPWAY_E01);
        require(memchr(error.received, 0, sizeof(error.received)) != NULL);
        return 0;
    }
    require(memchr(entry.title, 0, sizeof(entry.title)) != NULL);
    require(memchr(entry.linux_path, 0, sizeof(entry.linux_path)) != NULL && entry.linux_path[0] != '\0');
    require(memchr(entry.options, 0, sizeof(entry.options)) != NULL);
    require(entry.initrd_count <= BOOT_ENTRY_INITRDS);
    for (unsigned i = 0; i < entry.initrd_count; i++)
        require(memchr(entry.initrd[i], 0, BOOT_ENTRY_PATH) != NULL);
    return 0;
}
