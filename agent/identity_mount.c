/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#include "agent/console.h"
#include "agent/identity.h"

#define UNMOUNT_TRIES 20

enum found {
    FOUND_NOTHING,
    FOUND_SYSTEM,
    FOUND_FAILED,     /* a system that could not be written */
    FOUND_UNREADABLE, /* who knows what */
};

static bool is_supported(const char *fs_type)
{
    return strcmp(fs_type, "ext4") == 0 || strcmp(fs_type, "ext3") == 0 || strcmp(fs_type, "ext2") == 0;
}

static enum found apply_to_root(const struct identity *id, const char *folder, struct failure *f)
{
    int root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum found found = FOUND_NOTHING;

    if (root < 0) {
        fail(f, "identity", "cannot open the deployed file system: %s", strerror(errno));
        return FOUND_FAILED;
    }
    if (identity_is_system(root)) {
        found = identity_apply(id, root, f) == 0 ? FOUND_SYSTEM : FOUND_FAILED;
        if (found == FOUND_SYSTEM && syncfs(root) != 0) {
            fail(f, "identity", "cannot flush the deployed file system: %s", strerror(errno));
            found = FOUND_FAILED;
        }
    }
    close(root);
    return found;
}

/* A process that has just ended may hold the file system for a moment. */
static int unmount(const char *folder)
{
    for (unsigned i = 0; umount2(folder, UMOUNT_NOFOLLOW) != 0; i++) {
        if (errno != EBUSY || i == UNMOUNT_TRIES)
            return -1;
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
    return 0;
}

static enum found apply_to_partition(const struct identity *id, const char *path, struct failure *f)
{
    char folder[] = "/run/slipway-XXXXXX";
    enum found found = FOUND_FAILED;

    if (!mkdtemp(folder)) {
        fail(f, "identity", "cannot make a folder in /run: %s", strerror(errno));
        return FOUND_FAILED;
    }
    if (mount(path, folder, "ext4", MS_NOSUID | MS_NODEV, NULL) != 0) {
        fail(f, "identity", "cannot mount %s (ext4): %s", path, strerror(errno));
        found = FOUND_UNREADABLE;
    } else {
        found = apply_to_root(id, folder, f);
        if (unmount(folder) != 0) {
            fail(f, "identity", "cannot unmount %s: %s", path, strerror(errno));
            found = FOUND_FAILED;
        }
    }
    rmdir(folder);
    return found;
}

int identity_write(const struct identity *id, const char *const *paths, const char *const *fs_types, unsigned count,
                   struct failure *f)
{
    unsigned found[FOUND_UNREADABLE + 1] = {0};
    enum found result;

    for (unsigned i = 0; i < count; i++) {
        if (!is_supported(fs_types[i]))
            continue;
        result = apply_to_partition(id, paths[i], f);
        found[result]++;
        if (result == FOUND_SYSTEM)
            console_line("identity: partition %u is now %s", i + 1, id->data->host_name[0] ? id->data->host_name : "itself");
        else if (result == FOUND_FAILED)
            return -1;
        else if (result == FOUND_UNREADABLE)
            console_alert("identity: partition %u: %s", i + 1, f->message);
    }
    if (found[FOUND_SYSTEM] == 0 && found[FOUND_UNREADABLE] > 0)
        return -1;
    if (found[FOUND_SYSTEM] == 0)
        console_line("no operating system found, identity not written");
    return 0;
}
