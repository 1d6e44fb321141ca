/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/automation/step.h"

static bool on_stop(void *arg)
{
    const struct step_work *w = arg;

    return events_cancelled(w->events);
}

static bool images(const struct job_step *step)
{
    return step->kind == STEP_CAPTURE || step->kind == STEP_DEPLOY;
}

int step_disks(const struct step_work *w, const char **ret_paths, struct failure *f)
{
    const struct inventory *i = &w->machine->inventory;
    const struct disk_rule *rules = NULL;
    unsigned which[MANIFEST_DISKS], count = 0;
    int chosen;

    for (unsigned n = w->number; n > 0 && !rules; n--)
        if (images(&w->job->steps[n - 1])) {
            rules = w->job->steps[n - 1].rules;
            count = w->job->steps[n - 1].rule_count;
        }
    machine_settle(w->machine, on_stop, (void *)w);
    chosen = disk_choose_all(i->disks, i->disk_count, rules, count, which, f);
    for (int k = 0; k < chosen; k++)
        ret_paths[k] = i->disks[which[k]].path;
    return chosen;
}

int step_automation_allowed(const struct step_work *w, struct failure *f)
{
    if (w->machine->is_real || w->machine->commands)
        return 0;
    return fail(f, "command", "this agent was started by hand, without --commands: it runs and writes nothing here");
}
