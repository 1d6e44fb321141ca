/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/kernel/fs_devices.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "agent/base/le.h"
#include "agent/disk/disk_io.h"

#define EXT_SUPER 1024
#define EXT_COMPAT_HAS_JOURNAL 0x4u
#define BTRFS_SUPER 65536

/* fs/ext4/super.c: a journal that is no inode is a device (Documentation/filesystems/ext4/super.rst). */
static bool has_journal_elsewhere(const uint8_t *super)
{
    return le32_read(super + 0x5c) & EXT_COMPAT_HAS_JOURNAL && !le32_read(super + 0xe0);
}

static int read_super(const char *node, uint64_t offset, uint8_t ret[1024])
{
    struct failure ignored;
    struct disk_io d;
    int result = -1;

    if (!disk_io_open(&d, node, DISK_IO_READ, &ignored)) {
        result = disk_io_read(&d, offset, ret, 1024, &ignored);
        disk_io_close(&d);
    }
    if (result)
        errno = EIO;
    return result;
}

int fs_devices_check(const char *node, const char *fs_type)
{
    bool ext = !strncmp(fs_type, "ext", 3), btrfs = !strcmp(fs_type, "btrfs");
    uint8_t super[1024];

    if (!ext && !btrfs)
        return 0;
    if (read_super(node, ext ? EXT_SUPER : BTRFS_SUPER, super))
        return -1;
    if (ext ? !has_journal_elsewhere(super) : le64_read(super + 0x88) == 1)
        return 0;
    errno = EXDEV;
    return -1;
}
