/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buffer.h"
#include "agent/base/console.h"
#include "agent/base/tree.h"
#include "agent/kernel/fs_mount.h"
#include "agent/system/system_linux.h"

#define MOUNTS_LIMIT (4u << 20)
#define NESTED_MOUNTS 64

struct mounting {
    const struct system *system;
    const struct system_partitions *partitions;
    enum fs_mount_how how;
    int root;
};

static void subvolume_option(const struct fstab_entry *e, char ret[160])
{
    char name[128];

    ret[0] = '\0';
    if (fstab_option(e, "subvol", name, sizeof(name)))
        snprintf(ret, 160, "subvol=%s", name);
    else if (fstab_option(e, "subvolid", name, sizeof(name)))
        snprintf(ret, 160, "subvolid=%s", name);
}

/* The mount point may be a link: it is resolved inside the system and mounted on by descriptor. */
static int mount_inside(const struct mounting *m, const struct fstab_entry *e, unsigned i)
{
    const char *fs_type = m->partitions->fs_types[i];
    int fd = tree_open(m->root, e->folder, O_PATH | O_DIRECTORY), result, error;
    char path[40], option[160] = "";

    if (fd < 0)
        return -1;
    if (!strcmp(fs_type, "btrfs"))
        subvolume_option(e, option);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    result = fs_mount(m->partitions->nodes[i], fs_type, option, m->how, path);
    error = errno;
    close(fd);
    errno = error;
    return result;
}

/* An entry that means none of the partitions, or one that cannot be mounted here, is nothing to mount. */
static bool is_wanted(const struct mounting *m, const struct fstab_entry *e, int i)
{
    bool is_root = i >= 0 && !strcmp(m->partitions->nodes[i], m->system->node);

    if (i < 0 || !strcmp(e->folder, "/") || !fs_mount_supports(m->partitions->fs_types[i]))
        return false;
    return !is_root || !strcmp(m->partitions->fs_types[i], "btrfs");
}

static int mount_entries(const struct mounting *m, struct failure *f)
{
    struct fstab_entry entries[FSTAB_ENTRIES];
    unsigned count = system_linux_fstab(m->root, entries);

    for (unsigned k = 0; k < count; k++) {
        int i = system_linux_partition(entries[k].what, m->partitions, m->system->disk);
        if (!is_wanted(m, &entries[k], i) || !mount_inside(m, &entries[k], (unsigned)i))
            continue;
        if (strcmp(m->partitions->fs_types[i], "vfat"))
            return fail(f, "identity", "%s cannot be mounted as %s of the system: %s", m->partitions->nodes[i],
                        entries[k].folder, fs_mount_error(errno));
        console_alert("%s cannot be mounted as %s of the system: %s", m->partitions->nodes[i], entries[k].folder,
                      strerror(errno));
    }
    return 0;
}

static int mount_tree(struct mounting *m, const char *folder, struct failure *f)
{
    int result;

    m->root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (m->root < 0)
        return fail(f, "identity", "%s cannot be opened: %s", m->system->node, strerror(errno));
    result = mount_entries(m, f);
    close(m->root);
    return result;
}

int system_mount(const struct system *s, const struct system_partitions *p, bool writable, char ret_folder[64],
                 struct failure *f)
{
    struct mounting m = {.system = s, .partitions = p, .how = writable ? FS_MOUNT_WRITE : FS_MOUNT_LOOK};
    struct failure second;
    char option[160] = "";

    if (s->subvolume[0])
        snprintf(option, sizeof(option), "subvol=%s", s->subvolume);
    if (fs_mount_folder(ret_folder))
        return fail(f, "identity", "a folder in /run cannot be made: %s", strerror(errno));
    if (fs_mount(s->node, s->fs_type, option, m.how, ret_folder)) {
        fail(f, "identity", "%s cannot be mounted (%s): %s", s->node, s->fs_type, fs_mount_error(errno));
        rmdir(ret_folder);
        return -1;
    }
    if (!mount_tree(&m, ret_folder, f))
        return 0;
    system_unmount(ret_folder, &second);
    return -1;
}

/* The second field of a line of /proc/thread-self/mounts, where a space is \040. */
static bool take_folder(const char *line, char *ret, size_t size)
{
    size_t n = 0;

    line += strcspn(line, " \n");
    line += *line == ' ';
    for (; *line && *line != ' ' && *line != '\n'; line++) {
        if (n + 1 >= size)
            return false;
        if (line[0] == '\\' && line[1] && line[2] && line[3]) {
            ret[n++] = (char)((line[1] - '0') * 64 + (line[2] - '0') * 8 + (line[3] - '0'));
            line += 3;
        } else {
            ret[n++] = *line;
        }
    }
    ret[n] = '\0';
    return true;
}

/* What is mounted in `folder`, in the order in which it was. */
static unsigned list_mounts(const char *mounts, const char *folder, char ret[NESTED_MOUNTS][320])
{
    size_t length = strlen(folder);
    unsigned count = 0;

    for (const char *line = mounts; *line && count < NESTED_MOUNTS; line += *line == '\n') {
        if (take_folder(line, ret[count], sizeof(ret[count])) && !strncmp(ret[count], folder, length) &&
            (!ret[count][length] || ret[count][length] == '/'))
            count++;
        line += strcspn(line, "\n");
    }
    return count;
}

/* umount(2) does not tell what could not be written. */
static int flush(const char *folder, struct failure *f)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result = fd < 0 ? -1 : syncfs(fd);

    if (result)
        fail(f, "identity", "%s cannot be flushed: %s", folder, strerror(errno));
    if (fd >= 0)
        close(fd);
    return result;
}

/* *ret_mounted stays as it is unless it is still mounted. */
static int leave(const char *folder, struct failure *f, bool *ret_mounted)
{
    int result = flush(folder, f);

    if (!fs_unmount(folder))
        return result;
    *ret_mounted = true;
    return fail(f, "identity", "%s cannot be unmounted: %s", folder, strerror(errno));
}

int system_unmount(const char *folder, struct failure *f)
{
    char list[NESTED_MOUNTS][320];
    struct buffer mounts = {0};
    struct failure second;
    bool mounted = false;
    unsigned count;
    int result = 0;

    if (!buffer_read_file(&mounts, "/proc/thread-self/mounts", MOUNTS_LIMIT)) {
        free(mounts.data);
        return fail(f, "identity", "/proc/thread-self/mounts cannot be read: %s", strerror(errno));
    }
    count = list_mounts((const char *)mounts.data, folder, list);
    free(mounts.data);
    while (count-- > 0)
        if (leave(list[count], result ? &second : f, &mounted))
            result = -1;
    if (!mounted)
        rmdir(folder);
    return result;
}
