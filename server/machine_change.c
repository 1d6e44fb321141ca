/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/machines.h"

#include <stdlib.h>
#include <string.h>

#include "server/log.h"
#include "server/names.h"
#include "server/pxe.h"

#define FIELDS_MAX 64

/* Puts the given fields over those that are there; null removes one. */
static int merge_fields(json_t *fields, json_t *given, struct refusal *r)
{
    const char *key;
    json_t *value;

    json_object_foreach(given, key, value)
    {
        if (!name_is_field(key))
            return refuse(r, 400, "bad-request", "'%.80s' cannot be a field: letters, digits, '_', '.', '-' only", key);
        if (json_is_null(value)) {
            json_object_del(fields, key);
            continue;
        }
        if (!json_is_string(value) || !name_is_line(json_string_value(value), 1024))
            return refuse(r, 400, "bad-request", "field %s must be one line of at most 1024 bytes", key);
        json_object_set(fields, key, value);
    }
    if (json_object_size(fields) > FIELDS_MAX)
        return refuse(r, 400, "bad-request", "a machine has at most %d fields", FIELDS_MAX);
    return 0;
}

static char *new_fields(const json_t *row, json_t *given, struct refusal *r)
{
    json_t *fields = json_loads(row_text(row, "fields"), 0, NULL);
    char *text = NULL;

    if (!fields)
        fields = json_object();
    if (given && !json_is_object(given))
        refuse(r, 400, "bad-request", "\"fields\" must be an object");
    else if (merge_fields(fields, given, r) == 0)
        text = json_dumps(fields, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(fields);
    return text;
}

static int save(struct server *s, const json_t *row, const char *name, const char *fields, struct refusal *r)
{
    if (database_begin(s->database, true, r))
        return -1;
    if (database_run(s->database, r, "UPDATE machines SET name = ?, fields = ?, known = ? WHERE id = ?", "ssii", name,
                     fields, row_integer(row, "known") || strcmp(name, row_text(row, "name")) != 0,
                     row_integer(row, "id")) < 0) {
        database_rollback(s->database);
        return -1;
    }
    return database_commit(s->database, r);
}

json_t *machines_change(struct server *s, const char *who, json_t *body, struct refusal *r)
{
    json_t *row = machines_find(s, who, r), *given = json_object_get(body, "name"), *answer = NULL;
    const char *name = given ? json_string_value(given) : row_text(row, "name");
    char *fields = NULL;

    if (!row)
        return NULL;
    if (!name)
        refuse(r, 400, "bad-request", "\"name\" must be a string");
    else if (machines_check_name(s, name, row_integer(row, "id"), r) == 0)
        fields = new_fields(row, json_object_get(body, "fields"), r);
    if (fields && save(s, row, name, fields, r) == 0) {
        if (given)
            log_line("machine %s is now named %s", row_text(row, "name"), name);
        answer = machines_force_pxe(s, name, r);
    }
    free(fields);
    json_decref(row);
    return answer;
}

int machines_delete(struct server *s, const char *who, struct refusal *r)
{
    json_t *row = machines_find(s, who, r), *job;
    int64_t id = row_integer(row, "id");
    int rc = -1;

    if (!row)
        return -1;
    job = database_row(s->database, r,
                       "SELECT id, state FROM jobs WHERE machine = ?"
                       " AND state IN ('queued', 'running', 'cancelling', 'confirming')",
                       "i", id);
    if (job && !json_is_null(job)) {
        refuse(r, 409, "machine-busy", "machine %s has job %lld, which is %s; cancel it first", row_text(row, "name"),
               (long long)row_integer(job, "id"), row_text(job, "state"));
    } else if (job && database_run(s->database, r, "DELETE FROM machines WHERE id = ?", "i", id) >= 0) {
        log_line("machine %s deleted", row_text(row, "name"));
        pxe_forget(s, id);
        pxe_reload(s);
        server_changed(s);
        rc = 0;
    }
    json_decref(job);
    json_decref(row);
    return rc;
}
