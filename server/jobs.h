/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs and their states: queued -> running -> succeeded | failed | cancelled, with `cancelling` between the request and
 * the agent's answer, and `confirming` between the agent's success and the word of the production system. All calls hold the server's lock; rows and answers are new references. */
#ifndef SLIPWAY_SERVER_JOBS_H
#define SLIPWAY_SERVER_JOBS_H

#include <jansson.h>
#include <stdbool.h>

#include "server/machines.h"
#include "server/refusal.h"
#include "server/server.h"

/* Schedules a job on each of the machines of the administrator's request, or on none: {"jobs": [...]}. NULL with *r:
 * bad-request, no-such-machine, no-such-image, image-exists, machine-busy. */
json_t *jobs_create(struct server *s, json_t *body, struct refusal *r);

/* Whether a capture may make an image of this name. Returns 0, or -1 with *r: bad-request (no name for one),
 * image-exists (also: another job makes it). */
int jobs_check_new_image(struct server *s, const char *image, struct refusal *r);

/* The row of job `id`. NULL with *r: no-such-job. */
json_t *jobs_get(struct server *s, int64_t id, struct refusal *r);

/* The row of the job that `token` belongs to; `id`, unless 0, must be that job's. NULL with *r: 401 bad-token, or 409
 * job-over when it has ended, which `ended_too` allows. */
json_t *jobs_by_token(struct server *s, const char *token, int64_t id, bool ended_too, struct refusal *r);

/* Whether a row's job is queued, running or cancelling: its agent has work to do. */
bool jobs_unfinished(const json_t *job);

/* Whether a capture's image exists: no two unfinished jobs make images of one name, and none begins when the name is
 * taken, so the image is this job's. Its agent was cut off between the manifest's taking and its own finish, and would
 * be refused its own image now. */
bool jobs_has_made_image(const struct server *s, const json_t *job);

/* Whether that image was the last thing that a capture had to do: nothing behind it, nobody to confirm it. */
bool jobs_image_was_all(const struct server *s, const json_t *job);

/* The administrator's view of a row; of all jobs, newest first; of one with its events. NULL with *r. */
json_t *jobs_describe(const json_t *job);
json_t *jobs_list(struct server *s, struct refusal *r);
json_t *jobs_show(struct server *s, int64_t id, struct refusal *r);

/* Ends a queued or confirming job at once, asks a running one's agent to stop, changes nothing on an ended one. The job's new view,
 * or NULL with *r. */
json_t *jobs_cancel(struct server *s, int64_t id, struct refusal *r);

/* Lets a job go on that waits at a step without a time. The job's view, or NULL with *r: no-such-job, 409
 * job-not-waiting. */
json_t *jobs_continue(struct server *s, int64_t id, struct refusal *r);

/* The end of a job, as one durable change: state, reason, message. Returns 0, or -1 with *r. */
int jobs_end(struct server *s, const json_t *job, const char *state, const char *reason, const char *message,
             struct refusal *r);

/* The two halves of jobs_end, for a caller with a transaction of its own: the change of the database within it, and
 * after its commit what follows from it (PXE answer, staged files, waiting polls, log). */
int jobs_mark_ended(struct server *s, const json_t *job, const char *state, const char *reason, const char *message,
                    struct refusal *r);
void jobs_settle(struct server *s, const json_t *job, const char *state, const char *reason, const char *message);

/* A sign of life of a running job that is no event. Returns 0, or -1 with *r. */
int jobs_heard(struct server *s, const json_t *job, struct refusal *r);

/* Ends the jobs that have been silent for too long: captures whose image exists as succeeded, others as failed, also those
 * that nobody has confirmed. Returns 0, or -1 with *r. */
int jobs_end_silent(struct server *s, struct refusal *r);

#endif
