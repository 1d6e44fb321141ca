/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells the server how a job goes (docs/protocol.md, "events"), from a thread of its own: whoever works on the disk
 * never waits for the server, and what cannot be told never fails the work.
 *
 *   events_start(job) events_start(deploy) events_progress... events_finish(deploy) events_finish(job) events_close
 *
 * Starts and finishes are repeated until they are answered; of progress only the newest counts. */
#ifndef SLIPWAY_AGENT_EVENTS_H
#define SLIPWAY_AGENT_EVENTS_H

#include <stdbool.h>

#include "agent/base/failure.h"
#include "agent/base/progress.h"
#include "agent/protocol/job.h"
#include "agent/system/system.h"

struct events;

/* Starts the thread. Returns NULL with *f when out of memory. */
struct events *events_open(const char *server, const struct job *job, struct failure *f);

/* `number`: of the step in the job's list, from 1; 0: it is none of them. */
void events_start(struct events *e, const char *step, unsigned number);

/* Up to which step the server lets a waiting job go on; it is asked with each event and each heartbeat. */
unsigned events_continued(struct events *e);

/* `why` NULL: succeeded; reason "cancelled": cancelled; else failed. */
void events_finish(struct events *e, const char *step, unsigned number, const struct failure *why);

/* A line for people about the step that runs, kept among the job's events. One of very many may be lost. */
void events_note(struct events *e, const char *text);

/* A step that succeeded, with the operating systems that it found. */
void events_finish_found(struct events *e, const char *step, unsigned number, const struct system_list *found);

/* Takes a copy. Never blocks for longer than a copy takes. */
void events_progress(struct events *e, const struct progress_report *r);

/* Whether the server wants the job stopped, or has ended it by itself. */
bool events_cancelled(struct events *e);

/* Waits until the server has answered everything, for as long as that takes, and ends the thread. Returns true when it
 * took the last finish, false when it did not know the job any more. */
bool events_close(struct events *e);

#endif
