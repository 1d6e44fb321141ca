/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/automation/job_run.h"

#include <stdio.h>
#include <string.h>

#include "agent/automation/advice.h"
#include "agent/automation/step.h"
#include "agent/base/console.h"
#include "agent/protocol/events.h"
#include "agent/protocol/server_notice.h"

struct run {
    const char *server, *name;
    const struct job *job;
    struct machine *machine;
    struct events *events;
    struct production_past past;
    char what[128];
};

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
    const struct run *run = arg;

    console_line("%s", text);
    events_note(run->events, text);
}

static int on_silent_server(void *arg, const char *message, unsigned pause_seconds)
{
    const struct run *run = arg;

    if (events_cancelled(run->events))
        return -1;
    server_notice(message, pause_seconds);
    return 0;
}

static struct step_work work_of(struct run *run, const struct progress *progress, unsigned number)
{
    return (struct step_work){.server = run->server,
                              .machine_name = run->name,
                              .job = run->job,
                              .step = &run->job->steps[number - 1],
                              .number = number,
                              .machine = run->machine,
                              .events = run->events,
                              .progress = progress,
                              .past = &run->past,
                              .notice = on_silent_server,
                              .notice_arg = run};
}

static int do_step(struct run *run, unsigned number, struct failure *f)
{
    static int (*const kinds[])(const struct step_work *, struct failure *) = {
        [STEP_CAPTURE] = step_capture, [STEP_DEPLOY] = step_deploy, [STEP_RUN] = step_run,
        [STEP_PUT] = step_put,         [STEP_GET] = step_get,       [STEP_WAIT] = step_wait};
    const struct progress progress = {on_progress, on_cancelled, on_note, run};
    const struct step_work w = work_of(run, &progress, number);
    const char *word = job_step_word(w.step->kind);
    int result;

    events_start(run->events, word, number);
    result = kinds[w.step->kind](&w, f);
    console_progress_end();
    events_finish(run->events, word, number, result == 0 ? NULL : f);
    return result;
}

static bool deploys(const struct job *job)
{
    for (unsigned i = 0; i < job->step_count; i++)
        if (job->steps[i].kind == STEP_DEPLOY)
            return true;
    return false;
}

/* The way into production, on a machine that automation runs: by hand nothing of this computer is changed. */
static int prepare_finish(struct run *run, struct failure *f)
{
    const struct progress progress = {on_progress, on_cancelled, on_note, run};
    const struct step_work w = work_of(run, &progress, run->job->step_count);
    enum job_finish how = run->job->finish;
    const char *disks[MANIFEST_DISKS];
    bool deployed = deploys(run->job);
    int count, result;

    if (!run->machine->is_real || !(deployed || how == FINISH_BOOTNEXT || how == FINISH_KEXEC))
        return 0;
    events_start(run->events, "production", 0);
    count = step_disks(&w, disks, f);
    const struct production_request r = {.how = how,
                                         .disks = disks,
                                         .disk_count = count < 0 ? 0 : (unsigned)count,
                                         .deployed = deployed,
                                         .past = &run->past,
                                         .boot_order = run->job->boot_order,
                                         .boot_mac = run->machine->inventory.boot_mac};
    result = count < 0 ? -1 : production_prepare(&r, &progress, f);
    events_finish(run->events, "production", 0, result == 0 ? NULL : f);
    return result;
}

static int do_steps(struct run *run, struct failure *f)
{
    if (run->machine->is_real && production_supported(run->job->finish, run->machine->inventory.firmware, f))
        return -1;
    for (unsigned number = run->job->done + 1; number <= run->job->step_count; number++) {
        if (events_cancelled(run->events))
            return fail(f, "cancelled", "cancelled before step %u", number);
        if (do_step(run, number, f))
            return -1;
    }
    return prepare_finish(run, f);
}

/* For people: the capture or deploy of the job, else its first step. */
static const struct job_step *main_step(const struct job *job)
{
    for (unsigned i = 0; i < job->step_count; i++)
        if (job_step_image(&job->steps[i])[0])
            return &job->steps[i];
    return &job->steps[0];
}

static void report(const struct job *job, int result, const struct failure *f)
{
    const struct job_step *step = main_step(job);
    const char *word = job_step_word(step->kind), *image = job_step_image(step), *gap = image[0] ? " " : "";
    unsigned long long id = job->id;

    if (result == 0) {
        console_success("job %llu (%s%s%s) succeeded", id, word, gap, image);
        return;
    }
    if (strcmp(f->reason, "cancelled") == 0)
        console_alert("JOB %llu (%s%s%s) CANCELLED: %s", id, word, gap, image, f->message);
    else
        console_alert("JOB %llu (%s%s%s) FAILED: %s: %s", id, word, gap, image, f->reason, f->message);
    console_alert("  %s", advice_for(f->reason));
}

int job_run(const char *server, const char *name, struct machine *m, const struct job *job, struct failure *f)
{
    struct run run = {.server = server, .name = name, .job = job, .machine = m};
    int result;

    run.events = events_open(server, job, f);
    if (!run.events)
        return -1;
    events_start(run.events, "job", 0);
    result = do_steps(&run, f);
    /* A job that was cancelled in its last moment, when nothing was left to stop, has been done all the same. */
    events_finish(run.events, "job", 0, result == 0 ? NULL : f);
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
    events_start(events, "job", 0);
    events_finish(events, "job", 0, why);
    events_close(events);
}
