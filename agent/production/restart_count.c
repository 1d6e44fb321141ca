/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/production/restart_count.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/base/buffer.h"
#include "agent/base/key_value.h"
#include "agent/base/tree.h"

#define TEXT_LIMIT 4096

static unsigned long long number(const char *text, const char *key)
{
    char value[24] = "";

    return key_value_get(text, key, value, sizeof(value)) ? strtoull(value, NULL, 10) : 0;
}

unsigned restart_count_read(const char *path, uint64_t job)
{
    struct buffer text = {0};
    unsigned count = 0;

    if (buffer_read_file(&text, path, TEXT_LIMIT) && number((const char *)text.data, "job") == job)
        count = (unsigned)number((const char *)text.data, "restarts");
    free(text.data);
    return count;
}

static int write_in(const char *folder, const char *name, const char *text)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result, saved;

    if (fd < 0)
        return -1;
    result = tree_write(fd, ".", name, text, strlen(text), 0644);
    saved = errno;
    close(fd);
    errno = saved;
    return result;
}

int restart_count_write(const char *path, uint64_t job, unsigned count, struct failure *f)
{
    const char *slash = strrchr(path, '/');
    char folder[256] = "", text[96];

    if (slash && (size_t)(slash - path) < sizeof(folder))
        memcpy(folder, path, (size_t)(slash - path));
    snprintf(text, sizeof(text), "job=%" PRIu64 "\nrestarts=%u\n", job, count);
    if (folder[0])
        mkdir(folder, 0755);
    if (folder[0] && write_in(folder, slash + 1, text) == 0)
        return 0;
    return fail(f, "production", "%s: the restart for job %" PRIu64 " cannot be remembered, so there is none: %s", path,
                job, folder[0] ? strerror(errno) : "no path");
}
