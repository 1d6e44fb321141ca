/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/anonymous/anonymous.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "agent/anonymous/anonymous_disk.h"
#include "agent/base/buffer.h"
#include "agent/identity/windows_identity.h"
#include "agent/system/system_volumes.h"

#define NODES (MANIFEST_PARTITIONS)

struct anonymous {
    unsigned count;
    struct anonymous_disk disks[MANIFEST_DISKS];
    struct cow *cows[MANIFEST_DISKS];
    unsigned system_count;
    struct system systems[SYSTEMS];
};

/* What the thread works on. */
struct work {
    struct anonymous *anonymous;
    const struct anonymous_options *options;
    const struct progress *progress;
    struct failure *failure;
    int result;
};

/* The partitions of all disks as systems_find wants them. */
struct node_list {
    unsigned count, numbers[NODES], disks[NODES];
    const char *nodes[NODES], *fs_types[NODES], *uuids[NODES];
};

static int list_nodes(const struct anonymous *a, struct node_list *l, struct failure *f)
{
    l->count = 0;
    for (unsigned disk = 0; disk < a->count; disk++)
        for (unsigned i = 0; i < a->disks[disk].count; i++) {
            const struct anonymous_node *n = &a->disks[disk].nodes[i];
            unsigned k = l->count++;
            if (k == NODES)
                return fail(f, "anonymous", "there are more than %u partitions with file systems; capture as it is",
                            NODES);
            l->nodes[k] = n->path;
            l->fs_types[k] = n->fs_type;
            l->uuids[k] = n->uuid;
            l->numbers[k] = n->number;
            l->disks[k] = disk;
        }
    return 0;
}

/* What sleeps there goes on with its own idea of the files as soon as it is woken. */
static int refuse_hibernated(const struct system_partitions *p, struct failure *f)
{
    for (unsigned i = 0; i < p->count; i++)
        if (!strcmp(p->fs_types[i], "swsuspend"))
            return fail(f, "anonymous",
                        "the system is hibernated (partition %u): start it and shut it down, or capture it as it is",
                        p->numbers[i]);
    return 0;
}

static int change_mounted(const struct work *w, const struct system *s, const char *folder, char *ret, size_t size)
{
    unsigned items = (ANONYMOUS_LOGS - 1) & ~w->options->leave;
    int root = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), result;

    if (root < 0)
        return fail(w->failure, "anonymous", "%s cannot be opened: %s", s->node, strerror(errno));
    result = anonymous_items_remove(root, items | (w->options->logs ? ANONYMOUS_LOGS : 0), ret, size);
    if (result)
        fail(w->failure, "anonymous", "partition %u (%.60s): %s cannot be removed: %s", s->partition, s->name, ret,
             strerror(errno));
    close(root);
    return result;
}

static int change_linux(const struct work *w, const struct system *s, const struct system_partitions *p, char *ret,
                        size_t size)
{
    struct failure second;
    char folder[64];
    int result;

    if (system_mount(s, p, true, folder, w->failure))
        return -1;
    result = change_mounted(w, s, folder, ret, size);
    return system_unmount(folder, result ? &second : w->failure) ? -1 : result;
}

/* Nothing else takes the name out of the registry, and nothing at all the SID. */
static int change_windows(const struct work *w, const struct system *s, char *ret, size_t size)
{
    const struct windows_anonymous what = {.host_name = !(w->options->leave & ANONYMOUS_HOST_NAME),
                                           .slipway = !(w->options->leave & ANONYMOUS_SLIPWAY)};
    bool shares_sid;

    if (windows_anonymise(s, &what, &shares_sid, w->failure))
        return -1;
    snprintf(ret, size, "%s",
             shares_sid ? "not generalised by sysprep: all machines from this image will share its SID"
                        : "generalised by sysprep, left as it is");
    return 0;
}

/* Those who mount and write know its node, which nobody else does. */
static int blame(const struct system *s, struct failure *f)
{
    return strcmp(f->reason, "identity")
               ? -1
               : fail(f, "anonymous", "partition %u (%.60s): %.280s", s->partition, s->name, f->message);
}

static int change_system(const struct work *w, const struct system *s, const struct system_partitions *p)
{
    char what[256] = "", line[512];
    bool is_linux = s->kind == SYSTEM_LINUX;

    if (is_linux ? change_linux(w, s, p, what, sizeof(what)) : change_windows(w, s, what, sizeof(what)))
        return blame(s, w->failure);
    snprintf(line, sizeof(line), "anonymous: partition %u (%s): %s%s", s->partition, s->name,
             !is_linux ? ""
             : what[0] ? "without "
                       : "nothing to remove",
             what);
    progress_note(w->progress, "%s", line);
    return 0;
}

/* A file system that cannot be looked at is as likely a broken data disk as a system. Without any system it is too
 * likely. */
static int find_systems(const struct work *w, const struct system_partitions *p)
{
    struct anonymous *a = w->anonymous;
    struct failure why;
    char line[512];

    if (!systems_find(p, a->systems, &a->system_count, &why)) {
        if (!a->system_count)
            progress_note(w->progress, "anonymous: no operating system found, nothing to remove");
        return 0;
    }
    if (!a->system_count)
        return fail(w->failure, "anonymous", "%.300s; capture it as it is, or repair it first", why.message);
    snprintf(line, sizeof(line), "anonymous: captured as it is: %s", why.message);
    progress_note(w->progress, "%s", line);
    return 0;
}

static int change_all(const struct work *w, const struct system_partitions *p)
{
    struct anonymous *a = w->anonymous;

    if (find_systems(w, p))
        return -1;
    for (unsigned i = 0; i < a->system_count; i++)
        if (change_system(w, &a->systems[i], p))
            return -1;
    return 0;
}

static int change_systems(const struct work *w)
{
    struct node_list l;
    struct system_partitions p = {
        .nodes = l.nodes, .fs_types = l.fs_types, .numbers = l.numbers, .disks = l.disks, .part_uuids = l.uuids};
    struct system_volumes v;
    struct failure second;
    int result;

    if (list_nodes(w->anonymous, &l, w->failure))
        return -1;
    p.count = l.count;
    if (system_volumes_open(&v, &p, true, "anonymous", w->failure))
        return -1;
    result = refuse_hibernated(&v.view, w->failure) || change_all(w, &v.view) ? -1 : 0;
    return system_volumes_close(&v, result ? &second : w->failure) ? -1 : result;
}

static int show_disks(const struct work *w)
{
    for (unsigned i = 0; i < w->anonymous->count; i++)
        if (anonymous_disk_show(&w->anonymous->disks[i], w->failure))
            return -1;
    return 0;
}

/* Why the memory or the disk failed is worth more than what the kernel made of it. */
static int hide_disks(const struct work *w, int result)
{
    struct failure why;

    for (unsigned i = 0; i < w->anonymous->count; i++) {
        struct anonymous_disk *d = &w->anonymous->disks[i];
        if (anonymous_disk_hide(d, &why)) {
            *w->failure = why;
            result = -1;
        }
        if (cow_failed(d->cow) && !result)
            result = fail(w->failure, "snapshot-full", "%s: what changes on it has no room in memory", d->io.path);
    }
    return result;
}

/* Whatever stands in the way of an anonymous image, the disk itself can still be captured. */
static void show_way_out(struct failure *f)
{
    if (!strcmp(f->reason, "anonymous") && !strstr(f->message, "as it is"))
        fail(f, "anonymous", "%.340s; or capture it as it is: --as-is", f->message);
}

/* In a thread with mounts of its own: nobody else sees them, and none outlives it. */
static void *work_apart(void *arg)
{
    struct work *w = arg;

    if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
        w->result = fail(w->failure, "anonymous", "the right to mount is missing: %s", strerror(errno));
    else
        w->result = hide_disks(w, show_disks(w) || change_systems(w) ? -1 : 0);
    if (w->result)
        show_way_out(w->failure);
    return NULL;
}

static int work_in_thread(struct work *w)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, work_apart, w))
        return fail(w->failure, "out-of-memory", "no thread to change the copy");
    pthread_join(thread, NULL);
    return w->result;
}

/* For each of the disks: half of what the kernel could give, for all of them together. Only what changes takes memory:
 * a journal's replay, the blocks of folders. */
static uint64_t spare_memory(unsigned disks)
{
    struct buffer b = {0};
    const char *line = NULL;
    uint64_t kib = 0;

    if (buffer_read_file(&b, "/proc/meminfo", 65536))
        line = strstr((const char *)b.data, "\nMemAvailable:");
    if (line)
        kib = strtoull(line + strlen("\nMemAvailable:"), NULL, 10);
    free(b.data);
    return kib * 1024 / 2 / disks;
}

static int open_disks(struct anonymous *a, const char *const *disks, unsigned count, uint64_t memory, struct failure *f)
{
    if (!count || count > MANIFEST_DISKS)
        return fail(f, "disk-count", "%u disks cannot be captured", count);
    if (!memory)
        memory = spare_memory(count);
    for (unsigned i = 0; i < count; i++) {
        a->count = i + 1;
        if (anonymous_disk_open(&a->disks[i], disks[i], memory, f))
            return -1;
        a->cows[i] = a->disks[i].cow;
    }
    return 0;
}

struct anonymous *anonymous_open(const char *const *disks, unsigned count, const struct anonymous_options *o,
                                 const struct progress *p, struct failure *f)
{
    struct anonymous *a = calloc(1, sizeof(*a));
    struct work w = {.anonymous = a, .options = o, .progress = p, .failure = f};

    if (!a) {
        fail(f, "out-of-memory", "no memory for an anonymous capture");
        return NULL;
    }
    if (!open_disks(a, disks, count, o->memory, f) && !work_in_thread(&w))
        return a;
    anonymous_close(a);
    return NULL;
}

void anonymous_close(struct anonymous *a)
{
    if (!a)
        return;
    for (unsigned i = 0; i < a->count; i++)
        anonymous_disk_close(&a->disks[i]);
    free(a);
}

struct cow *const *anonymous_cows(const struct anonymous *a)
{
    return a->cows;
}

const struct system *anonymous_systems(const struct anonymous *a, unsigned *ret_count)
{
    *ret_count = a->system_count;
    return a->systems;
}
