/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs_mount.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>

#define UNMOUNT_TRIES 50

/* nouuid: by hand, the disk that an image came from may be mounted on the same machine. */
static const struct {
    const char *fs_type, *driver, *look, *write;
} kinds[] = {
    {"ext4", "ext4", "noload", ""},
    {"ext3", "ext4", "noload", ""},
    {"ext2", "ext4", "noload", ""},
    {"xfs", "xfs", "norecovery,nouuid", "nouuid"},
    {"btrfs", "btrfs", "rescue=nologreplay", ""},
    {"vfat", "vfat", "", ""},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static size_t find_kind(const char *fs_type)
{
    size_t i = 0;

    while (i < KINDS && strcmp(kinds[i].fs_type, fs_type))
        i++;
    return i;
}

bool fs_mount_supports(const char *fs_type)
{
    return find_kind(fs_type) < KINDS;
}

int fs_mount(const char *node, const char *fs_type, const char *subvolume, enum fs_mount_how how, const char *folder)
{
    unsigned long flags = MS_NOSUID | MS_NODEV | MS_NOATIME | (how == FS_MOUNT_LOOK ? MS_RDONLY | MS_NOEXEC : 0);
    size_t kind = find_kind(fs_type);
    char options[512];
    const char *base;

    if (kind == KINDS || strchr(subvolume, ',')) {
        errno = EINVAL;
        return -1;
    }
    base = how == FS_MOUNT_LOOK ? kinds[kind].look : kinds[kind].write;
    snprintf(options, sizeof(options), "%s%s%s", base, base[0] && subvolume[0] ? "," : "", subvolume);
    return mount(node, folder, kinds[kind].driver, flags, options);
}

int fs_unmount(const char *folder)
{
    for (unsigned i = 0; umount2(folder, UMOUNT_NOFOLLOW); i++) {
        if (errno != EBUSY || i == UNMOUNT_TRIES)
            return -1;
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
    return 0;
}

int fs_mount_folder(char ret[64])
{
    snprintf(ret, 64, "/run/slipway-XXXXXX");
    return mkdtemp(ret) ? 0 : -1;
}
