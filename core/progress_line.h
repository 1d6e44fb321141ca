/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line that tells how far a download is. */
#ifndef SLIPWAY_CORE_PROGRESS_LINE_H
#define SLIPWAY_CORE_PROGRESS_LINE_H

#include "core/base.h"
#include "core/text.h"

/* Appends "NAME  3.4 of 8.2 MB  41 %  17.1 MB/s", or without a known total (0) "NAME  3.4 MB  17.1 MB/s". MB is 10^6
 * bytes; a file below that is told in kB. `name` is untrusted. A zero elapsed_ms counts as one. */
void progress_line(struct text *t, const char *name, uint64_t done, uint64_t total, uint64_t elapsed_ms);

/* Appends the line that stays when the file is complete: "NAME  8.2 MB in 0.5 s  17.1 MB/s". */
void progress_line_done(struct text *t, const char *name, uint64_t size, uint64_t elapsed_ms);

/* The part of a path behind its last '/' or '\\'. */
const char *progress_base_name(const char *path);

#endif
