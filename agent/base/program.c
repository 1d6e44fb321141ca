/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/program.h"

#include "agent/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define END_MS 10000 /* between the end of the output and the end of the program */
#define LAST_WORDS 200
#define ASK_MS 1000

/* A program that outlived who started it would go on writing to a disk that the next attempt is writing to. */
static void die_with(pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
        _exit(PROGRAM_NOT_FOUND);
}

_Noreturn static void run_child(const struct program *p, int output, pid_t parent)
{
    static char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C", NULL};
    int null = open("/dev/null", O_RDONLY);

    die_with(parent);
    setsid();
    signal(SIGPIPE, SIG_DFL); /* ours is ignored, and a shell cannot change that */
    dup2(null, 0);
    dup2(output, 1);
    dup2(output, 2);
    if (p->enter)
        p->enter(p->arg);
    execve(p->argv[0], (char *const *)p->argv, environment);
    _exit(PROGRAM_NOT_FOUND);
}

/* The end of the output says what went wrong. */
static void keep(struct program_result *r, size_t *used, const char *bytes, size_t n)
{
    size_t room = sizeof(r->output) - 1 - *used;

    if (n > room) {
        size_t drop = n - room;
        memmove(r->output, r->output + drop, *used - drop);
        *used -= drop;
    }
    for (size_t i = 0; i < n; i++)
        r->output[(*used)++] = (unsigned char)bytes[i] < ' ' && bytes[i] != '\n' ? '?' : bytes[i];
    r->output[*used] = '\0';
}

/* Reads until the program closes its output. Returns false when the time is over, or when it is to stop. */
static bool collect(int fd, const struct program *program, struct program_result *r)
{
    uint64_t asked = clock_ms();
    int64_t until = (int64_t)(asked + program->seconds * 1000ull), left;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    size_t used = 0;
    char bytes[512];
    ssize_t n;

    while ((left = until - (int64_t)clock_ms()) > 0) {
        if (clock_ms() - asked >= ASK_MS) {
            asked = clock_ms();
            r->stopped = program->stopped && program->stopped(program->stopped_arg);
        }
        if (r->stopped)
            return false;
        if (poll(&p, 1, left > ASK_MS ? ASK_MS : (int)left) <= 0)
            continue;
        n = read(fd, bytes, sizeof(bytes));
        if (n == 0 || (n < 0 && errno != EINTR))
            return true;
        if (n <= 0)
            continue;
        keep(r, &used, bytes, (size_t)n);
        if (program->output)
            program->output(program->output_arg, bytes, (size_t)n);
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

int program_run(const struct program *p, const char *reason, struct program_result *ret, struct failure *f)
{
    int pipe_fds[2], status = 0;
    pid_t pid, self = getpid();

    *ret = (struct program_result){.status = -1};
    if (pipe2(pipe_fds, O_CLOEXEC) != 0)
        return fail(f, reason, "cannot start %s: %s", p->argv[0], strerror(errno));
    pid = fork();
    if (pid == 0)
        run_child(p, pipe_fds[1], self);
    close(pipe_fds[1]);
    if (pid < 0) {
        close(pipe_fds[0]);
        return fail(f, reason, "cannot start %s: %s", p->argv[0], strerror(errno));
    }
    ret->in_time = collect(pipe_fds[0], p, ret) && ended_in_time(pid, END_MS);
    close(pipe_fds[0]);
    if (!ret->in_time)
        kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    kill(-pid, SIGKILL); /* what it left behind would keep a file system busy */
    ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ret->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return 0;
}

static bool find_beside(const char *name, char *ret, size_t size)
{
    char self[512];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
    char *slash;

    if (n <= 0)
        return false;
    self[n] = '\0';
    slash = strrchr(self, '/');
    if (!slash)
        return false;
    *slash = '\0';
    return (size_t)snprintf(ret, size, "%s/%s", self, name) < size && access(ret, X_OK) == 0;
}

bool program_find(const char *name, char *ret, size_t size)
{
    static const char *const folders[] = {"/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin"};

    if (find_beside(name, ret, size))
        return true;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        snprintf(ret, size, "%s/%s", folders[i], name);
        if (access(ret, X_OK) == 0)
            return true;
    }
    return false;
}

const char *program_last_words(struct program_result *r)
{
    size_t n = strlen(r->output);

    while (n > 0 && r->output[n - 1] == '\n')
        r->output[--n] = '\0';
    for (char *c = r->output; *c; c++)
        if (*c == '\n')
            *c = ' ';
    return n > LAST_WORDS ? r->output + n - LAST_WORDS : r->output;
}
