/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/smbios.h"

#include "efi/guids.h"
#include "efi/system.h"

#include <libsmbios.h>

#define TYPE_SYSTEM 1
#define TYPE_END 127
#define UUID_OFFSET 8
#define UUID_SIZE 16

static const void *configuration_table(const EFI_GUID *guid)
{
    for (UINTN i = 0; i < system_table->NumberOfTableEntries; i++)
        if (guid_equal(&system_table->ConfigurationTable[i].VendorGuid, guid))
            return system_table->ConfigurationTable[i].VendorTable;
    return NULL;
}

static const uint8_t *structures(size_t *ret_size)
{
    const SMBIOS3_STRUCTURE_TABLE *v3 = configuration_table(&guid_smbios3);
    const SMBIOS_STRUCTURE_TABLE *v2 = configuration_table(&guid_smbios);

    if (v3) {
        *ret_size = v3->TableMaximumSize;
        return (const uint8_t *)(uintptr_t)v3->TableAddress;
    }
    *ret_size = v2 ? v2->TableLength : 0;
    return v2 ? (const uint8_t *)(uintptr_t)v2->TableAddress : NULL;
}

/* The structure behind `p`: its formatted area, then its strings, then two NULs. NULL at the end of the table. */
static const uint8_t *next_structure(const uint8_t *p, const uint8_t *end)
{
    p += p[1];
    while (end - p >= 2 && (p[0] || p[1]))
        p++;
    return end - p >= 2 ? p + 2 : NULL;
}

static bool is_uuid(const uint8_t *p)
{
    for (unsigned i = 1; i < UUID_SIZE; i++)
        if (p[i] != p[0])
            return true;
    return p[0] != 0 && p[0] != 0xff;
}

bool smbios_uuid(uint8_t ret[16])
{
    size_t size;
    const uint8_t *p = structures(&size), *end = p + size;

    for (; p && end - p >= 4 && p[0] != TYPE_END && p[1] >= 4 && p[1] <= end - p; p = next_structure(p, end)) {
        if (p[0] != TYPE_SYSTEM || p[1] < UUID_OFFSET + UUID_SIZE)
            continue;
        if (!is_uuid(p + UUID_OFFSET))
            return false;
        memcpy(ret, p + UUID_OFFSET, UUID_SIZE);
        return true;
    }
    return false;
}
