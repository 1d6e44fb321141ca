/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/production/resident.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/base/console.h"
#include "agent/base/key_value.h"
#include "agent/base/program.h"
#include "agent/net/http.h"
#include "agent/net/mac.h"
#include "agent/net/server_url.h"
#include "agent/production/boot_entries.h"
#include "agent/production/restart_count.h"
#include "agent/production/terminals.h"
#include "agent/protocol/checkin.h"

#define UTMP "/run/utmp"
#define ANSWER_LIMIT 65536
#define ANSWER_SECONDS 20
#define RESTART_SECONDS 60
/* How often users are told, and the server asked whether the job still waits. */
#define REMINDER_SECONDS 60

static int take_seconds(const char *text, const char *key, unsigned *ret, struct failure *f)
{
    char value[16], *end;
    unsigned long n;

    if (!key_value_get(text, key, value, sizeof(value)))
        return 0;
    n = strtoul(value, &end, 10);
    if (!value[0] || *end || value[0] == '-' || n > RESIDENT_LIMIT)
        return fail(f, "internal", "%s=%s: a number of seconds up to %d is wanted", key, value, RESIDENT_LIMIT);
    *ret = (unsigned)n;
    return 0;
}

int resident_config_read(struct resident_config *c, const char *text, struct failure *f)
{
    char server[256];

    if (key_value_get(text, "server", server, sizeof(server)) &&
        !server_url_format(c->server, sizeof(c->server), server))
        return fail(f, "internal", "server=%s: an address, address:port or http:// URL is wanted", server);
    key_value_get(text, "message", c->message, sizeof(c->message));
    key_value_get(text, "terminals", c->terminals, sizeof(c->terminals));
    key_value_get(text, "state", c->state, sizeof(c->state));
    key_value_get(text, "firmware", c->firmware, sizeof(c->firmware));
    for (char *m = c->message; *m; m++)
        if ((unsigned char)*m < ' ' || *m == 0x7f)
            *m = '?'; /* it goes to terminals */
    if (take_seconds(text, "interval", &c->interval, f) || take_seconds(text, "warning", &c->warning, f))
        return -1;
    return c->interval ? 0 : fail(f, "internal", "interval=0: at least one second is wanted");
}

/* A check-in that says that nobody here can work on a disk. malloc'ed; NULL when out of memory. */
static char *question(const struct inventory *i)
{
    char *body = checkin_body(i), *ret = NULL;
    json_t *root = body ? json_loads(body, 0, NULL) : NULL;

    if (root && !json_object_set_new(root, "resident", json_true()))
        ret = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    free(body);
    return ret;
}

static int read_answer(const struct buffer *answer, struct resident_job *ret, struct failure *f)
{
    json_t *root = json_loadb((const char *)answer->data, answer->size, 0, NULL);
    const json_t *waiting = json_object_get(root, "waiting"), *job = json_object_get(root, "job");
    const char *mac = json_string_value(json_object_get(root, "boot_mac"));
    int result = json_is_true(waiting);

    if (!json_is_boolean(waiting) || (result && json_integer_value(job) <= 0))
        result = fail(f, "server", "the server's answer does not say whether a job waits, and which");
    else if (result)
        ret->number = (uint64_t)json_integer_value(job);
    if (result > 0)
        snprintf(ret->mac, sizeof(ret->mac), "%.17s", mac ? mac : "");
    json_decref(root);
    return result;
}

int resident_ask(const struct resident_config *c, const struct inventory *i, struct resident_job *ret,
                 struct failure *f)
{
    struct http *h = http_open(c->server, NULL, 0);
    char *body = question(i);
    struct buffer answer = {0};
    int status = -1, result = -1;

    if (!h || !body)
        fail(f, "out-of-memory", "no memory to ask the server");
    else
        status = http_request(h, "POST", "/v1/checkin", body, strlen(body), ANSWER_LIMIT, ANSWER_SECONDS, &answer, f);
    if (status == 200)
        result = read_answer(&answer, ret, f);
    else if (status >= 0 && status < 400)
        fail(f, "server", "the server answered with HTTP status %d", status);
    free(answer.data);
    free(body);
    http_close(h);
    return result;
}

static void pause_seconds(unsigned seconds)
{
    nanosleep(&(struct timespec){.tv_sec = seconds}, NULL);
}

static void tell_users(const struct resident_config *c, const char *what)
{
    unsigned told = 0;
    char text[600];

    snprintf(text, sizeof(text), "\r\n\a*** Slipway: %s%s%s\r\n", what, c->message[0] ? " " : "", c->message);
    if (c->terminals[0])
        told = terminals_tell(UTMP, c->terminals, text);
    console_line("%s (%u terminals told)", what, told);
}

/* Returns whether a job still waits when the time is over, and which. */
static bool warn_users(const struct resident_config *c, const struct inventory *i, struct resident_job *job)
{
    char text[200];
    struct failure f;

    for (unsigned left = c->warning; left > 0;) {
        unsigned step = left > REMINDER_SECONDS ? REMINDER_SECONDS : left;
        snprintf(text, sizeof(text), "this computer restarts for maintenance in %u s. Save your work.", left);
        tell_users(c, text);
        pause_seconds(step);
        left -= step;
        /* A server that is away just now has not taken the job back. */
        if (resident_ask(c, i, job, &f) == 0) {
            tell_users(c, "the restart was called off.");
            return false;
        }
    }
    tell_users(c, "this computer restarts for maintenance now.");
    return true;
}

/* BootNext to the network. Where that is not to be had the restart alone must do: network boot is often first. */
static void choose_network(const char *firmware, const char *mac)
{
    uint8_t card[6];
    bool has_card = mac_parse(mac, card);
    struct boot_entries *e = calloc(1, sizeof(*e));
    struct failure f = {.message = "no memory"};
    struct efi_vars v;
    int number = BOOT_ORDER_NONE;

    if (e && !efi_vars_open(&v, firmware, &f)) {
        if (!boot_entries_read(&v, e, &f)) {
            number = boot_entries_network(&v, e, has_card ? card : NULL);
            fail(&f, "production", "the firmware has no entry for network boot");
        }
        if (number != BOOT_ORDER_NONE && !boot_entries_set_next(&v, (uint16_t)number, &f))
            console_line("next start: Boot%04X, network (BootNext)", (unsigned)number);
        else
            number = BOOT_ORDER_NONE;
        efi_vars_close(&v);
    }
    if (number == BOOT_ORDER_NONE)
        console_alert("%s; the firmware's boot order decides", f.message);
    free(e);
}

static int restart(struct failure *f)
{
    struct program_result r;
    char path[300];
    const char *systemctl[] = {path, "reboot", NULL}, *reboot[] = {path, NULL};
    struct program p = {.seconds = RESTART_SECONDS};

    if (program_find("systemctl", path, sizeof(path)))
        p.argv = systemctl;
    else if (program_find("reboot", path, sizeof(path)))
        p.argv = reboot;
    else
        return fail(f, "production", "there is neither systemctl nor reboot to restart this computer with");
    if (program_run(&p, "production", &r, f))
        return -1;
    if (r.status == 0)
        return 0;
    return fail(f, "production", "%s ended with status %d: %s", path, r.status, program_last_words(&r));
}

/* Whether this machine may be restarted for the job. `*told` is the job for which it was said that it may not. */
static bool may_restart(const struct resident_config *c, uint64_t job, uint64_t *told)
{
    unsigned count = restart_count_read(c->state, job);
    struct failure f;
    bool may = count < RESTART_COUNT_LIMIT;

    if (!may)
        fail(&f, "production",
             "job %" PRIu64 " still waits after %u restarts: this machine does not come to its network boot. It is not "
             "restarted for this job again",
             job, count);
    else if (restart_count_write(c->state, job, count, &f))
        may = false;
    if (!may && *told != job)
        console_alert("%s", f.message);
    *told = may ? 0 : job;
    return may;
}

static int restart_for(const struct resident_config *c, const struct resident_job *job, struct failure *f)
{
    if (restart_count_write(c->state, job->number, restart_count_read(c->state, job->number) + 1, f))
        return -1;
    if (c->firmware[0])
        choose_network(c->firmware, job->mac);
    return restart(f);
}

int resident_run(const struct resident_config *c, const struct inventory *i, struct failure *f)
{
    struct resident_job job = {0};
    uint64_t told = 0;
    bool silent = false;
    int waiting;

    for (;; pause_seconds(c->interval)) {
        waiting = resident_ask(c, i, &job, f);
        if (waiting < 0 && !silent)
            console_alert("%s; trying again every %u s", f->message, c->interval);
        silent = waiting < 0;
        if (waiting == 1 && may_restart(c, job.number, &told) && warn_users(c, i, &job))
            return restart_for(c, &job, f);
    }
}
