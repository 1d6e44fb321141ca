/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/protocol/inventory.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "agent/base/sysfs.h"

#define DMI "/sys/class/dmi/id"
#define ARPHRD_ETHERNET 1

/* Real interfaces only: bridges, bonds and tunnels have no device behind them and addresses of their own making. */
static void read_macs(struct inventory *ret)
{
    DIR *d = opendir("/sys/class/net");
    struct dirent *e;
    uint64_t type;
    char path[300];

    while (d && ret->mac_count < INVENTORY_MACS && (e = readdir(d))) {
        snprintf(path, sizeof(path), "/sys/class/net/%s", e->d_name);
        if (e->d_name[0] == '.' || !sysfs_read_number(&type, "%s/type", path) || type != ARPHRD_ETHERNET)
            continue;
        snprintf(path, sizeof(path), "/sys/class/net/%s/device", e->d_name);
        if (access(path, F_OK) == 0 &&
            sysfs_read_text(ret->macs[ret->mac_count], sizeof(ret->macs[0]), "/sys/class/net/%s/address", e->d_name))
            ret->mac_count++;
    }
    if (d)
        closedir(d);
}

void inventory_read(struct inventory *ret)
{
    struct sysinfo s;

    memset(ret, 0, sizeof(*ret));
    sysfs_read_text(ret->uuid, sizeof(ret->uuid), DMI "/product_uuid");
    for (char *c = ret->uuid; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    sysfs_read_text(ret->serial, sizeof(ret->serial), DMI "/product_serial");
    sysfs_read_text(ret->vendor, sizeof(ret->vendor), DMI "/sys_vendor");
    sysfs_read_text(ret->product, sizeof(ret->product), DMI "/product_name");
    strcpy(ret->firmware, access("/sys/firmware/efi", F_OK) == 0 ? "uefi" : "bios");
    if (sysinfo(&s) == 0)
        ret->memory_bytes = (uint64_t)s.totalram * s.mem_unit;
    ret->cpus = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    read_macs(ret);
}
