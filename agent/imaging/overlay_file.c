/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/overlay_file.h"

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

struct shown {
    struct fuse_server *server;
    const char *path;
};

/* In the child. */
static void mount_overlay(void *arg)
{
    const struct shown *shown = arg;

    if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        fuse_server_mount(shown->server, shown->path)) {
        static const char text[] = "the volume cannot be shown to the program (FUSE)\n";
        ssize_t written = write(2, text, sizeof(text) - 1);
        (void)written; /* the status tells it, too */
        _exit(PROGRAM_NOT_FOUND);
    }
}

static int read_overlay(void *arg, uint64_t offset, void *buffer, size_t size, struct failure *f)
{
    return overlay_read(arg, offset, buffer, size, f);
}

static int write_overlay(void *arg, uint64_t offset, const void *buffer, size_t size, struct failure *f)
{
    return overlay_write(arg, offset, buffer, size, f);
}

int overlay_file_run(struct overlay_file *v, const struct program *p, struct program_result *ret, struct failure *f)
{
    const struct fuse_volume volume = {
        .size = overlay_size(v->overlay), .read = read_overlay, .write = write_overlay, .arg = v->overlay};
    struct shown shown = {.server = fuse_server_start(&volume, "resize", f), .path = v->path};
    struct program mine = *p;
    int result;

    if (!shown.server)
        return -1;
    mine.enter = mount_overlay;
    mine.arg = &shown;
    result = program_run(&mine, "resize", ret, f);
    return fuse_server_stop(shown.server, f) ? -1 : result;
}

int overlay_file_open(struct overlay_file *v, struct overlay *o, struct failure *f)
{
    *v = (struct overlay_file){.overlay = o};
    return fuse_server_file(v->path, "resize", f);
}

void overlay_file_close(struct overlay_file *v)
{
    unlink(v->path);
}
