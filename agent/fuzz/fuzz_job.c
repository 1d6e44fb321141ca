/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job from the server, as bytes. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/host_name.h"
#include "agent/job.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct job job;
    json_t *root = json_loadb((const char *)data, size, 0, NULL);
    struct failure f;

    if (root && job_parse(root, &job, &f) == 0) {
        if (job.id == 0 || strlen(job.token) != 64 || strchr(job.image, '/'))
            abort();
        if (!job.image[0] != (strncmp(job.source.url, "http", 4) == 0))
            abort();
        if (job.options.keep_count > JOB_KEEP || job.options.level > 19 || job.options.grow > JOB_KEEP)
            abort();
        if (job.host_name[0] && !host_name_valid(job.host_name))
            abort();
        for (unsigned i = 0; i < job.field_count; i++)
            if (strchr(job.fields[i].value, '\n') || !job.fields[i].key[0])
                abort();
    }
    json_decref(root);
    return 0;
}
