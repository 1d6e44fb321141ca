/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/chroot_run.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "agent/console.h"
#include "agent/program.h"
#include "agent/tree.h"

/* The target's own "dev" may be a link to anywhere: it is resolved inside the root, and mounted on by descriptor. */
static bool mount_on(int root, const char *name, const char *source, const char *type, unsigned long flags)
{
    int fd = tree_open(root, name, O_PATH | O_DIRECTORY);
    char path[40];
    bool ok;

    if (fd < 0)
        return errno == ENOENT;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    ok = mount(source, path, type, flags, NULL) == 0;
    close(fd);
    return ok;
}

/* What went wrong goes the way of the program's own output. */
_Noreturn static void give_up(const char *step)
{
    char line[128];
    int n = snprintf(line, sizeof(line), "%s: error %d\n", step, errno);
    ssize_t written = write(2, line, (size_t)n);

    (void)written; /* the status tells it, too */
    _exit(CHROOT_FAILED);
}

/* Mounts and network of its own. A descriptor stays in the mount namespace that it was opened in, the current folder
 * moves along: so the new namespace's root is opened from there. Returns its descriptor. */
static int enter_namespaces(int root)
{
    if (fchdir(root) != 0 || unshare(CLONE_NEWNS) != 0)
        give_up("unshare mounts");
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        give_up("make mounts private");
    if (unshare(CLONE_NEWNET) != 0 && errno != EINVAL) /* EINVAL: a kernel without network namespaces */
        give_up("unshare network");
    root = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root < 0)
        give_up("open the root");
    return root;
}

void chroot_enter(void *arg)
{
    int root = enter_namespaces(*(const int *)arg);

    if (!mount_on(root, "dev", "/dev", NULL, MS_BIND))
        give_up("mount /dev");
    if (!mount_on(root, "proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC))
        give_up("mount /proc");
    if (fchdir(root) != 0 || chroot(".") != 0)
        give_up("chroot");
}

static void print_output(char *output)
{
    char *line;

    while ((line = strsep(&output, "\n")))
        if (line[0])
            console_line("  %s", line);
}

static int judge(const char *name, const struct program_result *r, unsigned seconds, struct failure *f)
{
    if (!r->in_time)
        return fail(f, "identity", "%s took more than %u s", name, seconds);
    if (r->status < 0)
        return fail(f, "identity", "%s died of signal %d", name, r->signal);
    if (r->status == CHROOT_FAILED)
        return fail(f, "identity", "cannot enter the deployed system to run %s", name);
    if (r->status == PROGRAM_NOT_FOUND)
        return fail(f, "identity", "cannot start %s in the deployed system", name);
    if (r->status != 0)
        return fail(f, "identity", "%s ended with status %d", name, r->status);
    return 0;
}

int chroot_run(int root, const char *const *argv, unsigned seconds, struct failure *f)
{
    const struct program p = {.argv = argv, .seconds = seconds, .enter = chroot_enter, .arg = &root};
    struct program_result r;
    int result;

    if (program_run(&p, "identity", &r, f) != 0)
        return -1;
    result = judge(argv[0], &r, seconds, f);
    if (result != 0)
        print_output(r.output);
    return result;
}
