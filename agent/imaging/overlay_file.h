/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shows an overlay to another program as a file (agent/kernel/fuse_server.h), in mounts of that program's own: nothing of it
 * is left when the program has ended. */
#ifndef SLIPWAY_AGENT_OVERLAY_FILE_H
#define SLIPWAY_AGENT_OVERLAY_FILE_H

#include "agent/base/program.h"
#include "agent/imaging/overlay.h"
#include "agent/kernel/fuse_server.h"

struct overlay_file {
    char path[FUSE_PATH]; /* for the program's arguments */
    struct overlay *overlay;
};

/* Returns 0, or -1 with *f ("resize"). The overlay must outlive the file. */
int overlay_file_open(struct overlay_file *v, struct overlay *o, struct failure *f);
void overlay_file_close(struct overlay_file *v);

/* Runs a program (p->enter must be NULL) that finds the overlay at v->path. Needs the right to mount. Returns 0 with
 * *ret, or -1 with *f: it could not be run ("resize"), or what it read or wrote failed (the reasons of overlay_read).
 */
int overlay_file_run(struct overlay_file *v, const struct program *p, struct program_result *ret, struct failure *f);

#endif
