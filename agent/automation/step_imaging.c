/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "agent/anonymous/anonymous.h"
#include "agent/automation/step.h"
#include "agent/base/console.h"
#include "agent/base/progress_bar.h"
#include "agent/identity/identity.h"
#include "agent/imaging/imaging.h"
#include "agent/kernel/modules.h"
#include "agent/source/deploy_source.h"

static int personalise(void *arg, const struct system_partitions *p, struct failure *f)
{
    const struct step_work *w = arg;
    const struct identity id = {.data = &w->job->identity,
                                .machine = w->machine_name,
                                .image = job_step_image(w->step),
                                .server = w->server,
                                .boot_mac = w->machine->inventory.boot_mac,
                                .confirm_token = w->job->confirm_token,
                                .job = w->job->id};
    struct system_list found;

    console_progress_end();
    events_start(w->events, "identity", 0);
    if (identity_write(&id, p, &found, f)) {
        events_finish(w->events, "identity", 0, f);
        return -1;
    }
    events_finish_found(w->events, "identity", 0, &found);
    return 0;
}

/* What mounting and imaging need beyond the hardware's drivers; all of it may be built into the kernel. */
static void load_helpers(const struct machine *m)
{
    static const char *const names[] = {"loop", "ext4", "vfat", "xfs", "btrfs", "fuse"};

    for (size_t i = 0; m->is_real && i < sizeof(names) / sizeof(names[0]); i++)
        modules_load(names[i]);
}

static void show_disk(const struct step_work *w, const char *path)
{
    const struct inventory *i = &w->machine->inventory;
    const struct disk *d = &i->disks[0];
    char size[16];

    for (unsigned k = 0; k < i->disk_count; k++)
        if (strcmp(i->disks[k].path, path) == 0)
            d = &i->disks[k];
    progress_bytes_format(size, d->size);
    console_line("job %llu: %s %s, disk %s (%s%s%s)", (unsigned long long)w->job->id, job_step_word(w->step->kind),
                 job_step_image(w->step), path, size, d->model[0] ? ", " : "", d->model);
}

/* Everything that a capture and a deploy have in common before their work. Returns how many disks there are, with
 * *ret_store, or -1 with *f. */
static int begin(const struct step_work *w, const char **ret_paths, struct store **ret_store, struct failure *f)
{
    int count = step_disks(w, ret_paths, f);

    for (int i = 0; i < count; i++)
        show_disk(w, ret_paths[i]);
    if (count < 0)
        return -1;
    *ret_store = store_open(w->server, w->job->token, w->notice, w->notice_arg, f);
    load_helpers(w->machine);
    return *ret_store ? count : -1;
}

static int read_leave(const struct job_options *o, struct anonymous_options *ret, struct failure *f)
{
    unsigned item;

    *ret = (struct anonymous_options){.logs = o->logs};
    for (unsigned i = 0; i < o->leave_count; i++) {
        item = anonymous_item_parse(o->leave[i]);
        if (!item)
            return fail(f, "internal", "\"%.64s\" cannot be left in an anonymous image; these can: %s", o->leave[i],
                        anonymous_item_names());
        ret->leave |= item;
    }
    return 0;
}

static int capture_anonymous(const struct step_work *w, struct capture_request *r, struct store *store,
                             struct failure *f)
{
    struct anonymous_options o;
    struct anonymous *a;
    int result;

    if (read_leave(&w->step->options, &o, f))
        return -1;
    a = anonymous_open(r->disks, r->disk_count, &o, w->progress, f);
    if (!a)
        return -1;
    r->cows = anonymous_cows(a);
    result = capture_disk(r, store, w->progress, f);
    anonymous_close(a);
    return result;
}

int step_capture(const struct step_work *w, struct failure *f)
{
    const struct inventory *i = &w->machine->inventory;
    const char *disks[MANIFEST_DISKS];
    struct store *store;
    int count = begin(w, disks, &store, f), result;

    if (count < 0)
        return -1;
    struct capture_request r = {.image = w->step->image,
                                .disks = disks,
                                .disk_count = (unsigned)count,
                                .firmware = i->firmware,
                                .machine = w->machine_name,
                                .uuid = i->uuid,
                                .mac = i->boot_mac,
                                .level = w->step->options.level,
                                .bad_sectors = w->step->options.bad_sectors};
    result = w->step->options.as_is ? capture_disk(&r, store, w->progress, f) : capture_anonymous(w, &r, store, f);
    store_close(store);
    return result;
}

static int deploy(const struct step_work *w, const char *const *disks, unsigned count, struct store *store,
                  struct failure *f)
{
    const struct job_options *o = &w->step->options;
    const struct deploy_layout layout = {.grow = o->grow, .keep = o->keep, .keep_count = o->keep_count};
    const struct deploy_request r = {.image = w->step->image,
                                     .disks = disks,
                                     .disk_count = count,
                                     .layout = &layout,
                                     .personalise = o->no_identity ? NULL : personalise,
                                     .arg = (void *)w};

    return deploy_image(&r, store, w->progress, f);
}

static int stream(const struct step_work *w, const char *const *disks, unsigned count, struct failure *f)
{
    const struct job_source *source = &w->step->source;
    const struct deploy_source_request r = {.source = {.where = source->url,
                                                       .sha256 = source->sha256[0] ? source->sha256 : NULL,
                                                       .unchecked = source->unchecked},
                                            .disk = disks[0],
                                            .grow = w->step->options.grow,
                                            .personalise = w->step->options.no_identity ? NULL : personalise,
                                            .arg = (void *)w};

    if (count != 1)
        return fail(f, "disk-count", "%.200s is one disk, and %u were named", source->url, count);
    return deploy_source(&r, w->progress, f);
}

int step_deploy(const struct step_work *w, struct failure *f)
{
    const char *disks[MANIFEST_DISKS];
    struct store *store;
    int count = begin(w, disks, &store, f), result;

    if (count < 0)
        return -1;
    if (w->machine->is_real && w->past->count == 0)
        production_remember(disks, (unsigned)count, w->past);
    if (w->step->source.url[0])
        result = stream(w, disks, (unsigned)count, f);
    else
        result = deploy(w, disks, (unsigned)count, store, f);
    store_close(store);
    return result;
}
