/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What jobs have left behind: output of their commands and files that they brought, in STORE/jobs/ID/. */
#ifndef SLIPWAY_SERVER_JOB_FILES_H
#define SLIPWAY_SERVER_JOB_FILES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/refusal.h"
#include "server/server.h"

#define JOB_FILE_MAX ((int64_t)4 << 30) /* bytes of one file */
#define JOB_FILES_MAX 256               /* of one job */

/* Takes one piece of a file, in order; the one that is `last` makes it whole and visible. A piece may come again. The
 * name is name_is_image's. Returns 0, or -1 with *r: bad-request (not that name), 409 out-of-order, too-large,
 * store-full. */
int job_file_put(struct server *s, int64_t job, const char *name, int64_t offset, bool last, const void *data,
                 size_t size, struct refusal *r);

/* {"files": [{"name", "size"}]}, sorted by name. A new reference, or NULL with *r. */
json_t *job_files_list(const struct server *s, int64_t job, struct refusal *r);

/* Opens a whole file. Returns a descriptor with its size, or -1 with *r: 404 no-such-file. */
int job_file_open(const struct server *s, int64_t job, const char *name, size_t *ret_size, struct refusal *r);

#endif
