/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/automation/step_system.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/system/system.h"

/* The kernel knows no partitions of a file, nor of a disk whose driver takes none. */
static bool lacks_nodes(const struct step_system *s, unsigned disk)
{
    const struct system_partitions *view = &s->partitions.view;
    struct stat st;

    if (stat(s->disks[disk], &st) == 0 && S_ISREG(st.st_mode))
        return true;
    for (unsigned i = 0; i < view->count; i++)
        if (view->disks[i] == disk && access(view->nodes[i], F_OK))
            return true;
    return false;
}

/* The partitions become loop devices, and the view names those. */
static int make_nodes(struct step_system *s, unsigned disk, struct failure *f)
{
    struct partition_nodes *n = &s->nodes[s->node_count];
    const struct system_partitions *view = &s->partitions.view;
    const char **paths = (const char **)view->nodes;

    if (partition_nodes_open(n, s->disks[disk], false, &s->partitions.tables[disk], f))
        return -1;
    s->node_count++;
    for (unsigned i = 0; i < view->count; i++)
        for (unsigned k = 0; k < n->count && view->disks[i] == disk; k++)
            if (n->list[k].number == view->numbers[i] || n->list[k].number == 0)
                paths[i] = n->list[k].path;
    return 0;
}

static int open_nodes(struct step_system *s, unsigned count, struct failure *f)
{
    s->nodes = calloc(count, sizeof(*s->nodes));
    if (!s->nodes)
        return fail(f, "out-of-memory", "no memory for the partitions' nodes");
    for (unsigned i = 0; i < count; i++)
        if (lacks_nodes(s, i) && make_nodes(s, i, f))
            return -1;
    return 0;
}

static int close_nodes(struct step_system *s, struct failure *f)
{
    int result = 0;

    while (s->node_count)
        if (partition_nodes_close(&s->nodes[--s->node_count], f))
            result = -1;
    free(s->nodes);
    disk_partitions_close(&s->partitions);
    return result;
}

static int mount_only(struct step_system *s, struct failure *f)
{
    struct system found[SYSTEMS];
    const struct system *chosen = NULL;
    unsigned count = 0, fit = 0;
    int result = systems_find(&s->volumes.view, found, &count, f);

    for (unsigned i = 0; i < count; i++)
        if (found[i].kind == SYSTEM_LINUX) {
            chosen = &found[i];
            fit++;
        }
    if (fit == 1)
        return system_mount(chosen, &s->volumes.view, true, s->folder, f);
    if (!fit && result)
        return -1;
    return fail(f, "identity",
                fit ? "there are %u Linux systems on the disks" : "there is no Linux system on the disks", fit);
}

static int mount_in_root(struct step_system *s, struct failure *f)
{
    struct failure second;

    if (mount_only(s, f))
        return -1;
    s->root = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (s->root >= 0)
        return 0;
    fail(f, "file", "cannot open the deployed system: %s", strerror(errno));
    system_unmount(s->folder, &second);
    return -1;
}

static int mount_with_volumes(struct step_system *s, struct failure *f)
{
    struct failure second;

    if (system_volumes_open(&s->volumes, &s->partitions.view, true, "file", f))
        return -1;
    if (!mount_in_root(s, f))
        return 0;
    system_volumes_close(&s->volumes, &second);
    return -1;
}

int step_system_open(const struct step_work *w, struct step_system *s, struct failure *f)
{
    struct failure second;
    int count;

    memset(s, 0, sizeof(*s));
    count = step_disks(w, s->disks, f);
    if (count < 0 || disk_partitions_open(&s->partitions, s->disks, (unsigned)count, f))
        return -1;
    if (!open_nodes(s, (unsigned)count, f) && !mount_with_volumes(s, f))
        return 0;
    close_nodes(s, &second);
    return -1;
}

int step_system_close(struct step_system *s, struct failure *f)
{
    struct failure second;
    int result;

    close(s->root);
    result = system_unmount(s->folder, f);
    if (system_volumes_close(&s->volumes, result ? &second : f))
        result = -1;
    return close_nodes(s, result ? &second : f) || result ? -1 : 0;
}

int step_root_open(const struct step_work *w, struct step_system *s, int *ret_root, struct failure *f)
{
    if (w->step->in_system) {
        if (step_system_open(w, s, f))
            return -1;
        *ret_root = s->root;
        return 0;
    }
    if (step_automation_allowed(w, f))
        return -1;
    *ret_root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *ret_root < 0 ? fail(f, "file", "cannot open automation's root: %s", strerror(errno)) : 0;
}

int step_root_close(const struct step_work *w, struct step_system *s, int root, struct failure *f)
{
    if (w->step->in_system)
        return step_system_close(s, f);
    close(root);
    return 0;
}
