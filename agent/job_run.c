/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/job_run.h"

#include <stdio.h>
#include <string.h>

#include "agent/advice.h"
#include "agent/console.h"
#include "agent/deploy_source.h"
#include "agent/events.h"
#include "agent/identity.h"
#include "agent/imaging.h"
#include "agent/modules.h"
#include "agent/progress_bar.h"
#include "agent/server_notice.h"

struct run {
    const char *server, *name;
    const struct job *job;
    struct machine *machine;
    struct events *events;
    char what[128];
};

/* For people: the image's name, or where it comes from. */
static const char *image_of(const struct job *job)
{
    return job->source.url[0] ? job->source.url : job->image;
}

static void on_progress(void *arg, const struct progress_report *r)
{
    struct run *run = arg;

    if (r->what && strcmp(run->what, r->what) != 0) {
        snprintf(run->what, sizeof(run->what), "%s", r->what);
        console_line("%s: %s", r->step, r->what);
    }
    console_progress(r);
    events_progress(run->events, r);
}

static bool on_cancelled(void *arg)
{
    const struct run *run = arg;

    return events_cancelled(run->events);
}

static void on_note(void *arg, const char *text)
{
    (void)arg;
    console_line("%s", text);
}

static int on_silent_server(void *arg, const char *message, unsigned pause_seconds)
{
    const struct run *run = arg;

    if (events_cancelled(run->events))
        return -1;
    server_notice(message, pause_seconds);
    return 0;
}

static int personalise(void *arg, const char *const *paths, const char *const *fs_types, unsigned count,
                       struct failure *f)
{
    const struct run *run = arg;
    const struct identity id = {.data = &run->job->identity,
                                .machine = run->name,
                                .image = image_of(run->job),
                                .server = run->server,
                                .boot_mac = run->machine->inventory.boot_mac,
                                .job = run->job->id};
    int result;

    console_progress_end();
    events_start(run->events, "identity");
    result = identity_write(&id, paths, fs_types, count, NULL, f);
    events_finish(run->events, "identity", result == 0 ? NULL : f);
    return result;
}

/* What mounting and imaging need beyond the hardware's drivers; all of it may be built into the kernel. */
static void load_helpers(const struct machine *m)
{
    static const char *const names[] = {"loop", "ext4", "vfat", "xfs", "btrfs"};

    for (size_t i = 0; m->is_real && i < sizeof(names) / sizeof(names[0]); i++)
        modules_load(names[i]);
}

static int capture(struct run *run, const char *const *disks, unsigned count, struct store *store,
                   const struct progress *progress, struct failure *f)
{
    const struct inventory *i = &run->machine->inventory;
    const struct job_options *o = &run->job->options;
    const struct capture_request r = {.image = run->job->image,
                                      .disks = disks,
                                      .disk_count = count,
                                      .firmware = i->firmware,
                                      .machine = run->name,
                                      .uuid = i->uuid,
                                      .mac = i->boot_mac,
                                      .level = o->level,
                                      .bad_sectors = o->bad_sectors};

    return capture_disk(&r, store, progress, f);
}

static int deploy(struct run *run, const char *const *disks, unsigned count, struct store *store,
                  const struct progress *progress, struct failure *f)
{
    const struct job_options *o = &run->job->options;
    const struct deploy_layout layout = {.grow = o->grow, .keep = o->keep, .keep_count = o->keep_count};
    const struct deploy_request r = {.image = run->job->image,
                                     .disks = disks,
                                     .disk_count = count,
                                     .layout = &layout,
                                     .personalise = personalise,
                                     .arg = run};

    return deploy_image(&r, store, progress, f);
}

static int stream(struct run *run, const char *const *disks, unsigned count, const struct progress *progress,
                  struct failure *f)
{
    const struct job_source *source = &run->job->source;
    const struct deploy_source_request r = {.source = {.where = source->url,
                                                       .sha256 = source->sha256[0] ? source->sha256 : NULL,
                                                       .unchecked = source->unchecked},
                                            .disk = disks[0],
                                            .personalise = personalise,
                                            .arg = run};

    if (count != 1)
        return fail(f, "disk-count", "%.200s is one disk, and %u were named", source->url, count);
    return deploy_source(&r, progress, f);
}

static int work(struct run *run, const char *const *disks, unsigned count, struct store *store, struct failure *f)
{
    const struct progress progress = {on_progress, on_cancelled, on_note, run};

    if (run->job->kind == JOB_CAPTURE)
        return capture(run, disks, count, store, &progress, f);
    if (run->job->source.url[0])
        return stream(run, disks, count, &progress, f);
    return deploy(run, disks, count, store, &progress, f);
}

static void show_disk(const struct job *job, const struct disk *d)
{
    char size[16];

    progress_bytes_format(size, d->size);
    console_line("job %llu: %s %s, disk %s (%s%s%s)", (unsigned long long)job->id, job_kind_name(job->kind),
                 image_of(job), d->path, size, d->model[0] ? ", " : "", d->model);
}

static int choose_disks(const struct run *run, const char **ret_paths, struct failure *f)
{
    const struct inventory *i = &run->machine->inventory;
    const struct job *job = run->job;
    unsigned which[MANIFEST_DISKS];
    int count = disk_choose_all(i->disks, i->disk_count, job->rules, job->rule_count, which, f);

    for (int k = 0; k < count; k++) {
        ret_paths[k] = i->disks[which[k]].path;
        show_disk(job, &i->disks[which[k]]);
    }
    return count;
}

static int work_on_disks(struct run *run, struct failure *f)
{
    const struct job *job = run->job;
    const char *step = job_kind_name(job->kind), *paths[MANIFEST_DISKS];
    struct store *store;
    int count, result;

    machine_settle(run->machine, on_cancelled, run);
    count = choose_disks(run, paths, f);
    if (count < 0)
        return -1;
    store = store_open(run->server, job->token, on_silent_server, run, f);
    if (!store)
        return -1;
    load_helpers(run->machine);
    events_start(run->events, step);
    result = work(run, paths, (unsigned)count, store, f);
    console_progress_end();
    events_finish(run->events, step, result == 0 ? NULL : f);
    store_close(store);
    return result;
}

static void report(const struct job *job, int result, const struct failure *f)
{
    unsigned long long id = job->id;

    if (result == 0) {
        console_success("job %llu (%s %s) succeeded", id, job_kind_name(job->kind), image_of(job));
        return;
    }
    if (strcmp(f->reason, "cancelled") == 0)
        console_alert("JOB %llu (%s %s) CANCELLED: %s", id, job_kind_name(job->kind), image_of(job), f->message);
    else
        console_alert("JOB %llu (%s %s) FAILED: %s: %s", id, job_kind_name(job->kind), image_of(job), f->reason,
                      f->message);
    console_alert("  %s", advice_for(f->reason));
}

int job_run(const char *server, const char *name, struct machine *m, const struct job *job, struct failure *f)
{
    struct run run = {.server = server, .name = name, .job = job, .machine = m};
    int result;

    run.events = events_open(server, job, f);
    if (!run.events)
        return -1;
    events_start(run.events, "job");
    result = work_on_disks(&run, f);
    /* A job that was cancelled in its last moment, when nothing was left to stop, has been done all the same. */
    events_finish(run.events, "job", result == 0 ? NULL : f);
    report(job, result, f);
    if (!events_close(run.events) && result == 0)
        result = fail(f, "cancelled", "the server had ended the job before it was finished");
    return result;
}

void job_refuse(const char *server, const struct job *job, const struct failure *why)
{
    struct failure f;
    struct events *events = events_open(server, job, &f);

    if (!events)
        return;
    events_start(events, "job");
    events_finish(events, "job", why);
    events_close(events);
}
