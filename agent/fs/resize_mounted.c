/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/btrfs.h>

#include "agent/fs/resize.h"
#include "agent/kernel/fs_mount.h"

/* XFS's ioctls (xfsprogs, xfs_fs.h): the kernel's own headers do not have them. */
struct xfs_geometry {
    uint32_t block_size, rt_extent_size, ag_blocks, ag_count, log_blocks, sector_size, inode_size, max_percent;
    uint64_t data_blocks;
    uint8_t rest[72];
};
struct xfs_grow {
    uint64_t new_blocks;
    uint32_t max_percent;
};
#define XFS_GEOMETRY_V1 _IOR('X', 100, struct xfs_geometry)
#define XFS_GROW_DATA _IOW('X', 110, struct xfs_grow)

static int grow_xfs(int fd, uint64_t size)
{
    struct xfs_geometry g = {0};
    struct xfs_grow grow;

    if (ioctl(fd, XFS_GEOMETRY_V1, &g) || !g.block_size)
        return -1;
    grow = (struct xfs_grow){.new_blocks = size / g.block_size, .max_percent = g.max_percent};
    return grow.new_blocks <= g.data_blocks ? 0 : ioctl(fd, XFS_GROW_DATA, &grow);
}

static int grow_btrfs(int fd)
{
    struct btrfs_ioctl_vol_args args = {.name = "max"};

    return ioctl(fd, BTRFS_IOC_RESIZE, &args) < 0 ? -1 : 0;
}

/* What XFS and btrfs answer when the disk or their own metadata failed them on the way (EUCLEAN, EBADMSG: damaged, a
 * wrong checksum; EROFS: made read-only since it was mounted), not before they had begun. */
static bool is_half_way(int error)
{
    return error == EIO || error == EUCLEAN || error == EBADMSG || error == EROFS;
}

static enum resize_result grow_open(const struct resize_volume *v, int fd, struct failure *f)
{
    enum resize_result result = RESIZE_DONE;

    if (!strcmp(v->fs_type, "xfs") ? grow_xfs(fd, v->size) : grow_btrfs(fd)) {
        result = is_half_way(errno) ? RESIZE_BROKEN : RESIZE_LEFT;
        fail(f, "resize", "the kernel does not grow it: %s", strerror(errno));
    }
    if (result != RESIZE_BROKEN && syncfs(fd)) {
        result = RESIZE_BROKEN;
        fail(f, "resize", "%s cannot be written: %s", v->path, strerror(errno));
    }
    return result;
}

static enum resize_result grow_mounted(const struct resize_volume *v, const char *folder, struct failure *f)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum resize_result result = RESIZE_LEFT;

    if (fd < 0)
        fail(f, "resize", "it cannot be opened: %s", strerror(errno));
    else
        result = grow_open(v, fd, f);
    if (fd >= 0)
        close(fd);
    if (fs_unmount(folder)) {
        fail(f, "resize", "%s cannot be unmounted: %s", v->path, strerror(errno));
        return RESIZE_BROKEN;
    }
    return result;
}

enum resize_result resize_mounted(const struct resize_volume *v, struct failure *f)
{
    enum resize_result result = RESIZE_LEFT;
    char folder[64];

    if (fs_mount_folder(folder)) {
        fail(f, "resize", "a folder in /run cannot be made: %s", strerror(errno));
        return result;
    }
    if (fs_mount(v->path, v->fs_type, "", FS_MOUNT_WRITE, folder))
        fail(f, "resize", "it cannot be mounted: %s", fs_mount_error(errno));
    else
        result = grow_mounted(v, folder, f);
    rmdir(folder);
    return result;
}
