/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "agent/base/tree.h"
#include "agent/identity/identity_linux.h"

/* selinux_config(5): SELINUX=enforcing, permissive or disabled. */
static bool is_on(const char *config)
{
    static const char key[] = "SELINUX=";
    size_t length;

    for (; *config; config += length + (config[length] == '\n')) {
        length = strcspn(config, "\n");
        if (strncmp(config, key, sizeof(key) - 1))
            continue;
        config += sizeof(key) - 1;
        return !strncmp(config, "enforcing", 9) || !strncmp(config, "permissive", 10);
    }
    return false;
}

int identity_selinux_write(int root, struct failure *f)
{
    struct identity_draft config, none = {.failed = false};
    bool on;

    if (!tree_exists(root, "etc/selinux/config"))
        return 0;
    if (identity_read(root, "etc/selinux/config", &config, f))
        return -1;
    on = is_on((const char *)config.b.data);
    free(config.b.data);
    return on ? identity_file(root, ".", ".autorelabel", &none, 0644, f) : 0;
}
