/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/automation/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <linux/fs.h>

#include "agent/base/clock.h"
#include "agent/kernel/modules.h"

#define POLL_MS 50
#define QUIET_MS 1500    /* USB storage takes a second from its module to its disk */
#define MODULES_MS 10000 /* a driver that hangs in its device must not hold the others for ever */
#define NO_DISK_MS 10000 /* how long to wait for the first one */

bool machine_refresh(struct machine *m)
{
    struct inventory *i = &m->inventory;
    struct disk now[DISKS_MAX];
    unsigned count;

    if (!m->is_real)
        return false;
    memset(now, 0, sizeof(now)); /* they are compared as bytes */
    count = disk_list(now, DISKS_MAX);
    if (count == i->disk_count && memcmp(now, i->disks, count * sizeof(now[0])) == 0)
        return false;
    memcpy(i->disks, now, sizeof(now));
    i->disk_count = count;
    m->disks_changed_ms = clock_ms();
    m->disks_generation++;
    return true;
}

void machine_settle(struct machine *m, bool (*stop)(void *arg), void *arg)
{
    uint64_t begin = clock_ms();

    if (m->is_real)
        modules_wait(MODULES_MS);
    while (m->is_real && !stop(arg)) {
        machine_refresh(m);
        if (m->inventory.disk_count > 0 && clock_ms() - m->disks_changed_ms >= QUIET_MS)
            return;
        if (m->inventory.disk_count == 0 && clock_ms() - begin >= NO_DISK_MS)
            return;
        nanosleep(&(struct timespec){.tv_nsec = POLL_MS * 1000000L}, NULL);
    }
}

static int read_size(struct disk *d, struct failure *f)
{
    int fd = open(d->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat s;
    int sector_size, result = 0;

    if (fd < 0)
        return fail(f, "no-disk", "cannot open %s: %s", d->path, strerror(errno));
    d->sector_size = 512;
    if (fstat(fd, &s) != 0)
        result = fail(f, "no-disk", "%s: %s", d->path, strerror(errno));
    else if (S_ISREG(s.st_mode))
        d->size = (uint64_t)s.st_size;
    else if (!S_ISBLK(s.st_mode) || ioctl(fd, BLKGETSIZE64, &d->size) != 0)
        result = fail(f, "no-disk", "%s is neither a file nor a block device", d->path);
    else if (ioctl(fd, BLKSSZGET, &sector_size) == 0)
        d->sector_size = (uint32_t)sector_size;
    close(fd);
    return result;
}

int machine_add_disk(struct machine *m, const char *text, struct failure *f)
{
    const char *option = strstr(text, ",serial=");
    size_t length = option ? (size_t)(option - text) : strlen(text);
    struct disk *d = &m->inventory.disks[m->inventory.disk_count];

    if (m->inventory.disk_count == DISKS_MAX)
        return fail(f, "no-disk", "more than %d disks", DISKS_MAX);
    memset(d, 0, sizeof(*d));
    if (length >= sizeof(d->path))
        return fail(f, "no-disk", "%s: the path is longer than %zu bytes", text, sizeof(d->path) - 1);
    memcpy(d->path, text, length);
    if (option)
        snprintf(d->serial, sizeof(d->serial), "%s", option + strlen(",serial="));
    if (read_size(d, f) != 0)
        return -1;
    m->inventory.disk_count++;
    return 0;
}
