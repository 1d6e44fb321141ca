/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A whole qcow2 image: its tables, then its data as a stream. Nothing may be written outside of the disk. */
#include <stdlib.h>
#include <string.h>

#include "agent/source/qcow2_stream.h"

struct file {
    const uint8_t *data;
    size_t size, at;
    uint64_t disk_size;
};

static int read_at(void *arg, uint64_t offset, void *ret, size_t size, struct failure *f)
{
    const struct file *file = arg;

    if (offset > file->size || size > file->size - offset)
        abort();
    (void)f;
    memcpy(ret, file->data + offset, size);
    return 0;
}

static long read_on(void *arg, void *ret, size_t size, struct failure *f)
{
    struct file *file = arg;

    (void)f;
    if (size > file->size - file->at)
        size = file->size - file->at;
    memcpy(ret, file->data + file->at, size);
    file->at += size;
    return (long)size;
}

static int zero(void *arg, uint64_t offset, uint64_t size, struct failure *f)
{
    const struct file *file = arg;

    (void)f;
    if (size == 0 || offset > file->disk_size || size > file->disk_size - offset)
        abort();
    return 0;
}

static int write_data(void *arg, uint64_t offset, const void *data, size_t size, struct failure *f)
{
    uint8_t last = ((const uint8_t *)data)[size - 1];

    (void)last;
    return zero(arg, offset, size, f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct file file = {.data = data, .size = size};
    const struct image_sink sink = {.write = write_data, .zero = zero, .arg = &file};
    const struct progress silent = {.report = NULL};
    struct copy_meter meter;
    struct qcow2 q;
    struct failure f;

    if (!qcow2_open(&q, read_at, &file, size, &f)) {
        const struct qcow2_stream stream = {.qcow2 = &q,
                                            .name = "image",
                                            .file_size = size,
                                            .read = read_on,
                                            .arg = &file,
                                            .sink = &sink,
                                            .meter = &meter};
        file.disk_size = q.size;
        copy_meter_begin(&meter, &silent, "fuzz", "image");
        qcow2_stream_copy(&stream, &f);
    }
    qcow2_free(&q);
    return 0;
}
