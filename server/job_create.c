/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/jobs.h"

#include <stdlib.h>
#include <string.h>

#include "server/digest.h"
#include "server/images.h"
#include "server/job_options.h"
#include "server/log.h"
#include "server/names.h"
#include "server/pxe.h"

#define BATCH_MAX 4096

struct order {
    const char *kind, *image, *finish;
    json_t *options; /* of job_options_read */
    char *disk;      /* JSON: a rule, an array of rules, or NULL: the only one */
    json_t *names;   /* borrowed */
    json_t *rows;    /* the machines */
    bool capture;
};

static int check_disk(json_t *disk, struct refusal *r)
{
    static const char *const texts[] = {"path", "serial", "wwn", "model"};
    size_t known = 0;

    if (!json_is_object(disk) || json_object_size(disk) == 0)
        return refuse(r, 400, "bad-request", "\"disk\" must be null or an object with at least one member");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_t *value = json_object_get(disk, texts[i]);

        known += value != NULL;
        /* A path may be a link's in /dev/disk/by-id/, with model and serial. */
        if (value && (!json_is_string(value) || !name_is_line(json_string_value(value), i ? 63 : 127)))
            return refuse(r, 400, "bad-request", "disk: \"%s\" must be a string of at most %d bytes", texts[i],
                          i ? 63 : 127);
    }
    if (json_object_get(disk, "size")) {
        known++;
        if (json_integer_value(json_object_get(disk, "size")) <= 0)
            return refuse(r, 400, "bad-request", "disk: \"size\" must be a number of bytes");
    }
    if (known != json_object_size(disk))
        return refuse(r, 400, "bad-request", "disk: only path, serial, wwn, model and size can choose a disk");
    return 0;
}

/* "disk": the rule of one disk, or "disks": those of several, in the order of the image's. */
static int read_disks(struct order *o, const json_t *body, struct refusal *r)
{
    json_t *one = json_object_get(body, "disk"), *many = json_object_get(body, "disks"), *disk;
    size_t i;

    one = json_is_null(one) ? NULL : one;
    many = json_is_null(many) ? NULL : many;
    if (many && (one || !json_is_array(many) || json_array_size(many) == 0 || json_array_size(many) > IMAGE_DISKS))
        return refuse(r, 400, "bad-request", "\"disks\" must be an array of 1 to %d, without \"disk\"", IMAGE_DISKS);
    if (one && check_disk(one, r))
        return -1;
    json_array_foreach(many, i, disk)
    {
        if (check_disk(disk, r))
            return -1;
    }
    if (one || many)
        o->disk = json_dumps(one ? one : many, JSON_COMPACT);
    return 0;
}

static int read_words(struct order *o, json_t *body, struct refusal *r)
{
    o->kind = row_text(body, "kind");
    o->image = row_text(body, "image");
    o->finish = json_object_get(body, "finish") ? row_text(body, "finish") : "reboot";
    o->capture = strcmp(o->kind, "capture") == 0;
    if (!o->capture && strcmp(o->kind, "deploy") != 0)
        return refuse(r, 400, "bad-request", "\"kind\" must be capture or deploy");
    o->options = job_options_read(body, o->capture, r);
    if (!o->options)
        return -1;
    if (job_options_source(o->options))
        o->image = job_options_source(o->options);
    if (strcmp(o->finish, "reboot") && strcmp(o->finish, "poweroff") && strcmp(o->finish, "hold"))
        return refuse(r, 400, "bad-request", "\"finish\" must be reboot, poweroff or hold");
    return 0;
}

static int read_order(struct order *o, json_t *body, struct refusal *r)
{
    size_t count;

    if (read_words(o, body, r) || read_disks(o, body, r))
        return -1;
    o->names = json_object_get(body, "machines");
    count = json_array_size(o->names);
    if (count == 0 || count > BATCH_MAX)
        return refuse(r, 400, "bad-request", "\"machines\" must be an array of 1 to %d names", BATCH_MAX);
    if (o->capture && count > 1)
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

static int check_image(struct server *s, const struct order *o, struct refusal *r)
{
    if (o->capture)
        return jobs_check_new_image(s, o->image, r);
    /* No image can have the name of a URL. */
    if (job_options_source(o->options))
        return 0;
    if (check_name(o->image, r))
        return -1;
    return image_exists(s, o->image) ? 0 : image_refuse_unknown(s, o->image, r);
}

static int check_free(struct server *s, const json_t *machine, struct refusal *r)
{
    json_t *job = database_row(s->database, r,
                               "SELECT id, kind, state FROM jobs WHERE machine = ?"
                               " AND state IN ('queued', 'running', 'cancelling')",
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
    char token[TOKEN_TEXT], *options;
    int64_t now = clock_ms();
    int rc;

    if (digest_token(token))
        return refuse(r, 500, "internal", "no random numbers");
    options = json_dumps(o->options, JSON_COMPACT);
    if (!options)
        return refuse(r, 500, "internal", "out of memory");
    rc = database_run(s->database, r,
                      "INSERT INTO jobs(machine, machine_name, kind, image, disk, options, finish, token, created,"
                      " heard) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      "isssssssii", row_integer(machine, "id"), row_text(machine, "name"), o->kind, o->image, o->disk,
                      options, o->finish, token, now, now);
    free(options);
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
        log_line("job %lld (%s %s on %s) queued", (long long)row_integer(machine, "job"), o->kind, o->image,
                 row_text(machine, "name"));
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

    if (read_order(&o, body, r) == 0 && check_image(s, &o, r) == 0 && find_machines(s, &o, r) == 0 &&
        insert_all(s, &o, r) == 0)
        answer = announce(s, &o, r);
    json_decref(o.rows);
    json_decref(o.options);
    free(o.disk);
    return answer;
}
