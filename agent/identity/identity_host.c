/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/identity/hosts_file.h"
#include "agent/identity/identity_linux.h"

#define DEFAULT_HOSTS "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"

static int write_hosts(const char *full_name, int root, struct failure *f)
{
    struct identity_draft old, new = {.failed = false};
    const char *text;

    if (identity_read(root, "etc/hosts", &old, f))
        return -1;
    text = old.b.size ? (const char *)old.b.data : DEFAULT_HOSTS;
    new.failed = !hosts_file_rename(text, full_name, &new.b);
    free(old.b.data);
    return identity_file(root, "etc", "hosts", &new, 0644, f);
}

int identity_host_write(const struct identity *id, int root, struct failure *f)
{
    const struct identity_data *d = id->data;
    struct identity_draft line = {.failed = false};
    char full_name[320];

    if (!d->host_name[0])
        return 0;
    identity_print(&line, "%s\n", d->host_name);
    if (identity_file(root, "etc", "hostname", &line, 0644, f))
        return -1;
    snprintf(full_name, sizeof(full_name), "%s%s%s", d->host_name,
             d->domain[0] && !strchr(d->host_name, '.') ? "." : "", strchr(d->host_name, '.') ? "" : d->domain);
    return write_hosts(full_name, root, f);
}
