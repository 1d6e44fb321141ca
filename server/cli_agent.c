/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/cli_agent.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/cli.h"

#define NAME "slipway-agent"
#define WORDS_MAX 32
#define ALIVE_MS 10000

/* Beside this program once installed; in the tree that it was built in, in the agent's folder. */
static const char *find_agent(char ret[PATH_MAX + 32])
{
    static const char *const places[] = {"/" NAME, "/../agent/" NAME};
    const char *named = getenv("SLIPWAY_AGENT");
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

    if (named && named[0])
        return named;
    if (n <= 0)
        return NAME;
    self[n] = 0;
    if (strrchr(self, '/'))
        *strrchr(self, '/') = 0;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        snprintf(ret, PATH_MAX + 32, "%s%s", self, places[i]);
        if (access(ret, X_OK) == 0)
            return ret;
    }
    return NAME;
}

static void exec_agent(const char *const *words, const char *token)
{
    const char *all[WORDS_MAX + 2] = {NAME};
    char path[PATH_MAX + 32];

    for (size_t i = 0; words[i] && i < WORDS_MAX; i++)
        all[i + 1] = words[i];
    if (token)
        setenv("SLIPWAY_TOKEN", token, 1);
    execvp(find_agent(path), (char *const *)all);
    cli_fail(CLI_FAILED, "%s cannot be run: %s", find_agent(path), strerror(errno));
    _exit(127);
}

/* The status that waitpid tells. */
static int wait_for(pid_t child, cli_alive *alive, void *arg)
{
    struct pollfd end = {.fd = pidfd_open(child, 0), .events = POLLIN};
    int status = 0;
    pid_t rc;

    while ((rc = waitpid(child, &status, WNOHANG)) == 0 || (rc < 0 && errno == EINTR)) {
        if (poll(&end, 1, ALIVE_MS) == 0 && alive)
            alive(arg);
    }
    if (end.fd >= 0)
        close(end.fd);
    return status;
}

int cli_agent_run(const char *const *words, const char *token, cli_alive *alive, void *arg)
{
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    pid_t child = fork();
    int status;

    if (child < 0)
        return cli_fail(CLI_FAILED, "no process: %s", strerror(errno));
    if (child == 0)
        exec_agent(words, token);
    sigaction(SIGINT, &ignore, &before);
    status = wait_for(child, alive, arg);
    sigaction(SIGINT, &before, NULL);
    if (WIFEXITED(status))
        return WEXITSTATUS(status) == 127 ? CLI_FAILED : WEXITSTATUS(status);
    return cli_fail(CLI_FAILED, "%s was ended by signal %d", NAME, WTERMSIG(status));
}
