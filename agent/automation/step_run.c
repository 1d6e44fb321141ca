/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/automation/job_upload.h"
#include "agent/automation/step_system.h"
#include "agent/base/buffer.h"
#include "agent/base/console.h"
#include "agent/base/program.h"
#include "agent/system/chroot_run.h"

#define OUTPUT_MAX ((size_t)1 << 20)
#define CUT "\n[the rest is cut: more than 1 MiB]\n"

static void take_output(void *arg, const char *bytes, size_t n)
{
    struct buffer *output = arg;
    size_t room = output->size < OUTPUT_MAX ? OUTPUT_MAX - output->size : 0;

    if (output->size > OUTPUT_MAX)
        return;
    if (!buffer_append(output, bytes, n < room ? n : room) || n <= room)
        return;
    buffer_append(output, CUT, strlen(CUT));
}

static bool on_stop(void *arg)
{
    const struct step_work *w = arg;

    return events_cancelled(w->events);
}

static int judge(const struct job_step *step, struct program_result *r, struct failure *f)
{
    if (r->stopped)
        return fail(f, "cancelled", "cancelled while the command ran");
    if (!r->in_time)
        return fail(f, "timeout", "the command took more than %u s and was ended: %s", step->timeout,
                    program_last_words(r));
    if (r->status < 0)
        return fail(f, "command", "the command died of signal %d: %s", r->signal, program_last_words(r));
    if (r->status < 256 && step->success[r->status])
        return 0;
    if (r->status == CHROOT_FAILED && step->in_system)
        return fail(f, "command", "cannot enter the deployed system: %s", program_last_words(r));
    return fail(f, "command", "the command ended with status %d: %s", r->status, program_last_words(r));
}

/* The one string of the server's that is evaluated: by the shell that it is meant for, as one word of its arguments. */
static int run(const struct step_work *w, int root, struct failure *f)
{
    const char *const argv[] = {"/bin/sh", "-c", w->step->command, NULL};
    const struct progress_report told = {.step = "run", .what = "", .seconds_left = UINT32_MAX};
    struct buffer output = {0};
    const struct program p = {.argv = argv,
                              .seconds = w->step->timeout,
                              .enter = w->step->in_system ? chroot_enter : NULL,
                              .arg = &root,
                              .stopped = on_stop,
                              .stopped_arg = (void *)w,
                              .output = take_output,
                              .output_arg = &output};
    struct program_result r;
    struct failure upload;
    char name[32];
    int result;

    events_progress(w->events, &told);
    if (program_run(&p, "command", &r, f))
        return -1;
    result = judge(w->step, &r, f);
    snprintf(name, sizeof(name), "output-%u.txt", w->number);
    if (job_upload(w, name, output.data ? (const void *)output.data : "", output.size, &upload)) {
        console_alert("the command's output cannot be kept at the server: %s", upload.message);
        if (!result) {
            *f = upload;
            result = -1;
        }
    }
    free(output.data);
    return result;
}

int step_run(const struct step_work *w, struct failure *f)
{
    struct step_system s;
    struct failure second;
    int root, result;

    console_line("job %llu: run in %s: %.200s", (unsigned long long)w->job->id,
                 w->step->in_system ? "the deployed system" : "automation", w->step->command);
    if (step_root_open(w, &s, &root, f))
        return -1;
    result = run(w, root, f);
    return step_root_close(w, &s, root, result ? &second : f) || result ? -1 : 0;
}
