/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/source/image_source_format.h"

#include <string.h>

static const struct {
    const char *name, *bytes;
    size_t offset, size;
} strangers[] = {
    {"VMDK", "KDMV", 0, 4},
    {"VMDK", "# Disk DescriptorFile", 0, 21},
    {"VHDX", "vhdxfile", 0, 8},
    {"VHD", "conectix", 0, 8},
    {"VDI", "\x7f\x10\xda\xbe", 64, 4},
    {"old qcow", "QFI\xfb\0\0\0\1", 0, 8},
    {"zip", "PK\3\4", 0, 4},
    {"bzip2", "BZh", 0, 3},
    {"7z", "7z\xbc\xaf\x27\x1c", 0, 6},
    {"lz4", "\x04\x22\x4d\x18", 0, 4},
    {"tar", "ustar", 257, 5},
    {"WIM", "MSWIM\0\0\0", 0, 8},
    {"HTML", "<!DOCTYPE", 0, 9},
    {"HTML", "<html", 0, 5},
};

int image_source_format_check(const char *name, const void *data, size_t size, struct failure *f)
{
    const uint8_t *bytes = data;

    if (size == 0)
        return fail(f, "bad-image", "%.250s is empty", name);
    for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
        if (size >= strangers[i].offset + strangers[i].size &&
            !memcmp(bytes + strangers[i].offset, strangers[i].bytes, strangers[i].size))
            return fail(f, "bad-image",
                        "%.200s is %s, not raw, raw packed with gzip, xz or zstd, or qcow2: convert it first", name,
                        strangers[i].name);
    return 0;
}

uint32_t image_source_format_sector_size(const void *data, size_t size)
{
    const uint8_t *bytes = data;

    for (uint32_t sector = 512; sector <= 4096; sector *= 8)
        if (size >= sector + 8 && !memcmp(bytes + sector, "EFI PART", 8))
            return sector;
    return 0;
}
