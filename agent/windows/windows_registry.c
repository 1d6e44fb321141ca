/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/windows/windows_registry.h"

#include <stdio.h>

#define CONTROL_SETS 999u

int windows_registry_open(struct ntfs_files *files, const char *name, bool writable, struct windows_registry *ret,
                          struct failure *f)
{
    struct failure second;
    char path[64];
    int found;

    snprintf(path, sizeof(path), WINDOWS_FOLDER "/System32/config/%s", name);
    found = ntfs_files_hive(files, path, &ret->file, f);
    if (found <= 0)
        return found;
    if (hive_open(&ret->hive, &ret->file, name, writable, f) == 0)
        return 1;
    windows_registry_close(ret, &second);
    return -1;
}

int windows_registry_close(struct windows_registry *r, struct failure *f)
{
    hive_close(&r->hive);
    return ntfs_files_end_hive(&r->file, f);
}

int windows_registry_control(struct windows_registry *r, const char *path, hive_key *ret, struct failure *f)
{
    char full[256];
    uint32_t current;
    hive_key key;
    int found = hive_key_find(&r->hive, "Select", &key, f);

    if (found > 0)
        found = hive_value_number(&r->hive, key, "Current", &current, f);
    if (found <= 0)
        return found;
    if (current == 0 || current > CONTROL_SETS)
        return fail(f, "identity", "the SYSTEM hive names control set %u as the current one", current);
    snprintf(full, sizeof(full), "ControlSet%03u\\%s", current, path);
    return hive_key_find(&r->hive, full, ret, f);
}
