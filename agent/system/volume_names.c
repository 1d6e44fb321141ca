/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/system/volume_names.h"

#include <stdio.h>
#include <string.h>

#include <blkid/blkid.h>

static void take(blkid_probe probe, const char *name, char *ret, size_t size)
{
    const char *value;

    if (!blkid_probe_lookup_value(probe, name, &value, NULL))
        snprintf(ret, size, "%s", value);
}

void volume_names_read(const char *path, struct volume_names *ret)
{
    blkid_probe probe = blkid_new_probe_from_filename(path);

    memset(ret, 0, sizeof(*ret));
    if (!probe)
        return;
    blkid_probe_enable_superblocks(probe, 1);
    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_UUID | BLKID_SUBLKS_LABEL);
    if (!blkid_do_safeprobe(probe)) {
        take(probe, "UUID", ret->uuid, sizeof(ret->uuid));
        take(probe, "LABEL", ret->label, sizeof(ret->label));
    }
    blkid_free_probe(probe);
}
