/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps of a job as the agent does them, one function for each kind. What they share is in struct step_work; each
 * returns 0, or -1 with *f. */
#ifndef SLIPWAY_AGENT_STEP_H
#define SLIPWAY_AGENT_STEP_H

#include "agent/automation/machine.h"
#include "agent/base/progress.h"
#include "agent/production/production.h"
#include "agent/protocol/events.h"
#include "agent/protocol/job.h"

struct step_work {
    const char *server, *machine_name;
    const struct job *job;
    const struct job_step *step;
    unsigned number; /* of the step, from 1 */
    struct machine *machine;
    struct events *events;
    const struct progress *progress;
    struct production_past *past; /* what was on the disks before the first deploy */
    /* For http_on_retry: tells the console, and gives up when the job is cancelled. */
    int (*notice)(void *arg, const char *message, unsigned pause_seconds);
    void *notice_arg;
};

/* agent/automation/step_imaging.c */
int step_capture(const struct step_work *w, struct failure *f);
int step_deploy(const struct step_work *w, struct failure *f);

/* Reasons "command" (an exit code that is no success, a signal, no shell), "timeout", "cancelled"; what it printed lies
 * at the server as output-NUMBER.txt, whatever became of it. agent/automation/step_run.c */
int step_run(const struct step_work *w, struct failure *f);

/* Reason "file". agent/automation/step_file.c */
int step_put(const struct step_work *w, struct failure *f);
int step_get(const struct step_work *w, struct failure *f);

/* Reason "cancelled". agent/automation/step_wait.c */
int step_wait(const struct step_work *w, struct failure *f);

/* The disks that a step works on: those of its own rules, for a step that has none those of the last capture or deploy
 * before it, else the only one. Waits for disks that come up late. ret_paths has room for MANIFEST_DISKS and lives as
 * long as the machine's list of disks. Returns how many, or -1 with *f as disk_choose_all. agent/automation/step_disks.c */
int step_disks(const struct step_work *w, const char **ret_paths, struct failure *f);

/* Whether commands and files in automation are allowed here: on a machine that automation runs, and by hand only where
 * the person who started the agent said so. Returns 0, or -1 with *f ("command"). */
int step_automation_allowed(const struct step_work *w, struct failure *f);

#endif
