/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/deploy_shrink.h"

#include <inttypes.h>

#include "agent/fs/resize.h"
#include "agent/imaging/overlay_file.h"

typedef int shrink_step(struct overlay *o, const struct resize_volume *v, struct failure *f);

bool fit_partition_stopped(void *arg)
{
    const struct fit_partition *p = arg;
    const struct progress_report r = {.step = "deploy",
                                      .what = p->region->what,
                                      .done = p->plan->total,
                                      .total = p->plan->total,
                                      .seconds_left = UINT32_MAX};

    if (p->progress->report)
        p->progress->report(p->progress->arg, &r);
    return p->progress->cancelled && p->progress->cancelled(p->progress->arg);
}

static int run_on_overlay(void *arg, const struct program *p, struct program_result *ret, struct failure *f)
{
    return overlay_file_run(arg, p, ret, f);
}

static int on_file(const struct fit_partition *p, struct overlay *o, shrink_step *step, struct failure *f)
{
    const struct manifest_partition *to = &p->disk->manifest->partitions[p->i];
    struct overlay_file file;
    const struct resize_volume v = {.path = file.path,
                                    .fs_type = to->fs_type,
                                    .size = to->size,
                                    .run = run_on_overlay,
                                    .arg = &file,
                                    .stopped = fit_partition_stopped,
                                    .stopped_arg = (void *)p};
    struct failure why;
    int result;

    if (overlay_file_open(&file, o, f))
        return -1;
    result = step(o, &v, &why);
    overlay_file_close(&file);
    if (result)
        return fail(f, why.reason, "partition %u (%.20s) cannot be shrunk to %" PRIu64 " bytes: %.250s", to->number,
                    to->fs_type, to->size, why.message);
    return 0;
}

/* Of the partition, `disk_size` bytes are on the disk. */
static int with_overlay(const struct fit_partition *p, uint64_t disk_size, const struct store *s, shrink_step *step,
                        struct failure *f)
{
    const struct region *r = p->region;
    const struct caibx whole = caibx_part(&r->index, p->disk->layout.list[p->i].source_size);
    const struct overlay_source source = {
        .disk = p->disk->io, .start = r->start, .disk_size = disk_size, .index = &whole, .what = r->what};
    struct overlay *o = overlay_new(&source, s, f);
    int result;

    if (!o)
        return -1;
    result = on_file(p, o, step, f);
    overlay_free(o);
    return result;
}

static int check(struct overlay *o, const struct resize_volume *v, struct failure *f)
{
    uint8_t block_size[4]; /* ext: 1024 << this */

    if (overlay_read(o, 1024 + 24, block_size, sizeof(block_size), f))
        return -1;
    return resize_check(v, 1024u << (block_size[0] & 7), f);
}

int deploy_shrink_check(const struct fit_partition *p, const struct store *s, struct failure *f)
{
    return with_overlay(p, 0, s, check, f);
}

static int shrink(struct overlay *o, const struct resize_volume *v, struct failure *f)
{
    (void)o;
    return resize_fs(v, f) == RESIZE_DONE ? 0 : -1;
}

int deploy_shrink(const struct fit_partition *p, const struct store *s, struct failure *f)
{
    return with_overlay(p, p->region->size, s, shrink, f) || disk_io_flush(p->disk->io, f) ? -1 : 0;
}
