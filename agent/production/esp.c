/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/production/esp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "agent/base/tree.h"
#include "agent/kernel/fs_mount.h"
#include "core/known_loader.h"

#define TYPE_GUID "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
#define TYPE_MBR "0xef"
#define FOLDER "\\EFI\\"

const struct manifest_partition *esp_of(const struct manifest *m)
{
    for (unsigned i = 0; i < m->count; i++)
        if (!strcasecmp(m->partitions[i].type, TYPE_GUID) || !strcasecmp(m->partitions[i].type, TYPE_MBR))
            return &m->partitions[i];
    return NULL;
}

int esp_open(struct esp *e, const char *node, struct failure *f)
{
    if (fs_mount_folder(e->folder))
        return fail(f, "production", "a folder in /run cannot be made: %s", strerror(errno));
    if (fs_mount(node, "vfat", "", FS_MOUNT_LOOK, e->folder)) {
        fail(f, "production", "the EFI system partition %s cannot be mounted: %s", node, strerror(errno));
        rmdir(e->folder);
        return -1;
    }
    e->root = open(e->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (e->root >= 0)
        return 0;
    fail(f, "production", "the EFI system partition %s cannot be opened: %s", node, strerror(errno));
    esp_close(e);
    return -1;
}

void esp_close(struct esp *e)
{
    if (e->root >= 0)
        close(e->root);
    fs_unmount(e->folder);
    rmdir(e->folder);
}

bool esp_has_file(void *arg, const char *file)
{
    const struct esp *e = arg;
    char path[256];
    size_t length;

    snprintf(path, sizeof(path), "%s", file[0] == '\\' ? file + 1 : file);
    length = strlen(path);
    for (size_t i = 0; i < length; i++)
        if (path[i] == '\\')
            path[i] = '/';
    return path[0] && tree_exists(e->root, path);
}

/* Whether the loader lies in \EFI\id\. */
static bool is_in(const char *file, const char *id)
{
    size_t length = strlen(id), head = strlen(FOLDER);

    return length && !strncasecmp(file + head, id, length) && file[head + length] == '\\';
}

bool esp_find_loader(struct esp *e, const char *id, char ret[64])
{
    char file[64];
    struct text t;
    bool found = false;

    for (unsigned n = 0;; n++) {
        text_init(&t, file, sizeof(file));
        if (!known_loader(n, &t))
            return found;
        if ((found && !is_in(file, id)) || !esp_has_file(e, file))
            continue;
        snprintf(ret, 64, "%s", file);
        found = true;
        if (!id[0] || is_in(file, id))
            return true;
    }
}
