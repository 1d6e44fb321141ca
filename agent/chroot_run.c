/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/chroot_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent/console.h"
#include "agent/tree.h"

#define OUTPUT_MAX 2048
#define END_MS 10000 /* between the end of the output and the end of the program */
#define STATUS_NO_CHROOT 124
#define STATUS_NO_PROGRAM 127

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
    _exit(STATUS_NO_CHROOT);
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

/* In the child: system calls only, since other threads may have held any lock when it was forked. */
_Noreturn static void run_child(int root, const char *const *argv, int output)
{
    static char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C", NULL};
    int null = open("/dev/null", O_RDONLY);

    setsid();
    dup2(null, 0);
    dup2(output, 1);
    dup2(output, 2);
    root = enter_namespaces(root);
    if (!mount_on(root, "dev", "/dev", NULL, MS_BIND))
        give_up("mount /dev");
    if (!mount_on(root, "proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC))
        give_up("mount /proc");
    if (fchdir(root) != 0 || chroot(".") != 0)
        give_up("chroot");
    execve(argv[0], (char *const *)argv, environment);
    _exit(STATUS_NO_PROGRAM);
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Reads until the program closes its output, keeping the first bytes. Returns false when the time is over. */
static bool collect(int fd, char *output, unsigned seconds)
{
    int64_t until = now_ms() + (int64_t)seconds * 1000, left;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    size_t used = 0;
    char bytes[512];
    ssize_t n;

    output[0] = '\0';
    while ((left = until - now_ms()) > 0) {
        if (poll(&p, 1, (int)left) <= 0)
            continue;
        n = read(fd, bytes, sizeof(bytes));
        if (n == 0 || (n < 0 && errno != EINTR))
            return true;
        for (ssize_t i = 0; i < n && used + 1 < OUTPUT_MAX; i++)
            output[used++] = bytes[i];
        output[used] = '\0';
    }
    return false;
}

/* A program may close its output and go on. */
static bool ended_in_time(pid_t pid, unsigned ms)
{
    siginfo_t info = {0};

    for (unsigned waited = 0; waited <= ms; waited += 10) {
        if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid == pid)
            return true;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return false;
}

static void print_output(char *output)
{
    char *line;

    for (char *c = output; *c; c++)
        if ((unsigned char)*c < ' ' && *c != '\n')
            *c = '?';
    while ((line = strsep(&output, "\n")))
        if (line[0])
            console_line("  %s", line);
}

static int judge(const char *program, int status, bool in_time, unsigned seconds, struct failure *f)
{
    if (!in_time)
        return fail(f, "identity", "%s took more than %u s", program, seconds);
    if (WIFSIGNALED(status))
        return fail(f, "identity", "%s died of signal %d", program, WTERMSIG(status));
    if (WEXITSTATUS(status) == STATUS_NO_CHROOT)
        return fail(f, "identity", "cannot enter the deployed system to run %s", program);
    if (WEXITSTATUS(status) == STATUS_NO_PROGRAM)
        return fail(f, "identity", "cannot start %s in the deployed system", program);
    if (WEXITSTATUS(status) != 0)
        return fail(f, "identity", "%s ended with status %d", program, WEXITSTATUS(status));
    return 0;
}

int chroot_run(int root, const char *const *argv, unsigned seconds, struct failure *f)
{
    char output[OUTPUT_MAX];
    int pipe_fds[2], status = 0, result;
    bool in_time;
    pid_t pid;

    if (pipe2(pipe_fds, O_CLOEXEC) != 0)
        return fail(f, "identity", "cannot start %s: %s", argv[0], strerror(errno));
    pid = fork();
    if (pid == 0)
        run_child(root, argv, pipe_fds[1]);
    close(pipe_fds[1]);
    if (pid < 0) {
        close(pipe_fds[0]);
        return fail(f, "identity", "cannot start %s: %s", argv[0], strerror(errno));
    }
    in_time = collect(pipe_fds[0], output, seconds) && ended_in_time(pid, END_MS);
    close(pipe_fds[0]);
    if (!in_time)
        kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    kill(-pid, SIGKILL); /* what it left behind would keep the file system busy */
    result = judge(argv[0], status, in_time, seconds, f);
    if (result != 0)
        print_output(output);
    return result;
}
