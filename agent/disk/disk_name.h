/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names that people know a disk by from a running system: udev's links in /dev/disk/by-id/, and the ways in which
 * its WWN is written. */
#ifndef SLIPWAY_AGENT_DISK_NAME_H
#define SLIPWAY_AGENT_DISK_NAME_H

#include <stdbool.h>

#include "agent/disk/disk.h"

/* Whether both are the same World Wide Name or NVMe identifier: naa.5000c500a1b2c3d4, 0x5000c500a1b2c3d4,
 * wwn-0x5000c500a1b2c3d4; eui.0025385b71b00a6d, nvme-eui.0025385b71b00a6d, with or without separators, in any case.
 * Empty ones are nobody's. */
bool disk_name_same_wwn(const char *a, const char *b);

/* Whether `path` is the name of a link to the whole disk `d` in /dev/disk/by-id/: wwn-..., nvme-eui...., virtio-SERIAL,
 * or ata-, nvme- or mmc-MODEL_SERIAL with white space as '_'. The link itself need not exist. */
bool disk_name_by_id(const char *path, const struct disk *d);

#endif
