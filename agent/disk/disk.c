/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/disk/disk.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/sysfs.h"
#include "agent/disk/disk_name.h"

/* Memory, views of other disks, and things with removable media: none of them is the machine's disk. The last ones are
 * network or layered devices. */
static const char *const not_disks[] = {"loop", "ram",      "zram",     "dm-",    "md",  "sr",  "fd",
                                        "zd",   "mtdblock", "ubiblock", "bcache", "nbd", "rbd", "drbd"};

static bool is_disk_name(const char *name)
{
    for (size_t i = 0; i < sizeof(not_disks) / sizeof(not_disks[0]); i++)
        if (strncmp(name, not_disks[i], strlen(not_disks[i])) == 0)
            return false;
    /* eMMC boot areas and RPMB are small disks of their own beside the real one; nvme0c0n1 is a hidden multipath leg.
     */
    if (strncmp(name, "mmcblk", 6) == 0 && (strstr(name, "boot") || strstr(name, "rpmb")))
        return false;
    return strncmp(name, "nvme", 4) != 0 || !strchr(name + 4, 'c');
}

static void read_text(char ret[64], const char *block, const char *const *attributes)
{
    for (; *attributes && !ret[0]; attributes++)
        sysfs_read_text(ret, 64, "%s/%s", block, *attributes);
}

/* Returns false for what is no disk to work on. */
static bool read_disk(const char *directory, const char *name, struct disk *ret)
{
    static const char *const models[] = {"device/model", "device/name", NULL};
    static const char *const serials[] = {"serial", "device/serial", NULL};
    /* Kernels before 4.15 have no wwid for NVMe, but its parts. */
    static const char *const wwns[] = {"wwid", "device/wwid", "nguid", "eui", NULL};
    uint64_t sectors, read_only, sector_size;
    char block[380];

    if (!is_disk_name(name) || strlen(name) >= sizeof(ret->path) - strlen("/dev/"))
        return false;
    snprintf(block, sizeof(block), "%.300s/%.60s", directory, name);
    if (!sysfs_read_number(&sectors, "%s/size", block) || sectors == 0)
        return false;
    if (!sysfs_read_number(&read_only, "%s/ro", block) || read_only != 0)
        return false;
    if (!sysfs_read_number(&sector_size, "%s/queue/logical_block_size", block))
        sector_size = 512;
    memset(ret, 0, sizeof(*ret));
    snprintf(ret->path, sizeof(ret->path), "/dev/%.50s", name);
    ret->size = sectors * 512; /* sysfs counts in 512 bytes whatever the disk's own sectors */
    ret->sector_size = (uint32_t)sector_size;
    read_text(ret->model, block, models);
    read_text(ret->serial, block, serials);
    read_text(ret->wwn, block, wwns);
    if (!ret->serial[0])
        sysfs_read_vpd_serial(ret->serial, sizeof(ret->serial), block);
    if (!ret->serial[0])
        sysfs_read_usb_serial(ret->serial, sizeof(ret->serial), block);
    return true;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct disk *)a)->path, ((const struct disk *)b)->path);
}

unsigned disk_list_in(const char *directory, struct disk *ret, unsigned max)
{
    DIR *d = opendir(directory);
    struct dirent *e;
    unsigned count = 0;

    if (!d)
        return 0;
    while (count < max && (e = readdir(d)))
        if (e->d_name[0] != '.' && read_disk(directory, e->d_name, &ret[count]))
            count++;
    closedir(d);
    qsort(ret, count, sizeof(*ret), by_path);
    return count;
}

unsigned disk_list(struct disk *ret, unsigned max)
{
    return disk_list_in("/sys/block", ret, max);
}

static bool text_matches(const char *wanted, const char *have)
{
    return !wanted[0] || strcmp(wanted, have) == 0;
}

static bool rule_matches(const struct disk_rule *rule, const struct disk *d)
{
    return !rule || ((text_matches(rule->path, d->path) || disk_name_by_id(rule->path, d)) &&
                     text_matches(rule->serial, d->serial) &&
                     (text_matches(rule->wwn, d->wwn) || disk_name_same_wwn(rule->wwn, d->wwn)) &&
                     text_matches(rule->model, d->model) && (rule->size == 0 || rule->size == d->size));
}

/* "/dev/vda (8589934592 bytes, serial pc-a), ..." */
static void name_disks(char *ret, size_t size, const struct disk *disks, unsigned count)
{
    size_t used = 0;

    ret[0] = '\0';
    for (unsigned i = 0; i < count && used < size; i++)
        used +=
            (size_t)snprintf(ret + used, size - used, "%s%s (%llu bytes%s%s)", i ? ", " : "", disks[i].path,
                             (unsigned long long)disks[i].size, disks[i].serial[0] ? ", serial " : "", disks[i].serial);
}

int disk_choose(const struct disk *disks, unsigned count, const struct disk_rule *rule, struct failure *f)
{
    char names[300];
    int found = -1;
    unsigned matches = 0;

    name_disks(names, sizeof(names), disks, count);
    for (unsigned i = 0; i < count; i++)
        if (rule_matches(rule, &disks[i])) {
            found = (int)i;
            matches++;
        }
    if (count == 0)
        return fail(f, "no-disk", "this machine has no disk that automation can see");
    if (matches == 0)
        return fail(f, "no-matching-disk", "no disk matches the job's rule; there are: %s", names);
    if (matches > 1)
        return fail(f, "ambiguous-disk", "%u disks match, the job must say which one; there are: %s", matches, names);
    return found;
}

int disk_choose_all(const struct disk *disks, unsigned count, const struct disk_rule *rules, unsigned rule_count,
                    unsigned *ret, struct failure *f)
{
    unsigned wanted = rule_count ? rule_count : 1;

    for (unsigned i = 0; i < wanted; i++) {
        int which = disk_choose(disks, count, rule_count ? &rules[i] : NULL, f);
        if (which < 0)
            return -1;
        for (unsigned k = 0; k < i; k++)
            if (ret[k] == (unsigned)which)
                return fail(f, "ambiguous-disk", "the rules for disk %u and disk %u both choose %s", k + 1, i + 1,
                            disks[which].path);
        ret[i] = (unsigned)which;
    }
    return (int)wanted;
}
