/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SLIPWAY_AGENT_QCOW2_STREAM_H
#define SLIPWAY_AGENT_QCOW2_STREAM_H

#include "agent/base/copy_meter.h"
#include "agent/source/image_source.h"
#include "agent/source/qcow2.h"

/* The file of a qcow2 image as a stream, and who gets the disk's bytes. */
struct qcow2_stream {
    const struct qcow2 *qcow2;
    const char *name; /* for messages */
    uint64_t file_size;
    /* Up to `size` bytes in order; 0 at the end, -1 with *f. */
    long (*read)(void *arg, void *ret, size_t size, struct failure *f);
    void *arg;
    const struct image_sink *sink;
    struct copy_meter *meter;
};

/* Reads the file to its end. Returns 0, or -1 with *f: "bad-image" when a cluster is damaged, the file ends early or is
 * not the one whose tables were read, and the reasons of `read` and of the sink. */
int qcow2_stream_copy(const struct qcow2_stream *s, struct failure *f);

#endif
