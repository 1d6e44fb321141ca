/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/kernel/fs_mount.h"

#include <errno.h>
#include <sched.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include <linux/fs.h>

#include "agent/kernel/fs_devices.h"
#include "agent/kernel/loop.h"

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

static void close_keeping_errno(int fd)
{
    int error = errno;

    close(fd);
    errno = error;
}

/* A read-only mount is not enough for ext4: it removes the files that were open and deleted when the machine went down,
 * on every device that can be written, and without a journal if that is left alone. The device's own cache may be older
 * than what a file system wrote past it. */
static int mount_unwritable(const char *node, const char *folder, const char *driver, unsigned long flags,
                            const char *options)
{
    int fd = open(node, O_RDONLY | O_CLOEXEC), loop = -1, result = -1;
    char path[24];

    if (fd >= 0 && !ioctl(fd, BLKFLSBUF))
        loop = loop_attach(fd, 0, 0, node, path, sizeof(path));
    if (loop >= 0) {
        result = mount(path, folder, driver, flags, options);
        close_keeping_errno(loop); /* it goes with the mount */
    }
    if (fd >= 0)
        close_keeping_errno(fd);
    return result;
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
    if (how == FS_MOUNT_LOOK && !strcmp(kinds[kind].driver, "ext4"))
        return mount_unwritable(node, folder, kinds[kind].driver, flags, options);
    if (how == FS_MOUNT_WRITE && fs_devices_check(node, fs_type))
        return -1;
    return mount(node, folder, kinds[kind].driver, flags, options);
}

const char *fs_mount_error(int error)
{
    return error == EXDEV ? "a part of it is on another device" : strerror(error);
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

void fs_mount_apart(void)
{
    if (!unshare(CLONE_NEWNS))
        mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL);
}

int fs_mount_folder(char ret[64])
{
    snprintf(ret, 64, "/run/slipway-XXXXXX");
    return mkdtemp(ret) ? 0 : -1;
}
