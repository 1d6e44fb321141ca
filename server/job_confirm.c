/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/job_confirm.h"

#include <string.h>

#include "server/jobs.h"
#include "server/log.h"

bool job_confirm_waits(const json_t *job, const char *result)
{
    return row_text(job, "confirm_token")[0] && strcmp(result, "succeeded") == 0;
}

int job_confirm_begin(struct server *s, const json_t *job, struct refusal *r)
{
    return database_run(s->database, r, "UPDATE jobs SET state = 'confirming', heard = ? WHERE id = ?", "ii",
                        clock_ms(), row_integer(job, "id")) < 0
               ? -1
               : 0;
}

static int take(struct server *s, const json_t *job, const char *token, struct refusal *r)
{
    const char *state = row_text(job, "state");

    if (!token[0] || strcmp(row_text(job, "confirm_token"), token) != 0)
        return refuse(r, 401, "bad-token", "the token does not confirm this job");
    if (strcmp(state, "succeeded") == 0)
        return 0;
    if (strcmp(state, "confirming") != 0)
        return refuse(r, 409, "job-over", "job %lld is %s, there is nothing to confirm",
                      (long long)row_integer(job, "id"), state);
    return jobs_end(s, job, "succeeded", "", "confirmed by the production system", r);
}

int job_confirm_take(struct server *s, int64_t id, const char *token, struct refusal *r)
{
    json_t *job = jobs_get(s, id, r);
    int rc = job ? take(s, job, token, r) : -1;

    json_decref(job);
    return rc;
}

int job_confirm_boot(struct server *s, int64_t machine, struct refusal *r)
{
    json_t *job =
        database_row(s->database, r, "SELECT * FROM jobs WHERE machine = ? AND state = 'confirming'", "i", machine);
    int rc = 0;

    if (!job)
        return -1;
    if (!json_is_null(job))
        rc = jobs_end(s, job, "succeeded", "", "confirmed by the machine's boot client", r);
    json_decref(job);
    return rc;
}
