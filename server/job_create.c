/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/jobs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/digest.h"
#include "server/images.h"
#include "server/job_steps.h"
#include "server/log.h"
#include "server/names.h"
#include "server/pxe.h"

#define BATCH_MAX 4096
#define STEPS_MAX (3 * 1024 * 1024) /* an agent takes no answer of more than 4 MiB */

struct order {
    json_t *steps;              /* of job_steps_read */
    struct job_summary summary; /* of the steps */
    const char *finish, *boot_order;
    bool confirm;
    json_t *names; /* borrowed */
    json_t *rows;  /* the machines */
};

/* A word of `words` (ends with NULL); `first` when it is not given. NULL with *r for any other. */
static const char *read_word(const json_t *body, const char *name, const char *const *words, const char *first,
                             struct refusal *r)
{
    const json_t *value = json_object_get(body, name);
    const char *word = json_string_value(value);
    char list[128] = "";

    if (!value || json_is_null(value))
        return first;
    for (size_t i = 0; words[i]; i++) {
        size_t used = strlen(list);

        if (word && strcmp(words[i], word) == 0)
            return words[i];
        snprintf(list + used, sizeof(list) - used, "%s%s", i ? ", " : "", words[i]);
    }
    refuse(r, 400, "bad-request", "\"%s\" must be one of %s", name, list);
    return NULL;
}

static int read_finish(struct order *o, const json_t *body, struct refusal *r)
{
    static const char *const finishes[] = {"reboot", "bootnext", "kexec", "poweroff", "hold", NULL};
    static const char *const orders[] = {"network-first", "disk-first", "keep", NULL};
    const json_t *confirm = json_object_get(body, "confirm");

    o->finish = read_word(body, "finish", finishes, "reboot", r);
    o->boot_order = read_word(body, "boot_order", orders, "", r);
    if (!o->finish || !o->boot_order)
        return -1;
    if (confirm && !json_is_boolean(confirm) && !json_is_null(confirm))
        return refuse(r, 400, "bad-request", "\"confirm\" must be true or false");
    o->confirm = json_is_true(confirm);
    if (o->confirm && (strcmp(o->finish, "poweroff") == 0 || strcmp(o->finish, "hold") == 0))
        return refuse(r, 400, "bad-request", "nothing can confirm a job whose finish is %s", o->finish);
    return 0;
}

static int read_order(struct order *o, json_t *body, struct refusal *r)
{
    size_t count;

    o->steps = job_steps_read(json_object_get(body, "steps"), r);
    if (!o->steps || read_finish(o, body, r))
        return -1;
    job_steps_summarise(o->steps, &o->summary);
    o->names = json_object_get(body, "machines");
    count = json_array_size(o->names);
    if (count == 0 || count > BATCH_MAX)
        return refuse(r, 400, "bad-request", "\"machines\" must be an array of 1 to %d names", BATCH_MAX);
    if (o->summary.capture && count > 1)
        return refuse(r, 400, "bad-request", "one image is captured from one machine");
    return 0;
}

static int check_name(const char *image, struct refusal *r)
{
    if (name_is_image(image))
        return 0;
    return refuse(r, 400, "bad-request",
                  "'%.100s' cannot be an image's name: letters, digits, '.', '_', '-' (not first), at most 64", image);
}

int jobs_check_new_image(struct server *s, const char *image, struct refusal *r)
{
    json_t *other;
    int rc = 0;

    if (check_name(image, r))
        return -1;
    if (image_exists(s, image))
        return refuse(r, 409, "image-exists", "image %s exists already", image);
    other = database_row(s->database, r,
                         "SELECT id FROM jobs WHERE image = ? AND kind = 'capture'"
                         " AND state IN ('queued', 'running', 'cancelling')",
                         "s", image);
    if (!other)
        return -1;
    if (!json_is_null(other))
        rc = refuse(r, 409, "image-exists", "job %lld captures image %s already", (long long)row_integer(other, "id"),
                    image);
    json_decref(other);
    return rc;
}

/* An image must be there already, or not be there yet. */
static int check_images(struct server *s, const struct order *o, struct refusal *r)
{
    const json_t *step;
    size_t i;

    json_array_foreach(o->steps, i, step)
    {
        const char *image = row_text(step, "image"), *word = row_text(step, "step");

        if (strcmp(word, "capture") == 0 && jobs_check_new_image(s, image, r))
            return -1;
        if (strcmp(word, "deploy") == 0 && image[0] && !image_exists(s, image))
            return image_refuse_unknown(s, image, r);
    }
    return 0;
}

static int check_free(struct server *s, const json_t *machine, struct refusal *r)
{
    json_t *job = database_row(s->database, r,
                               "SELECT id, kind, state FROM jobs WHERE machine = ?"
                               " AND state IN ('queued', 'running', 'cancelling', 'confirming')",
                               "i", row_integer(machine, "id"));
    int rc = 0;

    if (!job)
        return -1;
    if (!json_is_null(job))
        rc = refuse(r, 409, "machine-busy", "machine %s has job %lld (%s) already, which is %s",
                    row_text(machine, "name"), (long long)row_integer(job, "id"), row_text(job, "kind"),
                    row_text(job, "state"));
    json_decref(job);
    return rc;
}

static int find_machines(struct server *s, struct order *o, struct refusal *r)
{
    json_t *name, *row;
    size_t i;

    o->rows = json_array();
    json_array_foreach(o->names, i, name)
    {
        if (!json_is_string(name))
            return refuse(r, 400, "bad-request", "\"machines\" must hold names or MAC addresses");
        row = machines_find(s, json_string_value(name), r);
        if (!row)
            return -1;
        json_array_append_new(o->rows, row);
        if (check_free(s, row, r))
            return -1;
        for (size_t k = 0; k < i; k++) {
            if (row_integer(json_array_get(o->rows, k), "id") == row_integer(row, "id"))
                return refuse(r, 400, "bad-request", "machine %s is named twice", row_text(row, "name"));
        }
    }
    return 0;
}

/* Adds one job within the caller's transaction and notes its id in the machine's row. */
static int insert(struct server *s, const struct order *o, json_t *machine, struct refusal *r)
{
    char token[TOKEN_TEXT], confirm_token[TOKEN_TEXT] = "", *steps;
    int64_t now = clock_ms();
    int rc;

    if (digest_token(token) || (o->confirm && digest_token(confirm_token)))
        return refuse(r, 500, "internal", "no random numbers");
    steps = json_dumps(o->steps, JSON_COMPACT);
    if (!steps)
        return refuse(r, 500, "internal", "out of memory");
    if (strlen(steps) > STEPS_MAX) {
        free(steps);
        return refuse(r, 400, "bad-request", "the steps have more than %d bytes in all", STEPS_MAX);
    }
    rc = database_run(s->database, r,
                      "INSERT INTO jobs(machine, machine_name, kind, image, steps, finish, boot_order, confirm_token,"
                      " token, created, heard) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      "issssssssii", row_integer(machine, "id"), row_text(machine, "name"), o->summary.kind,
                      o->summary.image, steps, o->finish, o->boot_order, confirm_token, token, now, now);
    free(steps);
    if (rc < 0)
        return -1;
    json_object_set_new(machine, "job", json_integer(database_inserted(s->database)));
    return 0;
}

static int insert_all(struct server *s, const struct order *o, struct refusal *r)
{
    json_t *machine;
    size_t i;

    if (database_begin(s->database, true, r))
        return -1;
    json_array_foreach(o->rows, i, machine)
    {
        if (insert(s, o, machine, r)) {
            database_rollback(s->database);
            return -1;
        }
    }
    return database_commit(s->database, r);
}

/* The machines boot into automation from here on, or hear of the job at once when they wait there. */
static json_t *announce(struct server *s, const struct order *o, struct refusal *r)
{
    json_t *machine, *jobs = json_array();
    size_t i;

    json_array_foreach(o->rows, i, machine)
    {
        json_t *job = jobs_get(s, row_integer(machine, "job"), r);

        pxe_write(s, row_integer(machine, "id"));
        log_line("job %lld (%s %s on %s) queued", (long long)row_integer(machine, "job"), o->summary.kind,
                 o->summary.image, row_text(machine, "name"));
        json_array_append_new(jobs, jobs_describe(job));
        json_decref(job);
    }
    pxe_reload(s);
    server_changed(s);
    return json_pack("{s:o}", "jobs", jobs);
}

json_t *jobs_create(struct server *s, json_t *body, struct refusal *r)
{
    struct order o = {0};
    json_t *answer = NULL;

    if (read_order(&o, body, r) == 0 && check_images(s, &o, r) == 0 && find_machines(s, &o, r) == 0 &&
        insert_all(s, &o, r) == 0)
        answer = announce(s, &o, r);
    json_decref(o.rows);
    json_decref(o.steps);
    return answer;
}
