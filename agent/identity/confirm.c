/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/identity/confirm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/buffer.h"
#include "agent/base/console.h"
#include "agent/base/key_value.h"
#include "agent/base/tree.h"
#include "agent/identity/identity_file.h"
#include "agent/net/http.h"

#define FOLDER (&CONFIRM_FOLDER[1])
#define PROGRAM "slipway-confirm"
#define ORDER "confirm"
#define UNITS "etc/systemd/system"
#define WANTS UNITS "/multi-user.target.wants"
#define UNIT "slipway-confirm.service"
#define PROGRAM_LIMIT (64u << 20)
#define ANSWER_LIMIT 65536
#define ANSWER_SECONDS 20

static const char unit[] = "[Unit]\n"
                           "Description=Tell the Slipway server that this system has started\n"
                           "Wants=network-online.target\n"
                           "After=network-online.target\n"
                           "ConditionPathExists=" CONFIRM_FOLDER "/" ORDER "\n"
                           "StartLimitIntervalSec=0\n"
                           "\n"
                           "[Service]\n"
                           "Type=simple\n" /* nothing of the start waits for the server */
                           "ExecStart=" CONFIRM_FOLDER "/" PROGRAM " confirm\n"
                           "Restart=on-failure\n"
                           "RestartSec=60\n"
                           "\n"
                           "[Install]\n"
                           "WantedBy=multi-user.target\n";

static bool has_systemd(int root)
{
    return tree_exists(root, "usr/lib/systemd/systemd") || tree_exists(root, "lib/systemd/systemd");
}

static int copy_program(int root, struct failure *f)
{
    struct buffer program = {0};
    int result = -1;

    if (!buffer_read_file(&program, "/proc/self/exe", PROGRAM_LIMIT))
        fail(f, "identity", "this program cannot be read: %s", strerror(errno));
    else if (tree_write(root, FOLDER, PROGRAM, program.data, program.size, 0755))
        fail(f, "identity", CONFIRM_FOLDER "/" PROGRAM " cannot be written: %s", strerror(errno));
    else
        result = 0;
    free(program.data);
    return result;
}

int confirm_install(int root, const char *server, uint64_t job, const char *token, struct failure *f)
{
    struct identity_draft order = {0}, text = {0};

    if (!has_systemd(root)) {
        console_line("identity: no systemd there, so the boot client's next contact confirms the job");
        return 0;
    }
    identity_print(&order, "server=%s\njob=%llu\ntoken=%s\n", server, (unsigned long long)job, token);
    identity_print(&text, "%s", unit);
    if (identity_folder(root, FOLDER, f) || copy_program(root, f) ||
        identity_file(root, FOLDER, ORDER, &order, 0600, f) || identity_file(root, UNITS, UNIT, &text, 0644, f))
        return -1;
    return identity_link(root, WANTS, UNIT, "/" UNITS "/" UNIT, f);
}

/* Returns 1, 0 when it was not there, or -1 with errno. */
static int remove_file(int root, const char *folder, const char *name)
{
    int fd = tree_open(root, folder, O_RDONLY | O_DIRECTORY), result;

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    result = unlinkat(fd, name, 0) == 0 ? 1 : errno == ENOENT ? 0 : -1;
    close(fd);
    return result;
}

static void remove_folder(int root)
{
    int parent = tree_open(root, "usr/local/lib", O_RDONLY | O_DIRECTORY);

    if (parent < 0)
        return;
    unlinkat(parent, strrchr(FOLDER, '/') + 1, AT_REMOVEDIR);
    close(parent);
}

/* What begins with the order goes last: without it nothing is tried again. */
int confirm_remove(int root)
{
    static const char *const files[][2] = {{WANTS, UNIT}, {UNITS, UNIT}, {FOLDER, PROGRAM}, {FOLDER, ORDER}};
    int count = 0;

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        int removed = remove_file(root, files[i][0], files[i][1]);
        if (removed < 0)
            return -1;
        count += removed;
    }
    remove_folder(root);
    return count;
}

/* A redirection is not the server's: somebody on the way wants something else first. */
static bool is_over(int status)
{
    return (status >= 200 && status < 300) || (status >= 400 && status < 500);
}

static int post(const char *server, const char *job, const char *token, unsigned seconds, struct failure *f)
{
    struct http *h = http_open(server, token, seconds);
    struct buffer answer = {0};
    char path[64];
    int status;

    if (!h)
        return fail(f, "out-of-memory", "no memory to tell the server");
    snprintf(path, sizeof(path), "/v1/jobs/%.20s/confirm", job);
    status = http_request(h, "POST", path, "", 0, ANSWER_LIMIT, ANSWER_SECONDS, &answer, f);
    if (status >= 0 && status < 400 && !is_over(status))
        fail(f, "server", "%s answered with HTTP status %d", server, status);
    free(answer.data);
    http_close(h);
    return status;
}

int confirm_send(int root, unsigned seconds, struct failure *f)
{
    char server[300], job[21], token[65];
    struct buffer order = {0};
    int status;

    if (tree_read(root, CONFIRM_FOLDER "/" ORDER, &order, ANSWER_LIMIT))
        return fail(f, "identity", CONFIRM_FOLDER "/" ORDER ": %s", strerror(errno));
    if (!key_value_get((const char *)order.data, "server", server, sizeof(server)) ||
        !key_value_get((const char *)order.data, "job", job, sizeof(job)) || strspn(job, "0123456789") != strlen(job) ||
        !key_value_get((const char *)order.data, "token", token, sizeof(token)))
        status = fail(f, "identity", CONFIRM_FOLDER "/" ORDER " makes no sense");
    else
        status = post(server, job, token, seconds, f);
    free(order.data);
    if (is_over(status) && confirm_remove(root) < 0)
        return fail(f, "identity", CONFIRM_FOLDER " cannot be removed: %s", strerror(errno));
    return status >= 200 && status < 300 ? 0 : -1;
}
