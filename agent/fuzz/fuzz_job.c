/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job from the server, as bytes. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/protocol/job.h"

static void check_text(const char *s)
{
    if (!s || strpbrk(s, "\n\r\t"))
        abort();
}

static void check_identity(const struct identity_data *d)
{
    const char *const texts[] = {d->host_name, d->domain,        d->locale,     d->keyboard,
                                 d->time_zone, d->product_key,   d->first_boot, d->join_domain,
                                 d->join_user, d->join_password, d->join_ou};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        check_text(texts[i]);
    for (unsigned i = 0; i < d->field_count; i++)
        check_text(d->fields[i].value);
    for (unsigned i = 0; i < d->user_count; i++)
        for (unsigned k = 0; k < d->users[i].key_count; k++)
            check_text(d->users[i].authorized_keys[k]);
    for (unsigned i = 0; i < d->network_count; i++)
        for (unsigned k = 0; k < d->networks[i].address_count; k++)
            if (!strchr(d->networks[i].addresses[k], '/'))
                abort();
}

static void check_step(const struct job_step *step)
{
    bool images = step->kind == STEP_CAPTURE || step->kind == STEP_DEPLOY;

    if (strchr(step->image, '/') || images != !!job_step_image(step)[0])
        abort();
    if (step->options.keep_count > JOB_KEEP || step->options.level > 19 || step->options.grow > JOB_KEEP)
        abort();
    if ((step->kind == STEP_RUN) != !!step->command ||
        (step->path && (step->path[0] != '/' || strstr(step->path, "/../"))))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct job job;
    json_t *root = json_loadb((const char *)data, size, 0, NULL);
    struct failure f;

    if (root && job_parse(root, &job, &f) == 0) {
        if (job.id == 0 || strlen(job.token) != 64 || job.done > job.step_count ||
            job.confirm != !!job.confirm_token[0])
            abort();
        for (unsigned i = 0; i < job.step_count; i++)
            check_step(&job.steps[i]);
        check_identity(&job.identity);
    }
    if (root)
        job_release(&job);
    json_decref(root);
    return 0;
}
