/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/identity/windows_host_name.h"

#include <ctype.h>
#include <string.h>

#include "agent/windows/windows_registry.h"

static int set(struct windows_registry *r, const char *path, const char *value, const char *name, struct failure *f)
{
    hive_key key;
    int found = windows_registry_control(r, path, &key, f);

    if (found < 0)
        return -1;
    if (!found)
        return fail(f, "identity", "the SYSTEM hive has no key %s in its current control set", path);
    return hive_value_set_text(&r->hive, key, value, name, f);
}

static int set_all(struct windows_registry *r, const char *name, struct failure *f)
{
    char capitals[64] = "";

    for (size_t i = 0; name[i] && i < sizeof(capitals) - 1; i++)
        capitals[i] = (char)toupper((unsigned char)name[i]);
    if (set(r, "Services\\Tcpip\\Parameters", "Hostname", name, f) ||
        set(r, "Services\\Tcpip\\Parameters", "NV Hostname", name, f) ||
        set(r, "Control\\ComputerName\\ComputerName", "ComputerName", capitals, f))
        return -1;
    return hive_commit(&r->hive, f);
}

int windows_host_name_write(struct ntfs_files *files, const char *name, struct failure *f)
{
    struct windows_registry r;
    int found = windows_registry_open(files, "SYSTEM", true, &r, f), result;
    struct failure second;

    if (found < 0)
        return -1;
    if (!found)
        return fail(f, "identity", "the Windows has no SYSTEM hive");
    result = set_all(&r, name, f);
    if (windows_registry_close(&r, result ? &second : f))
        result = -1;
    return result;
}
