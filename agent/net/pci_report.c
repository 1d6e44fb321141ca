/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/net/pci_report.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/base/console.h"
#include "agent/base/sysfs.h"

#define DEVICES "/sys/bus/pci/devices"
#define CLASS_NETWORK 0x02

void pci_report_unbound_network(void)
{
    DIR *d = opendir(DEVICES);
    uint64_t class, vendor, device;
    struct dirent *e;
    char driver[300];

    while (d && (e = readdir(d))) {
        snprintf(driver, sizeof(driver), DEVICES "/%s/driver", e->d_name);
        if (e->d_name[0] == '.' || access(driver, F_OK) == 0)
            continue;
        if (sysfs_read_number(&class, DEVICES "/%s/class", e->d_name) && class >> 16 == CLASS_NETWORK &&
            sysfs_read_number(&vendor, DEVICES "/%s/vendor", e->d_name) &&
            sysfs_read_number(&device, DEVICES "/%s/device", e->d_name))
            console_alert("network device without a driver: PCI %04x:%04x at %s", (unsigned)vendor, (unsigned)device,
                          e->d_name);
    }
    if (d)
        closedir(d);
}
