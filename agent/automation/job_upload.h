/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files that a job leaves at the server (docs/protocol.md, "Files of a job"): sent in pieces, so that no file needs the
 * memory of a whole one. */
#ifndef SLIPWAY_AGENT_JOB_UPLOAD_H
#define SLIPWAY_AGENT_JOB_UPLOAD_H

#include "agent/automation/step.h"

/* Sends `size` bytes as the file `name`. Returns 0, or -1 with *f ("server", "store-full", "cancelled"). */
int job_upload(const struct step_work *w, const char *name, const void *data, size_t size, struct failure *f);

/* Sends what can be read from `fd`, to its end. Returns 0, or -1 with *f, also "file". */
int job_upload_fd(const struct step_work *w, const char *name, int fd, struct failure *f);

#endif
