/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/system/system_linux.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "agent/base/le.h"
#include "agent/base/tree.h"
#include "agent/system/os_release.h"
#include "agent/system/volume_names.h"

#define ELF_HEAD 20

bool system_linux_names_itself(int root)
{
    return tree_exists(root, "etc/os-release") || tree_exists(root, "usr/lib/os-release");
}

/* With a /usr of its own, the link leads to where that is to be mounted. */
static bool has_link(int root)
{
    int etc = tree_open(root, "etc", O_RDONLY | O_DIRECTORY);
    char target[8];
    bool is_link;

    if (etc < 0)
        return false;
    is_link = readlinkat(etc, "os-release", target, sizeof(target)) > 0;
    close(etc);
    return is_link;
}

bool system_linux_is_root(int root)
{
    return tree_is_folder(root, "etc") && (system_linux_names_itself(root) || has_link(root));
}

/* System V ABI, "ELF Header": e_ident[EI_DATA] at 5, e_machine at 18. */
static const char *machine_of(const uint8_t head[ELF_HEAD])
{
    static const struct {
        unsigned machine;
        const char *name;
    } names[] = {{3, "i386"}, {8, "mips"},    {21, "ppc64"},    {22, "s390x"},
                 {40, "arm"}, {62, "x86_64"}, {183, "aarch64"}, {243, "riscv"}};
    unsigned machine = head[5] == 2 ? head[18] * 256u + head[19] : le16_read(head + 18);

    if (memcmp(head, "\177ELF", 4))
        return "";
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (names[i].machine == machine)
            return names[i].name;
    return "";
}

static void read_arch(int root, char ret[16])
{
    int fd = tree_open(root, "bin/sh", O_RDONLY | O_NONBLOCK);
    uint8_t head[ELF_HEAD] = {0};

    if (fd < 0)
        return;
    if (read(fd, head, sizeof(head)) == sizeof(head))
        snprintf(ret, 16, "%s", machine_of(head));
    close(fd);
}

void system_linux_describe(int root, struct system *ret)
{
    struct buffer b = {0};
    struct os_release release;
    bool found = !tree_read(root, "etc/os-release", &b, OS_RELEASE_LIMIT) ||
                 !tree_read(root, "usr/lib/os-release", &b, OS_RELEASE_LIMIT);

    os_release_parse(found ? (const char *)b.data : "", found ? b.size : 0, &release);
    free(b.data);
    ret->kind = SYSTEM_LINUX;
    memcpy(ret->name, release.name, sizeof(release.name));
    memcpy(ret->id, release.id, sizeof(release.id));
    memcpy(ret->version, release.version, sizeof(release.version));
    memcpy(ret->edition, release.edition, sizeof(release.edition));
    read_arch(root, ret->arch);
}

unsigned system_linux_fstab(int root, struct fstab_entry ret[FSTAB_ENTRIES])
{
    struct buffer b = {0};
    unsigned count = 0;

    if (!tree_read(root, "etc/fstab", &b, FSTAB_LIMIT))
        count = fstab_parse((const char *)b.data, ret);
    free(b.data);
    return count;
}

unsigned system_partition_number(const struct system_partitions *p, unsigned i)
{
    return p->numbers ? p->numbers[i] : i + 1;
}

unsigned system_partition_disk(const struct system_partitions *p, unsigned i)
{
    return p->disks ? p->disks[i] : 0;
}

static int by_name(const char *name, bool is_label, const struct system_partitions *p)
{
    struct volume_names names;

    for (unsigned i = 0; i < p->count; i++) {
        volume_names_read(p->nodes[i], &names);
        if (is_label ? !strcmp(names.label, name) : !strcasecmp(names.uuid, name))
            return (int)i;
    }
    return -1;
}

static int by_part_uuid(const char *name, const struct system_partitions *p)
{
    for (unsigned i = 0; p->part_uuids && i < p->count; i++)
        if (!strcasecmp(p->part_uuids[i], name))
            return (int)i;
    return -1;
}

/* /dev/sda2, /dev/nvme0n1p2: what the disk was called on the source says nothing here, the number does. */
static int by_node(const char *name, const struct system_partitions *p, unsigned disk)
{
    static const char *const drivers[] = {"sd", "hd", "vd", "xvd", "nvme", "mmcblk"};
    size_t length = strlen(name), digits = 0, known = 0;

    while (digits < length && name[length - 1 - digits] >= '0' && name[length - 1 - digits] <= '9')
        digits++;
    for (size_t i = 0; i < sizeof(drivers) / sizeof(drivers[0]); i++)
        known += !strncmp(name, drivers[i], strlen(drivers[i]));
    if (!known || !digits || digits > 3 || strchr(name, '/'))
        return -1;
    for (unsigned i = 0; i < p->count; i++)
        if (system_partition_disk(p, i) == disk && !(p->volumes && p->volumes[i][0]) &&
            system_partition_number(p, i) == (unsigned)atoi(name + length - digits))
            return (int)i;
    return -1;
}

/* "group/volume" as device mapper spells it: a dash inside a name is doubled (dmsetup(8), "NAME MANGLING" of LVM2). */
static void mapper_name(const char *volume, char ret[260])
{
    size_t n = 0;

    for (; *volume && n < 256; volume++) {
        if (*volume == '-')
            ret[n++] = '-';
        ret[n++] = *volume == '/' ? '-' : *volume;
    }
    ret[n] = '\0';
}

/* /dev/mapper/group-volume, /dev/group/volume. */
static int by_volume(const char *name, const struct system_partitions *p)
{
    bool mapped = !strncmp(name, "mapper/", strlen("mapper/"));
    char spelled[260];

    for (unsigned i = 0; p->volumes && i < p->count; i++) {
        mapper_name(p->volumes[i], spelled);
        if (p->volumes[i][0] && !strcmp(mapped ? spelled : p->volumes[i], mapped ? name + strlen("mapper/") : name))
            return (int)i;
    }
    return -1;
}

int system_linux_partition(const char *what, const struct system_partitions *p, unsigned disk)
{
    static const struct {
        const char *prefix;
        enum { UUID, LABEL, PART_UUID, NODE } kind;
    } forms[] = {{"UUID=", UUID},          {"/dev/disk/by-uuid/", UUID},
                 {"LABEL=", LABEL},        {"/dev/disk/by-label/", LABEL},
                 {"PARTUUID=", PART_UUID}, {"/dev/disk/by-partuuid/", PART_UUID},
                 {"/dev/", NODE}};

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const char *name = what + strlen(forms[i].prefix);
        if (strncmp(what, forms[i].prefix, strlen(forms[i].prefix)) || !*name)
            continue;
        if (forms[i].kind == NODE)
            return strchr(name, '/') ? by_volume(name, p) : by_node(name, p, disk);
        return forms[i].kind == PART_UUID ? by_part_uuid(name, p) : by_name(name, forms[i].kind == LABEL, p);
    }
    return -1;
}
