/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mbedtls/base64.h>

#include "agent/automation/job_upload.h"
#include "agent/automation/step_system.h"
#include "agent/base/tree.h"

/* Splits a path into its folder, "." for the root, and its name. The caller releases *ret_folder. */
static const char *split(const char *path, char **ret_folder)
{
    const char *slash = strrchr(path, '/');

    *ret_folder = slash == path ? strdup(".") : strndup(path + 1, (size_t)(slash - path - 1));
    return slash + 1;
}

static int own(int root, const struct job_step *step)
{
    int fd = tree_open(root, step->path + 1, O_RDONLY | O_NOFOLLOW), result;

    if (fd < 0)
        return -1;
    result = fchown(fd, step->user, step->group) || fchmod(fd, step->mode) || fsync(fd) ? -1 : 0;
    close(fd);
    return result;
}

static int put_content(int root, const struct job_step *step, const void *data, size_t size, struct failure *f)
{
    char *folder;
    const char *name = split(step->path, &folder);
    int result = -1;

    if (!folder)
        return fail(f, "out-of-memory", "no memory for a path");
    if (!tree_write(root, folder, name, data, size, step->mode) && !own(root, step))
        result = 0;
    else
        fail(f, "file", "cannot write %.200s: %s", step->path, strerror(errno));
    free(folder);
    return result;
}

static int put(int root, const struct job_step *step, struct failure *f)
{
    size_t length = strlen(step->content), size = 0;
    uint8_t *data = malloc(length + 1);
    int result;

    if (!data)
        return fail(f, "out-of-memory", "no memory for a file of %zu bytes", length);
    if (mbedtls_base64_decode(data, length + 1, &size, (const uint8_t *)step->content, length))
        result = fail(f, "file", "the content for %.200s is no base64", step->path);
    else
        result = put_content(root, step, data, size, f);
    free(data);
    return result;
}

int step_put(const struct step_work *w, struct failure *f)
{
    struct step_system s;
    struct failure second;
    int root, result;

    if (step_root_open(w, &s, &root, f))
        return -1;
    result = put(root, w->step, f);
    return step_root_close(w, &s, root, result ? &second : f) || result ? -1 : 0;
}

static int get(const struct step_work *w, int root, struct failure *f)
{
    int fd = tree_open(root, w->step->path + 1, O_RDONLY | O_NONBLOCK), result;
    struct stat st;

    if (fd < 0)
        return fail(f, "file", "cannot open %.200s: %s", w->step->path, strerror(errno));
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        result = job_upload_fd(w, w->step->name, fd, f);
    else
        result = fail(f, "file", "%.200s is no file", w->step->path);
    close(fd);
    return result;
}

int step_get(const struct step_work *w, struct failure *f)
{
    struct step_system s;
    struct failure second;
    int root, result;

    if (step_root_open(w, &s, &root, f))
        return -1;
    result = get(w, root, f);
    return step_root_close(w, &s, root, result ? &second : f) || result ? -1 : 0;
}
