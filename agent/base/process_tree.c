/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/base/process_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOST 125 /* the exit status when nobody can say how the program ended */

/* The one that stayed behind. */
_Noreturn static void end_as_told(pid_t first, int report)
{
    int status, told = read(report, &status, sizeof(status)) == sizeof(status);

    while (waitpid(first, NULL, 0) < 0 && errno == EINTR)
        ;
    if (told && WIFSIGNALED(status)) {
        signal(WTERMSIG(status), SIG_DFL);
        kill(getpid(), WTERMSIG(status));
    }
    _exit(told && WIFEXITED(status) ? WEXITSTATUS(status) : LOST);
}

/* Process 1 of the namespace, as which a program would be spared the signals that it sends itself. What it adopts needs
 * no more than to be waited for. Its end is that of all. */
_Noreturn static void watch(pid_t program, int report)
{
    int status;
    pid_t pid;

    do {
        pid = wait(&status);
    } while (pid != program && (pid > 0 || errno == EINTR));
    if (pid == program && write(report, &status, sizeof(status)) != sizeof(status))
        _exit(LOST);
    _exit(0);
}

/* Process 1 does not see who is outside; but who reads the report is the one that it must not outlive. */
static void die_with_reader(int report)
{
    struct pollfd p = {.fd = report};

    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || (poll(&p, 1, 0) > 0 && (p.revents & POLLERR)))
        _exit(LOST);
}

int process_tree_enter(void)
{
    int report[2];
    pid_t first, program;

    if (unshare(CLONE_NEWPID))
        return errno == EINVAL ? 0 : -1;
    if (pipe2(report, O_CLOEXEC))
        return -1;
    first = fork();
    if (first < 0)
        return -1;
    if (first > 0) {
        close(report[1]);
        end_as_told(first, report[0]);
    }
    close(report[0]);
    die_with_reader(report[1]);
    program = fork();
    if (program < 0)
        _exit(LOST);
    if (program > 0)
        watch(program, report[1]);
    close(report[1]);
    return 0;
}
