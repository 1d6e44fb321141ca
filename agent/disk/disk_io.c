/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/disk/disk_io.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "agent/disk/cow.h"

static int disk_fail(const struct disk_io *d, const char *doing, uint64_t offset, int error, struct failure *f)
{
    return fail(f, "disk-error", "%s: %s at byte %" PRIu64 ": %s", d->path, doing, offset, strerror(error));
}

static int open_failed(const struct disk_io *d, int error, struct failure *f)
{
    if (error == EBUSY)
        return fail(f, "disk-error", "%s is in use (mounted, or part of another device)", d->path);
    return fail(f, "disk-error", "%s: cannot be opened: %s", d->path, strerror(error));
}

static int read_geometry(struct disk_io *d, const struct stat *st, struct failure *f)
{
    int sector_size = 512;

    d->block = S_ISBLK(st->st_mode);
    if (!d->block && !S_ISREG(st->st_mode))
        return fail(f, "disk-error", "%s is neither a disk nor a file", d->path);
    d->size = (uint64_t)st->st_size;
    if (d->block && (ioctl(d->fd, BLKGETSIZE64, &d->size) || ioctl(d->fd, BLKSSZGET, &sector_size)))
        return fail(f, "disk-error", "%s: its size cannot be read: %s", d->path, strerror(errno));
    d->sector_size = (uint32_t)sector_size;
    return 0;
}

int disk_io_open(struct disk_io *d, const char *path, enum disk_io_mode mode, struct failure *f)
{
    int flags = (mode == DISK_IO_WRITE ? O_RDWR : O_RDONLY) | O_CLOEXEC;
    struct stat st;

    *d = (struct disk_io){.fd = -1, .direct_fd = -1};
    snprintf(d->path, sizeof(d->path), "%s", path);
    if (stat(path, &st))
        return open_failed(d, errno, f);
    /* On a block device O_EXCL without O_CREAT means: not while anything else holds it. */
    if (mode == DISK_IO_WRITE && S_ISBLK(st.st_mode))
        flags |= O_EXCL;
    d->fd = open(path, flags);
    if (d->fd < 0)
        return open_failed(d, errno, f);
    if (read_geometry(d, &st, f)) {
        disk_io_close(d);
        return -1;
    }
    /* Writing past the page cache saves a copy and keeps dirty pages out of a small machine's memory; reading gains
     * nothing from it and would lose read-ahead. */
    if (mode == DISK_IO_WRITE)
        d->direct_fd = open(path, (flags & ~O_EXCL) | O_DIRECT);
    return 0;
}

bool disk_io_in_use(const struct disk_io *d)
{
    int fd = d->block ? open(d->path, O_RDONLY | O_EXCL | O_CLOEXEC) : -1;
    bool busy = d->block && fd < 0 && errno == EBUSY;

    if (fd >= 0)
        close(fd);
    return busy;
}

void disk_io_close(struct disk_io *d)
{
    if (d->direct_fd >= 0)
        close(d->direct_fd);
    if (d->fd >= 0)
        close(d->fd);
    d->fd = d->direct_fd = -1;
}

static int check_range(const struct disk_io *d, const char *doing, uint64_t offset, uint64_t size, struct failure *f)
{
    if (offset <= d->size && size <= d->size - offset)
        return 0;
    return fail(f, "disk-error", "%s: %s of %" PRIu64 " bytes at %" PRIu64 " is beyond its end (%" PRIu64 ")", d->path,
                doing, size, offset, d->size);
}

static int read_disk(const struct disk_io *d, uint64_t offset, uint8_t *at, size_t size, struct failure *f)
{
    while (size) {
        ssize_t n = pread(d->fd, at, size, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return disk_fail(d, "read", offset, n ? errno : EIO, f);
        at += n;
        offset += (uint64_t)n;
        size -= (size_t)n;
    }
    return 0;
}

int disk_io_read(const struct disk_io *d, uint64_t offset, void *buffer, size_t size, struct failure *f)
{
    if (check_range(d, "read", offset, size, f) || read_disk(d, offset, buffer, size, f))
        return -1;
    if (d->cow)
        cow_patch(d->cow, offset, buffer, size);
    return 0;
}

static int pick_fd(const struct disk_io *d, uint64_t offset, const void *buffer, size_t size)
{
    uint64_t bits = offset | size | (uintptr_t)buffer;

    return d->direct_fd >= 0 && bits % DISK_IO_ALIGN == 0 ? d->direct_fd : d->fd;
}

int disk_io_write(const struct disk_io *d, uint64_t offset, const void *buffer, size_t size, struct failure *f)
{
    const uint8_t *at = buffer;

    if (check_range(d, "write", offset, size, f))
        return -1;
    while (size) {
        int fd = pick_fd(d, offset, at, size);
        ssize_t n = pwrite(fd, at, size, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        /* A file system or device that accepts O_DIRECT at open and not now. */
        if (n < 0 && errno == EINVAL && fd == d->direct_fd)
            n = pwrite(d->fd, at, size, (off_t)offset);
        if (n <= 0)
            return disk_fail(d, "write", offset, n ? errno : ENOSPC, f);
        at += n;
        offset += (uint64_t)n;
        size -= (size_t)n;
    }
    return 0;
}

int disk_io_write_zeros(const struct disk_io *d, uint64_t offset, uint64_t size, struct failure *f)
{
    static const uint8_t zeros[256 * 1024] __attribute__((aligned(DISK_IO_ALIGN)));

    while (size) {
        size_t n = size < sizeof(zeros) ? (size_t)size : sizeof(zeros);
        if (disk_io_write(d, offset, zeros, n, f))
            return -1;
        offset += n;
        size -= n;
    }
    return 0;
}

int disk_io_zero(const struct disk_io *d, uint64_t offset, uint64_t size, struct failure *f)
{
    /* On a block device the kernel punches only where the device guarantees zeros afterwards. */
    static const int ways[] = {FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE};

    if (check_range(d, "zeroing", offset, size, f))
        return -1;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        if (size == 0 || fallocate(d->fd, ways[i], (off_t)offset, (off_t)size) == 0)
            return 0;
        else if (errno == EIO || errno == ENOSPC)
            return disk_fail(d, "zeroing", offset, errno, f);
    return disk_io_write_zeros(d, offset, size, f);
}

int disk_io_flush(const struct disk_io *d, struct failure *f)
{
    if (fsync(d->fd))
        return fail(f, "disk-error", "%s: flush: %s", d->path, strerror(errno));
    /* Readers of the partitions' own nodes must not see what the page cache of before knew. */
    if (d->block && ioctl(d->fd, BLKFLSBUF))
        return fail(f, "disk-error", "%s: dropping its buffers: %s", d->path, strerror(errno));
    return 0;
}

int disk_io_check_size(const struct disk_io *d, struct failure *f)
{
    uint64_t size = 0;
    struct stat st;

    if (d->block ? ioctl(d->fd, BLKGETSIZE64, &size) : fstat(d->fd, &st))
        return fail(f, "disk-error", "%s is no longer there: %s", d->path, strerror(errno));
    if (!d->block)
        size = (uint64_t)st.st_size;
    if (size >= d->size)
        return 0;
    return fail(f, "disk-error", "%s is no longer there: it had %" PRIu64 " bytes and now has %" PRIu64, d->path,
                d->size, size);
}

int disk_io_reread_table(const struct disk_io *d, struct failure *f)
{
    for (int tries = 0; d->block && ioctl(d->fd, BLKRRPART); tries++) {
        if (errno == EINVAL || errno == ENOTTY)
            return 0;
        if (errno != EBUSY || tries == 20)
            return fail(f, "disk-error", "%s: the kernel does not reread the partition table: %s", d->path,
                        strerror(errno));
        usleep(100 * 1000); /* something (udev) looks at the old partitions */
    }
    return 0;
}
