/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/console.h"
#include "agent/identity/identity.h"
#include "agent/identity/windows_identity.h"
#include "agent/system/system_volumes.h"

static int apply_and_flush(const struct identity *id, const char *folder, struct failure *f)
{
    int root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result;

    if (root < 0)
        return fail(f, "identity", "cannot open the deployed file system: %s", strerror(errno));
    result = identity_apply(id, root, f);
    if (!result && syncfs(root))
        result = fail(f, "identity", "cannot flush the deployed file system: %s", strerror(errno));
    close(root);
    return result;
}

static int write_linux(const struct identity *id, const struct system *s, const struct system_partitions *p,
                       struct failure *f)
{
    struct failure second;
    char folder[64];
    int result;

    if (system_mount(s, p, true, folder, f))
        return -1;
    result = apply_and_flush(id, folder, f);
    /* The first failure is the one to tell. */
    return system_unmount(folder, result ? &second : f) || result ? -1 : 0;
}

static int write_system(const struct identity *id, const struct system *s, const struct system_partitions *p,
                        struct failure *f)
{
    console_line("identity: partition %u has %s", s->partition, s->name);
    if (s->kind == SYSTEM_WINDOWS ? windows_identity_write(id, s, f) : write_linux(id, s, p, f))
        return -1;
    console_line("identity: partition %u is now %s", s->partition,
                 id->data->host_name[0] ? id->data->host_name : "itself");
    return 0;
}

static int write_systems(const struct identity *id, const struct system_partitions *p, struct system_list *ret,
                         struct failure *f)
{
    struct system_list found;
    int unreadable = systems_find(p, found.list, &found.count, f);

    if (unreadable && !found.count)
        return -1;
    if (unreadable)
        console_alert("identity: %s", f->message);
    for (unsigned i = 0; i < found.count; i++)
        if (write_system(id, &found.list[i], p, f))
            return -1;
    if (!found.count)
        console_line("no operating system found, identity not written");
    if (ret)
        *ret = found;
    return 0;
}

int identity_write(const struct identity *id, const struct system_partitions *p, struct system_list *ret,
                   struct failure *f)
{
    struct system_volumes v;
    struct failure second;
    int result;

    if (system_volumes_open(&v, p, true, "identity", f))
        return -1;
    result = write_systems(id, &v.view, ret, f);
    return system_volumes_close(&v, result ? &second : f) ? -1 : result;
}
