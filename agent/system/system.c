/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/system/system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/kernel/fs_mount.h"
#include "agent/system/system_linux.h"
#include "agent/system/windows_system.h"

/* Where distributions keep the root on btrfs: the default subvolume, Ubuntu and Arch, Debian's installer, Fedora. */
static const char *const subvolumes[] = {"", "@", "@rootfs", "root"};

enum found { FOUND_NOTHING, FOUND_SYSTEM, FOUND_FAILED };

static void find_boot(int root, const struct system_partitions *p, struct system *s)
{
    struct fstab_entry entries[FSTAB_ENTRIES];
    unsigned count = system_linux_fstab(root, entries);

    for (unsigned i = 0; i < count; i++) {
        const char *folder = entries[i].folder;
        bool is_boot = !strcmp(folder, "/boot");
        int k = system_linux_partition(entries[i].what, p, s->disk);
        if (k < 0 || system_partition_disk(p, (unsigned)k) != s->disk)
            continue;
        if ((is_boot || !strcmp(folder, "/boot/efi") || !strcmp(folder, "/efi")) && !strcmp(p->fs_types[k], "vfat"))
            s->esp_partition = system_partition_number(p, (unsigned)k);
        if (is_boot && strcmp(p->nodes[k], s->node))
            s->boot_partition = system_partition_number(p, (unsigned)k);
    }
}

static enum found look_at_root(const char *folder, const struct system_partitions *p, struct system *s,
                               struct failure *f)
{
    int root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool found;

    if (root < 0) {
        fail(f, "identity", "%s cannot be opened: %s", s->node, strerror(errno));
        return FOUND_FAILED;
    }
    found = system_linux_is_root(root);
    if (found) {
        if (system_linux_names_itself(root))
            system_linux_describe(root, s);
        find_boot(root, p, s);
    }
    close(root);
    return found ? FOUND_SYSTEM : FOUND_NOTHING;
}

static enum found look_mounted(const char *subvolume, const char *folder, const struct system_partitions *p,
                               struct system *s, struct failure *f)
{
    char option[160] = "";
    enum found found;

    if (subvolume[0])
        snprintf(option, sizeof(option), "subvol=%s", subvolume);
    if (fs_mount(s->node, s->fs_type, option, FS_MOUNT_LOOK, folder)) {
        if (subvolume[0] && errno == ENOENT)
            return FOUND_NOTHING;
        fail(f, "identity", "%s cannot be mounted (%s): %s", s->node, s->fs_type, strerror(errno));
        return FOUND_FAILED;
    }
    found = look_at_root(folder, p, s, f);
    if (fs_unmount(folder)) {
        fail(f, "identity", "%s cannot be unmounted: %s", s->node, strerror(errno));
        found = FOUND_FAILED;
    }
    return found;
}

/* What it is called may stand on a /usr of its own, which its fstab mounts. */
static enum found describe_whole(const struct system_partitions *p, struct system *s, struct failure *f)
{
    char folder[64];
    int root;

    if (system_mount(s, p, false, folder, f))
        return FOUND_FAILED;
    root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root >= 0) {
        system_linux_describe(root, s);
        close(root);
    }
    return system_unmount(folder, f) ? FOUND_FAILED : FOUND_SYSTEM;
}

static enum found look_at_linux(const struct system_partitions *p, struct system *s, struct failure *f)
{
    size_t tries = strcmp(s->fs_type, "btrfs") ? 1 : sizeof(subvolumes) / sizeof(subvolumes[0]);
    enum found found = FOUND_NOTHING;
    char folder[64];

    if (fs_mount_folder(folder)) {
        fail(f, "identity", "a folder in /run cannot be made: %s", strerror(errno));
        return FOUND_FAILED;
    }
    for (size_t i = 0; i < tries && found == FOUND_NOTHING; i++) {
        found = look_mounted(subvolumes[i], folder, p, s, f);
        if (found == FOUND_SYSTEM)
            snprintf(s->subvolume, sizeof(s->subvolume), "%s", subvolumes[i]);
    }
    rmdir(folder);
    return found == FOUND_SYSTEM && !s->name[0] ? describe_whole(p, s, f) : found;
}

static enum found look_at(const struct system_partitions *p, unsigned i, struct system *s, struct failure *f)
{
    memset(s, 0, sizeof(*s));
    s->disk = system_partition_disk(p, i);
    s->partition = system_partition_number(p, i);
    snprintf(s->node, sizeof(s->node), "%s", p->nodes[i]);
    snprintf(s->fs_type, sizeof(s->fs_type), "%s", p->fs_types[i]);
    snprintf(s->volume, sizeof(s->volume), "%s", p->volumes ? p->volumes[i] : "");
    /* Nobody keeps the root of a Linux on FAT. */
    if (fs_mount_supports(s->fs_type) && strcmp(s->fs_type, "vfat"))
        return look_at_linux(p, s, f);
    if (!strcmp(s->fs_type, "ntfs")) {
        bool found = false;
        if (windows_system_find(s->node, s, &found, f))
            return FOUND_FAILED;
        return found ? FOUND_SYSTEM : FOUND_NOTHING;
    }
    return FOUND_NOTHING;
}

int systems_find(const struct system_partitions *p, struct system ret[SYSTEMS], unsigned *ret_count, struct failure *f)
{
    int result = 0;

    *ret_count = 0;
    for (unsigned i = 0; i < p->count && *ret_count < SYSTEMS; i++) {
        struct failure why;
        enum found found = look_at(p, i, &ret[*ret_count], &why);
        *ret_count += found == FOUND_SYSTEM;
        if (found != FOUND_FAILED)
            continue;
        *f = why;
        result = -1;
    }
    return result;
}
