/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/cmd/cmd_output.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/console.h"
#include "agent/base/json_text.h"

static atomic_int caught;
static bool as_json;
static const char *command_name;

static void on_signal(int signal)
{
    caught = signal;
}

/* One write for each line: threads do not mix theirs. */
static void print_json(json_t *object)
{
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

    if (text) {
        fprintf(stdout, "%s\n", text);
        fflush(stdout);
    }
    free(text);
    json_decref(object);
}

static json_t *seconds_left(const struct progress_report *r)
{
    return r->seconds_left == UINT32_MAX ? json_null() : json_integer(r->seconds_left);
}

static void on_progress(void *arg, const struct progress_report *r)
{
    (void)arg;
    if (!as_json) {
        console_progress(r);
        return;
    }
    print_json(json_pack("{s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "type", "progress", "step", r->step,
                         "what", json_text(r->what ? r->what : ""), "bytes_done", (json_int_t)r->done, "bytes_total",
                         (json_int_t)r->total, "part_done", (json_int_t)r->part_done, "part_total",
                         (json_int_t)r->part_total, "bytes_moved", (json_int_t)r->moved, "rate", (json_int_t)r->rate,
                         "seconds_left", seconds_left(r)));
}

static bool on_cancelled(void *arg)
{
    (void)arg;
    return caught != 0;
}

static void on_note(void *arg, const char *text)
{
    (void)arg;
    if (as_json)
        print_json(json_pack("{s:s, s:o}", "type", "note", "message", json_text(text)));
    else
        console_line("%s", text);
}

void cmd_output_begin(const char *command, bool json)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

    as_json = json;
    command_name = command;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (!json)
        console_add(STDOUT_FILENO);
}

const struct progress *cmd_output_progress(void)
{
    static const struct progress progress = {.report = on_progress, .cancelled = on_cancelled, .note = on_note};

    return &progress;
}

int cmd_output_retry(void *arg, const char *message, unsigned pause_seconds)
{
    (void)pause_seconds;
    on_note(arg, message);
    return caught != 0;
}

void cmd_output_finding(json_t *object, const char *text)
{
    if (as_json) {
        json_object_set_new(object, "type", json_string("finding"));
        print_json(object);
    } else {
        json_decref(object);
        console_alert("%s", text);
    }
}

bool cmd_output_is_json(void)
{
    return as_json;
}

static void print_result(int result, const struct failure *f, json_t *extra)
{
    json_t *object = json_pack("{s:s, s:s, s:s}", "type", "result", "command", command_name, "result",
                               !result  ? "succeeded"
                               : caught ? "cancelled"
                                        : "failed");

    if (result) {
        json_object_set_new(object, "reason", json_text(f->reason));
        json_object_set_new(object, "message", json_text(f->message));
    }
    json_object_update_missing(object, extra);
    print_json(object);
}

int cmd_output_end(int result, const struct failure *f, json_t *extra, const char *text)
{
    bool stopped = result && caught && !strcmp(f->reason, "cancelled");

    console_progress_end();
    if (as_json)
        print_result(result, f, extra);
    else if (!result && text)
        console_success("%s", text);
    json_decref(extra);
    /* Also beside JSON: a person reads stderr. */
    if (stopped)
        fprintf(stderr, "slipway-agent: %s interrupted: %s\n", command_name, f->message);
    else if (result)
        fprintf(stderr, "slipway-agent: %s failed: %s (%s)\n", command_name, f->message, f->reason);
    return stopped ? 128 + caught : result ? 1 : 0;
}
