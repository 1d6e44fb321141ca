/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/source/scratch_image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int open_scratch(const char *folder, struct failure *f)
{
    const char *where = folder ? folder : getenv("TMPDIR");
    char path[4096];
    int fd;

    if (!where || !where[0])
        where = "/var/tmp";
    fd = open(where, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR)) {
        snprintf(path, sizeof(path), "%s/slipway-XXXXXX", where);
        fd = mkostemp(path, O_CLOEXEC);
        if (fd >= 0)
            unlink(path);
    }
    return fd >= 0 ? fd : fail(f, "disk-error", "no scratch file in %.200s: %s", where, strerror(errno));
}

static int write_scratch(void *arg, uint64_t offset, const void *data, size_t size, struct failure *f)
{
    const struct scratch_image *s = arg;
    const uint8_t *at = data;

    while (size) {
        ssize_t n = pwrite(s->fd, at, size, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail(f, "disk-error", "the scratch file: %s (--scratch chooses another place)", strerror(errno));
        at += n;
        offset += (uint64_t)n;
        size -= (size_t)n;
    }
    return 0;
}

/* Holes are zeros. */
static int skip_zeros(void *arg, uint64_t offset, uint64_t size, struct failure *f)
{
    (void)arg;
    (void)offset;
    (void)size;
    (void)f;
    return 0;
}

int scratch_image_make(struct scratch_image *ret, struct image_source *s, const char *folder, struct failure *f)
{
    const struct image_sink sink = {.write = write_scratch, .zero = skip_zeros, .arg = ret};
    uint64_t size;

    ret->fd = open_scratch(folder, f);
    if (ret->fd < 0)
        return -1;
    snprintf(ret->path, sizeof(ret->path), "/proc/self/fd/%d", ret->fd);
    if (image_source_copy(s, "unpack", &sink, &size, f) == 0) {
        if (ftruncate(ret->fd, (off_t)size) == 0)
            return 0;
        fail(f, "disk-error", "the scratch file: %s", strerror(errno));
    }
    scratch_image_close(ret);
    return -1;
}

void scratch_image_close(struct scratch_image *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}
