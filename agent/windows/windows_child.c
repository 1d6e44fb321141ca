/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/windows/windows_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MEMORY ((rlim_t)1536 << 20) /* more than it has now: a hive of 1 GiB, untouched for the most part */

/* What both see. */
struct report {
    bool ended;
    int result;
    struct failure failure;
    uint8_t bytes[];
};

/* Bytes of address space in use. */
static rlim_t address_space(void)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");

    if (f) {
        if (fscanf(f, "%lu", &pages) != 1)
            pages = 0;
        fclose(f);
    }
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void set_limits(rlim_t memory, unsigned seconds)
{
    const struct rlimit space = {memory, memory}, none = {0, 0}, cpu = {seconds, seconds};

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_AS, &space);
    setrlimit(RLIMIT_CORE, &none);
    setrlimit(RLIMIT_CPU, &cpu);
}

static bool wait_for_end(int fd, unsigned seconds)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int ready;

    do
        ready = poll(&p, 1, (int)seconds * 1000);
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

static int judge(const struct report *report, bool in_time, int status, unsigned seconds, struct failure *f)
{
    if (!in_time)
        return fail(f, "identity", "the Windows volume kept us busy for more than %u s: is it damaged?", seconds);
    if (!report->ended)
        return fail(f, "identity", "the Windows volume ended what worked on it (signal %d): it is damaged",
                    WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    if (report->result)
        fail(f, "identity", "%.*s", (int)sizeof(f->message) - 1, report->failure.message);
    return report->result ? -1 : 0;
}

/* The read end becomes ready when the child is gone. */
static int run(int (*work)(void *arg, void *result, struct failure *f), void *arg, struct report *report,
               unsigned seconds, struct failure *f)
{
    rlim_t memory = address_space() + MEMORY;
    int fds[2], status = 0;
    bool in_time;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC))
        return fail(f, "identity", "cannot start a process: %s", strerror(errno));
    pid = fork();
    if (pid == 0) {
        set_limits(memory, seconds);
        report->result = work(arg, report->bytes, &report->failure);
        report->ended = true;
        _exit(0);
    }
    close(fds[1]);
    if (pid < 0) {
        close(fds[0]);
        return fail(f, "identity", "cannot start a process: %s", strerror(errno));
    }
    in_time = wait_for_end(fds[0], seconds);
    close(fds[0]);
    if (!in_time)
        kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return judge(report, in_time, status, seconds, f);
}

int windows_child_run(int (*work)(void *arg, void *result, struct failure *f), void *arg, void *result, size_t size,
                      unsigned seconds, struct failure *f)
{
    size_t all = sizeof(struct report) + size;
    struct report *report = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int outcome;

    if (report == MAP_FAILED)
        return fail(f, "out-of-memory", "no memory for a process");
    outcome = run(work, arg, report, seconds, f);
    if (size)
        memcpy(result, report->bytes, size);
    munmap(report, all);
    return outcome;
}
