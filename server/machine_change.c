/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/machines.h"

#include <string.h>

#include "server/log.h"
#include "server/machine_identity.h"
#include "server/pxe.h"

/* Within the caller's transaction. */
static int change(struct server *s, const json_t *row, const char *name, const json_t *set, struct refusal *r)
{
    int64_t id = row_integer(row, "id");

    if (database_run(s->database, r, "UPDATE machines SET name = ?, known = ? WHERE id = ?", "sii", name,
                     row_integer(row, "known") || strcmp(name, row_text(row, "name")) != 0, id) < 0)
        return -1;
    return set ? machine_identity_change(s, id, row, set, r) : 0;
}

static int save(struct server *s, const json_t *row, const char *name, const json_t *set, struct refusal *r)
{
    if (database_begin(s->database, true, r))
        return -1;
    if (change(s, row, name, set, r)) {
        database_rollback(s->database);
        return -1;
    }
    return database_commit(s->database, r);
}

json_t *machines_change(struct server *s, const char *who, json_t *body, struct refusal *r)
{
    json_t *row = machines_find(s, who, r), *given = json_object_get(body, "name"), *answer = NULL;
    const char *name = given ? json_string_value(given) : row_text(row, "name");

    if (!row)
        return NULL;
    if (!name)
        refuse(r, 400, "bad-request", "\"name\" must be a string");
    else if (machines_check_name(s, name, row_integer(row, "id"), r) == 0 &&
             save(s, row, name, json_object_get(body, "set"), r) == 0) {
        if (given)
            log_line("machine %s is now named %s", row_text(row, "name"), name);
        answer = machines_force_pxe(s, name, r);
    }
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
