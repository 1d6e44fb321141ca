/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/system/chroot_run.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <linux/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "agent/base/console.h"
#include "agent/base/process_tree.h"
#include "agent/base/program.h"
#include "agent/base/tree.h"

/* The target's own "dev" may be a link to anywhere: it is resolved inside the root, and mounted on by descriptor. */
static bool mount_on(int root, const char *name, const char *source, const char *type, unsigned long flags,
                     const char *options)
{
    int fd = tree_open(root, name, O_PATH | O_DIRECTORY);
    char path[40];
    bool ok;

    if (fd < 0)
        return errno == ENOENT;
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    ok = mount(source, path, type, flags, options) == 0;
    close(fd);
    return ok;
}

/* The devices of which nothing is to be feared (devices.txt: character, major 1). */
static bool mount_harmless_devices(int root)
{
    static const struct {
        const char *name;
        unsigned minor;
    } nodes[] = {{"null", 3}, {"zero", 5}, {"random", 8}, {"urandom", 9}};
    bool ok = mount_on(root, "dev", "dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755,size=64k");
    int dev = tree_open(root, "dev", O_RDONLY | O_DIRECTORY);

    if (!ok || dev < 0)
        return ok && errno == ENOENT;
    for (size_t i = 0; ok && i < sizeof(nodes) / sizeof(nodes[0]); i++)
        ok = mknodat(dev, nodes[i].name, S_IFCHR, makedev(1, nodes[i].minor)) == 0 &&
             fchmodat(dev, nodes[i].name, 0666, 0) == 0;
    close(dev);
    return ok;
}

/* What is not in the bounding set no exec gives back, not even to root (capabilities(7)). */
static bool drop_capabilities(void)
{
    for (int i = 0; i <= CAP_LAST_CAP; i++)
        if (i != CAP_CHOWN && i != CAP_DAC_OVERRIDE && i != CAP_FOWNER && prctl(PR_CAPBSET_DROP, i, 0, 0, 0) != 0 &&
            errno != EINVAL) /* a kernel that is older than the capability */
            return false;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
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

/* Processes, mounts and network of its own. A descriptor stays in the mount namespace that it was opened in, the
 * current folder moves along: so the new namespace's root is opened from there. Returns its descriptor. */
static int enter_namespaces(int root)
{
    if (process_tree_enter() != 0)
        give_up("unshare processes");
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

static void change_root(int root)
{
    if (fchdir(root) != 0 || chroot(".") != 0)
        give_up("chroot");
}

void chroot_enter(void *arg)
{
    int root = enter_namespaces(*(const int *)arg);

    if (!mount_on(root, "dev", "/dev", NULL, MS_BIND, NULL))
        give_up("mount /dev");
    if (!mount_on(root, "proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
        give_up("mount /proc");
    change_root(root);
}

static void enter_confined(void *arg)
{
    int root = enter_namespaces(*(const int *)arg);

    if (!mount_harmless_devices(root))
        give_up("make /dev");
    change_root(root);
    if (!drop_capabilities())
        give_up("drop capabilities");
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
    const struct program p = {.argv = argv, .seconds = seconds, .enter = enter_confined, .arg = &root};
    struct program_result r;
    int result;

    if (program_run(&p, "identity", &r, f) != 0)
        return -1;
    result = judge(argv[0], &r, seconds, f);
    if (result != 0)
        print_output(r.output);
    return result;
}
