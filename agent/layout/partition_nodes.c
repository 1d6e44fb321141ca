/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/layout/partition_nodes.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/blkpg.h>
#include <sys/ioctl.h>

#include "agent/kernel/loop.h"

#define WAIT_STEPS 50
#define WAIT_STEP_US (100 * 1000)

static int node_fail(const char *path, const char *doing, struct failure *f)
{
    return fail(f, "disk-error", "%s: %s: %s", path, doing, strerror(errno));
}

static int blkpg(int fd, int op, const struct manifest_partition *p, unsigned number)
{
    struct blkpg_partition part = {.pno = (int)number};
    struct blkpg_ioctl_arg arg = {.op = op, .datalen = sizeof(part), .data = &part};

    if (p) {
        part.start = (long long)p->start;
        part.length = (long long)p->size;
    }
    return ioctl(fd, BLKPG, &arg);
}

void partition_node_path(const char *disk, unsigned number, char *ret, size_t size)
{
    bool digit = isdigit((unsigned char)disk[strlen(disk) - 1]);

    snprintf(ret, size, "%.64s%s%u", disk, digit ? "p" : "", number);
}

static int open_node(struct partition_nodes *n, unsigned i, const char *disk, bool block, bool whole,
                     const struct manifest_partition *p, struct failure *f)
{
    n->list[i].number = p->number;
    n->list[i].loop_fd = -1;
    if (block && whole) {
        n->list[i].number = 0;
        snprintf(n->list[i].path, sizeof(n->list[i].path), "%.64s", disk);
        n->count = i + 1;
        return 0;
    }
    if (block && !blkpg(n->disk_fd, BLKPG_ADD_PARTITION, p, p->number)) {
        n->count = i + 1;
        partition_node_path(disk, p->number, n->list[i].path, sizeof(n->list[i].path));
        return loop_wait_for_node(n->list[i].path) ? node_fail(n->list[i].path, "did not appear", f) : 0;
    }
    n->list[i].loop_fd = loop_attach(n->disk_fd, p->start, p->size, disk, n->list[i].path, sizeof(n->list[i].path));
    if (n->list[i].loop_fd < 0)
        return node_fail(disk, "a loop device for a partition cannot be made", f);
    n->count = i + 1;
    return 0;
}

int partition_nodes_open(struct partition_nodes *n, const char *disk, bool block, const struct manifest *m,
                         struct failure *f)
{
    struct failure second;

    n->count = 0;
    n->disk_fd = open(disk, O_RDWR | O_CLOEXEC);
    if (n->disk_fd < 0)
        return node_fail(disk, "cannot be opened", f);
    for (unsigned i = 0; i < m->count; i++)
        if (open_node(n, i, disk, block, !strcmp(m->table, "none"), &m->partitions[i], f)) {
            partition_nodes_close(n, &second);
            return -1;
        }
    return 0;
}

static int flush_node(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC), result = fd < 0 ? -1 : fsync(fd), error = errno;

    if (fd >= 0)
        close(fd);
    errno = error;
    return result;
}

static int remove_node(struct partition_nodes *n, unsigned i)
{
    int result = -1;

    if (n->list[i].loop_fd >= 0)
        return loop_detach(n->list[i].loop_fd);
    if (!n->list[i].number)
        return 0;
    for (int tries = 0; result && tries < WAIT_STEPS; tries++) {
        result = blkpg(n->disk_fd, BLKPG_DEL_PARTITION, NULL, n->list[i].number);
        if (result && errno != EBUSY)
            break;
        if (result)
            usleep(WAIT_STEP_US); /* udev still looks at it */
    }
    return result;
}

int partition_nodes_close(struct partition_nodes *n, struct failure *f)
{
    int result = 0;

    while (n->count) {
        unsigned i = --n->count;
        if (flush_node(n->list[i].path))
            result = node_fail(n->list[i].path, "flush", f);
        if (remove_node(n, i))
            result = node_fail(n->list[i].path, "cannot be removed", f);
    }
    if (fsync(n->disk_fd))
        result = node_fail("the disk", "flush", f);
    close(n->disk_fd);
    return result;
}
