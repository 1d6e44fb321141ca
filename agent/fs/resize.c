/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/fs/resize.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK_S (2 * 3600)
#define RESIZE_S (6 * 3600) /* shrinking may move every file */
#define SLACK ((uint64_t)64 << 20)

/* In place of an exit status. */
#define NOT_STARTED (-1) /* what fail returns */
#define KILLED (-2)

/* Runs a program of the list below. Returns its exit status, or with *f NOT_STARTED or, when it did not end by itself
 * or in time, KILLED. */
static int run_program(const struct resize_volume *v, const char *const *arguments, unsigned seconds,
                       struct program_result *ret, struct failure *f)
{
    char path[512];
    const char *argv[12] = {path};
    const struct program p = {.argv = argv, .seconds = seconds, .stopped = v->stopped, .stopped_arg = v->stopped_arg};

    if (!program_find(arguments[0], path, sizeof(path)))
        return fail(f, "resize", "%s is not installed", arguments[0]);
    for (unsigned i = 1; arguments[i]; i++)
        argv[i] = arguments[i];
    if (v->run ? v->run(v->arg, &p, ret, f) : program_run(&p, "resize", ret, f))
        return NOT_STARTED;
    if (ret->stopped)
        fail(f, "cancelled", "%s was stopped: the deploy was cancelled", arguments[0]);
    else if (!ret->in_time)
        fail(f, "resize", "%s took more than %u s", arguments[0], seconds);
    else if (ret->status < 0)
        fail(f, "resize", "%s died of signal %d", arguments[0], ret->signal);
    else
        return ret->status;
    return KILLED;
}

static bool is_ext(const struct resize_volume *v)
{
    return !strncmp(v->fs_type, "ext", 3) && v->fs_type[3] >= '2' && v->fs_type[3] <= '4';
}

/* e2fsck(8): 0 no errors, 1 errors corrected. One that was killed may have been in the middle of a correction. */
static enum resize_result check_ext(const struct resize_volume *v, struct failure *f)
{
    const char *const e2fsck[] = {"e2fsck", "-f", "-p", v->path, NULL};
    struct program_result r;
    int status = run_program(v, e2fsck, CHECK_S, &r, f);

    if (status > 1)
        fail(f, "resize", "e2fsck ended with status %d: %.220s", status, program_last_words(&r));
    if (status == 0 || status == 1)
        return RESIZE_DONE;
    return status == KILLED ? RESIZE_BROKEN : RESIZE_LEFT;
}

/* What resize2fs has left, looked at without writing: 0 is whole. */
static enum resize_result verify_ext(const struct resize_volume *v, struct failure *f)
{
    const char *const e2fsck[] = {"e2fsck", "-f", "-n", v->path, NULL};
    struct program_result r;
    int status = run_program(v, e2fsck, CHECK_S, &r, f);

    if (status > 0)
        fail(f, "resize", "e2fsck after the resize ended with status %d: %.220s", status, program_last_words(&r));
    return status == 0 ? RESIZE_DONE : RESIZE_BROKEN;
}

static enum resize_result resize_ext(const struct resize_volume *v, struct failure *f)
{
    char size[24];
    const char *const resize2fs[] = {"resize2fs", v->path, size, NULL};
    struct program_result r;
    struct failure second;
    enum resize_result checked = check_ext(v, f);
    int status;

    if (checked != RESIZE_DONE)
        return checked;
    snprintf(size, sizeof(size), "%" PRIu64 "K", v->size / 1024);
    status = run_program(v, resize2fs, RESIZE_S, &r, f);
    if (status == 0)
        return verify_ext(v, f);
    if (status > 0)
        fail(f, "resize", "resize2fs ended with status %d: %.220s", status, program_last_words(&r));
    return check_ext(v, &second) == RESIZE_DONE ? RESIZE_LEFT : RESIZE_BROKEN;
}

/* Bad clusters are those of the disk that the image came from: no reason to leave this one alone. Returns the exit
 * status, with *f when it is not 0, or what run_program returns without one. */
static int run_ntfsresize(const struct resize_volume *v, const char *mode, uint64_t bytes, struct failure *f)
{
    char size[24];
    const char *const argv[] = {"ntfsresize", "--force", "--bad-sectors", "--no-progress-bar", "--size", size, v->path,
                                mode,         NULL};
    struct program_result r;
    int status;

    snprintf(size, sizeof(size), "%" PRIu64, bytes);
    status = run_program(v, argv, RESIZE_S, &r, f);
    if (status > 0)
        fail(f, "resize", "ntfsresize ended with status %d: %.220s", status, program_last_words(&r));
    return status;
}

/* What ntfsresize looks at before it does anything, the clusters of every file against the bitmap. Windows does the
 * rest at its next start, since ntfsresize asks it to. */
static enum resize_result verify_ntfs(const struct resize_volume *v, struct failure *f)
{
    const char *const argv[] = {"ntfsresize", "--force", "--bad-sectors", "--no-progress-bar", "--info", v->path, NULL};
    struct program_result r;
    int status = run_program(v, argv, CHECK_S, &r, f);

    if (status > 0)
        fail(f, "resize", "ntfsresize after the resize ended with status %d: %.220s", status, program_last_words(&r));
    return status == 0 ? RESIZE_DONE : RESIZE_BROKEN;
}

/* First without writing anything: a volume that ntfsresize does not like stays as it is. Now and then it finds no room
 * for what it moves to the very end (ENOSPC) and does with a size that is a little less. */
static enum resize_result resize_ntfs(const struct resize_volume *v, struct failure *f)
{
    uint64_t size = v->size;

    if (run_ntfsresize(v, "--no-action", size, f)) {
        struct failure second;
        if (size <= SLACK || run_ntfsresize(v, "--no-action", size - SLACK, &second))
            return RESIZE_LEFT;
        size -= SLACK;
    }
    return run_ntfsresize(v, NULL, size, f) ? RESIZE_BROKEN : verify_ntfs(v, f);
}

static int check_ext_size(const struct resize_volume *v, uint32_t block_size, struct failure *f)
{
    static const char text[] = "minimum size of the filesystem: ";
    const char *const resize2fs[] = {"resize2fs", "-P", v->path, NULL};
    struct program_result r;
    int status = run_program(v, resize2fs, CHECK_S, &r, f);
    const char *found = status == 0 ? strstr(r.output, text) : NULL;
    uint64_t least;

    if (status < 0)
        return -1;
    if (!found)
        return fail(f, "resize", "resize2fs ended with status %d: %.220s", status, program_last_words(&r));
    least = strtoull(found + strlen(text), NULL, 10) * block_size;
    return least <= v->size ? 0 : fail(f, "target-too-small", "resize2fs says that it needs %" PRIu64 " bytes", least);
}

int resize_check(const struct resize_volume *v, uint32_t block_size, struct failure *f)
{
    int status;

    if (is_ext(v))
        return check_ext_size(v, block_size, f);
    status = run_ntfsresize(v, "--no-action", v->size, f);
    if (status > 0)
        return fail(f, "target-too-small", "%.300s", f->message);
    return status ? -1 : 0;
}

enum resize_result resize_fs(const struct resize_volume *v, struct failure *f)
{
    if (is_ext(v))
        return resize_ext(v, f);
    if (!strcmp(v->fs_type, "ntfs"))
        return resize_ntfs(v, f);
    if (!strcmp(v->fs_type, "xfs") || !strcmp(v->fs_type, "btrfs"))
        return resize_mounted(v, f);
    if (!strcmp(v->fs_type, "LVM2_member")) {
        fail(f, "resize", "pvresize gives the room to the volume group");
        return RESIZE_LEFT;
    }
    fail(f, "resize", "nothing here can resize %s", v->fs_type[0] ? v->fs_type : "an unknown file system");
    return RESIZE_LEFT;
}
